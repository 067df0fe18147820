//! What staff must decide on, and what they decided: `GET /api/v1/sites/{site}/attention`.
//!
//! A *doubt* is a text that came and that does not count, or that came for a number which another text had taken. The
//! server keeps all of them for ever; a decision adds to one and takes nothing away. A *gap* is what a device told of
//! and what is known not to come: there is no text to look at, only a loss to take note of.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    batch::{QuarantineReason, Seq},
    event::{EventData, Host, Name, Remark},
    id::{DeviceId, StreamId, VisitId},
    timestamp::Timestamp,
    visit::Kind,
};

/// A page of what needs attention at a site, or with `?decided` of what was decided, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// The server's clock.
    pub as_of: Timestamp,
    /// Doubts on which nobody has decided, also those that are not on this page.
    pub open: u64,
    /// The page's doubts.
    pub doubts: Vec<Doubt>,
    /// Gaps of which nobody has taken note; all of them, on the first page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
    /// Pass it back as `before`; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

/// A text on which staff decide, or have decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// By which it is named.
    pub number: i64,
    /// The device that captured it.
    pub device: DeviceId,
    /// As staff call it.
    pub device_name: Name,
    /// The numbering in which it came first.
    pub stream: StreamId,
    /// Its number there.
    pub seq: Seq,
    /// When it came.
    pub received_at: Timestamp,
    /// Why it does not count; absent if it does, and only its number was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<QuarantineReason>,
    /// What it says, as far as it can be read.
    pub said: Said,
    /// What was there before it: the event of the same id, or the text that has its number. Absent where nothing
    /// stands against it, or that can't be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<Said>,
    /// Whether it can be taken as it is.
    pub acceptable: bool,
    /// What was decided; absent while nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
}

/// What a text says, read kindly: of one that is damaged, what is left.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The visit that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<VisitId>,
    /// What happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// When, by the device's clock as corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// The visitor's name, as it stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where they come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Their e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Their telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Whom they visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Host>,
    /// When they are expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<Timestamp>,
    /// The text itself, cut off where it is long; empty if its visitor was forgotten.
    pub text: String,
}

/// What was decided on a doubt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// How.
    pub how: Verdict,
    /// When.
    pub at: Timestamp,
    /// By whom; absent if that account is not known any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Name>,
    /// What they said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Remark>,
}

/// How a doubt was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It counts.
    Accepted,
    /// It does not.
    Dismissed,
    /// It does not, and another event says what it should have said.
    Replaced,
}

/// `POST /api/v1/sites/{site}/attention/{number}`: what somebody decides. Answered by the [`Doubt`] as it then stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It counts as it is; if its id is taken, under another one.
    Accept {
        /// Why, if that is worth a word.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Remark>,
    },
    /// It does not count.
    Dismiss {
        /// Why: nobody else can know later.
        note: Remark,
    },
    /// It does not count; this does instead.
    Replace {
        /// When that happened.
        occurred_at: Timestamp,
        /// The visit that it is about; absent for a new one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        visit: Option<VisitId>,
        /// What happened.
        what: Box<EventData>,
        /// Why, if that is worth a word.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Remark>,
    },
}

/// Events that are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// By which it is named.
    pub number: i64,
    /// The device that had them.
    pub device: DeviceId,
    /// As staff call it.
    pub device_name: Name,
    /// The numbering.
    pub stream: StreamId,
    /// What is gone has one of the numbers from here…
    pub first: Seq,
    /// …to here.
    pub last: Seq,
    /// When the device told of it.
    pub told_at: Timestamp,
    /// How it is known.
    pub how: GapKind,
}

/// How it is known that events are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// The device began anew without them: its store was wiped.
    Wiped,
    /// Their numbers were given to others: its store was set back.
    Renumbered,
}

/// `POST /api/v1/sites/{site}/gaps/{number}`: somebody takes note of a loss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// What came of looking into it.
    pub note: Remark,
}

/// Tells nothing of the visitor.
impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Said").field("visit", &self.visit).field("kind", &self.kind).finish_non_exhaustive()
    }
}
