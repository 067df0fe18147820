//! TLS between a browser and the network, with a certificate that nobody has vouched for.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use rcgen::{CertifiedKey, PublicKeyData as _};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
    server::TlsStream,
};

/// One end of it.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    key_hash: Arc<str>,
}

impl Tls {
    /// With a new key, for 127.0.0.1.
    pub fn new() -> Self {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("an address is a name");
        let key_hash = BASE64.encode(Sha256::digest(signing_key.subject_public_key_info())).into();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("rcgen writes PKCS #8");
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("the key is the certificate's");
        Self { acceptor: Arc::new(config).into(), key_hash }
    }

    /// SHA-256 of its public key, in base64: what Chromium is told to take.
    pub fn key_hash(&self) -> &str {
        &self.key_hash
    }

    /// Agrees with a browser on how to speak; `None` if they don't.
    pub(super) async fn greet(&self, connection: TcpStream) -> Option<TlsStream<TcpStream>> {
        self.acceptor.accept(connection).await.ok()
    }
}

impl Default for Tls {
    fn default() -> Self {
        Self::new()
    }
}
