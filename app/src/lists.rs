//! The visits of a site as the desk looks at them: expected, on site, left.

use std::collections::BTreeMap;

use vestibule_protocol::{
    id::VisitId,
    roll_call,
    timestamp::Timestamp,
    visit::{Entry, Kind, State, Visit},
};

use crate::matching::{self, Names};

/// One of the desk's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Who is still to come, soonest first.
    Expected,
    /// Who is here, latest arrival first.
    OnSite,
    /// Who went today, latest first.
    Left,
}

/// The desk's lists, by the visits' ids: a busy day has thousands, and of those a screen draws a few.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// [`List::Expected`].
    pub expected: Vec<VisitId>,
    /// [`List::OnSite`].
    pub on_site: Vec<VisitId>,
    /// [`List::Left`].
    pub left: Vec<VisitId>,
}

/// What a search looks at, folded once for each visit and again when something happened to it: folding thousands of
/// names at each key would be felt.
#[derive(Default)]
pub struct Searched(BTreeMap<VisitId, (usize, Vec<String>)>);

/// Which of a list are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Only {
    /// All of them.
    #[default]
    All,
    /// Those that are not delivered yet.
    Waiting,
    /// Those of which staff should see something, because events cross or came late.
    Remarkable,
    /// Those that should have come by now.
    Overdue,
}

impl Lists {
    /// The visits in their lists at `now`, on the day that began at `today`.
    pub fn of(visits: &BTreeMap<VisitId, Visit>, now: Timestamp, today: Timestamp) -> Self {
        let (mut expected, mut on_site, mut left) = (Vec::new(), Vec::new(), Vec::new());
        for visit in visits.values().filter(|visit| roll_call::of(visit).is_none()) {
            match visit.state(now) {
                State::Expected => expected.push((visit.expected_at.as_ref().map(|at| at.value), visit)),
                State::OnSite => on_site.push((visit.arrived_at(), visit)),
                State::Left if visit.left_at() >= Some(today) => left.push((visit.left_at(), visit)),
                State::Left | State::Cancelled | State::Expired => {}
            }
        }
        let soonest_first = |visits| in_order(visits).map(|visit| visit.id).collect();
        let latest_first = |visits| in_order(visits).rev().map(|visit| visit.id).collect();
        Self { expected: soonest_first(expected), on_site: latest_first(on_site), left: latest_first(left) }
    }

    /// One of them.
    pub fn get(&self, list: List) -> &[VisitId] {
        match list {
            List::Expected => &self.expected,
            List::OnSite => &self.on_site,
            List::Left => &self.left,
        }
    }
}

impl Searched {
    /// Whether a search for `typed`, which is [folded](matching::fold), should find the visit: by visitor, company or
    /// host. Finds all while nothing is typed.
    pub fn finds(&mut self, visit: &Visit, typed: &str) -> bool {
        if typed.is_empty() {
            return true;
        }
        let known = self.0.get(&visit.id).is_some_and(|(events, _)| *events == visit.timeline.len());
        if !known {
            let texts = [name(visit), company(visit), host(visit)].into_iter().flatten().map(matching::fold).collect();
            self.0.insert(visit.id, (visit.timeline.len(), texts));
        }
        self.0.get(&visit.id).is_some_and(|(_, texts)| texts.iter().any(|text| matching::fit(typed, text).is_some()))
    }
}

impl Only {
    /// Whether the visit is shown at `now`.
    pub fn keeps(self, visit: &Visit, now: Timestamp) -> bool {
        /// People are late by a few minutes every day, in ms.
        const GRACE_MS: i64 = 15 * 60_000;
        match self {
            Self::All => true,
            Self::Waiting => visit.is_waiting(),
            Self::Remarkable => !visit.oddities().is_empty() || late_movement(visit).is_some(),
            Self::Overdue => {
                let is_late = |expected: Timestamp| now.ms_since(expected) > GRACE_MS;
                visit.state(now) == State::Expected && visit.expected_at.as_ref().is_some_and(|at| is_late(at.value))
            }
        }
    }
}

