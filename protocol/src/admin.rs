//! What admins keep: devices, staff, API keys, and the trail of who did what to them.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    account::{Email, Role},
    event::Name,
    id::{DeviceId, KeyId, SiteId, StaffId},
    timestamp::Timestamp,
};

/// The answer to `GET /api/v1/devices?site=&after=&limit=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevicePage {
    /// By id, which is the order in which they were enrolled.
    pub devices: Vec<Device>,
    /// Pass it back as `after`; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<DeviceId>,
}

/// An element of [`DevicePage`], and the answer to `PATCH /api/v1/devices/{id}` and `POST /api/v1/devices/{id}/revoke`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Which.
    pub id: DeviceId,
    /// The site that it serves.
    pub site: SiteId,
    /// What staff call it.
    pub name: Name,
    /// Paired by code, or enrolled by somebody signed in.
    pub kind: DeviceKind,
    /// When it was paired or enrolled.
    pub created_at: Timestamp,
    /// When its access was withdrawn. What it still brings is kept apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// What it said last; absent if it never delivered anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_word: Option<LastWord>,
}

/// What a device said last of its outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastWord {
    /// When the server heard it.
    pub at: Timestamp,
    /// Events that it still held then, waiting or parked, beside those of that delivery.
    pub held: u64,
}

/// What sort of installation a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Paired by code or command line.
    Kiosk,
    /// Enrolled by somebody signed in.
    Browser,
}

/// `PATCH /api/v1/devices/{id}`; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceChange {
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// Another site. What was captured before still counts for the one that it was at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteId>,
}

/// `POST /api/v1/pairing-codes`: a code for a kiosk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPairingCode {
    /// The site that it will serve.
    pub site: SiteId,
    /// What staff call it: "Lobby 2".
    pub name: Name,
    /// The device that is paired again and keeps its identity, instead of a new one. With what its earlier token brings
    /// from then on is dealt as with a revoked device's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
}

/// The answer to `GET /api/v1/staff?after=&limit=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffPage {
    /// By id, which is the order in which the accounts were made; closed ones too.
    pub staff: Vec<Member>,
    /// Pass it back as `after`; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<StaffId>,
}

/// An element of [`StaffPage`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub id: StaffId,
    /// As colleagues know them.
    pub name: Name,
    /// What they sign in with.
    pub email: Email,
    /// What they may do.
    pub role: Role,
    /// The sites that they may act for; absent means every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sites: Option<Vec<SiteId>>,
    /// Whether signing in takes a second factor.
    pub second_factor: bool,
    /// When the account was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
}

/// `POST /api/v1/staff`: an account without a password, which its owner chooses by the one-time link of the answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewMember {
    /// As colleagues know them.
    pub name: Name,
    /// What they will sign in with.
    pub email: Email,
    /// What they may do.
    pub role: Role,
    /// The sites that they may act for; absent means every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sites: Option<Vec<SiteId>>,
}

/// `PATCH /api/v1/staff/{id}`; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberChange {
    /// Another role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Other sites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sites: Option<Sites>,
    /// Close the account, or open it again. A closed one is signed out everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<bool>,
}

/// Sites, said so that "every one" and "unchanged" can't be taken for each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sites {
    /// Every one, those to come too.
    Every,
    /// These.
    Only(Vec<SiteId>),
}

/// A link that works once, for who is to choose a password: `/password#<token>` on the dashboard.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneTimeLink {
    /// Whose password it sets.
    pub staff: StaffId,
    /// What stands behind the `#`.
    pub token: String,
    /// How long it holds, in seconds.
    pub expires_in_s: u32,
}

/// The answer to `GET /api/v1/keys?before=&limit=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPage {
    /// The newest first; also those that hold no more.
    pub keys: Vec<ApiKey>,
    /// Pass it back as `before`; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<KeyId>,
}

/// An element of [`KeyPage`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Which.
    pub id: KeyId,
    /// What it is for.
    pub name: Name,
    /// What it allows.
    pub scope: Scope,
    /// The one site that it is for; absent means every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was used last, to the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
    /// When it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// `POST /api/v1/keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewApiKey {
    /// What it is for.
    pub name: Name,
    /// What it allows.
    pub scope: Scope,
    /// The one site that it is for; absent means every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteId>,
    /// For how many days it holds, at most [`crate::limits::KEY_MAX_DAYS`].
    pub days: u16,
}

/// The answer to `POST /api/v1/keys`: the only time that the key is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreshApiKey {
    /// What was made.
    #[serde(flatten)]
    pub about: ApiKey,
    /// What its bearer shows, as `Authorization: Bearer`.
    pub key: String,
}

/// What an API key allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// To look.
    Read,
    /// To look, and to act.
    Write,
}

/// The answer to `GET /api/v1/audit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The newest first.
    pub entries: Vec<AuditEntry>,
    /// Pass it back as `before`; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

/// A line of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its place; later lines have higher ones.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// `staff`, `device`, `key`, `command_line` or `nobody`.
    pub actor_kind: String,
    /// Which of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Uuid>,
    /// What was done, as in `device.revoked`.
    pub action: String,
    /// The id of whom or what it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Uuid>,
    /// The site that it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteId>,
    /// The address that the request came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

impl fmt::Debug for NewMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewMember").field("role", &self.role).field("sites", &self.sites).finish_non_exhaustive()
    }
}

impl fmt::Debug for OneTimeLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneTimeLink").field("staff", &self.staff).finish_non_exhaustive()
    }
}

impl fmt::Debug for FreshApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FreshApiKey").field("about", &self.about).finish_non_exhaustive()
    }
}
