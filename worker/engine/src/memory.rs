//! What must outlive a worker, beside the events themselves.

use vestibule_protocol::{
    batch::Seq,
    id::{HistoryId, StreamId},
    json,
    serde::{self, Deserialize, Serialize},
    timestamp::Timestamp,
};

use crate::policy;

/// Kept in the outbox as the text of [`Memory::to_json`], written only in the transactions of
/// [`Action::Load`](crate::Action::Load) and [`Action::Record`](crate::Action::Record). Losing it is harmless: events
/// are sent again, and one wait is forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "serde", default)]
pub struct Memory {
    /// The life of the server's database, as last heard.
    pub history: Option<HistoryId>,
    /// Up to where the server's chain was the device's own.
    pub proven: Option<Proven>,
    /// When the last receipt came, by the device's clock.
    pub heard_at: Option<Timestamp>,
    /// The server's clock minus the device's, in ms, as last measured; goes into new events.
    pub clock_offset_ms: Option<i64>,
    /// Tries since the last useful receipt, those under way included.
    pub failures: u32,
    /// Until when nothing is sent by itself.
    pub hold: Option<Hold>,
    /// How often in a row a server called itself ready and then gave no receipt.
    pub false_starts: u32,
    /// How many streams in a row a server called another device's.
    pub foreign_streams: u32,
    /// Before this, probes rest.
    pub probe_from: Option<Timestamp>,
    /// When acknowledged events were last considered for deletion.
    pub forgot_at: Option<Timestamp>,
    /// That the device's access was withdrawn; `None` while it has it, as far as the last receipt said. Should this be
    /// lost, the next receipt says it again.
    pub revoked: Option<Revoked>,
}

/// The device's access was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "serde")]
pub struct Revoked {
    /// When it heard so first, by its own clock.
    pub heard_at: Timestamp,
    /// Whether its copy of the site has been wiped since.
    pub wiped: bool,
}

/// A prefix of a stream that is proven delivered, by equal chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "serde")]
pub struct Proven {
    /// Of which stream.
    pub stream: StreamId,
    /// Its last seq.
    pub seq: Seq,
}

/// A wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "serde")]
pub struct Hold {
    /// When it ends, by the device's clock.
    pub until: Timestamp,
    /// What for.
    pub why: Why,
}

/// What a wait is for, and thereby what ends it early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "serde", rename_all = "snake_case")]
pub enum Why {
    /// A try got no receipt, or none yet. A capture, a probe that finds the server ready, or a nudge ends it.
    NoReceipt,
    /// The server said 429. Only a nudge ends it.
    Busy,
    /// A receipt said `resume_after_ms`. A capture goes through, the backlog waits; a nudge ends it.
    Spread,
    /// The server refuses the device's token. Only a nudge ends it.
    Unauthorized,
}

impl Memory {
    /// What to store.
    pub fn to_json(&self) -> String {
        json::write(self)
    }

    /// What was stored; the default if it can't be read, as after a newer version wrote it.
    #[must_use]
    pub fn from_json(text: &str) -> Self {
        json::read(text).unwrap_or_default()
    }

    /// The seq of `stream` up to which delivery is proven.
    pub fn proven_in(&self, stream: StreamId) -> Seq {
        self.proven.filter(|proven| proven.stream == stream).map_or(0, |proven| proven.seq)
    }

    /// The memory of a device that was given credentials: nothing was said of these yet.
    #[must_use]
    pub fn enrolled(self) -> Self {
        Self { revoked: None, ..self }
    }

    /// The wait that holds at `now`, if any.
    pub(crate) fn hold_at(&self, now: Timestamp) -> Option<Hold> {
        self.hold.filter(|hold| (1..=policy::HOLD_MAX_MS).contains(&hold.until.ms_since(now)))
    }
}

/// Whether `interval_ms` have passed since `earlier`, or it never was, or the clock was set back since.
pub(crate) fn has_passed(interval_ms: i64, earlier: Option<Timestamp>, now: Timestamp) -> bool {
    earlier.is_none_or(|earlier| !(0..interval_ms).contains(&now.ms_since(earlier)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_memory_is_an_empty_one() {
        assert_eq!(Memory::from_json("{\"hold\":7}"), Memory::default());
    }

    #[test]
    fn a_memory_of_an_older_version_is_read_as_far_as_it_goes() {
        assert_eq!(Memory::from_json("{\"failures\":3}"), Memory { failures: 3, ..Memory::default() });
    }

    #[test]
    fn a_wait_that_ends_absurdly_late_was_written_by_another_clock() {
        let now = Timestamp::from_unix_ms(1_000_000);
        let until = |until| Memory { hold: Some(Hold { until, why: Why::NoReceipt }), ..Memory::default() };
        assert!(until(now.plus_ms(1)).hold_at(now).is_some());
        assert!(until(now).hold_at(now).is_none());
        assert!(until(now.plus_ms(policy::HOLD_MAX_MS + 1)).hold_at(now).is_none());
    }
}
