//! Who of the staff works at this browser: remembered, so that the desk opens without a server too.
//!
//! The session itself is a cookie that scripts can't read. What is remembered is only who it was, and that somebody
//! signed out while the server could not hear it.

use leptos::prelude::window;
use serde::{Deserialize, Serialize};
use vestibule_protocol::{account::Session, json};
use web_sys::Storage;

use crate::api::{self, Failure};

/// What the names begin with under which copies of the server's word are kept on this device, for whoever is signed in.
pub const COPY: &str = "vestibule.copy.";

/// Where it is remembered.
const KEY: &str = "vestibule.staff";

/// How this browser stands with the staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not known yet.
    Unknown,
    /// Nobody: somebody must sign in.
    SignedOut,
    /// Nobody, and the server can't be asked.
    SignedOutUnreachable,
    /// Signed in, as far as is known: the server confirms it, or can't be reached.
    SignedIn(Session),
    /// Signed in before; the session has ended. Everything but live updates goes on.
    Expired(Session),
}

impl Standing {
    /// Whose desk this is.
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::SignedIn(session) | Self::Expired(session) => Some(session),
            Self::Unknown | Self::SignedOut | Self::SignedOutUnreachable => None,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Remembered {
    SignedIn(Session),
    /// Signed out here; the server is yet to hear of it.
    Leaving,
}

/// How it stands by what is remembered, before the server is asked.
pub fn at_first() -> Standing {
    match recall() {
        Some(Remembered::SignedIn(session)) => Standing::SignedIn(session),
        Some(Remembered::Leaving) | None => Standing::Unknown,
    }
}

/// How it stands by the server's word, if it gives one.
pub async fn ask() -> Standing {
    let remembered = match recall() {
        Some(Remembered::Leaving) => {
            return if sign_out().await.is_ok() { Standing::SignedOut } else { Standing::SignedOutUnreachable };
        }
        Some(Remembered::SignedIn(session)) => Some(session),
        None => None,
    };
    match (api::session().await, remembered) {
        (Ok(session), _) => signed_in(session),
        (Err(failure), Some(session)) if failure.is_signed_out() => Standing::Expired(session),
        (Err(failure), None) if failure.is_signed_out() => Standing::SignedOut,
        (Err(_), Some(session)) => Standing::SignedIn(session),
        (Err(_), None) => Standing::SignedOutUnreachable,
    }
}

/// Remembers who signed in.
pub fn signed_in(session: Session) -> Standing {
    remember(Some(&Remembered::SignedIn(session.clone())));
    Standing::SignedIn(session)
}

/// Signs out, here at once; the server hears it now, or when [`ask`] is called again.
///
/// # Errors
/// [`Failure`] if the server did not hear it yet.
pub async fn sign_out() -> Result<(), Failure> {
    forget_copies();
    remember(Some(&Remembered::Leaving));
    api::sign_out().await?;
    remember(None);
    Ok(())
}

/// Forgets who was signed in here, also that the server is yet to hear of it: somebody else comes.
pub fn begin_anew() {
    forget_copies();
    remember(None);
}

fn recall() -> Option<Remembered> {
    json::read(&storage()?.get_item(KEY).ok()??).ok()
}

/// Without storage nothing is remembered, and one signs in anew: a nuisance, no loss.
fn remember(what: Option<&Remembered>) {
    let Some(storage) = storage() else { return };
    let _ = match what {
        Some(what) => storage.set_item(KEY, &json::write(what)),
        None => storage.remove_item(KEY),
    };
}

/// Who was signed in here has signed out.
fn forget_copies() {
    let Some(storage) = storage() else { return };
    let keys = (0..storage.length().unwrap_or(0)).filter_map(|place| storage.key(place).ok()?);
    let copies: Vec<String> = keys.filter(|key| key.starts_with(COPY)).collect();
    for copy in copies {
        let _ = storage.remove_item(&copy);
    }
}

fn storage() -> Option<Storage> {
    window().local_storage().ok()?
}
