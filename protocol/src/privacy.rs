//! What admins are asked by visitors: to show what is held of them, and to forget them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{account::Email, id::VisitId, timestamp::Timestamp, visit::Visit};

/// `POST /api/v1/visitors/export` and `POST /api/v1/visitors/erase`: who is meant, as `{"visit":"<uuid>"}` or
/// `{"email":"…"}`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitorAsked {
    /// Whoever came for that visit.
    Visit(VisitId),
    /// Whoever gave that address, at every visit.
    Email(Email),
}

/// What is held of a visitor.
#[derive(Serialize, Deserialize)]
pub struct Export {
    /// When it was drawn up.
    pub exported_at: Timestamp,
    /// Their visits.
    pub visits: Vec<Visit>,
    /// Every event of them, word for word.
    pub events: Vec<Box<RawValue>>,
}

/// The answer to `POST /api/v1/visitors/erase`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// Visits that tell of nobody from now on. What devices deliver of them later tells of nobody either.
    pub visits: u64,
}

/// `GET` and `PUT /api/v1/sites/{site}/retention`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// After how many days visitors are forgotten; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

impl fmt::Debug for VisitorAsked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Visit(id) => f.debug_tuple("Visit").field(id).finish(),
            Self::Email(_) => f.write_str("Email"),
        }
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").field("visits", &self.visits.len()).finish_non_exhaustive()
    }
}
