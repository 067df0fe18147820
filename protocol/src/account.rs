//! How devices and staff get in: pairing, enrolment, signing in, the first account.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    event::Name,
    id::{DeviceId, SiteId, StaffId},
    limits,
    text::Text,
};

/// What a device holds after pairing or enrolment, and what `vestibule device add --token` prints.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The device's identity.
    pub device: DeviceId,
    /// The site that it serves.
    pub site: SiteId,
    /// What it shows the server, as `Authorization: Bearer`.
    pub token: String,
}

/// `POST /api/v1/devices/pair`: a kiosk turns its one-time code into [`Credentials`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The code, as typed: case, spaces and hyphens don't matter.
    pub code: String,
}

/// `POST /api/v1/devices`: a browser of the staff becomes a device; `POST /api/v1/pairing-codes`: so will a kiosk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDevice {
    /// The site that it will serve.
    pub site: SiteId,
    /// What staff call it: "Lobby 2".
    pub name: Name,
}

/// The answer to `POST /api/v1/pairing-codes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairingCode {
    /// What to type on the kiosk, grouped for reading aloud.
    pub code: String,
    /// How long it holds, in seconds.
    pub expires_in_s: u32,
}

/// `POST /api/v1/setup`: the first account, by the one-time link that the server printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUp {
    /// From the link.
    pub token: String,
    /// The account.
    pub account: NewAccount,
}

/// A new member of the staff.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAccount {
    /// As colleagues know them.
    pub name: Name,
    /// What they sign in with.
    pub email: Email,
    /// [`limits::PASSWORD_MIN_CHARS`] to [`limits::PASSWORD_MAX_BYTES`].
    pub password: String,
}

/// An e-mail address; only its length is checked.
pub type Email = Text<{ limits::EMAIL_MAX_CHARS }>;

/// `POST /api/v1/session`: sign in. `GET` answers the [`Session`], `DELETE` signs out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// The address of the account.
    pub email: Email,
    /// Its password.
    pub password: String,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Which member of the staff.
    pub staff: StaffId,
    /// As colleagues know them.
    pub name: Name,
    /// What they may do.
    pub role: Role,
    /// The sites that they may act for.
    pub sites: Vec<crate::changes::Site>,
}

/// What a member of the staff may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the desk.
    Receptionist,
    /// Calls the roll.
    Marshal,
    /// All that, and devices, staff and settings.
    Admin,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("device", &self.device).field("site", &self.site).finish_non_exhaustive()
    }
}

impl fmt::Debug for SetUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetUp").field("account", &self.account).finish_non_exhaustive()
    }
}

impl fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAccount").field("name", &self.name).field("email", &self.email).finish_non_exhaustive()
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("email", &self.email).finish_non_exhaustive()
    }
}
