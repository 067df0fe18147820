//! How the devices of a site stand, as its server knows: `GET /api/v1/sites/{site}/devices`.
//!
//! A device that is silent can't be asked. What it said last is kept, and what it told of without delivering it counts
//! as missing from that moment on, whether it speaks again or not.

use serde::{Deserialize, Serialize};

use crate::{
    admin::DeviceKind,
    batch::{QuarantineReason, Seq},
    event::Name,
    id::{DeviceId, StreamId},
    timestamp::Timestamp,
};

/// How long a device may say nothing before it counts as silent, in ms. It speaks once a minute when it has nothing to
/// deliver, so that this is five words missed.
pub const SILENT_AFTER_MS: i64 = 5 * 60_000;

/// How old an undelivered event may grow before somebody should look, in ms. Past every backoff: whatever waits longer
/// waits because something is broken.
pub const WAITING_LONG_MS: i64 = 15 * 60_000;

/// How far a device's clock may be off before staff should set it, in ms. Times are corrected all the same.
pub const CLOCK_OFF_MS: i64 = 2 * 60_000;

/// A page of devices, by id, which is the order in which they were enrolled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    /// The server's clock; every age is counted up to here.
    pub as_of: Timestamp,
    /// The devices.
    pub devices: Vec<DeviceReport>,
    /// Pass it back as `after`; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<DeviceId>,
}

/// What the server knows of one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceReport {
    /// Which.
    pub id: DeviceId,
    /// As staff call it.
    pub name: Name,
    /// What sort of installation it is.
    pub kind: DeviceKind,
    /// Since when it is a device of the site.
    pub enrolled_at: Timestamp,
    /// When its access was withdrawn. It may still deliver: what it brings is quarantined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// What it last said; absent while it has said nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_word: Option<LastWord>,
    /// Numbers that it has told of in the numbering in use and that the server does not hold, less the parked ones.
    pub waiting: u64,
    /// Since when, by the server's clock, the oldest of them waits; absent if nothing waits or the device did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<Timestamp>,
    /// Events that the device has set aside, by its last word.
    pub parked: u64,
    /// Its texts in quarantine on which nobody has decided.
    pub quarantined: u64,
    /// Second texts for a number that was taken, on which nobody has decided.
    pub conflicting: u64,
    /// Events that were told of and are known to be gone: at least so many, those of [`Self::renumbered`] among them.
    pub lost: u64,
    /// What turned out to be gone because its numbers were given to others, and nobody has settled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renumbered: Vec<Renumbered>,
    /// Its numberings, oldest first.
    pub streams: Vec<StreamReport>,
}

/// What a device said of itself with its last batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastWord {
    /// When the server heard it.
    pub at: Timestamp,
    /// The server's clock minus the device's, in ms, the batch's time on its way included.
    pub clock_offset_ms: i64,
    /// Whether its browser promised to keep what it stores.
    pub persisted: bool,
    /// The version of its app.
    pub app_version: String,
}

/// What the server knows of one numbering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamReport {
    /// Which.
    pub id: StreamId,
    /// The newest number that the device has told of.
    pub head: Seq,
    /// Every number up to this is held.
    pub watermark: Seq,
    /// Up to which number, and since when, device and server are known to hold the same bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven: Option<Proven>,
    /// The ranges of numbers up to the head, both ends included, that are not held.
    pub missing: Vec<(Seq, Seq)>,
    /// Whether the device uses it still, or what became of what was missing when it began another.
    pub fate: Fate,
    /// The first word on it.
    pub first_heard_at: Timestamp,
    /// The last word on it.
    pub last_heard_at: Timestamp,
}

/// How far a numbering is proven: the device's chain and the server's were the same there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    /// Up to this number.
    pub seq: Seq,
    /// When the server last saw it.
    pub at: Timestamp,
}

/// What became of a numbering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// The device uses it.
    InUse,
    /// The device has begun another, and nothing of this one is missing: all of it is held here, or came in the next
    /// one, as the chain of its last head proves.
    Complete,
    /// The device has begun another, in which what is missing here may still be waiting.
    CarriedOn,
    /// The device has begun another, all of that one is held, and what was missing here did not come with it: its store
    /// was wiped, or set back.
    Lost,
}

/// Numbers that a device has told of and then given to other events: its store was set back, or is a copy of another's.
/// At least one event is gone, unless the copy delivers it. It stays until staff settle it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renumbered {
    /// By which staff name it.
    pub number: i64,
    /// The numbering.
    pub stream: StreamId,
    /// What is gone has one of the numbers from here…
    pub first: Seq,
    /// …to here.
    pub last: Seq,
    /// When the device told of it.
    pub told_at: Timestamp,
    /// When it turned out to be gone.
    pub broken_at: Timestamp,
}

/// Why a person should look at a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Concern {
    /// Events were told of and are gone.
    Lost,
    /// Two texts came for one number.
    Conflicting,
    /// Something that it sent is in quarantine.
    Quarantined,
    /// It has set events aside.
    Parked,
    /// Its oldest undelivered event is older than [`WAITING_LONG_MS`].
    WaitingLong,
    /// Nothing was heard for [`SILENT_AFTER_MS`].
    Silent,
    /// Its clock is off by more than [`CLOCK_OFF_MS`].
    ClockOff,
    /// Its browser may throw away what it stores.
    NotPersisted,
}

impl DeviceReport {
    /// Why somebody should look at it at `now`, the gravest first. Nothing for a device that was withdrawn and owes
    /// nothing.
    pub fn concerns(&self, now: Timestamp) -> Vec<Concern> {
        let is_in_use = self.revoked_at.is_none();
        let waits_long = self.waiting_since.is_some_and(|since| now.ms_since(since) > WAITING_LONG_MS);
        let said = |test: fn(&LastWord) -> bool| is_in_use && self.last_word.as_ref().is_some_and(test);
        let is_silent =
            is_in_use && self.last_word.as_ref().is_some_and(|word| now.ms_since(word.at) > SILENT_AFTER_MS);
        [
            (self.lost > 0, Concern::Lost),
            (self.conflicting > 0, Concern::Conflicting),
            (self.quarantined > 0, Concern::Quarantined),
            (self.parked > 0, Concern::Parked),
            (waits_long, Concern::WaitingLong),
            // A browser is shut in the evening; a kiosk is not.
            (is_silent && (self.kind == DeviceKind::Kiosk || self.waiting > 0), Concern::Silent),
            (said(|word| word.clock_offset_ms.abs() > CLOCK_OFF_MS), Concern::ClockOff),
            (said(|word| !word.persisted) && self.kind == DeviceKind::Kiosk, Concern::NotPersisted),
        ]
        .into_iter()
        .filter_map(|(is_so, concern)| is_so.then_some(concern))
        .collect()
    }
}

/// A text in quarantine or in conflict, by where it came, without what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Questioned {
    /// The numbering.
    pub stream: StreamId,
    /// The number.
    pub seq: Seq,
    /// When it came.
    pub received_at: Timestamp,
    /// Why it is in quarantine; absent if it counts, and only its number is in doubt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<QuarantineReason>,
}
