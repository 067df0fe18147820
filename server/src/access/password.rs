//! Passwords: argon2id, off the async threads, a few at a time.

use std::sync::{Arc, OnceLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use vestibule_protocol::limits::{PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS};

use crate::{app::App, clock, error::Error};

/// Bytes of salt (RFC 9106 §3.1).
const SALT_BYTES: usize = 16;

/// A password that may become one: neither short nor endless.
pub struct FitPassword<'a>(&'a str);

impl<'a> FitPassword<'a> {
    /// Takes what was typed.
    pub fn new(typed: &'a str) -> Option<Self> {
        (typed.chars().count() >= PASSWORD_MIN_CHARS && typed.len() <= PASSWORD_MAX_BYTES).then_some(Self(typed))
    }

    /// The hash for the database, in the PHC string format. Takes some 20 ms and 19 MiB.
    pub fn hash(&self) -> String {
        Argon2::default()
            .hash_password_with_salt(self.0.as_bytes(), &clock::entropy::<SALT_BYTES>())
            .expect("the default parameters and a salt of 16 bytes are within argon2's limits")
            .to_string()
    }
}

/// Hashes a new password in its turn.
///
/// # Errors
/// [`Error::UnfitPassword`].
pub async fn hash(app: &Arc<App>, typed: String) -> Result<String, Error> {
    in_turn(app, move || FitPassword::new(&typed).map(|password| password.hash())).await?.ok_or(Error::UnfitPassword)
}

/// Whether `typed` is the password of that hash, in its turn. Without a hash, the answer is no and takes as long.
///
/// # Errors
/// [`Error::Internal`].
pub async fn verify(app: &Arc<App>, typed: String, hash: Option<String>) -> Result<bool, Error> {
    in_turn(app, move || {
        let is_account = hash.is_some();
        let hash = hash.as_deref().unwrap_or_else(|| nobodys_hash());
        let is_right =
            typed.len() <= PASSWORD_MAX_BYTES && Argon2::default().verify_password(typed.as_bytes(), hash).is_ok();
        is_account && is_right
    })
    .await
}

/// A hash that costs as much to check as any other, for addresses that have no account.
fn nobodys_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| FitPassword("nobody's password").hash())
}

async fn in_turn<T: Send + 'static>(app: &Arc<App>, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let _turn = app.passwords.acquire().await.map_err(|error| Error::Internal(error.into()))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.into()))
}
