//! Whom a roll call is about, and what was said of each.
//!
//! Roll calls that are under way at one time are one: two marshals who could not hear of each other each start their
//! own, and what both have said of a person counts.

use std::collections::BTreeMap;

use vestibule_protocol::{
    id::{DeviceId, VisitId},
    roll_call::{self, Mark, RollCall},
    timestamp::Timestamp,
    visit::{Kind, Visit},
};

use vestibule_app::case;

/// Somebody whom the roll call is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their stay.
    pub visit: Visit,
    /// Whether they were there when the call began.
    pub presence: Presence,
    /// What was said of them last.
    pub said: Option<Said>,
}

/// Where somebody was while the roll call went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// There when it began, and still: since then.
    There(Timestamp),
    /// They came after it had begun.
    Came(Timestamp),
    /// They checked out after it had begun.
    Left(Timestamp),
}

/// What a marshal said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Seen, and safe; else looked for, and not found.
    pub is_safe: bool,
    /// When.
    pub at: Timestamp,
    /// On which device.
    pub device: DeviceId,
}

/// How many there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Everybody who must be accounted for.
    pub all: usize,
    /// Of them, safe.
    pub safe: usize,
    /// Of them, looked for and not found.
    pub not_found: usize,
}

/// The roll calls that are known, the latest first.
pub fn calls(visits: &BTreeMap<VisitId, Visit>) -> Vec<RollCall> {
    let mut calls: Vec<RollCall> = visits.values().filter_map(roll_call::of).collect();
    calls.sort_unstable_by_key(|call| std::cmp::Reverse((call.started_at, call.id)));
    calls
}

/// Everybody whom these calls are about, those to look for first, then by name. `until` is when the calls ended, or far
/// in the future.
pub fn muster(visits: &BTreeMap<VisitId, Visit>, calls: &[RollCall], until: Timestamp) -> Vec<Person> {
    let Some(began) = calls.iter().map(|call| call.started_at).min() else { return Vec::new() };
    let mut people: Vec<Person> = visits
        .values()
        .filter_map(|visit| {
            let said = said(visit, calls);
            let presence = presence(visit, began, until)?;
            // Who has left is out of the house; what was said of them before stands.
            Some(Person { visit: visit.clone(), presence, said })
        })
        .collect();
    people.sort_by_cached_key(|person| {
        let name = person.visit.visitor.as_ref().map(|visitor| case::lower(visitor.value.name.as_str()));
        (person.rank(), name, person.visit.id)
    });
    people
}

impl Person {
    /// Whether they must be accounted for: who has checked out is out of the house, unless a marshal missed them.
    pub fn counts(&self) -> bool {
        !matches!(self.presence, Presence::Left(_)) || self.said.is_some_and(|said| !said.is_safe)
    }

    fn rank(&self) -> u8 {
        match (self.counts(), self.said) {
            (true, None) => 0,
            (true, Some(said)) if !said.is_safe => 1,
            (false, _) => 2,
            (true, Some(_)) => 3,
        }
    }
}

/// How many of the people are accounted for.
pub fn count(people: &[Person]) -> Count {
    people.iter().filter(|person| person.counts()).fold(Count::default(), |count, person| {
        let (safe, not_found) = match person.said {
            Some(said) if said.is_safe => (1, 0),
            Some(_) => (0, 1),
            None => (0, 0),
        };
        Count { all: count.all + 1, safe: count.safe + safe, not_found: count.not_found + not_found }
    })
}

/// The last word on a visitor in any of the calls.
fn said(visit: &Visit, calls: &[RollCall]) -> Option<Said> {
    let marks = visit.marks.iter().filter(|marked| calls.iter().any(|call| call.id == marked.roll_call));
    let last = marks.max_by_key(|marked| (marked.mark.at, marked.mark.by))?;
    let is_safe = match last.mark.value {
        Mark::Safe => true,
        Mark::NotFound => false,
        Mark::Open => return None,
    };
    Some(Said { is_safe, at: last.mark.at, device: last.device })
}

