//! The fold: from the events of one stay to the visit that people see.
//!
//! Events arrive in any order, some twice, some never. [`Visit::apply`] is therefore a join: applying the same set of
//! events in any order and any number of times gives the same visit. Two rules make it so. The timeline is a set,
//! ordered by when things happened; and a particular (name, host, expected time) is as the event that happened last
//! said. "When" is `occurred_at`, ties broken by event id.
//!
//! What crossings give, read off the timeline by [`Visit::state`]:
//!
//! | crossing | result |
//! |---|---|
//! | check-out delivered before its check-in | `left`, with both times once both are here |
//! | check-in at two kiosks | one visit, `on_site`, arrived at the earlier time; [`Oddity::CheckedInTwice`] |
//! | check-out without a check-in | `left`; [`Oddity::CheckedOutUnseen`] |
//! | check-in after check-out | `on_site`: they came back |
//! | cancelled, and arrived | by their movements; [`Oddity::ArrivedThoughCancelled`] |
//! | cancelled, and registered again later | `expected` |
//! | particulars changed after leaving | changed; the state stays |
//! | a clock that runs years ahead | the event happened when it was received, at the latest |
//! | a clock that runs years behind, and was never measured | when it says; the timeline shows both clocks |
//! | two events with one id | the one that the ledger holds; the other is quarantined |
//! | a signature or a photo without anything else | `expired`: who left before the end has not come |
//! | one agreement signed twice | the latest signature stands, for each version; the timeline has both |
//! | two marshals mark one visitor | the latest mark stands, for each roll call; the timeline has both |

use serde::{Deserialize, Serialize};

use crate::{
    details::Details,
    event::{Event, EventData, Host, Visitor},
    id::{DeviceId, EventId, SiteId, VisitId},
    papers::{PhotoTaken, Signed},
    roll_call::Marked,
    timestamp::Timestamp,
};

/// How long after the expected time a visit is still expected, in ms. A day: who is booked for the morning and comes
/// in the evening is still found at the kiosk, who is booked for yesterday no longer crowds the list.
pub const EXPECTED_FOR_MS: i64 = 24 * 60 * 60 * 1_000;

/// How much later than it happened an event may be received and still count as delivered at once, in ms. One answer
/// timeout and a bit: past it the device must have missed at least one try.
pub const LATE_AFTER_MS: i64 = 20_000;

/// One stay of one visitor, as far as its events are known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Which.
    pub id: VisitId,
    /// Where.
    pub site: SiteId,
    /// Who; absent while only events that don't say have arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visitor: Option<Latest<Visitor>>,
    /// Whom they visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Latest<Host>>,
    /// When they were expected; absent for a walk-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<Latest<Timestamp>>,
    /// What is known besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Latest<Details>>,
    /// What they agreed to, by agreement and version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed: Vec<Signed>,
    /// That there is a photo of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<PhotoTaken>,
    /// What marshals last said of them, for each roll call, by its id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Marked>,
    /// All that happened, by `occurred_at`, then event id.
    pub timeline: Vec<Entry>,
}

/// A particular, and the event that said it last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latest<T> {
    /// What it said.
    pub value: T,
    /// When it happened.
    pub at: Timestamp,
    /// Which event.
    pub by: EventId,
}

/// One event of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which event.
    pub event: EventId,
    /// What it was.
    pub kind: Kind,
    /// When it happened, by the server's clock as far as the device knew it; never later than `received_at`.
    pub occurred_at: Timestamp,
    /// When the server had it on disk; absent while it only waits on this device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
    /// Where it was captured.
    pub device: DeviceId,
}

/// What an event was, without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// [`EventData::Registered`].
    Registered,
    /// [`EventData::Updated`].
    Updated,
    /// [`EventData::Cancelled`].
    Cancelled,
    /// [`EventData::CheckedIn`].
    CheckedIn,
    /// [`EventData::CheckedOut`].
    CheckedOut,
    /// [`EventData::AgreementSigned`].
    AgreementSigned,
    /// [`EventData::Photographed`].
    Photographed,
    /// [`EventData::RollCallStarted`].
    RollCallStarted,
    /// [`EventData::RollCallMarked`].
    RollCallMarked,
    /// [`EventData::RollCallEnded`].
    RollCallEnded,
}

