//! What a page and its worker say to each other.
//!
//! The page posts the JSON text of an [`Ask`] to the worker together with one end of a fresh `MessageChannel`; the
//! worker posts [`Tell`]s, as JSON text, to that port. A port outlives neither side, so nothing depends on one: every
//! ask is answered within a deadline or asked again, and asking twice is harmless. The port of [`Ask::Watch`] stays
//! open and receives news; a page watches again when [`Status::boot`] changes, which is how it notices that the browser
//! has ended the worker and started another.

mod view;

use serde::{Deserialize, Serialize};

pub use self::view::{OwnEvent, OwnEvents, PassedOn, View};
use crate::{
    account::Credentials,
    event::{EventData, Source},
    id::{EventId, StreamId, VisitId},
    timestamp::Timestamp,
};

/// What a page asks of its worker.
pub type Ask = AskOf<EventData>;

/// What a page asks of its worker, what a person did being held as a `What`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskOf<What> {
    /// Send news to this port from now on; first [`Tell::Status`] and a whole [`Tell::View`].
    Watch,
    /// Hold these credentials and act as this device. Answered by [`Tell::Status`].
    Enrol(Credentials),
    /// Keep an event. Answered by [`Tell::Captured`] once it is on disk, or [`Tell::Refused`].
    Capture(Capture<What>),
    /// Time has passed: send what is due, look for changes. Answered by [`Tell::Status`].
    Tick,
    /// Send now, whatever the backoff says, and look for changes: a person asked, or the network came back. Answered by
    /// [`Tell::Status`], at once.
    SyncNow,
    /// The server has said that there is something new. Answered by [`Tell::Status`], at once.
    Refresh,
    /// Which events wait, and which were set aside. Answered by [`Tell::Backlog`].
    Backlog,
    /// Try the events that were set aside once more. Answered by [`Tell::Status`].
    SendAgain,
    /// What is not delivered, to be carried to the server by hand. Answered by [`Tell::Exported`].
    Export,
    /// Staff have these events in a file, and have said that they keep it. A device whose access was withdrawn lets them
    /// go; any other keeps them. Ask only after a person has said so: a file that was offered is not yet one that is
    /// kept. Answered by [`Tell::Status`].
    HandedOver(Vec<EventId>),
}

/// What a worker tells a page, as the page reads it.
pub type Tell = TellOf<View>;

/// What a worker tells a page. `Site` is how a view is held: as a [`View`] by the page, as [`PassedOn`] by the worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TellOf<Site> {
    /// The event is on disk; the person may be told "done".
    Captured {
        /// Which.
        event: EventId,
    },
    /// The event is not on disk, and the person must not be told "done".
    Refused(Refusal),
    /// How the outbox stands.
    Status(Status),
    /// These events are on the server's disk.
    Delivered {
        /// Which.
        events: Vec<EventId>,
    },
    /// What is known of the site.
    View(Site),
    /// What is not delivered, oldest first.
    Backlog(Vec<Waiting>),
    /// The JSON text of a [`Export`](crate::export::Export).
    Exported(String),
}

/// An event to be kept. The page fixes its id and time when the person acts, so that asking twice keeps it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture<What = EventData> {
    /// Made by the page.
    pub event: EventId,
    /// The visit that it is about.
    pub visit: VisitId,
    /// The device's clock when the person acted.
    pub time: Timestamp,
    /// What they did.
    pub what: What,
}

/// Why an event was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The device has no credentials yet.
    #[error("this device is not paired with a site")]
    NotEnrolled,
    /// Over [`crate::limits::EVENT_MAX_BYTES`].
    #[error("the entry is too large")]
    TooLarge,
    /// The browser's storage is full.
    #[error("the storage of this device is full")]
    StorageFull,
    /// The browser's storage failed or did not answer in time, also after it was opened anew.
    #[error("the storage of this device does not work")]
    StorageFailed,
    /// The page and the worker are of different versions and don't understand each other.
    #[error("the worker did not understand the page")]
    NotUnderstood,
}

/// How the outbox stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Of the running worker; another one means that it was started anew and knows no ports.
    pub boot: u32,
    /// The version of the worker.
    pub version: String,
    /// Who this device is; `None` before it is paired.
    pub source: Option<Source>,
    /// Whether the server answers.
    pub link: LinkState,
    /// Whether events can be kept.
    pub storage: Storage,
    /// The numbering in use.
    pub stream: Option<StreamId>,
    /// Events captured in this stream.
    pub captured: u64,
    /// The seq up to which the server's chain is this device's: proven delivered.
    pub proven: u64,
    /// Events that wait for a receipt.
    pub pending: u64,
    /// Events set aside for staff.
    pub parked: u64,
    /// When the oldest pending event was captured, by the device's clock.
    pub oldest_pending_at: Option<Timestamp>,
    /// When the last receipt came, by the device's clock.
    pub last_receipt_at: Option<Timestamp>,
    /// The server's clock minus the device's, in ms, as last measured.
    pub clock_offset_ms: Option<i64>,
    /// When the device heard that its access was withdrawn, by its own clock; `None` while it has it. Nobody is to be
    /// checked in or out on it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// Whether the server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Nothing was tried since the worker started.
    Unknown,
    /// The last try got a receipt.
    Connected,
    /// The last tries got none.
    Unreachable,
    /// The server does not accept this device's token; what it holds is kept until it does.
    Unauthorized,
}

/// Whether events can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// It works, and the browser promised not to evict it.
    Persistent,
    /// It works, but the browser may evict it.
    BestEffort,
    /// It failed or is full: nothing is confirmed until it works again.
    Failed,
}

/// An event that is not delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Which.
    pub event: EventId,
    /// The visit that it is about.
    pub visit: VisitId,
    /// When the person acted, by the device's clock.
    pub time: Timestamp,
    /// Why it was set aside, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked: Option<ParkedReason>,
}

/// Why an event was set aside on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkedReason {
    /// The server refuses the batch that holds this event alone.
    RefusedByServer {
        /// The HTTP status.
        status: u16,
    },
    /// The text that is stored is damaged: it is no JSON, and would spoil any batch.
    Unreadable,
}
