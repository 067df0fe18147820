//! Encrypted connections: the certificate in use, read anew when its files change, and the door that connections come
//! in by.
//!
//! A door with a certificate still hears plain http, because a browser that was pointed at `http://` by hand must be told
//! where to go, and an iPad that does not trust the certificate yet must be able to fetch what makes it: see
//! `trust`. Nothing else is answered there.

mod door;
pub mod local_ca;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use tokio::time::{MissedTickBehavior, interval};
use tokio_rustls::rustls::{
    self, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

pub use self::door::{Connection, Door};
use crate::limits;

/// A certificate and its key, as files of PEM, and what was last read from them.
#[derive(Debug)]
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Loaded>,
}

#[derive(Debug)]
struct Loaded {
    config: Arc<ServerConfig>,
    /// When the files were written.
    written: [Option<SystemTime>; 2],
}

/// Why a certificate can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file can't be read, or is no PEM of the right kind.
    #[error("{path} can't be read: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: rustls::pki_types::pem::Error,
    },
    /// The two don't fit each other, or are of a kind that is not spoken.
    #[error("the certificate can't be used: {0}")]
    Unusable(#[from] rustls::Error),
}

impl Certificate {
    /// Reads both files.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn open(chain: &Path, key: &Path) -> Result<Self, CertificateError> {
        let current = RwLock::new(load(chain, key)?);
        Ok(Self { chain: chain.to_owned(), key: key.to_owned(), current })
    }

    /// What new connections are greeted with.
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).config)
    }

    /// Reads the files anew if they were written since. While they can't be used, as between the writing of the two,
    /// the earlier certificate stays.
    pub fn refresh(&self) {
        let written = written(&self.chain, &self.key);
        if self.current.read().unwrap_or_else(PoisonError::into_inner).written == written {
            return;
        }
        match load(&self.chain, &self.key) {
            Ok(loaded) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = loaded;
                tracing::info!("took up the new certificate");
            }
            Err(error) => tracing::warn!(%error, "the new certificate can't be used; the earlier one stays"),
        }
    }

    /// Looks at the files every [`limits::CERTIFICATE_LOOK`], and whenever the process is sent SIGHUP; never ends.
    pub async fn keep_fresh(self: Arc<Self>) {
        let mut look = interval(limits::CERTIFICATE_LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut hangup = Hangup::listen();
        loop {
            tokio::select! {
                _ = look.tick() => {}
                () = hangup.next() => {}
            }
            let certificate = Arc::clone(&self);
            drop(tokio::task::spawn_blocking(move || certificate.refresh()).await);
        }
    }
}

/// SIGHUP, where there is such a thing.
struct Hangup {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangup {
    #[cfg(unix)]
    fn listen() -> Self {
        Self { signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok() }
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        let heard = match &mut self.signal {
            Some(signal) => signal.recv().await,
            None => None,
        };
        if heard.is_none() {
            std::future::pending::<()>().await;
        }
    }

    #[cfg(not(unix))]
    const fn listen() -> Self {
        Self {}
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        std::future::pending::<()>().await;
    }
}

fn load(chain: &Path, key: &Path) -> Result<Loaded, CertificateError> {
    // Before reading: what is written meanwhile is read at the next look.
    let written = written(chain, key);
    let at = |path: &Path| {
        let path = path.to_owned();
        move |cause| CertificateError::File { path, cause }
    };
    let certificates =
        CertificateDer::pem_file_iter(chain).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(at(chain))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(at(key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Loaded { config: Arc::new(config), written })
}

fn written(chain: &Path, key: &Path) -> [Option<SystemTime>; 2] {
    [chain, key].map(|path| fs::metadata(path).and_then(|file| file.modified()).ok())
}

/// The certificate authority that `vestibule tls init` made in `data`, in DER; `None` if it has not.
///
/// # Errors
/// If its file can't be read.
pub fn authority(data: &Path) -> io::Result<Option<Vec<u8>>> {
    let path = local_ca::authority_file(data);
    if !path.exists() {
        return Ok(None);
    }
    let der = CertificateDer::from_pem_file(&path).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(Some(der.to_vec()))
}
