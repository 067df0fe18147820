//! One HTTP/1.1 connection, as bare as can be: load and server share the machine, so what a client costs is missing
//! from the server.

use std::io;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// A connection that is opened when it is needed, and again after it broke.
pub struct Wire {
    address: String,
    stream: Option<BufReader<TcpStream>>,
}

/// What was answered.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// `Content-Type`, without its parameters; empty if there is none.
    pub media_type: String,
    /// `Retry-After`, in seconds.
    pub retry_after_s: Option<u64>,
    /// The body.
    pub body: String,
}

impl Wire {
    /// A connection to `address`, `127.0.0.1:…`.
    pub fn to(address: impl Into<String>) -> Self {
        Self { address: address.into(), stream: None }
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// Those of the connection, which is then opened anew at the next call.
    pub async fn post(&mut self, path: &str, token: &str, body: &str) -> io::Result<Reply> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len(),
        );
        self.ask(&request).await
    }

    /// Gets.
    ///
    /// # Errors
    /// Those of the connection, which is then opened anew at the next call.
    pub async fn get(&mut self, path: &str, token: &str) -> io::Result<Reply> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\r\n", self.address);
        self.ask(&request).await
    }

    async fn ask(&mut self, request: &str) -> io::Result<Reply> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(&self.address).await?;
                stream.set_nodelay(true)?;
                BufReader::new(stream)
            }
        };
        stream.write_all(request.as_bytes()).await?;
        let (reply, goes_on) = read_reply(&mut stream).await?;
        self.stream = goes_on.then_some(stream);
        Ok(reply)
    }
}

/// Reads an answer that says how long it is, and whether the connection goes on after it.
async fn read_reply(stream: &mut BufReader<TcpStream>) -> io::Result<(Reply, bool)> {
    let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| broken("no status"))?;
    let mut reply = Reply { status, media_type: String::new(), retry_after_s: None, body: String::new() };
    let (mut length, mut goes_on) = (0, true);
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Err(broken("the headers break off"));
        }
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().map_err(|_| broken("a length is a number"))?,
            "content-type" => value.split(';').next().unwrap_or_default().trim().clone_into(&mut reply.media_type),
            "retry-after" => reply.retry_after_s = value.parse().ok(),
            "connection" => goes_on = !value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    reply.body = String::from_utf8(body).map_err(|_| broken("JSON is UTF-8"))?;
    Ok((reply, goes_on))
}
