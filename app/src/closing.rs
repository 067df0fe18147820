//! Who is still on site when a site closes, and is checked out by its kiosk, where the site has decided so.

use std::collections::BTreeMap;

use vestibule_protocol::{
    id::VisitId,
    roll_call,
    timestamp::Timestamp,
    visit::{State, Visit},
};

/// How long after the hour it is still done, in ms: a kiosk that slept over it does nothing the next morning.
const DONE_FOR_MS: i64 = 60 * 60 * 1_000;

/// The visits that are to be checked out at `now`, where the site closes at `closes_at` today. Who came after that is
/// not among them. Nobody is while a roll call is under way: then the list must stay as it is.
pub fn due(visits: &BTreeMap<VisitId, Visit>, closes_at: Timestamp, now: Timestamp) -> Vec<VisitId> {
    let is_time = (0..DONE_FOR_MS).contains(&now.ms_since(closes_at));
    let is_called = |visit: &Visit| roll_call::of(visit).is_some_and(|call| call.ended_at.is_none());
    if !is_time || visits.values().any(is_called) {
        return Vec::new();
    }
    let stays = |visit: &&Visit| {
        roll_call::of(visit).is_none()
            && visit.state(now) == State::OnSite
            && visit.last_change_at().is_some_and(|at| at < closes_at)
    };
    visits.values().filter(stays).map(|visit| visit.id).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use vestibule_protocol::{
        details::Details,
        event::{CheckedIn, CheckedOut, Event, EventData, Name, Source, Visitor},
        id::{DeviceId, ENTROPY_BYTES, EventId, SiteId},
        roll_call::{RollCallEnded, RollCallStarted},
    };

    use super::*;

    const CLOSES_AT: Timestamp = Timestamp::from_unix_ms(22 * 60 * MINUTE_MS);
    const MINUTE_MS: i64 = 60_000;

    fn minutes_past(minutes: i64) -> Timestamp {
        CLOSES_AT.plus_ms(minutes * MINUTE_MS)
    }

    fn id(number: u8) -> VisitId {
        VisitId::new(Timestamp::default(), [number; ENTROPY_BYTES])
    }

    fn came() -> EventData {
        let visitor = Visitor { name: Name::new("Ada").unwrap(), company: None, email: None, phone: None };
        EventData::CheckedIn(CheckedIn { visitor, host: None, details: Details::default() })
    }

    fn visits(events: Vec<(u8, i64, EventData)>) -> BTreeMap<VisitId, Visit> {
        let site = SiteId::new(Timestamp::default(), [0; ENTROPY_BYTES]);
        let mut visits = BTreeMap::new();
        for (n, (number, minutes, data)) in (0_u8..).zip(events) {
            let time = minutes_past(minutes);
            let source = Source { site, device: DeviceId::new(time, [0; ENTROPY_BYTES]) };
            let id = id(number);
            let event = EventId::new(time, [n; ENTROPY_BYTES]);
            let visit = visits.entry(id).or_insert_with(|| Visit::new(id, site));
            visit.apply(&Event { id: event, source, visit: id, time, clock_offset_ms: None, data }, None);
        }
        visits
    }

    #[rstest]
    #[case::before(-1, false)]
    #[case::on_the_hour(0, true)]
    #[case::within_the_hour(59, true)]
    #[case::the_next_morning(9 * 60, false)]
    fn who_is_still_here_is_checked_out_at_the_hour(#[case] now: i64, #[case] is_due: bool) {
        let visits = visits(vec![
            (1, -90, came()),
            (2, -80, came()),
            (2, -10, EventData::CheckedOut(CheckedOut {})),
            (3, 5, came()),
        ]);
        let expected = if is_due { vec![id(1)] } else { Vec::new() };
        assert_eq!(due(&visits, CLOSES_AT, minutes_past(now)), expected);
    }

    #[test]
    fn nobody_leaves_the_list_while_a_roll_call_is_under_way() {
        let mut events = vec![(1, -90, came()), (9, -5, EventData::RollCallStarted(RollCallStarted {}))];
        assert_eq!(due(&visits(events.clone()), CLOSES_AT, minutes_past(10)), []);
        events.push((9, 8, EventData::RollCallEnded(RollCallEnded {})));
        assert_eq!(due(&visits(events), CLOSES_AT, minutes_past(10)), [id(1)]);
    }
}
