//! `GET /api/v1/sites/{site}/changes`: nothing skipped, nothing of others, nothing that no longer matters.

use std::{collections::BTreeSet, sync::Arc};

use reqwest::header;
use rstest::rstest;
use tokio::time::timeout;
use vestibule::{
    access::device::{Device, Kind, enrol},
    audit::By,
    changes::{self, Cursor},
    clock,
    ingest::{Incoming, ingest},
    site::settings::{self, InPlaceOf},
};
use vestibule_protocol::{
    account::Role,
    changes::Changes,
    details::Details,
    event::{EventData, Registered, Visitor},
    id::{EventId, HistoryId, VisitId},
    settings::{LookUp, SiteSettings},
    timestamp::Timestamp,
    visit::State,
};

use crate::fixture::{DEADLINE, TestDevice, TestServer, checked_out, fresh_uuid, name, problem, problem_is};

const HOUR_MS: i64 = 60 * 60 * 1_000;

#[tokio::test]
async fn first_a_snapshot_then_only_what_changed() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(2);
    server.deliver(&kiosk, &events[..1]).await;
    let snapshot = server.changes(&kiosk, "").await;
    assert!(snapshot.snapshot && !snapshot.more);
    assert_eq!((snapshot.site.unwrap().name, snapshot.visits.len()), (name("Head office"), 1));
    let nothing = server.changes(&kiosk, &format!("after={}", snapshot.cursor)).await;
    assert!(!nothing.snapshot && nothing.site.is_none() && nothing.visits.is_empty());
    server.deliver(&kiosk, &events).await;
    let increment = server.changes(&kiosk, &format!("after={}", nothing.cursor)).await;
    assert!(!increment.snapshot);
    assert_eq!(increment.visits.len(), 1, "only the new one, the duplicate changed nothing");
}

#[tokio::test]
async fn a_snapshot_of_several_pages_says_so_on_its_first_and_is_complete() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    for host in ["Ann", "Ben", "Cem", "Dee", "Eve"] {
        add_host(&server, &kiosk.credentials.site, host);
    }
    let events = kiosk.check_ins(8);
    server.deliver(&kiosk, &events).await;
    for limit in [1, 2, 5, 13] {
        let (mut hosts, mut visits) = (BTreeSet::new(), BTreeSet::new());
        let mut page = server.changes(&kiosk, &format!("limit={limit}")).await;
        assert!(page.snapshot && page.site.is_some());
        loop {
            assert!(page.hosts.len() + page.visits.len() <= limit);
            hosts.extend(page.hosts.iter().map(|host| host.id));
            visits.extend(page.visits.iter().map(|visit| visit.id));
            if !page.more {
                break;
            }
            page = server.changes(&kiosk, &format!("limit={limit}&after={}", page.cursor)).await;
            assert!(!page.snapshot && page.site.is_none());
        }
        assert_eq!((hosts.len(), visits.len()), (5, 8));
    }
}

#[tokio::test]
async fn what_changes_while_a_snapshot_is_read_comes_after_it() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(6);
    server.deliver(&kiosk, &events).await;
    let first = server.changes(&kiosk, "limit=2").await;
    let told = first.visits[0].id;
    let departure = kiosk.event(told, checked_out()).to_text();
    let departure = kiosk.append(departure);
    server.deliver(&kiosk, &[departure]).await;
    let mut page = first;
    let mut last_told = None;
    while page.more {
        page = server.changes(&kiosk, &format!("limit=2&after={}", page.cursor)).await;
        last_told = page.visits.iter().find(|visit| visit.id == told).cloned().or(last_told);
    }
    assert_eq!(last_told.unwrap().state(clock::now()), State::Left);
}

#[rstest]
#[case::another_history("01a20675-0000-7000-8000-000000000000/1")]
#[case::no_cursor_of_ours("yesterday")]
#[case::nothing("")]
#[tokio::test]
async fn a_cursor_that_cannot_be_gone_on_from_gives_a_snapshot(#[case] cursor: &str) {
    let server = TestServer::start().await;
    let kiosk = server.device();
    assert!(server.changes(&kiosk, &format!("after={cursor}")).await.snapshot);
}

