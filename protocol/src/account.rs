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

/// What people call an identity provider.
pub type ProviderName = Text<{ limits::PROVIDER_NAME_MAX_CHARS }>;

/// `GET /api/v1/sign-in`: in which ways one can sign in, beside an address and a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInWays {
    /// The identity provider, at [`PROVIDER_SIGN_IN_PATH`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderName>,
}

/// Where a browser goes to sign in by the identity provider. It comes back to the desk, with [`REFUSED`] and why after
/// the `#` if that could not be.
pub const PROVIDER_SIGN_IN_PATH: &str = "/api/v1/sign-in/provider";

/// What stands before the reason.
pub const REFUSED: &str = "refused=";

/// `POST /api/v1/session`: sign in. `GET` answers the [`Session`], `DELETE` signs out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// The address of the account.
    pub email: Email,
    /// Its password.
    pub password: String,
    /// The code of the second factor, or a recovery code, if the account has one. Without it the answer is
    /// [`crate::problem::CODE_NEEDED`], once the password was right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// `PUT /api/v1/session/password`: another password for who is signed in. All their other sessions end.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChange {
    /// The one that holds.
    pub current: String,
    /// [`limits::PASSWORD_MIN_CHARS`] to [`limits::PASSWORD_MAX_BYTES`].
    pub new: String,
}

/// `POST /api/v1/password`: a password by the one-time link that an admin made. All sessions of the account end.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordByLink {
    /// From the link.
    pub token: String,
    /// [`limits::PASSWORD_MIN_CHARS`] to [`limits::PASSWORD_MAX_BYTES`].
    pub password: String,
}

/// The answer to `POST /api/v1/session/second-factor`: what the owner's app needs. It holds once
/// `PUT /api/v1/session/second-factor` has brought a [`Code`] made from it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondFactor {
    /// `otpauth://totp/…`, to show as a QR code or open as a link.
    pub uri: String,
    /// The secret in base32, to type.
    pub secret: String,
}

/// A code of six digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// As typed.
    pub code: String,
}

/// The answer to `PUT /api/v1/session/second-factor`: each replaces a code once. The only time they are shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCodes {
    /// Grouped for reading.
    pub recovery_codes: Vec<String>,
}

/// `DELETE /api/v1/session/second-factor`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordProof {
    /// The one that holds.
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
    /// Whether signing in takes a second factor.
    #[serde(default)]
    pub second_factor: bool,
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
