//! What becomes of an event: a pure decision from what arrives and what is held.
//!
//! | slot | event | id | outcome | kept |
//! |---|---|---|---|---|
//! | holds this text | | | as at first: `duplicate`, `quarantined`, or `conflict` over the id | nothing new |
//! | free | fit | new | `accepted` | ledger |
//! | free | fit | known, same text | `duplicate` | nothing new; the slot is filled |
//! | free | fit | known, other text | `conflict` | quarantine |
//! | free | unfit | | `quarantined` | quarantine |
//! | holds another text | as above | as above | `conflict` | as above, beside the first |

use vestibule_protocol::{
    batch::{Outcome, QuarantineReason, Seq},
    chain::Digest,
    event::Event,
    id::SiteId,
};

use crate::{access::device::Device, limits};

/// An event as it arrived, read and hashed.
pub struct Arrival {
    /// Its slot.
    pub seq: Seq,
    /// The exact text.
    pub text: Box<str>,
    /// The hash of the text.
    pub hash: Digest,
    /// What it says, or why that can't be known.
    pub event: Result<Event, QuarantineReason>,
}

/// What the server holds that bears on an arrival.
#[derive(Default)]
pub struct Held {
    /// What came first in its slot.
    pub slot: Option<Slot>,
    /// The hash of the ledger's event with its id.
    pub id: Option<Digest>,
    /// The site of the visit that it is about.
    pub visit_site: Option<SiteId>,
    /// How many events the visit has.
    pub visit_events: usize,
    /// Whether the visitor of that visit was forgotten. Decides nothing here: what is kept is kept without them.
    pub is_forgotten: bool,
}

/// A slot that is filled.
#[derive(Clone, Copy)]
pub struct Slot {
    /// The hash of the text.
    pub hash: Digest,
    /// Why the text is in quarantine, if it is.
    pub reason: Option<QuarantineReason>,
}

/// What to tell, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// For the receipt.
    pub outcome: Outcome,
    /// Where the text goes.
    pub keep: Keep,
    /// What becomes of the slot.
    pub slot: SlotChange,
}

/// Where a text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// It is there already.
    Nowhere,
    /// It counts.
    Ledger,
    /// It waits for staff.
    Quarantine(QuarantineReason),
}

/// What becomes of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotChange {
    /// It stays as it is.
    Untouched,
    /// It holds this text from now on.
    Filled,
    /// It goes on holding the first text; that a second one came is noted.
    Contested,
}

/// Decides on one arrival from `device`. What came earlier in the same batch counts as held.
pub fn decide(arrival: &Arrival, device: &Device, held: &Held) -> Verdict {
    let contested = match held.slot {
        Some(slot) if slot.hash == arrival.hash => {
            return Verdict { outcome: repeated(slot.reason), keep: Keep::Nowhere, slot: SlotChange::Untouched };
        }
        slot => slot.is_some(),
    };
    let (outcome, keep) = match unfit(arrival, device, held) {
        Some(reason) => (Outcome::Quarantined { reason }, Keep::Quarantine(reason)),
        None => match held.id {
            None => (Outcome::Accepted, Keep::Ledger),
            Some(hash) if hash == arrival.hash => (Outcome::Duplicate, Keep::Nowhere),
            Some(_) => (Outcome::Conflict, Keep::Quarantine(QuarantineReason::IdConflict)),
        },
    };
    if contested {
        Verdict { outcome: Outcome::Conflict, keep, slot: SlotChange::Contested }
    } else {
        Verdict { outcome, keep, slot: SlotChange::Filled }
    }
}

/// The answer to a text that its slot holds already: the first answer may have been lost on its way.
const fn repeated(reason: Option<QuarantineReason>) -> Outcome {
    match reason {
        None => Outcome::Duplicate,
        Some(QuarantineReason::IdConflict) => Outcome::Conflict,
        Some(reason) => Outcome::Quarantined { reason },
    }
}