#[tokio::test]
async fn a_cursor_from_the_future_of_a_lost_database_gives_a_snapshot() {
    let server = TestServer::start().await;
    let kiosk = server.device();
    let history = server.changes(&kiosk, "").await.history;
    assert!(server.changes(&kiosk, &format!("after={history}/1000000")).await.snapshot);
}

#[tokio::test]
async fn a_reader_who_is_far_behind_is_given_a_snapshot() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let start = server.changes(&kiosk, "").await.cursor;
    for _ in 0..11 {
        let events = kiosk.check_ins(500);
        server.deliver(&kiosk, &events).await;
    }
    assert!(server.changes(&kiosk, &format!("after={start}")).await.snapshot);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_skipped_while_many_devices_write() {
    const DEVICES: usize = 8;
    const BATCHES: usize = 12;
    let server = Arc::new(TestServer::start().await);
    let reader = server.device();
    let mut cursor = server.changes(&reader, "").await.cursor;
    let writers: Vec<_> = (0..DEVICES)
        .map(|_| {
            let (server, mut kiosk) = (Arc::clone(&server), server.device());
            tokio::spawn(async move {
                for _ in 0..BATCHES {
                    let events = kiosk.check_ins(3);
                    server.deliver(&kiosk, &events).await;
                }
            })
        })
        .collect();
    let mut told: Vec<EventId> = Vec::new();
    let reading = async {
        while told.len() < DEVICES * BATCHES * 3 {
            let page = server.changes(&reader, &format!("limit=5&after={cursor}")).await;
            assert!(!page.snapshot);
            told.extend(page.visits.iter().flat_map(|visit| visit.timeline.iter().map(|entry| entry.event)));
            cursor = page.cursor;
        }
    };
    timeout(DEADLINE, reading).await.expect("all that was written is told in time");
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len(), "and nothing is told twice");
}

#[tokio::test]
async fn a_device_reads_only_its_own_site() {
    let server = TestServer::start().await;
    let (here, there) = (server.device_at("Here"), server.device_at("There"));
    let path = format!("/api/v1/sites/{}/changes", there.credentials.site);
    let response = server.get(&path).bearer_auth(&here.credentials.token).send().await.unwrap();
    assert_eq!(problem(response).await, problem_is(403, "other_site"));
    let response = server.get(&path).send().await.unwrap();
    assert_eq!(problem(response).await, problem_is(401, "unauthenticated"));
}

#[tokio::test]
async fn a_snapshot_holds_what_matters_and_not_what_is_over() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let now = clock::now();
    let [left, stays, comes, came_not] = std::array::from_fn(|_| VisitId(fresh_uuid()));
    let events = [
        kiosk.arrival(left).to_text(),
        kiosk.event(left, checked_out()).to_text(),
        kiosk.arrival(stays).to_text(),
        kiosk.event(comes, registered(now.plus_ms(90 * HOUR_MS))).to_text(),
        kiosk.event(came_not, registered(now.plus_ms(HOUR_MS))).to_text(),
    ]
    .map(|text| kiosk.append(text));
    let (connection, history) = (server.database(), HistoryId(fresh_uuid()));
    let device = Device { id: kiosk.credentials.device, site: kiosk.credentials.site, revoked_at: None, former: None };
    let incoming = Incoming::parse(kiosk.batch(&events).as_bytes()).unwrap();
    ingest(&connection, &incoming, &device, history, now).unwrap().unwrap();
    let in_view = |hours: i64| {
        let at = now.plus_ms(hours * HOUR_MS);
        let page = changes::page(&connection, device.site, history, None::<Cursor>, 500, at).unwrap();
        page.visits.iter().map(|visit| visit.id).collect::<BTreeSet<_>>()
    };
    assert_eq!(in_view(47), BTreeSet::from([left, stays, comes, came_not]));
    assert_eq!(in_view(49), BTreeSet::from([stays, comes]));
    assert_eq!(in_view(90 + 25), BTreeSet::from([stays]));
}

