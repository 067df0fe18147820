//! The places that visitors come to and the people whom they visit, as admins keep them. Devices hear of each change in
//! [`crate::changes::Changes`].

use serde::{Deserialize, Serialize};

use crate::{changes::DirectoryHost, event::Name, id::HostId};

/// Most hosts that are added at once: a large site's whole directory.
pub const HOSTS_AT_ONCE: usize = 5_000;

/// Most bytes of the hosts that are added at once, as JSON.
pub const HOSTS_MAX_BYTES: usize = 1024 * 1024;

/// `POST /api/v1/sites` and `PATCH /api/v1/sites/{site}`: what a place is called. Answered by the
/// [`Site`](crate::changes::Site).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteName {
    /// As visitors read it; no two sites have one name.
    pub name: Name,
}

/// The answer to `GET /api/v1/sites/{site}/hosts?after=&limit=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostPage {
    /// By id, which is the order in which they were added; also who has left.
    pub hosts: Vec<DirectoryHost>,
    /// Pass it back as `after`; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<HostId>,
}

/// `POST /api/v1/sites/{site}/hosts`: people whom visitors can choose from now on, all of them or none. Who is there
/// already by that name and department stays, and comes back if they had left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewHosts {
    /// At most [`HOSTS_AT_ONCE`].
    pub hosts: Vec<NewHost>,
}

/// Somebody whom visitors can choose.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NewHost {
    /// As visitors read it.
    pub name: Name,
    /// What tells two hosts of one name apart: team, floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<Name>,
}

/// What came of [`NewHosts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostsAdded {
    /// How many are new, or have come back.
    pub added: u64,
    /// How many were there.
    pub known: u64,
}

/// `PATCH /api/v1/sites/{site}/hosts/{host}`; what is absent stays. Answered by the
/// [`DirectoryHost`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostChange {
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// Another department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<Name>,
    /// Whether they have left: visitors can't choose them any more, old visits still name them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<bool>,
}
