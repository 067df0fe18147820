//! The key that delivery statements are signed with, and how a signed one is checked: a JSON Web Signature in flattened
//! JSON serialisation (RFC 7515 §7.2.2) with Ed25519 (RFC 8037), so that any JOSE library can check it too.
//!
//! The key is made with the first statement and lies beside the database, not in it: a stolen backup can sign nothing.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::signature::{self, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use vestibule_protocol::statement::Statement;

/// The key's file in the data directory: 32 bytes that only its owner may read.
const FILE: &str = "statement-key";
/// Bytes of an Ed25519 seed.
pub const SEED_BYTES: usize = 32;
/// Bytes of an Ed25519 public key.
const PUBLIC_KEY_BYTES: usize = 32;

/// The key that this server signs with.
pub struct Key(Ed25519KeyPair);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file can't be read or written.
    #[error("the key that signs statements can't be used: {0}")]
    File(#[from] io::Error),
    /// The file holds something else.
    #[error("the file of the key that signs statements is damaged")]
    Damaged,
}

/// A signed statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    payload: String,
    protected: String,
    signature: String,
}

/// What `protected` says: with which algorithm and key, and, so that the file can be checked alone, that key.
#[derive(Serialize, Deserialize)]
struct Protected {
    alg: String,
    kid: String,
    jwk: PublicKey,
}

/// A public key, as a JSON Web Key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    kty: String,
    crv: String,
    x: String,
}

/// The server's public keys: today one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeySet {
    /// The keys.
    pub keys: Vec<PublicKey>,
}

/// A statement that was checked, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What it says.
    pub statement: Statement,
    /// The key that signed it.
    pub key: PublicKey,
}

/// Why a file is no signed statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refuted {
    /// It is something else.
    #[error("this is no signed delivery statement")]
    NotOne,
    /// It was changed after it was signed, or by whom it was signed.
    #[error("the signature does not fit: the statement was changed after it was signed")]
    Changed,
    /// Its signature fits, and its numbers don't add up: no Vestibule wrote it.
    #[error("the numbers of the statement don't add up")]
    NoSum,
}

impl Key {
    /// The key of the data directory `dir`, made from `seed` if there is none. Two processes may call it at once: one of
    /// them makes the key, both get it.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn open(dir: &Path, seed: [u8; SEED_BYTES]) -> Result<Self, KeyError> {
        let path = dir.join(FILE);
        match fs::read(&path) {
            Ok(seed) => return Self::from_seed(&seed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        // Under a name of its own first: a file of half a key must not be found.
        let fresh = dir.join(format!("{FILE}.{}", BASE64.encode(&Sha256::digest(seed)[..8])));
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&fresh)?;
        file.write_all(&seed)?;
        file.sync_all()?;
        // A link does not replace what another process has put there meanwhile.
        let linked = fs::hard_link(&fresh, &path);
        fs::remove_file(&fresh)?;
        match linked {
            Ok(()) => fs::File::open(dir)?.sync_all()?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
        Self::from_seed(&fs::read(&path)?)
    }

    fn from_seed(seed: &[u8]) -> Result<Self, KeyError> {
        Ed25519KeyPair::from_seed_unchecked(seed).map(Self).map_err(|_| KeyError::Damaged)
    }

    /// What others need to check its signatures.
    pub fn published(&self) -> KeySet {
        KeySet { keys: vec![self.public()] }
    }

    fn public(&self) -> PublicKey {
        PublicKey { kty: "OKP".to_owned(), crv: "Ed25519".to_owned(), x: BASE64.encode(self.0.public_key()) }
    }
}

impl PublicKey {
    /// Its thumbprint (RFC 7638), by which people compare keys.
    pub fn thumbprint(&self) -> String {
        let Self { kty, crv, x } = self;
        // The members in the order of the alphabet, without white space; none of them needs escaping.
        BASE64.encode(Sha256::digest(format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}"}}"#)))
    }

    fn bytes(&self) -> Option<[u8; PUBLIC_KEY_BYTES]> {
        let is_ed25519 = self.kty == "OKP" && self.crv == "Ed25519";
        BASE64.decode(&self.x).ok().filter(|_| is_ed25519)?.try_into().ok()
    }
}

impl Signed {
    /// Signs a statement.
    pub fn new(statement: &Statement, key: &Key) -> Self {
        let jwk = key.public();
        let protected = Protected { alg: "EdDSA".to_owned(), kid: jwk.thumbprint(), jwk };
        let encode = |json: serde_json::Result<Vec<u8>>| {
            BASE64.encode(json.expect("types with string keys and no failing parts always serialise"))
        };
        let protected = encode(serde_json::to_vec(&protected));
        let payload = encode(serde_json::to_vec(statement));
        let signature = BASE64.encode(key.0.sign(format!("{protected}.{payload}").as_bytes()));
        Self { payload, protected, signature }
    }

    /// Checks a file: that nothing was changed since it was signed, and that its equation holds. That the key is the one
    /// of the server that one means, the caller must see.
    ///
    /// # Errors
    /// [`Refuted`].
    pub fn check(json: &[u8]) -> Result<Checked, Refuted> {
        let signed: Self = serde_json::from_slice(json).map_err(|_| Refuted::NotOne)?;
        let decode = |text: &str| BASE64.decode(text).map_err(|_| Refuted::NotOne);
        let protected: Protected = serde_json::from_slice(&decode(&signed.protected)?).map_err(|_| Refuted::NotOne)?;
        let key = protected.jwk.bytes().filter(|_| protected.alg == "EdDSA").ok_or(Refuted::NotOne)?;
        let said = format!("{}.{}", signed.protected, signed.payload);
        UnparsedPublicKey::new(&signature::ED25519, key)
            .verify(said.as_bytes(), &decode(&signed.signature)?)
            .map_err(|_| Refuted::Changed)?;
        let statement: Statement = serde_json::from_slice(&decode(&signed.payload)?).map_err(|_| Refuted::NotOne)?;
        let adds_up = statement.devices.iter().all(|device| device.tally == device.tally.summed())
            && statement.total == statement.devices.iter().map(|device| device.tally).sum();
        if !adds_up {
            return Err(Refuted::NoSum);
        }
        Ok(Checked { statement, key: protected.jwk })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let first = Key::open(dir.path(), [1; SEED_BYTES]).unwrap();
        let second = Key::open(dir.path(), [2; SEED_BYTES]).unwrap();
        assert_eq!(first.published(), second.published());
        let files: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&files[0].metadata().unwrap().permissions()) & 0o777, 0o600);
    }

    #[test]
    fn half_a_key_is_no_key() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), [1; 16]).unwrap();
        assert!(matches!(Key::open(dir.path(), [2; SEED_BYTES]), Err(KeyError::Damaged)));
    }

    #[test]
    fn the_thumbprint_is_that_of_the_rfc() {
        // RFC 8037, appendix A.3.
        let key = PublicKey {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".to_owned(),
        };
        assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