/// By their times; those of one time by their ids, so that they don't change places.
fn in_order(mut visits: Vec<(Option<Timestamp>, &Visit)>) -> impl DoubleEndedIterator<Item = &Visit> {
    visits.sort_unstable_by_key(|(at, visit)| (*at, visit.id));
    visits.into_iter().map(|(_, visit)| visit)
}

/// The visitor's name, if an event that says it has arrived.
pub fn name(visit: &Visit) -> Option<&str> {
    visit.visitor.as_ref().map(|visitor| visitor.value.name.as_str())
}

/// The visitor's company.
pub fn company(visit: &Visit) -> Option<&str> {
    visit.visitor.as_ref()?.value.company.as_ref().map(|company| company.as_str())
}

/// The host's name.
pub fn host(visit: &Visit) -> Option<&str> {
    visit.host.as_ref().map(|host| host.value.name.as_str())
}

/// Whether a search for `typed` should find the visit: by visitor, company or host. Finds all while nothing is typed.
pub fn is_found(visit: &Visit, typed: &str) -> bool {
    let typed = matching::fold(typed);
    typed.is_empty()
        || [name(visit), company(visit), host(visit)]
            .into_iter()
            .flatten()
            .any(|text| matching::fit(&typed, &matching::fold(text)).is_some())
}

/// The last coming or going that was delivered late, to say so: "arrived 10:02, delivered 11:40".
pub fn late_movement(visit: &Visit) -> Option<&Entry> {
    let is_movement = |entry: &&Entry| matches!(entry.kind, Kind::CheckedIn | Kind::CheckedOut);
    visit.timeline.iter().rfind(is_movement).filter(|entry| entry.was_late())
}

/// Visits of a name that somebody at the door types, best first: those for which `is_candidate` holds.
pub fn by_visitor(
    visits: &BTreeMap<VisitId, Visit>,
    typed: &str,
    most: usize,
    is_candidate: &dyn Fn(&Visit) -> bool,
) -> Vec<Visit> {
    let candidates: Vec<_> = visits.values().filter(|visit| name(visit).is_some() && is_candidate(visit)).collect();
    let names = Names::of(candidates.iter().map(|visit| name(visit).unwrap_or_default()));
    names.best(typed, most).into_iter().map(|place| candidates[place].clone()).collect()
}

#[cfg(test)]
mod tests {
    use vestibule_protocol::{
        details::Details,
        event::{CheckedIn, CheckedOut, Event, EventData, Name, Registered, Source, Visitor},
        id::{DeviceId, ENTROPY_BYTES, EventId, SiteId},
    };

    use super::*;

    const HOUR_MS: i64 = 3_600_000;
    const NOON: Timestamp = Timestamp::from_unix_ms(1_000 * HOUR_MS);

    #[test]
    fn each_visit_is_in_the_list_of_its_state() {
        let visits = site(&[
            ("Late Expected", &[expected(2)]),
            ("Soon Expected", &[expected(1)]),
            ("Ada", &[came(-3)]),
            ("Bea", &[came(-2)]),
            ("Cleo", &[came(-2), went(-1)]),
            ("Yesterday", &[came(-30), went(-29)]),
            ("Never Came", &[expected(-40)]),
        ]);
        let lists = Lists::of(&visits, NOON, at(-12));
        let names = |list| lists.get(list).iter().filter_map(|id| name(&visits[id])).collect::<Vec<_>>();
        assert_eq!(names(List::Expected), ["Soon Expected", "Late Expected"]);
        assert_eq!(names(List::OnSite), ["Bea", "Ada"]);
        assert_eq!(names(List::Left), ["Cleo"]);
    }

    #[test]
    fn search_finds_by_visitor() {
        let visits = site(&[("Zoë Müller", &[came(-1)])]);
        let visit = visits.values().next().expect("one visit was made");
        assert!(is_found(visit, "") && is_found(visit, "muller") && !is_found(visit, "ada"));
    }

