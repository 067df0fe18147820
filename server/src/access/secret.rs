//! Secrets that the server gives out and afterwards knows only by their hash.

use std::fmt::{self, Write as _};

use sha2::{Digest as _, Sha256};

/// Bytes of a secret: more than anybody can try.
pub const SECRET_BYTES: usize = 32;

/// What a device's token begins with, so that one that has leaked is recognised for what it is.
pub const DEVICE_TOKEN_PREFIX: &str = "vd_";

/// What an API key begins with.
pub const API_KEY_PREFIX: &str = "vk_";

/// A fresh secret. Its text is shown once; its `Debug` shows nothing.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// A secret of those random bytes, its text beginning with `prefix`.
    pub fn new(prefix: &str, bytes: [u8; SECRET_BYTES]) -> Self {
        let mut text = prefix.to_owned();
        for byte in bytes {
            write!(text, "{byte:02x}").expect("a String takes any text");
        }
        Self(text)
    }

    /// What its bearer shows.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What the database keeps.
    pub fn hash(&self) -> SecretHash {
        hash(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A secret as the database keeps it. SHA-256 without salt is enough: secrets are random, so there is nothing to guess
/// from, and looking one up by its hash tells a clock nothing.
pub type SecretHash = [u8; 32];

/// The hash of a secret that somebody shows.
pub fn hash(text: &str) -> SecretHash {
    Sha256::digest(text.as_bytes()).into()
}
