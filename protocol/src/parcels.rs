//! `/api/v1/parcels`: how the desk brings in what people carried, and what it is told of it.

use serde::{Deserialize, Serialize};

use crate::{
    batch::EventResult,
    event::Name,
    id::{DeviceId, SiteId, VisitId},
    timestamp::Timestamp,
    visit::Kind,
};

/// What was scanned, typed or read from a file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// The text of a [`Sealed`](crate::parcel::Sealed) parcel.
    pub parcel: String,
}

/// What was in a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The device that sealed it.
    pub device: DeviceId,
    /// As staff call it.
    pub device_name: Name,
    /// The site that it serves.
    pub site: SiteId,
    /// When its access was withdrawn, or that of the token under which it was sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// Its events.
    pub events: Vec<CarriedEvent>,
}

/// An event of a parcel, as staff are shown it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedEvent {
    /// The visit that it is about; absent, as the next, if this server can't read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<VisitId>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Who visits, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visitor: Option<Name>,
    /// Whom they visit, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Name>,
    /// When it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// Its number, and what became of it.
    pub result: EventResult,
}