#[tokio::test]
async fn a_kiosk_that_finds_nobody_by_their_name_is_told_of_nobody_who_has_left() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let (site, now) = (kiosk.credentials.site, clock::now());
    let [left, stays, comes] = std::array::from_fn(|_| VisitId(fresh_uuid()));
    let events = [
        kiosk.arrival(left).to_text(),
        kiosk.event(left, checked_out()).to_text(),
        kiosk.arrival(stays).to_text(),
        kiosk.event(comes, registered(now.plus_ms(HOUR_MS))).to_text(),
    ]
    .map(|text| kiosk.append(text));
    server.deliver(&kiosk, &events).await;
    let named = |changes: &Changes| -> BTreeSet<VisitId> {
        changes.visits.iter().filter(|visit| visit.visitor.is_some()).map(|visit| visit.id).collect()
    };
    let before = server.changes(&kiosk, "").await;
    assert_eq!(named(&before), BTreeSet::from([left, stays, comes]), "as long as the site has decided nothing");

    let decided = SiteSettings { look_up: LookUp::CodeOrEmail, ..SiteSettings::default() };
    settings::set(&server.database(), By::COMMAND_LINE, site, &decided, &InPlaceOf::Whatever, now).unwrap().unwrap();
    let whole = server.changes(&kiosk, "").await;
    assert_eq!(whole.visits.len(), 3, "how each one stands it is told");
    assert_eq!(named(&whole), BTreeSet::from([stays, comes]));
    assert!(whole.visits.iter().all(|visit| visit.host.is_none() || visit.id != left));

    let goes = kiosk.event(stays, checked_out()).to_text();
    let goes = kiosk.append(goes);
    server.deliver(&kiosk, &[goes]).await;
    let news = server.changes(&kiosk, &format!("after={}", whole.cursor)).await;
    assert_eq!((news.visits.len(), named(&news).len()), (1, 0), "with the news that they left, their name goes");

    // Nor does it get by the API what it is not told here.
    for path in ["/api/v1/visits".to_owned(), format!("/api/v1/visits/{left}"), "/api/v1/events".to_owned()] {
        let response = server.get(&path).bearer_auth(&kiosk.credentials.token).send().await.unwrap();
        assert_eq!(problem(response).await, problem_is(403, "forbidden"), "{path}");
    }
    let response = server.post(&format!("/api/v1/visits/{left}/check-out")).bearer_auth(&kiosk.credentials.token);
    assert_eq!(problem(response.send().await.unwrap()).await, problem_is(403, "forbidden"));

    // The desk sees everybody, by a browser that is a device or by the session.
    let staff = server.signed_in(Role::Receptionist).await;
    let path = format!("/api/v1/sites/{site}/changes");
    let response = server.get(&path).header(header::COOKIE, &staff).send().await.unwrap();
    assert_eq!(named(&response.json().await.unwrap()), BTreeSet::from([left, stays, comes]));
    let browser =
        enrol(&server.database(), site, &name("Reception"), Kind::Browser, now, clock::entropy(), clock::entropy());
    let desk = TestDevice::new(browser.unwrap());
    assert_eq!(named(&server.changes(&desk, "").await), BTreeSet::from([left, stays, comes]));
}

fn registered(expected_at: Timestamp) -> EventData {
    let visitor = Visitor { name: name("Expected"), company: None, email: None, phone: None };
    EventData::Registered(Registered { visitor, host: None, expected_at, details: Details::default() })
}

fn add_host(server: &TestServer, site: &vestibule_protocol::id::SiteId, host: &str) {
    vestibule::site::add_host(&server.database(), *site, &name(host), None, clock::now(), clock::entropy()).unwrap();
}
