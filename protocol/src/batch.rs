//! A batch of events on its way to the server, and the receipt that answers it.
//!
//! Resending is always safe: the server counts an event by its id, whatever batch, slot or stream it comes in. An
//! event leaves the pending state on the device only on a result in a receipt that names its seq.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    chain::Digest,
    id::{BatchId, HistoryId, StreamId},
    json,
    timestamp::Timestamp,
};

/// Where batches go.
pub const SYNC_PATH: &str = "/api/v1/sync";
/// The media type of a [`Receipt`]. An answer of any other type is no answer, whatever its status.
pub const RECEIPT_MEDIA_TYPE: &str = "application/vnd.vestibule.receipt+json";

/// An event's number in its stream, from 1, without gaps.
pub type Seq = u64;

/// `POST /api/v1/sync`: what a device sends. Without events it is a heartbeat.
///
/// `Raw` is how the events' texts are held: `&RawValue` where a body is read in place, `Box<RawValue>` where a batch is
/// put together.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Batch<Raw> {
    /// [`crate::limits::PROTOCOL`].
    pub protocol: u32,
    /// The numbering that `head` and `events` belong to.
    pub stream: StreamId,
    /// This attempt; the receipt names it.
    pub batch: BatchId,
    /// The newest event of the stream, sent or not.
    pub head: Link,
    /// The device's clock when it sent this.
    pub sent_at: Timestamp,
    /// The server's history as the device last heard it.
    pub history: Option<HistoryId>,
    /// How the device is.
    pub health: Health,
    /// The events, in any order.
    pub events: Vec<SlottedEvent<Raw>>,
}

/// A place in a stream, and the [chain](crate::chain) up to and including it. Seq 0 is the stream before any event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The number of the event.
    pub seq: Seq,
    /// The chain there.
    pub chain: Digest,
}

impl Link {
    /// The stream before any event.
    pub const START: Self = Self { seq: 0, chain: Digest::ZERO };

    /// The next link, `event` being the [`crate::chain::event_hash`] of the event there.
    #[must_use]
    pub fn then(self, event: Digest) -> Self {
        Self { seq: self.seq + 1, chain: self.chain.then(event) }
    }
}

/// How a device is; its last words, if it falls silent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Events that wait for a receipt.
    pub pending: u64,
    /// Events set aside for staff.
    pub parked: u64,
    /// When the oldest pending event was captured, by the device's clock.
    pub oldest_pending_at: Option<Timestamp>,
    /// Whether the browser promised to keep the store (`navigator.storage.persist()`).
    pub persisted: bool,
    /// The version of the app.
    pub app_version: String,
}

/// An event and its number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SlottedEvent<Raw> {
    /// Its number in the batch's stream.
    pub seq: Seq,
    /// Its exact text.
    pub event: Raw,
}

/// What the server answers, with status 200 and [`RECEIPT_MEDIA_TYPE`]: all that it names is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// [`crate::limits::PROTOCOL`].
    pub protocol: u32,
    /// The batch that this answers.
    pub batch: BatchId,
    /// The server's clock.
    pub received_at: Timestamp,
    /// The life of the server's database; another one than before means that it was restored.
    pub history: HistoryId,
    /// What became of each event. One that has no result was not answered: send it again.
    pub results: Vec<EventResult>,
    /// Every seq up to this is kept; `chain` is the server's own. The same chain on the device proves the delivery.
    pub watermark: Link,
    /// The ranges of seq, both ends included, up to the batch's head that the server does not hold.
    pub missing: Vec<(Seq, Seq)>,
    /// Below this the device may forget acknowledged events that are old enough.
    pub keep_from: Seq,
    /// How long the device should wait before its next batch, in ms: spreads a fleet that comes back at once.
    pub resume_after_ms: u64,
    /// Whether the device's access was withdrawn: what it brings is kept apart, and it is to hold no more of people than
    /// this server may still need of it. Absent: it was not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revoked: bool,
}

/// What became of one event of a batch; on the wire one flat object, as in `{"seq":41,"outcome":"accepted"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "FlatResult", into = "FlatResult")]
pub struct EventResult {
    /// Which.
    pub seq: Seq,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of an event. None of them drops a byte: all but [`Outcome::Retry`] mean that it is on the server's disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// New, and counted.
    Accepted,
    /// Held already, with the same content; perhaps in another slot.
    Duplicate,
    /// The slot, or the event's id, is held already with other content. Both are kept; start a new stream.
    Conflict,
    /// Kept for staff to look at, and not counted.
    Quarantined {
        /// Why.
        reason: QuarantineReason,
    },
    /// Not kept. Send it again.
    Retry,
}

/// Why an event is kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineReason {
    /// Not a CloudEvents object with the attributes of Vestibule.
    InvalidEvent,
    /// A type that the server does not know, perhaps from a newer device.
    UnknownType,
    /// The data don't fit the type.
    InvalidData,
    /// Over [`crate::limits::EVENT_MAX_BYTES`].
    TooLarge,
    /// Captured at another site than the device's.
    OtherSite,
    /// Its id is held already with other content.
    IdConflict,
    /// The device's access was withdrawn.
    DeviceRevoked,
    /// The visit has more events than anybody's stay.
    VisitFull,
    /// A reason of a newer server.
    #[serde(other)]
    Unknown,
}

impl Batch<Box<RawValue>> {
    /// The body to send.
    pub fn to_json(&self) -> String {
        json::write(self)
    }
}

/// An [`EventResult`] on the wire. Written out, because serde reads a flattened or tagged enum by way of a buffer that
/// holds any JSON, which every device would have to download.
#[derive(Serialize, Deserialize)]
struct FlatResult {
    seq: Seq,
    outcome: OutcomeName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<QuarantineReason>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeName {
    Accepted,
    Duplicate,
    Conflict,
    Quarantined,
    Retry,
}

impl From<FlatResult> for EventResult {
    fn from(flat: FlatResult) -> Self {
        let outcome = match flat.outcome {
            OutcomeName::Accepted => Outcome::Accepted,
            OutcomeName::Duplicate => Outcome::Duplicate,
            OutcomeName::Conflict => Outcome::Conflict,
            OutcomeName::Quarantined => {
                Outcome::Quarantined { reason: flat.reason.unwrap_or(QuarantineReason::Unknown) }
            }
            OutcomeName::Retry => Outcome::Retry,
        };
        Self { seq: flat.seq, outcome }
    }
}

impl From<EventResult> for FlatResult {
    fn from(result: EventResult) -> Self {
        let (outcome, reason) = match result.outcome {
            Outcome::Accepted => (OutcomeName::Accepted, None),
            Outcome::Duplicate => (OutcomeName::Duplicate, None),
            Outcome::Conflict => (OutcomeName::Conflict, None),
            Outcome::Quarantined { reason } => (OutcomeName::Quarantined, Some(reason)),
            Outcome::Retry => (OutcomeName::Retry, None),
        };
        Self { seq: result.seq, outcome, reason }
    }
}

impl Outcome {
    /// Whether the event is on the server's disk.
    pub const fn is_kept(self) -> bool {
        match self {
            Self::Accepted | Self::Duplicate | Self::Conflict | Self::Quarantined { .. } => true,
            Self::Retry => false,
        }
    }
}
