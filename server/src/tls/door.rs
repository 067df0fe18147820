//! Where connections come in.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::Certificate;
use crate::limits;

/// The first byte of a TLS connection: a handshake record (RFC 8446 §5.1).
const HANDSHAKE: u8 = 22;

/// A listener that greets each connection as it needs.
pub enum Door {
    /// Plain http only.
    Plain(TcpListener),
    /// TLS, and plain http for who does not know better.
    Encrypted {
        /// Connections that were greeted.
        greeted: mpsc::Receiver<(Stream, SocketAddr)>,
        /// Where it listens.
        address: SocketAddr,
        /// What greets them.
        greeting: JoinHandle<()>,
    },
}

/// A connection that was greeted.
pub enum Stream {
    /// Not encrypted.
    Plain(TcpStream),
    /// Encrypted.
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// What a request's connection is.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// Who is at its other end.
    pub address: SocketAddr,
    /// Whether nobody on the way can read or change it.
    pub is_encrypted: bool,
}

impl Door {
    /// Opens it on a listener.
    ///
    /// # Errors
    /// If the listener has no address.
    pub fn open(listener: TcpListener, certificate: Option<Arc<Certificate>>) -> io::Result<Self> {
        let Some(certificate) = certificate else { return Ok(Self::Plain(listener)) };
        let address = TcpListener::local_addr(&listener)?;
        let (sender, greeted) = mpsc::channel(1);
        let greeting = tokio::spawn(greet_all(listener, certificate, sender));
        Ok(Self::Encrypted { greeted, address, greeting })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Self::Encrypted { greeting, .. } = self {
            greeting.abort();
        }
    }
}

impl Listener for Door {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        match self {
            Self::Plain(listener) => {
                let (stream, address) = Listener::accept(listener).await;
                (Stream::Plain(stream), address)
            }
            Self::Encrypted { greeted, .. } => match greeted.recv().await {
                Some(connection) => connection,
                // Whatever greets them has ended: there will be no more.
                None => std::future::pending().await,
            },
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Plain(listener) => TcpListener::local_addr(listener),
            Self::Encrypted { address, .. } => Ok(*address),
        }
    }
}

impl Connected<IncomingStream<'_, Door>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self { address: *stream.remote_addr(), is_encrypted: matches!(stream.io(), Stream::Encrypted(_)) }
    }
}

/// Greets each connection on its own, so that one that is slow keeps nobody waiting.
async fn greet_all(
    mut listener: TcpListener,
    certificate: Arc<Certificate>,
    sender: mpsc::Sender<(Stream, SocketAddr)>,
) {
    let room = Arc::new(Semaphore::new(limits::GREETINGS_AT_ONCE));
    loop {
        let (stream, address) = Listener::accept(&mut listener).await;
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let (certificate, sender) = (Arc::clone(&certificate), sender.clone());
        tokio::spawn(async move {
            // Who does not speak in time, or does not speak TLS, has no more to say here.
            if let Ok(Ok(stream)) = timeout(limits::GREETING_TIME, greet(stream, &certificate)).await {
                drop(place);
                drop(sender.send((stream, address)).await);
            }
        });
    }
}

async fn greet(stream: TcpStream, certificate: &Certificate) -> io::Result<Stream> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 1 && first[0] != HANDSHAKE {
        return Ok(Stream::Plain(stream));
    }
    let encrypted = TlsAcceptor::from(certificate.config()).accept(stream).await?;
    Ok(Stream::Encrypted(Box::new(encrypted)))
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, parts),
            Self::Encrypted(stream) => Pin::new(stream).poll_write_vectored(context, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Encrypted(stream) => stream.is_write_vectored(),
        }
    }
}