impl Kind {
    /// What an event with these data is.
    pub const fn of(data: &EventData) -> Self {
        match data {
            EventData::Registered(_) => Self::Registered,
            EventData::Updated(_) => Self::Updated,
            EventData::Cancelled(_) => Self::Cancelled,
            EventData::CheckedIn(_) => Self::CheckedIn,
            EventData::CheckedOut(_) => Self::CheckedOut,
            EventData::RollCallStarted(_) => Self::RollCallStarted,
            EventData::RollCallMarked(_) => Self::RollCallMarked,
            EventData::RollCallEnded(_) => Self::RollCallEnded,
            EventData::AgreementSigned(_) => Self::AgreementSigned,
            EventData::Photographed(_) => Self::Photographed,
        }
    }
}

/// How a visit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not here yet.
    Expected,
    /// Here.
    OnSite,
    /// Gone.
    Left,
    /// Will not come.
    Cancelled,
    /// Did not come.
    Expired,
}

/// Something that staff should see, because the events cross.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// Two check-ins with no check-out between them, as at two kiosks that could not hear of each other.
    CheckedInTwice,
    /// A check-out before any check-in.
    CheckedOutUnseen,
    /// A check-in of a visit that was cancelled.
    ArrivedThoughCancelled,
}

impl Visit {
    /// A visit of which nothing is known yet.
    pub const fn new(id: VisitId, site: SiteId) -> Self {
        Self {
            id,
            site,
            visitor: None,
            host: None,
            expected_at: None,
            details: None,
            signed: Vec::new(),
            photo: None,
            marks: Vec::new(),
            timeline: Vec::new(),
        }
    }

    /// Folds `event` in; harmless if it is folded in already, or is about another visit.
    ///
    /// `received_at` is when the server committed it, the same at every call for one event; `None` on the device that
    /// still holds it. A device clock that runs ahead can't put an event later than it was received.
    pub fn apply(&mut self, event: &Event, received_at: Option<Timestamp>) {
        if event.visit != self.id || self.has(event.id) {
            return;
        }
        let at = received_at.map_or_else(|| event.occurred_at(), |received| received.min(event.occurred_at()));
        let by = event.id;
        let kind = match &event.data {
            EventData::Registered(data) => {
                keep_latest(&mut self.visitor, Some(&data.visitor), at, by);
                keep_latest(&mut self.host, data.host.as_ref(), at, by);
                keep_latest(&mut self.expected_at, Some(&data.expected_at), at, by);
                keep_latest(&mut self.details, said(&data.details), at, by);
                Kind::Registered
            }
            EventData::Updated(data) => {
                keep_latest(&mut self.visitor, data.visitor.as_ref(), at, by);
                keep_latest(&mut self.host, data.host.as_ref(), at, by);
                keep_latest(&mut self.expected_at, data.expected_at.as_ref(), at, by);
                keep_latest(&mut self.details, data.details.as_ref(), at, by);
                Kind::Updated
            }
            EventData::Cancelled(_) => Kind::Cancelled,
            EventData::CheckedIn(data) => {
                keep_latest(&mut self.visitor, Some(&data.visitor), at, by);
                keep_latest(&mut self.host, data.host.as_ref(), at, by);
                keep_latest(&mut self.details, said(&data.details), at, by);
                Kind::CheckedIn
            }
            EventData::CheckedOut(_) => Kind::CheckedOut,
            EventData::AgreementSigned(data) => {
                self.keep_signed(Signed {
                    agreement: data.agreement.clone(),
                    version: data.version,
                    title: data.title.clone(),
                    at,
                    by,
                });
                Kind::AgreementSigned
            }
            EventData::Photographed(_) => {
                if self.photo.is_none_or(|held| (held.at, held.by) < (at, by)) {
                    self.photo = Some(PhotoTaken { at, by });
                }
                Kind::Photographed
            }
            EventData::RollCallStarted(_) => Kind::RollCallStarted,
            EventData::RollCallMarked(data) => {
                self.keep_mark(Marked {
                    roll_call: data.roll_call,
                    mark: Latest { value: data.mark, at, by },
                    device: event.source.device,
                });
                Kind::RollCallMarked
            }
            EventData::RollCallEnded(_) => Kind::RollCallEnded,
        };
        let entry = Entry { event: by, kind, occurred_at: at, received_at, device: event.source.device };
        let place = self.timeline.partition_point(|held| (held.occurred_at, held.event) < (at, by));
        self.timeline.insert(place, entry);
    }

    /// Takes a mark if it was made after the one that is held for its roll call.
    fn keep_mark(&mut self, marked: Marked) {
        match self.marks.binary_search_by_key(&marked.roll_call, |held| held.roll_call) {
            Ok(place) => {
                let held = &mut self.marks[place];
                if (held.mark.at, held.mark.by) < (marked.mark.at, marked.mark.by) {
                    *held = marked;
                }
            }
            Err(place) => self.marks.insert(place, marked),
        }
    }

