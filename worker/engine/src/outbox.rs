//! What the engine and an outbox say to each other.
//!
//! The engine holds no event and remembers nothing for certain: the outbox does both. It is asked two things, each done
//! in ONE transaction that reads the [`Standing`], calls a pure `decide`, and does what that says. Because the decision
//! is made inside the transaction, on what is stored there and then, any number of contexts may run an engine on one
//! outbox, and none needs a lock to be right.
//!
//! What such a transaction does with the records is decided here as well: [`append()`] makes one, [`Draw`] picks those of
//! a batch, [`Change::edits`] carries out an order. An outbox only reads and writes what these say, so that the one in
//! the browser and the one that is tried by simulation differ in nothing but the storage.

mod append;
mod draw;
mod edit;
mod row;

use vestibule_protocol::{
    batch::{Link, Seq},
    chain::Digest,
    id::{EventId, StreamId},
    message::ParkedReason,
    timestamp::Timestamp,
};

pub use self::{
    append::{Appended, Found, append},
    draw::Draw,
    edit::{Edit, Selection},
    row::{Head, Row, Settled, State, StateName},
};
use crate::memory::Memory;

/// The state of an outbox, as read at the beginning of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The numbering in use.
    pub stream: StreamId,
    /// The newest slot of that stream; [`Link::START`] if it has none.
    pub head: Link,
    /// What an engine last wrote; [`Memory::default`] if none has, or if it can't be read.
    pub memory: Memory,
    /// Pending records.
    pub pending: u64,
    /// Parked records.
    pub parked: u64,
    /// When the oldest pending record was captured, by the device's clock.
    pub oldest_pending_at: Option<Timestamp>,
}

/// The place of an event in the numbering. After a new stream began, an event sits in another slot than before: a
/// receipt for the old one no longer touches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    /// The numbering.
    pub stream: StreamId,
    /// The number.
    pub seq: Seq,
    /// The event there.
    pub event: EventId,
}

/// A pending record, as it is read to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its number in the stream of the [`Standing`].
    pub seq: Seq,
    /// Which event.
    pub event: EventId,
    /// Its exact text.
    pub text: Box<str>,
}

/// Up to how much to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Records.
    pub events: usize,
    /// Bytes of text in all. The first record is read however large it is.
    pub bytes: usize,
}

/// Which pending records to read: first `newest` from the highest seq downwards, then `oldest` from the lowest upwards,
/// never one of them twice. Both ends move with every batch, so that dashboards are right about now and nothing old is
/// left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    /// From the highest seq downwards.
    pub newest: Share,
    /// From the lowest seq upwards, leaving out what `newest` took.
    pub oldest: Share,
    /// To be written in place of the stored memory, in the same transaction; `None`: write nothing.
    pub memory: Option<Memory>,
}

/// What to write, in ONE transaction: the changes one after the other, each seeing what the one before it did, then the
/// memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orders {
    /// In this order.
    pub changes: Vec<Change>,
    /// In place of the stored one.
    pub memory: Memory,
}

/// One change to the records of an outbox. A record is *pending*, *parked* or *acknowledged*; pending and parked ones
/// are always in the current stream, acknowledged ones may be in an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// If the record at `slot.stream`, `slot.seq` is `slot.event` and is pending or parked, it becomes acknowledged as
    /// of `at`. Else nothing: the event has moved meanwhile and will be acknowledged where it is now.
    Acknowledge {
        /// Which.
        slot: Slot,
        /// The device's clock; kept as the record's `acknowledged_at`.
        at: Timestamp,
        /// The server's clock, as the receipt says: what [`Visit::apply`](vestibule_protocol::visit::Visit::apply)
        /// takes from now on.
        received_at: Timestamp,
    },
    /// If the record at `slot.stream`, `slot.seq` is `slot.event` and is pending, it becomes parked. Else nothing.
    Park {
        /// Which.
        slot: Slot,
        /// Kept with the record, for staff.
        reason: ParkedReason,
    },
    /// Every parked record becomes pending, in its slot: somebody has mended what stood in its way, or wants to know. If
    /// nothing has changed it is parked again, as it was the first time.
    SendAgain,
    /// Every acknowledged record of `stream` from seq `first` to `last`, both included, becomes pending, in its slot.
    /// The range may be far longer than the stream: go through records, never through numbers.
    Reopen {
        /// The current stream.
        stream: StreamId,
        /// The lowest seq.
        first: Seq,
        /// The highest seq.
        last: Seq,
    },
    /// The current stream becomes `stream`, with [`Link::START`] as its head. Then every pending or parked record, in
    /// the order of its old seq, is given the next slot there: new stream, seq `head.seq + 1`, and chain
    /// [`head.then(event_hash(text))`](Link::then). Text, state and all else stay as they are.
    BeginStream {
        /// Never used before.
        stream: StreamId,
    },
    /// Every acknowledged record of another stream than the current one becomes pending and, in the order in which they
    /// were captured, is given the next slot of the current stream, as in [`Change::BeginStream`].
    ReopenEarlierStreams,
    /// Deletes the acknowledged records of `stream` with a seq below `below` whose `acknowledged_at` is before
    /// `acknowledged_before`.
    Forget {
        /// The current stream.
        stream: StreamId,
        /// The lowest seq that stays.
        below: Seq,
        /// By the device's clock.
        acknowledged_before: Timestamp,
    },
    /// Deletes the acknowledged records of every stream but `current` whose `acknowledged_at` is before
    /// `acknowledged_before`.
    ForgetEarlierStreams {
        /// The current stream.
        current: StreamId,
        /// By the device's clock.
        acknowledged_before: Timestamp,
    },
    /// Deletes those of `events` that are pending or parked: staff have them in a file and say that they keep it. Only
    /// [`hand_over`] orders it. What is acknowledged stays until it is forgotten like everything else.
    HandOver {
        /// Those in the file.
        events: Vec<EventId>,
    },
}

/// The device's own chain at the seq that [`Record::chain_wanted_at`](crate::Record::chain_wanted_at) names: the chain
/// of the record there, `None` if there is no such record.
pub type OwnChain = Option<Digest>;

/// What follows when staff say that they keep the file in which these events are, given what is stored: a device whose
/// access was withdrawn lets them go, and any other keeps them, since it will deliver them itself. Pure: call it in the
/// middle of the transaction.
pub fn hand_over(events: Vec<EventId>, memory: &Memory) -> Option<Change> {
    memory.revoked.is_some().then_some(Change::HandOver { events })
}

impl Share {
    /// Nothing.
    pub const NONE: Self = Self { events: 0, bytes: 0 };
}

impl Take {
    /// Whether any record is to be read; if not, the standing alone was wanted.
    pub const fn reads_records(&self) -> bool {
        self.newest.events + self.oldest.events > 0
    }
}

/// Tells nothing of the visitor.
impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending").field("seq", &self.seq).field("event", &self.event).finish_non_exhaustive()
    }
}
