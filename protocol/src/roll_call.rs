//! Roll calls: who of those on site has been seen, in an evacuation or a drill.
//!
//! A roll call is started and ended by events whose subject is the roll call itself. They are folded, stored, delivered
//! and told like those of a visit, by the same code, so that it works offline and in any order as visits do; what they
//! fold into is a [`Visit`] of which nobody comes, and which [`of`] reads. A marshal's mark is an event of the visit of
//! whom they saw, and names the roll call; marks from several devices merge there, the latest one standing.

use serde::{Deserialize, Serialize};

use crate::{
    id::{DeviceId, RollCallId},
    timestamp::Timestamp,
    visit::{Kind, Latest, Visit},
};

/// A roll call has begun. An object without members today, so that one can be added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollCallStarted {}

/// A roll call is over. Marks that come later still count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollCallEnded {}

/// A marshal's word on one visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollCallMarked {
    /// In which roll call.
    pub roll_call: RollCallId,
    /// What they say.
    pub mark: Mark,
}

/// What a marshal says of a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Seen, and safe.
    Safe,
    /// Looked for, and not found.
    NotFound,
    /// What was said before is taken back.
    Open,
}

/// The latest mark of a visit in one roll call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// In which roll call.
    pub roll_call: RollCallId,
    /// What was said last.
    pub mark: Latest<Mark>,
    /// On which device.
    pub device: DeviceId,
}

/// A roll call as its events so far have made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollCall {
    /// Which.
    pub id: RollCallId,
    /// When it began; if only its end has arrived, then.
    pub started_at: Timestamp,
    /// Where it was started.
    pub started_on: DeviceId,
    /// When it ended, unless it was taken up again since.
    pub ended_at: Option<Timestamp>,
}

/// The roll call that these events are of; `None` if they are of somebody's stay. Whoever sends the start of a roll call
/// in the name of a visit does not make the visit disappear.
pub fn of(visit: &Visit) -> Option<RollCall> {
    let is_word = |kind| matches!(kind, Kind::RollCallStarted | Kind::RollCallEnded);
    if visit.timeline.iter().any(|entry| !is_word(entry.kind)) {
        return None;
    }
    let (first, last) = (visit.timeline.first()?, visit.timeline.last()?);
    Some(RollCall {
        id: RollCallId(visit.id.0),
        started_at: first.occurred_at,
        started_on: first.device,
        ended_at: (last.kind == Kind::RollCallEnded).then_some(last.occurred_at),
    })
}