/// Where somebody was between the two times; `None` if they were not there.
fn presence(visit: &Visit, began: Timestamp, until: Timestamp) -> Option<Presence> {
    let mut movements = visit
        .timeline
        .iter()
        .filter(|entry| matches!(entry.kind, Kind::CheckedIn | Kind::CheckedOut) && entry.occurred_at <= until);
    let last = movements.next_back()?;
    match last.kind {
        Kind::CheckedIn if last.occurred_at > began => Some(Presence::Came(last.occurred_at)),
        Kind::CheckedIn => Some(Presence::There(last.occurred_at)),
        _ if last.occurred_at >= began => Some(Presence::Left(last.occurred_at)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use vestibule_protocol::{
        details::Details,
        event::{CheckedIn, CheckedOut, Event, EventData, Name, Source, Visitor},
        id::{EventId, RollCallId, SiteId},
        roll_call::{RollCallEnded, RollCallMarked, RollCallStarted},
    };

    use super::*;

    const EVER: Timestamp = Timestamp::from_unix_ms(i64::MAX);

    fn minute(minute: i64) -> Timestamp {
        Timestamp::from_unix_ms(1_774_000_000_000).plus_ms(minute * 60_000)
    }

    fn device(number: u8) -> DeviceId {
        DeviceId::new(minute(0), [number; 10])
    }

    /// A site and all that happens at it.
    #[derive(Default)]
    struct House {
        visits: BTreeMap<VisitId, Visit>,
        events: u8,
    }

    impl House {
        fn happens(&mut self, subject: u8, at: i64, on: u8, data: EventData) {
            let site = SiteId::new(minute(0), [0; 10]);
            let visit = VisitId::new(minute(0), [subject; 10]);
            self.events += 1;
            let event = Event {
                id: EventId::new(minute(at), [self.events; 10]),
                source: Source { site, device: device(on) },
                visit,
                time: minute(at),
                clock_offset_ms: None,
                data,
            };
            self.visits.entry(visit).or_insert_with(|| Visit::new(visit, site)).apply(&event, None);
        }

        fn comes(&mut self, who: u8, at: i64) {
            let name = Name::new(&format!("Visitor {who}")).unwrap();
            let visitor = Visitor { name, company: None, email: None, phone: None };
            self.happens(
                who,
                at,
                0,
                EventData::CheckedIn(CheckedIn { visitor, host: None, details: Details::default() }),
            );
        }

        fn goes(&mut self, who: u8, at: i64) {
            self.happens(who, at, 0, EventData::CheckedOut(CheckedOut {}));
        }

        fn starts(&mut self, call: u8, at: i64, on: u8) {
            self.happens(call, at, on, EventData::RollCallStarted(RollCallStarted {}));
        }

        fn marks(&mut self, who: u8, call: u8, mark: Mark, at: i64, on: u8) {
            let roll_call = RollCallId::new(minute(0), [call; 10]);
            self.happens(who, at, on, EventData::RollCallMarked(RollCallMarked { roll_call, mark }));
        }

        fn muster(&self) -> Vec<Person> {
            let under_way: Vec<_> = calls(&self.visits).into_iter().filter(|call| call.ended_at.is_none()).collect();
            muster(&self.visits, &under_way, EVER)
        }

        fn of(&self, who: u8) -> Option<Person> {
            self.muster().into_iter().find(|person| person.visit.id == VisitId::new(minute(0), [who; 10]))
        }
    }

    #[test]
    fn late_arrivals_and_departures_show_and_who_had_left_before_does_not() {
        let mut house = House::default();
        (1..=3).for_each(|who| house.comes(who, 1));
        house.goes(1, 5);
        house.starts(100, 10, 1);
        house.goes(2, 11);
        house.comes(4, 12);
        assert_eq!(house.of(1), None);
        assert_eq!(house.of(2).unwrap().presence, Presence::Left(minute(11)));
        assert_eq!(house.of(3).unwrap().presence, Presence::There(minute(1)));
        assert_eq!(house.of(4).unwrap().presence, Presence::Came(minute(12)));
        assert_eq!(count(&house.muster()), Count { all: 2, safe: 0, not_found: 0 });
    }

    #[test]
    fn what_two_marshals_say_in_roll_calls_of_their_own_counts_together() {
        let mut house = House::default();
        (1..=3).for_each(|who| house.comes(who, 1));
        house.starts(100, 10, 1);
        house.starts(101, 11, 2);
        house.marks(1, 100, Mark::Safe, 12, 1);
        house.marks(2, 101, Mark::Safe, 13, 2);
        house.marks(3, 100, Mark::NotFound, 14, 1);
        house.marks(3, 101, Mark::Safe, 15, 2);
        assert_eq!(count(&house.muster()), Count { all: 3, safe: 3, not_found: 0 });
        assert_eq!(house.of(3).unwrap().said, Some(Said { is_safe: true, at: minute(15), device: device(2) }));
        house.marks(3, 101, Mark::Open, 16, 2);
        assert_eq!(house.of(3).unwrap().said, None);
    }

    #[test]
    fn who_checked_out_and_was_not_found_must_still_be_looked_for() {
        let mut house = House::default();
        house.comes(1, 1);
        house.starts(100, 10, 1);
        house.goes(1, 11);
        assert_eq!(count(&house.muster()).all, 0);
        house.marks(1, 100, Mark::NotFound, 12, 1);
        assert_eq!(count(&house.muster()), Count { all: 1, safe: 0, not_found: 1 });
    }

    #[test]
    fn the_report_is_of_the_time_when_it_ended() {
        let mut house = House::default();
        house.comes(1, 1);
        house.starts(100, 10, 1);
        house.marks(1, 100, Mark::Safe, 12, 1);
        house.happens(100, 20, 1, EventData::RollCallEnded(RollCallEnded {}));
        house.goes(1, 30);
        house.comes(2, 31);
        let ended = calls(&house.visits);
        let report = muster(&house.visits, &ended, ended[0].ended_at.unwrap());
        assert_eq!(report.len(), 1);
        assert_eq!(report[0].presence, Presence::There(minute(1)));
        assert!(house.muster().is_empty());
    }
}
