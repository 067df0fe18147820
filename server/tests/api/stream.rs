//! `GET /api/v1/sites/{site}/stream`: the same changes, live.

use std::{collections::BTreeSet, sync::Arc};

use reqwest::{Response, header};
use tokio::time::timeout;
use vestibule::clock;
use vestibule_protocol::{account::Role, changes::Changes, id::EventId};

use crate::fixture::{DEADLINE, TestDevice, TestServer, name, problem, problem_is};

/// A browser's end of the stream.
struct Listener {
    response: Response,
    buffer: String,
    last_event_id: Option<String>,
}

impl Listener {
    async fn open(server: &TestServer, device: &TestDevice, last_event_id: Option<&str>) -> Self {
        let path = format!("/api/v1/sites/{}/stream", device.credentials.site);
        let mut request = server.get(&path).bearer_auth(&device.credentials.token);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        Self { response, buffer: String::new(), last_event_id: None }
    }

    /// The next event; `None` when the server ends the stream.
    async fn next(&mut self) -> Option<Changes> {
        loop {
            if let Some((event, rest)) = self.buffer.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let (kind, id, data) = (field("event: "), field("id: "), field("data: "));
                self.buffer = rest.to_owned();
                let Some(data) = data else { continue };
                assert_eq!(kind.as_deref(), Some("changes"));
                let page: Changes = serde_json::from_str(&data).unwrap();
                assert_eq!(id.as_ref(), Some(&page.cursor));
                self.last_event_id = id;
                return Some(page);
            }
            let chunk = timeout(DEADLINE, self.response.chunk()).await.expect("an event in time");
            self.buffer.push_str(str::from_utf8(&chunk.ok()??).unwrap());
        }
    }
}

#[tokio::test]
async fn a_check_in_is_told_as_it_happens() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let mut listener = Listener::open(&server, &kiosk, None).await;
    assert!(listener.next().await.unwrap().snapshot);
    let events = kiosk.check_ins(1);
    server.deliver(&kiosk, &events).await;
    let news = listener.next().await.unwrap();
    assert_eq!((news.snapshot, news.visits.len()), (false, 1));
}

#[tokio::test]
async fn who_comes_back_is_told_what_happened_meanwhile() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let mut listener = Listener::open(&server, &kiosk, None).await;
    listener.next().await.unwrap();
    let id = listener.last_event_id.take().unwrap();
    drop(listener);
    let events = kiosk.check_ins(2);
    server.deliver(&kiosk, &events).await;
    let mut listener = Listener::open(&server, &kiosk, Some(&id)).await;
    let missed = listener.next().await.unwrap();
    assert_eq!((missed.snapshot, missed.visits.len()), (false, 2));
}

#[tokio::test]
async fn who_has_missed_nothing_still_hears_that_the_stream_stands() {
    let server = TestServer::start().await;
    let kiosk = server.device();
    let cursor = server.changes(&kiosk, "").await.cursor;
    let mut listener = Listener::open(&server, &kiosk, Some(&cursor)).await;
    let first = listener.next().await.unwrap();
    assert!(!first.snapshot && first.visits.is_empty());
    assert_eq!(first.cursor, cursor);
}

#[tokio::test]
async fn what_the_command_line_adds_is_told_too() {
    let server = TestServer::start().await;
    let kiosk = server.device();
    let mut listener = Listener::open(&server, &kiosk, None).await;
    listener.next().await.unwrap();
    let site = kiosk.credentials.site;
    vestibule::site::add_host(&server.database(), site, &name("Ann"), None, clock::now(), clock::entropy()).unwrap();
    assert_eq!(listener.next().await.unwrap().hosts[0].name, name("Ann"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_skipped_by_a_listener_who_keeps_losing_the_connection() {
    const BATCHES: usize = 30;
    let server = Arc::new(TestServer::start().await);
    let (listening, mut kiosk) = (server.device(), server.device());
    let mut id = Some(server.changes(&listening, "").await.cursor);
    let writer = tokio::spawn({
        let server = Arc::clone(&server);
        async move {
            for _ in 0..BATCHES {
                let events = kiosk.check_ins(4);
                server.deliver(&kiosk, &events).await;
            }
        }
    });
    let mut told: BTreeSet<EventId> = BTreeSet::new();
    while told.len() < BATCHES * 4 {
        let mut listener = Listener::open(&server, &listening, id.as_deref()).await;
        for _ in 0..2 {
            if told.len() == BATCHES * 4 {
                break;
            }
            let page = listener.next().await.unwrap();
            assert!(!page.snapshot);
            told.extend(page.visits.iter().flat_map(|visit| visit.timeline.iter().map(|entry| entry.event)));
        }
        id = listener.last_event_id;
    }
    writer.await.unwrap();
}

#[tokio::test]
async fn the_stream_ends_when_the_server_stops() {
    let server = TestServer::start().await;
    let kiosk = server.device();
    let mut listener = Listener::open(&server, &kiosk, None).await;
    listener.next().await.unwrap();
    let server = server.restart().await;
    assert!(listener.next().await.is_none());
    assert!(server.changes(&kiosk, "").await.snapshot);
}

#[tokio::test]
async fn nobody_listens_unasked() {
    let server = TestServer::start().await;
    let (here, there) = (server.device_at("Here"), server.device_at("There"));
    let path = format!("/api/v1/sites/{}/stream", there.credentials.site);
    assert_eq!(problem(server.get(&path).send().await.unwrap()).await, problem_is(401, "unauthenticated"));
    let response = server.get(&path).bearer_auth(&here.credentials.token).send().await.unwrap();
    assert_eq!(problem(response).await, problem_is(403, "other_site"));
}

#[tokio::test]
async fn a_stream_ends_when_its_device_is_revoked() {
    let server = TestServer::start().await;
    let (kiosk, other) = (server.device(), server.device());
    let mut listeners = [Listener::open(&server, &kiosk, None).await, Listener::open(&server, &other, None).await];
    for listener in &mut listeners {
        assert!(listener.next().await.unwrap().snapshot);
    }
    let revoke = "UPDATE devices SET revoked_at = 1 WHERE id = ?1";
    server.database().execute(revoke, [kiosk.credentials.device.0]).unwrap();
    let [mut revoked, mut others] = listeners;
    assert!(revoked.next().await.is_none());
    let mut neighbour = server.device();
    let arrival = neighbour.check_in();
    server.deliver(&neighbour, &[arrival]).await;
    assert_eq!(others.next().await.unwrap().visits.len(), 1, "nobody else's ends");
}

#[tokio::test]
async fn a_stream_ends_when_its_reader_signs_out() {
    let server = TestServer::start().await;
    let site = server.site("Head office");
    let cookie = server.signed_in(Role::Receptionist).await;
    let path = format!("/api/v1/sites/{site}/stream");
    let mut response = server.get(&path).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(response.status(), 200);
    server.database().execute("DELETE FROM sessions", ()).unwrap();
    let ended = async { while response.chunk().await.unwrap().is_some() {} };
    timeout(DEADLINE, ended).await.expect("it ends");
}
