//! Passwords: argon2id, off the async threads, a few at a time.

use std::sync::{Arc, OnceLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use rusqlite::{Connection, params};
use vestibule_protocol::{
    id::StaffId,
    limits::{PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS},
};

use super::{common_passwords, secret, session, staff::Staff};
use crate::{app::App, audit::By, clock, error::Error};

/// What stands for the hash of an account that has no password yet: nothing that anybody types matches it.
pub const NONE: &str = "!";

/// Bytes of salt (RFC 9106 §3.1).
const SALT_BYTES: usize = 16;

/// A password that may become one: neither short nor endless, nor one that everybody tries.
pub struct FitPassword<'a>(&'a str);

/// Why it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Fewer than [`PASSWORD_MIN_CHARS`], or more than [`PASSWORD_MAX_BYTES`].
    #[error("it needs 10 characters or more, and at most 1,024 bytes")]
    Length,
    /// Whoever guesses tries it first.
    #[error("it is one of those that are guessed first; a short sentence is easy to remember and hard to guess")]
    Common,
}

impl<'a> FitPassword<'a> {
    /// Takes what was typed.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn new(typed: &'a str) -> Result<Self, Unfit> {
        if typed.chars().count() < PASSWORD_MIN_CHARS || typed.len() > PASSWORD_MAX_BYTES {
            Err(Unfit::Length)
        } else if common_passwords::hold(typed) {
            Err(Unfit::Common)
        } else {
            Ok(Self(typed))
        }
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
    Ok(in_turn(app, move || FitPassword::new(&typed).map(|password| password.hash())).await??)
}

/// Whether `typed` is the password of that hash, in its turn. Without a hash, the answer is no and takes as long.
///
/// # Errors
/// [`Error::Internal`].
pub async fn verify(app: &Arc<App>, typed: String, hash: Option<String>) -> Result<bool, Error> {
    in_turn(app, move || {
        let hash = hash.filter(|hash| hash != NONE);
        let is_account = hash.is_some();
        let hash = hash.as_deref().unwrap_or_else(|| nobodys_hash());
        let is_right =
            typed.len() <= PASSWORD_MAX_BYTES && Argon2::default().verify_password(typed.as_bytes(), hash).is_ok();
        is_account && is_right
    })
    .await
}

/// Has somebody who is signed in show their password again, before something that a borrowed screen must not do.
///
/// # Errors
/// [`Error::WrongPassword`], or [`Error::TooManyTries`].
pub async fn prove(app: &Arc<App>, staff: &Staff, by: By, typed: String) -> Result<(), Error> {
    let id = staff.id;
    let account = secret::hash(&id.to_string());
    if let Some(address) = by.address {
        app.tries.try_account(account, address, clock::now())?;
    }
    let hash = app
        .store
        .read(move |connection| {
            connection.query_row("SELECT password_hash FROM staff WHERE id = ?1", [id.0], |row| row.get::<_, String>(0))
        })
        .await?;
    if !verify(app, typed, Some(hash)).await? {
        session::note_failure(app, by, id).await?;
        return Err(Error::WrongPassword);
    }
    if let Some(address) = by.address {
        app.tries.forgive_account(account, address);
    }
    Ok(())
}

/// Makes that the hash of the account's password.
///
/// # Errors
/// What SQLite said.
pub(super) fn set(connection: &Connection, staff: StaffId, hash: &str) -> rusqlite::Result<()> {
    connection.execute("UPDATE staff SET password_hash = ?2 WHERE id = ?1", params![staff.0, hash]).map(|_| ())
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
