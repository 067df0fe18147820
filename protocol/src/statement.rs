//! The delivery statement: what the devices of a site captured in a period, and where each of it is.
//!
//! `GET /api/v1/sites/{site}/statement?from=&to=`. The equation that it proves:
//!
//! > captured = delivered + waiting + needs attention
//!
//! Where staff have taken note that something is gone for good, a last term says so: nothing leaves the sum.
//!
//! A *capture* is one event that a device has confirmed to a person and told the server of, be it by delivering it or
//! by a number up to which it has numbered its events. The same text in two numberings, as after a device began a new
//! one, is one capture. Each capture is in exactly one of the terms of [`Tally`].
//!
//! A capture belongs to the period in which it happened, by the device's clock as corrected. Of a number that has not
//! come the server knows only between which others it was given out; it counts in every period in which that may have
//! been. So a statement may count such a number although it will turn out to be of another period, and never leaves one
//! out.
//!
//! What a device has captured since its last word nobody but the device can know: [`DeviceStatement::heard_at`] says up
//! to when the statement goes. What comes through the integrators' interface is on the server's disk or was refused, and
//! is not part of it.

use serde::{Deserialize, Serialize};

use crate::{
    admin::DeviceKind,
    batch::Seq,
    chain::Digest,
    changes::Site,
    event::Name,
    id::{DeviceId, HistoryId, StreamId},
    standing::{Questioned, Renumbered},
    timestamp::Timestamp,
};

/// Most differences that are listed for one device; the [`Tally`] counts all. Who has to look at more than these begins
/// with these.
pub const DIFFERENCES_MAX: usize = 100;

/// Most interruptions that are listed, the latest ones.
pub const INTERRUPTIONS_MAX: usize = 50;

/// A delivery statement of a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The site.
    pub site: Site,
    /// The life of the server's database.
    pub history: HistoryId,
    /// Where the period begins; absent: with the first event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Before which it ends.
    pub to: Timestamp,
    /// The server's clock when the statement was drawn up.
    pub as_of: Timestamp,
    /// All devices in sum.
    pub total: Tally,
    /// Each device that has captured something in the period, or may have.
    pub devices: Vec<DeviceStatement>,
    /// When delivery was interrupted, in order.
    pub interruptions: Vec<Interruption>,
}

/// Where the captures are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Captures in all: the sum of the others.
    pub captured: u64,
    /// On the server's disk. Each was received, hashed, and committed with its place in the numbering; and it counts, or
    /// staff have decided on it.
    pub delivered: u64,
    /// Told of and not here yet: still on the device, as far as anybody knows.
    pub waiting: u64,
    /// Set aside on the device, which says so: the server would not take them.
    pub parked: u64,
    /// Here, whole, and not counted: staff have to look.
    pub quarantined: u64,
    /// Here, for a number that another text had taken before.
    pub conflicting: u64,
    /// Told of, and known to be gone: their device's store was wiped or set back. At least so many: of a device that lost it twice,
    /// what was gone the first time may have been gone the second time, and is counted once. Nobody has taken note yet.
    pub lost: u64,
    /// Gone as [`Self::lost`], and staff have taken note of it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub written_off: u64,
    /// Of the delivered, those that don't count because staff decided so. Part of no sum.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dismissed: u64,
}

/// What one device captured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceStatement {
    /// Which.
    pub device: DeviceId,
    /// As staff call it.
    pub name: Name,
    /// What sort of installation it is.
    pub kind: DeviceKind,
    /// When the server last heard from it: the statement knows nothing of what it captured afterwards.
    pub heard_at: Timestamp,
    /// Where its captures are.
    pub tally: Tally,
    /// How far the numbering in use is proven, whatever the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// Whatever is not delivered, at most [`DIFFERENCES_MAX`].
    pub differences: Vec<Difference>,
}

/// Device and server hold the same bytes: their chains were the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// In this numbering.
    pub stream: StreamId,
    /// Up to this number.
    pub seq: Seq,
    /// The chain there.
    pub chain: Digest,
    /// When the server last saw that the device's was the same.
    pub at: Timestamp,
}

/// Captures that are not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Numbers that have not come, those that the device has parked among them.
    Missing(Numbers),
    /// Numbers that will not come.
    Lost(Numbers),
    /// Numbers that were given to other events: one event that is gone, at least.
    Renumbered(Renumbered),
    /// A text in quarantine.
    Quarantined(Questioned),
    /// A second text for a number that was taken.
    Conflicting(Questioned),
}

/// A range of numbers of one numbering, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// The numbering.
    pub stream: StreamId,
    /// The first.
    pub first: Seq,
    /// The last.
    pub last: Seq,
    /// Not captured before; absent if nothing is known before them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Not captured after.
    pub not_after: Timestamp,
}

/// A time in which events waited somewhere: from the first capture that came late to its receipt, others that overlap
/// included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interruption {
    /// The first capture that came late.
    pub from: Timestamp,
    /// When the last of them was received.
    pub to: Timestamp,
    /// How many came late and are delivered.
    pub late: u64,
}

impl Tally {
    /// What a person has to look at.
    pub const fn needs_attention(&self) -> u64 {
        self.parked + self.quarantined + self.conflicting + self.lost
    }

    /// What is not settled. A statement *closes* when nothing is.
    pub const fn open(&self) -> u64 {
        self.waiting + self.needs_attention()
    }

    /// The same with the sum filled in.
    #[must_use]
    pub const fn summed(self) -> Self {
        Self { captured: self.delivered + self.waiting + self.needs_attention() + self.written_off, ..self }
    }
}

impl std::iter::Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        tallies.fold(Self::default(), |sum, one| Self {
            captured: sum.captured + one.captured,
            delivered: sum.delivered + one.delivered,
            waiting: sum.waiting + one.waiting,
            parked: sum.parked + one.parked,
            quarantined: sum.quarantined + one.quarantined,
            conflicting: sum.conflicting + one.conflicting,
            lost: sum.lost + one.lost,
            written_off: sum.written_off + one.written_off,
            dismissed: sum.dismissed + one.dismissed,
        })
    }
}

/// A term that is not there in most statements, and not known to those of before there were decisions.
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Numbers {
    /// How many they are.
    pub const fn count(&self) -> u64 {
        self.last - self.first + 1
    }

    /// Those up to `seq`, and those after it.
    pub fn split_after(self, seq: Seq) -> (Option<Self>, Option<Self>) {
        let upper = (self.last > seq).then(|| Self { first: self.first.max(seq + 1), ..self });
        let lower = (self.first <= seq).then(|| Self { last: self.last.min(seq), ..self });
        (lower, upper)
    }
}
