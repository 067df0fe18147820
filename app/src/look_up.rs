//! By what somebody at the kiosk finds a visit: as the site lets them.
//!
//! A name is not a secret. Where a site says so, the kiosk shows nobody to who knows only that: they type their code, or
//! the whole e-mail address that the visit was announced with, and see the one visit that it is about.

use std::collections::BTreeMap;

use vestibule_protocol::{id::VisitId, settings::LookUp, visit::Visit};

use crate::{lists, matching, reference};

/// Letters of a name that must be typed before expected visitors are offered: nobody should read the day's list off a
/// kiosk.
pub const ARRIVING_FROM_CHARS: usize = 3;

/// The same for those who leave: fewer, since they look for themselves, and see a name only.
pub const LEAVING_FROM_CHARS: usize = 2;

/// The visits that `typed` may mean, best first, of those for which `is_candidate` holds; nobody for fewer letters than
/// `from_chars`, which is [`ARRIVING_FROM_CHARS`] or [`LEAVING_FROM_CHARS`].
pub fn find(
    visits: &BTreeMap<VisitId, Visit>,
    by: LookUp,
    from_chars: usize,
    typed: &str,
    most: usize,
    is_candidate: &dyn Fn(&Visit) -> bool,
) -> Vec<Visit> {
    if typed.trim().chars().count() < from_chars {
        return Vec::new();
    }
    let named = match by {
        LookUp::BeginningOfName => lists::by_visitor(visits, typed, most, is_candidate),
        LookUp::FullName => {
            let whole = matching::fold(typed);
            let is_theirs = |visit: &Visit| {
                is_candidate(visit) && lists::name(visit).is_some_and(|name| matching::fold(name) == whole)
            };
            lists::by_visitor(visits, typed, most, &is_theirs)
        }
        LookUp::CodeOrEmail => Vec::new(),
    };
    if named.is_empty() { by_secret(visits, typed, most, is_candidate) } else { named }
}

/// By what only who comes should know. Two visits of one code, which happens once in years, find neither: one of them is
/// somebody else's.
fn by_secret(
    visits: &BTreeMap<VisitId, Visit>,
    typed: &str,
    most: usize,
    is_candidate: &dyn Fn(&Visit) -> bool,
) -> Vec<Visit> {
    let candidates = || visits.values().filter(|visit| is_candidate(visit));
    if typed.contains('@') {
        return candidates().filter(|visit| has_email(visit, typed)).take(most).cloned().collect();
    }
    let mut coded = candidates().filter(|visit| reference::is_code_of(typed, visit.id));
    match (coded.next(), coded.next()) {
        (Some(visit), None) => vec![visit.clone()],
        _ => Vec::new(),
    }
}

fn has_email(visit: &Visit, typed: &str) -> bool {
    let held = visit.visitor.as_ref().and_then(|visitor| visitor.value.email.as_ref());
    held.is_some_and(|held| held.as_str().eq_ignore_ascii_case(typed.trim()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use vestibule_protocol::{
        details::Details,
        event::{CheckedIn, Event, EventData, Name, Source, Visitor},
        id::{DeviceId, ENTROPY_BYTES, EventId, SiteId},
        text::Text,
        timestamp::Timestamp,
    };

    use super::*;

    /// Ada with an address, and Grace without.
    fn site() -> BTreeMap<VisitId, Visit> {
        [(1, "Ada Lovelace", Some("ada@example.com")), (2, "Grace Hopper", None)].map(visit).into()
    }

    fn visit((number, name, email): (u8, &str, Option<&str>)) -> (VisitId, Visit) {
        let at = Timestamp::from_unix_ms(i64::from(number));
        let site = SiteId::new(at, [0; ENTROPY_BYTES]);
        let id = VisitId::new(at, [number; ENTROPY_BYTES]);
        let (name, company) = (Name::new(name).unwrap(), Name::new("Engines").ok());
        let visitor = Visitor { name, company, email: email.map(|email| Text::new(email).unwrap()), phone: None };
        let mut visit = Visit::new(id, site);
        visit.apply(
            &Event {
                id: EventId::new(at, [number; ENTROPY_BYTES]),
                source: Source { site, device: DeviceId::new(at, [0; ENTROPY_BYTES]) },
                visit: id,
                time: at,
                clock_offset_ms: None,
                data: EventData::CheckedIn(CheckedIn { visitor, host: None, details: Details::default() }),
            },
            None,
        );
        (id, visit)
    }

    #[rstest]
    #[case::beginning(LookUp::BeginningOfName, "ada", true)]
    #[case::too_little_of_it(LookUp::BeginningOfName, "ad", false)]
    #[case::beginning_where_all_is_wanted(LookUp::FullName, "ada", false)]
    #[case::first_name_where_all_is_wanted(LookUp::FullName, "lovelace", false)]
    #[case::whole(LookUp::FullName, "ada  LOVELACE", true)]
    #[case::name_where_none_counts(LookUp::CodeOrEmail, "Ada Lovelace", false)]
    #[case::address(LookUp::CodeOrEmail, " Ada@Example.com ", true)]
    #[case::part_of_the_address(LookUp::CodeOrEmail, "ada@example", false)]
    #[case::address_everywhere(LookUp::BeginningOfName, "ada@example.com", true)]
    fn one_is_found_as_the_site_lets_one(#[case] by: LookUp, #[case] typed: &str, #[case] is_found: bool) {
        let found = find(&site(), by, ARRIVING_FROM_CHARS, typed, 3, &|_| true);
        assert_eq!(found.first().and_then(lists::name), is_found.then_some("Ada Lovelace"));
    }

    #[rstest]
    #[case(LookUp::BeginningOfName)]
    #[case(LookUp::FullName)]
    #[case(LookUp::CodeOrEmail)]
    fn a_code_always_finds_its_visit_and_no_part_of_it_does(#[case] by: LookUp) {
        let visits = site();
        for (id, visit) in &visits {
            let typed = reference::code(*id).to_lowercase().replace('-', " ");
            assert_eq!(find(&visits, by, LEAVING_FROM_CHARS, &typed, 3, &|_| true), std::slice::from_ref(visit));
            assert_eq!(find(&visits, by, LEAVING_FROM_CHARS, &typed[..6], 3, &|_| true), []);
            assert_eq!(find(&visits, by, LEAVING_FROM_CHARS, &typed, 3, &|_| false), []);
        }
    }

    #[test]
    fn a_code_of_two_visits_finds_neither() {
        let (id, one) = visit((1, "Ada Lovelace", None));
        // The code is the end of the id.
        let other: VisitId = format!("1{}", &id.to_string()[1..]).parse().unwrap();
        let visits = BTreeMap::from([(id, one.clone()), (other, Visit { id: other, ..one })]);
        assert_eq!(reference::code(id), reference::code(other));
        assert_eq!(find(&visits, LookUp::CodeOrEmail, LEAVING_FROM_CHARS, &reference::code(id), 3, &|_| true), []);
    }
}
