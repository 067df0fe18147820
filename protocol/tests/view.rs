//! What a page makes of what its worker passes on.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use serde_json::{Value, json};
use vestibule_protocol::{
    details::Details,
    event::{CheckedIn, Event, EventData, Name, Source, Visitor},
    id::{DeviceId, ENTROPY_BYTES, EventId, SiteId, VisitId},
    message::{Tell, View},
    timestamp::Timestamp,
    visit::{State, Visit},
};

#[test]
fn an_event_that_waits_is_seen_before_the_server_knows_of_it() {
    let event = check_in(1, site(1));
    let view = read(&json!({ "whole": false, "as_of": null, "own": own(&[&event]) }));
    assert_eq!(view.visits.len(), 1);
    assert_eq!(view.visits[0].id, event.visit);
    assert_eq!(view.visits[0].state(event.time), State::OnSite);
    assert!(view.visits[0].is_waiting());
}

#[test]
fn an_event_that_waits_is_seen_on_top_of_what_the_server_says() {
    let (known, waits) = (check_in(1, site(1)), Event { id: event_id(9), ..check_in(1, site(1)) });
    let mut held = Visit::new(known.visit, site(1));
    held.apply(&known, Some(known.time));
    let view = read(&json!({ "whole": true, "as_of": null, "visits": [held], "own": own(&[&waits]) }));
    held.apply(&waits, None);
    assert_eq!(view.visits, [held]);
}

#[test]
fn an_event_of_the_site_that_the_device_served_before_is_not_seen() {
    let view = read(&json!({ "whole": true, "as_of": null, "own": own(&[&check_in(1, site(2))]) }));
    assert_eq!(view.visits, []);
}

#[test]
fn what_a_newer_version_wrote_does_not_keep_its_neighbours_from_the_screen() {
    let event = check_in(1, site(1));
    let mut visit = Visit::new(event.visit, site(1));
    visit.apply(&event, Some(event.time));
    let mut strange = json!(visit);
    strange["timeline"][0]["kind"] = json!("beamed_up");
    let host = json!({ "id": "0195b3a4-0000-7000-8000-000000000007", "name": "Charles Babbage" });
    let view = read(&json!({
        "whole": true,
        "as_of": "2026-03-20T15:04:05.123Z",
        "site": { "id": 7 },
        "hosts": [{ "id": "nobody" }, host],
        "visits": [strange, visit],
        "own": { "site": site(1), "events": [{ "event": { "specversion": "2.0" } }, { "event": 7 }] },
    }));
    assert_eq!(view.visits, [visit]);
    assert_eq!(view.hosts.len(), 1);
    assert_eq!(view.site, None);
}

#[test]
fn a_view_without_own_events_is_what_the_server_says() {
    let view = read(&json!({ "whole": false, "as_of": "2026-03-20T15:04:05.123Z" }));
    assert_eq!((view.whole, view.hosts.len(), view.visits.len()), (false, 0, 0));
    assert!(view.as_of.is_some());
}

#[test]
fn what_the_site_has_decided_is_that_of_a_site_which_has_decided_nothing_only_where_nothing_is_said() {
    let settings = |view: Value| read(&view).settings;
    let decided = json!({ "party_max": 4 });
    let told = settings(json!({ "whole": false, "as_of": null, "settings": decided }));
    assert_eq!(told.as_deref(), Some(r#"{"party_max":4}"#));
    assert_eq!(settings(json!({ "whole": true, "as_of": null })).as_deref(), Some("{}"));
    assert_eq!(settings(json!({ "whole": false, "as_of": null })), None, "it did not change");
}

/// As it comes from the worker.
fn read(view: &Value) -> View {
    match serde_json::from_value(json!({ "view": view })) {
        Ok(Tell::View(view)) => view,
        other => panic!("not a view: {other:?}"),
    }
}

fn own(events: &[&Event]) -> Value {
    let events: Vec<_> = events
        .iter()
        .map(|event| json!({ "event": serde_json::from_str::<Value>(&event.to_text()).unwrap() }))
        .collect();
    json!({ "site": site(1), "events": events })
}

fn check_in(visit: u8, site: SiteId) -> Event {
    let now = Timestamp::from_unix_ms(1_774_019_045_123);
    let visitor = Visitor { name: Name::new("Ada Lovelace").unwrap(), company: None, email: None, phone: None };
    Event {
        id: event_id(visit),
        source: Source { site, device: DeviceId::new(now, [1; ENTROPY_BYTES]) },
        visit: VisitId::new(now, [visit; ENTROPY_BYTES]),
        time: now,
        clock_offset_ms: None,
        data: EventData::CheckedIn(CheckedIn { visitor, host: None, details: Details::default() }),
    }
}

fn event_id(number: u8) -> EventId {
    EventId::new(Timestamp::from_unix_ms(1_774_019_045_123), [number; ENTROPY_BYTES])
}

fn site(number: u8) -> SiteId {
    SiteId::new(Timestamp::default(), [number; ENTROPY_BYTES])
}