/// Why the event can't count, if so.
fn unfit(arrival: &Arrival, device: &Device, held: &Held) -> Option<QuarantineReason> {
    let event = match &arrival.event {
        Err(reason) => return Some(*reason),
        Ok(event) => event,
    };
    // What the ledger holds is known to be fit, whoever brings it again.
    if held.id == Some(arrival.hash) {
        return None;
    }
    if device.revoked_at.is_some() {
        return Some(QuarantineReason::DeviceRevoked);
    }
    let site = event.source.site;
    // What it captured before it was moved counts where it was then.
    let was_there = device.former.is_some_and(|former| former.site == site && event.occurred_at() <= former.until);
    let may_write = site == device.site || was_there;
    let elsewhere = held.visit_site.is_some_and(|held| held != site);
    if !may_write || elsewhere {
        return Some(QuarantineReason::OtherSite);
    }
    (held.visit_events >= limits::VISIT_MAX_EVENTS).then_some(QuarantineReason::VisitFull)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use vestibule_protocol::{
        chain::event_hash,
        event::{CheckedOut, EventData, Source},
        id::{DeviceId, EventId, VisitId},
        timestamp::Timestamp,
    };

    use super::*;
    use crate::access::device::FormerSite;

    const HERE: SiteId = SiteId(uuid::Uuid::from_u128(1));
    const ELSEWHERE: SiteId = SiteId(uuid::Uuid::from_u128(2));
    const OTHER_TEXT: Digest = Digest([9; 32]);

    fn device() -> Device {
        Device { id: DeviceId(uuid::Uuid::from_u128(3)), site: HERE, revoked_at: None, former: None }
    }

    fn arrival(site: SiteId) -> Arrival {
        let event = Event {
            id: EventId(uuid::Uuid::from_u128(4)),
            source: Source { site, device: device().id },
            visit: VisitId(uuid::Uuid::from_u128(5)),
            time: Timestamp::from_unix_ms(0),
            clock_offset_ms: None,
            data: EventData::CheckedOut(CheckedOut {}),
        };
        let text = event.to_text();
        Arrival { seq: 1, hash: event_hash(&text), text, event: Ok(event) }
    }

    #[derive(Clone, Copy)]
    enum In {
        Nothing,
        Same,
        Other,
    }

    fn hash_in(what: In, arrival: &Arrival) -> Option<Digest> {
        match what {
            In::Nothing => None,
            In::Same => Some(arrival.hash),
            In::Other => Some(OTHER_TEXT),
        }
    }

    #[rstest]
    #[case::new(In::Nothing, In::Nothing, Outcome::Accepted, Keep::Ledger, SlotChange::Filled)]
    #[case::sent_again(In::Same, In::Same, Outcome::Duplicate, Keep::Nowhere, SlotChange::Untouched)]
    #[case::in_another_slot(In::Nothing, In::Same, Outcome::Duplicate, Keep::Nowhere, SlotChange::Filled)]
    #[case::id_taken(
        In::Nothing,
        In::Other,
        Outcome::Conflict,
        Keep::Quarantine(QuarantineReason::IdConflict),
        SlotChange::Filled
    )]
    #[case::slot_taken(In::Other, In::Nothing, Outcome::Conflict, Keep::Ledger, SlotChange::Contested)]
    #[case::slot_taken_and_known(In::Other, In::Same, Outcome::Conflict, Keep::Nowhere, SlotChange::Contested)]
    #[case::both_taken(
        In::Other,
        In::Other,
        Outcome::Conflict,
        Keep::Quarantine(QuarantineReason::IdConflict),
        SlotChange::Contested
    )]
    fn a_fit_event(
        #[case] slot: In,
        #[case] id: In,
        #[case] outcome: Outcome,
        #[case] keep: Keep,
        #[case] change: SlotChange,
    ) {
        let arrival = arrival(HERE);
        let slot = hash_in(slot, &arrival).map(|hash| Slot { hash, reason: None });
        let held = Held { slot, id: hash_in(id, &arrival), visit_site: None, visit_events: 0, is_forgotten: false };
        assert_eq!(decide(&arrival, &device(), &held), Verdict { outcome, keep, slot: change });
    }

    #[rstest]
    #[case::quarantined(
        QuarantineReason::UnknownType,
        Outcome::Quarantined { reason: QuarantineReason::UnknownType }
    )]
    #[case::id_conflict(QuarantineReason::IdConflict, Outcome::Conflict)]
    fn what_was_quarantined_is_answered_the_same_when_it_comes_again(
        #[case] reason: QuarantineReason,
        #[case] outcome: Outcome,
    ) {
        let arrival = arrival(HERE);
        let held = Held { slot: Some(Slot { hash: arrival.hash, reason: Some(reason) }), ..Held::default() };
        let verdict = decide(&arrival, &device(), &held);
        assert_eq!(verdict, Verdict { outcome, keep: Keep::Nowhere, slot: SlotChange::Untouched });
    }

    #[test]
    fn an_event_of_another_site_or_for_another_sites_visit_is_kept_apart() {
        let apart = Keep::Quarantine(QuarantineReason::OtherSite);
        assert_eq!(decide(&arrival(ELSEWHERE), &device(), &Held::default()).keep, apart);
        let held = Held { visit_site: Some(ELSEWHERE), ..Held::default() };
        assert_eq!(decide(&arrival(HERE), &device(), &held).keep, apart);
    }

    #[test]
    fn what_a_device_captured_before_it_was_moved_counts_where_it_was() {
        let until = |ms| {
            let former = FormerSite { site: ELSEWHERE, until: Timestamp::from_unix_ms(ms) };
            decide(&arrival(ELSEWHERE), &Device { former: Some(former), ..device() }, &Held::default()).keep
        };
        assert_eq!(until(0), Keep::Ledger);
        assert_eq!(until(-1), Keep::Quarantine(QuarantineReason::OtherSite), "it happened after the move");
    }

    #[test]
    fn a_visit_takes_so_many_events_and_what_comes_beyond_is_kept_apart() {
        let with = |visit_events| {
            let held = Held { visit_events, visit_site: Some(HERE), ..Held::default() };
            decide(&arrival(HERE), &device(), &held).keep
        };
        assert_eq!(with(limits::VISIT_MAX_EVENTS - 1), Keep::Ledger);
        assert_eq!(with(limits::VISIT_MAX_EVENTS), Keep::Quarantine(QuarantineReason::VisitFull));
    }

    #[test]
    fn a_revoked_device_may_repeat_what_is_known_and_add_nothing() {
        let revoked = Device { revoked_at: Some(Timestamp::from_unix_ms(1)), ..device() };
        let arrival = arrival(HERE);
        let fresh = decide(&arrival, &revoked, &Held::default());
        assert_eq!(fresh.keep, Keep::Quarantine(QuarantineReason::DeviceRevoked));
        let known = Held { id: Some(arrival.hash), ..Held::default() };
        assert_eq!(decide(&arrival, &revoked, &known).outcome, Outcome::Duplicate);
    }
}
