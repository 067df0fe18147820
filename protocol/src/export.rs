//! A device's backlog, for the day on which nothing else gets it to the server: the worker gives it to the page, which
//! seals it in [`parcel`](crate::parcel)s that people carry.

use serde::{Deserialize, Serialize};

use crate::{
    batch::{Link, Seq},
    chain::Digest,
    event::Source,
    id::{EventId, StreamId},
    message::ParkedReason,
    parcel::SealKey,
    timestamp::Timestamp,
};

/// What a device has not delivered. The device keeps all of it: what people bring to the server is a duplicate when the
/// device itself delivers it.
///
/// `Raw` is how the events' texts are held.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Export<Raw> {
    /// [`crate::limits::PROTOCOL`].
    pub protocol: u32,
    /// Who the device is; `None` if it is not paired.
    pub source: Option<Source>,
    /// What its parcels are sealed with; `None` if it is not paired.
    pub key: Option<SealKey>,
    /// The device's clock when it wrote this.
    pub exported_at: Timestamp,
    /// The numbering of `head` and `events`; `None` if nothing was ever captured.
    pub stream: Option<StreamId>,
    /// The newest event of the stream.
    pub head: Link,
    /// Events that are not in it, because there are more than one file holds.
    pub left_out: u64,
    /// By seq, oldest first.
    pub events: Vec<ExportedEvent<Raw>>,
}

/// An event of an [`Export`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportedEvent<Raw> {
    /// Which, also where the text can't be read.
    pub id: EventId,
    /// Its number in the stream.
    pub seq: Seq,
    /// The chain up to and including it.
    pub chain: Digest,
    /// Why it was set aside, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked: Option<ParkedReason>,
    /// Its exact text; as a JSON string if it is no JSON, because it was damaged.
    pub event: Raw,
}
