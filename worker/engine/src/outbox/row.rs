//! A record of the outbox.

use vestibule_protocol::{
    batch::Link,
    id::{EventId, StreamId, VisitId},
    message::ParkedReason,
    serde::{self, Deserialize, Serialize},
    timestamp::Timestamp,
};

/// An event in the outbox.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub id: EventId,
    /// The visit that it is about.
    pub visit: VisitId,
    /// When the person acted, by the device's clock.
    pub at: Timestamp,
    /// The numbering it is in.
    pub stream: StreamId,
    /// Its place there, and the chain up to and including it.
    pub link: Link,
    /// Its exact text: what is hashed, sent, and never changed.
    pub text: Box<str>,
    /// What became of it.
    pub state: State,
    /// Whether the copy of the site contains it.
    pub settled: Settled,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for a receipt.
    Pending,
    /// It is set aside for staff.
    Parked(ParkedReason),
    /// The server has it on disk.
    Acknowledged {
        /// When the receipt came, by the device's clock.
        at: Timestamp,
        /// The receipt's time, by the server's clock.
        received_at: Timestamp,
    },
}

/// The names of the states, by which records are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateName {
    /// [`State::Pending`].
    Pending,
    /// [`State::Parked`].
    Parked,
    /// [`State::Acknowledged`].
    Acknowledged,
}

/// Whether the copy of the site contains an event, so that it need not be folded into what people see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Not as far as is known.
    No,
    /// It does, or the server has said its word on the visit after it had the event.
    Yes,
}

/// Where the outbox ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "serde")]
pub struct Head {
    /// The numbering in use, made with the outbox or after a conflict.
    pub stream: StreamId,
    /// Its newest event.
    pub link: Link,
}

impl Head {
    /// The head of a stream without events.
    pub const fn of(stream: StreamId) -> Self {
        Self { stream, link: Link::START }
    }
}

impl State {
    /// Its name.
    pub const fn name(self) -> StateName {
        match self {
            Self::Pending => StateName::Pending,
            Self::Parked(_) => StateName::Parked,
            Self::Acknowledged { .. } => StateName::Acknowledged,
        }
    }
}

/// Tells nothing of the visitor.
impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row")
            .field("id", &self.id)
            .field("stream", &self.stream)
            .field("seq", &self.link.seq)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
