//! What the server tells the devices of a site: who is expected, here and gone, and whom one can visit.
//!
//! `GET /api/v1/sites/{site}/changes?after=<cursor>` and the server-sent events of `GET /api/v1/sites/{site}/stream`
//! carry the same [`Changes`], in the order in which they were committed.

use serde::{Deserialize, Serialize};

use crate::{
    event::Name,
    id::{HistoryId, HostId, SiteId},
    settings::SiteSettings,
    visit::Visit,
};

/// A page of what changed after a cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The life of the server's database.
    pub history: HistoryId,
    /// Where to go on from: pass it back as `after`. Opaque.
    pub cursor: String,
    /// Whether this replaces all that the device holds of the site, instead of adding to it. A snapshot of several pages
    /// begins with one that says so.
    pub snapshot: bool,
    /// Whether more is ready now: ask again at once.
    pub more: bool,
    /// The site, if it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Site>,
    /// What the site has decided, whole, if it changed. A snapshot without it is of a site that has decided nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<SiteSettings>,
    /// The hosts that changed, whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<DirectoryHost>,
    /// The visits that changed, whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub visits: Vec<Visit>,
}

/// A place that visitors come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Which.
    pub id: SiteId,
    /// As visitors read it on the kiosk.
    pub name: Name,
}

/// A host in the directory from which visitors choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryHost {
    /// Which.
    pub id: HostId,
    /// As visitors read it.
    pub name: Name,
    /// What tells two hosts of one name apart: team, floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<Name>,
    /// Whether they have left: visitors can't choose them any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
}