    #[test]
    fn a_search_knows_a_visit_again_until_something_happens_to_it() {
        let visits = site(&[("Zoë Müller", &[came(-1)])]);
        let mut visit = visits.values().next().expect("one visit was made").clone();
        let mut searched = Searched::default();
        assert!(searched.finds(&visit, "") && searched.finds(&visit, "muller") && !searched.finds(&visit, "ada"));
        let renamed = site(&[("Ada", &[came(-1), went(0)])]).into_values().next().expect("one visit was made");
        (visit.visitor, visit.timeline) = (renamed.visitor, renamed.timeline);
        assert!(searched.finds(&visit, "ada") && !searched.finds(&visit, "muller"));
    }

    #[test]
    fn who_should_have_come_by_now_is_overdue() {
        let visits = site(&[("Late", &[expected(-1)]), ("Soon", &[expected(1)]), ("Here", &[expected(-1), came(0)])]);
        let overdue = visits.values().filter(|visit| Only::Overdue.keeps(visit, NOON)).filter_map(name);
        assert_eq!(overdue.collect::<Vec<_>>(), ["Late"]);
        assert!(visits.values().all(|visit| Only::Waiting.keeps(visit, NOON)), "nothing was delivered");
    }

    #[test]
    fn at_the_door_only_candidates_are_found() {
        let visits = site(&[("Ada Here", &[came(-1)]), ("Ada Gone", &[came(-2), went(-1)])]);
        let found = by_visitor(&visits, "ad", 9, &|visit| visit.state(NOON) == State::OnSite);
        assert_eq!(found.iter().filter_map(name).collect::<Vec<_>>(), ["Ada Here"]);
    }

    #[test]
    fn a_movement_is_late_when_the_server_heard_of_it_long_after() {
        let visits = site(&[("Ada", &[came(-2)])]);
        let mut visit = visits.values().next().expect("one visit was made").clone();
        assert_eq!(late_movement(&visit), None);
        visit.timeline[0].received_at = Some(NOON);
        assert_eq!(late_movement(&visit).map(|entry| entry.occurred_at), Some(at(-2)));
    }

    /// What a visitor did, hours from noon.
    #[derive(Clone, Copy)]
    enum Did {
        Expected { at_h: i64 },
        Came { at_h: i64 },
        Went { at_h: i64 },
    }

    fn expected(at_h: i64) -> Did {
        Did::Expected { at_h }
    }
    fn came(at_h: i64) -> Did {
        Did::Came { at_h }
    }
    fn went(at_h: i64) -> Did {
        Did::Went { at_h }
    }

    fn at(hours: i64) -> Timestamp {
        NOON.plus_ms(hours * HOUR_MS)
    }

    fn site(visitors: &[(&str, &[Did])]) -> BTreeMap<VisitId, Visit> {
        let entropy = |n: usize| [n as u8; ENTROPY_BYTES];
        let source = Source { site: SiteId::new(NOON, entropy(1)), device: DeviceId::new(NOON, entropy(2)) };
        let visit = |n: usize, (name, did): &(&str, &[Did])| {
            let visitor = || Visitor {
                name: Name::new(name).expect("names in tests are good"),
                company: None,
                email: None,
                phone: None,
            };
            let mut visit = Visit::new(VisitId::new(NOON, entropy(n)), source.site);
            for (step, did) in did.iter().enumerate() {
                let (time, data) = match *did {
                    Did::Expected { at_h } => {
                        let registered = Registered {
                            visitor: visitor(),
                            host: None,
                            expected_at: at(at_h),
                            details: Details::default(),
                        };
                        (at(-48), EventData::Registered(registered))
                    }
                    Did::Came { at_h } => (
                        at(at_h),
                        EventData::CheckedIn(CheckedIn { visitor: visitor(), host: None, details: Details::default() }),
                    ),
                    Did::Went { at_h } => (at(at_h), EventData::CheckedOut(CheckedOut {})),
                };
                let id = EventId::new(time, entropy(step));
                visit.apply(&Event { id, source, visit: visit.id, time, clock_offset_ms: None, data }, None);
            }
            (visit.id, visit)
        };
        visitors.iter().enumerate().map(|(n, visitor)| visit(n, visitor)).collect()
    }
}