    /// Takes a signature if it was made after the one that is held for its agreement and version.
    fn keep_signed(&mut self, signed: Signed) {
        let order = |one: &Signed| one.agreement.cmp(&signed.agreement).then(one.version.cmp(&signed.version));
        match self.signed.binary_search_by(order) {
            Ok(place) => {
                let held = &mut self.signed[place];
                if (held.at, held.by) < (signed.at, signed.by) {
                    *held = signed;
                }
            }
            Err(place) => self.signed.insert(place, signed),
        }
    }

    /// Whether the event is folded in.
    pub fn has(&self, event: EventId) -> bool {
        self.timeline.iter().any(|entry| entry.event == event)
    }

    /// How the visit stands at `now`, which only decides whether an expected visitor still is.
    ///
    /// The last movement says it; without one, the last word on whether they will come.
    pub fn state(&self, now: Timestamp) -> State {
        if let Some(movement) = self.movements().last() {
            return if movement.kind == Kind::CheckedIn { State::OnSite } else { State::Left };
        }
        let announced = self.timeline.iter().rfind(|entry| matches!(entry.kind, Kind::Registered | Kind::Cancelled));
        if announced.is_some_and(|entry| entry.kind == Kind::Cancelled) {
            return State::Cancelled;
        }
        let is_paper = |entry: &Entry| matches!(entry.kind, Kind::AgreementSigned | Kind::Photographed);
        if !self.timeline.is_empty() && self.timeline.iter().all(is_paper) {
            return State::Expired;
        }
        match &self.expected_at {
            Some(expected) if now.ms_since(expected.value) > EXPECTED_FOR_MS => State::Expired,
            _ => State::Expected,
        }
    }

    /// When they first came.
    pub fn arrived_at(&self) -> Option<Timestamp> {
        self.movements().find(|entry| entry.kind == Kind::CheckedIn).map(|entry| entry.occurred_at)
    }

    /// When they went, if they have.
    pub fn left_at(&self) -> Option<Timestamp> {
        self.movements().last().filter(|entry| entry.kind == Kind::CheckedOut).map(|entry| entry.occurred_at)
    }

    /// The latest thing that happened.
    pub fn last_change_at(&self) -> Option<Timestamp> {
        self.timeline.last().map(|entry| entry.occurred_at)
    }

    /// Whether something of it still waits on this device.
    pub fn is_waiting(&self) -> bool {
        self.timeline.iter().any(|entry| entry.received_at.is_none())
    }

    /// What staff should see, each once.
    pub fn oddities(&self) -> Vec<Oddity> {
        let mut oddities = Vec::new();
        let mut note = |oddity| {
            if !oddities.contains(&oddity) {
                oddities.push(oddity);
            }
        };
        let mut before = None;
        for movement in self.movements() {
            match (before, movement.kind) {
                (Some(Kind::CheckedIn), Kind::CheckedIn) => note(Oddity::CheckedInTwice),
                (None, Kind::CheckedOut) => note(Oddity::CheckedOutUnseen),
                _ => {}
            }
            before = Some(movement.kind);
        }
        let cancelled = self.timeline.iter().any(|entry| entry.kind == Kind::Cancelled);
        if cancelled && self.arrived_at().is_some() {
            note(Oddity::ArrivedThoughCancelled);
        }
        oddities
    }

    /// Comings and goings, in order.
    fn movements(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.timeline.iter().filter(|entry| matches!(entry.kind, Kind::CheckedIn | Kind::CheckedOut))
    }
}

impl Entry {
    /// Whether it was delivered so long after it happened that the device must have been cut off meanwhile.
    pub fn was_late(&self) -> bool {
        self.received_at.is_some_and(|received| received.ms_since(self.occurred_at) > LATE_AFTER_MS)
    }
}

/// What an event says besides, if anything.
fn said(details: &Details) -> Option<&Details> {
    (!details.is_empty()).then_some(details)
}

/// Takes `value` if it was said after what is held, where "after" is by time and then by event id.
fn keep_latest<T: Clone>(held: &mut Option<Latest<T>>, value: Option<&T>, at: Timestamp, by: EventId) {
    let Some(value) = value else { return };
    if held.as_ref().is_none_or(|held| (held.at, held.by) < (at, by)) {
        *held = Some(Latest { value: value.clone(), at, by });
    }
}
