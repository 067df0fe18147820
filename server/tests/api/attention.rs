//! `…/attention` and `…/gaps`: what staff see of texts in doubt, and what comes of their decisions.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use vestibule_protocol::{
    account::Role,
    attention::{Attention, Doubt, GapKind, Verdict},
    batch::{Link, QuarantineReason},
    id::{EventId, StreamId, VisitId},
    statement::{Statement, Tally},
    visit::{Kind, State},
};

use crate::fixture::{
    Slotted, TestDevice, TestServer, altered, checked_in, fresh_uuid, nothing_differs, problem, problem_is,
};

async fn attention(server: &TestServer, cookie: &str, query: &str) -> Attention {
    let path = format!("/api/v1/sites/{}/attention?{query}", server.site("Head office"));
    let response = server.get(&path).header("cookie", cookie).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

async fn only_doubt(server: &TestServer, cookie: &str) -> Doubt {
    let mut page = attention(server, cookie, "").await;
    assert_eq!((page.open, page.doubts.len()), (1, 1));
    page.doubts.remove(0)
}

async fn post(server: &TestServer, cookie: &str, path: &str, body: &Value) -> Response {
    let path = format!("/api/v1/sites/{}/{path}", server.site("Head office"));
    server.post(&path).header("cookie", cookie).json(body).send().await.unwrap()
}

async fn decide(server: &TestServer, cookie: &str, number: i64, decision: Value) -> Response {
    post(server, cookie, &format!("attention/{number}"), &decision).await
}

async fn decided(server: &TestServer, cookie: &str, number: i64, decision: Value) -> Doubt {
    let response = decide(server, cookie, number, decision).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

async fn total(server: &TestServer, cookie: &str) -> Tally {
    let path = format!("/api/v1/sites/{}/statement?", server.site("Head office"));
    let statement: Statement = server.get(&path).header("cookie", cookie).send().await.unwrap().json().await.unwrap();
    statement.total
}

fn revoke(server: &TestServer, device: &TestDevice) {
    let revoke = "UPDATE devices SET revoked_at = 1 WHERE id = ?1";
    server.database().execute(revoke, [device.credentials.device.0]).unwrap();
}

/// A device that sends a good event, and one that is damaged.
async fn with_a_damaged_text(server: &TestServer) -> TestDevice {
    let mut kiosk = server.device();
    let arrival = kiosk.arrival(VisitId(fresh_uuid()));
    let damaged = altered(&arrival, |event| event["data"]["visitor"]["name"] = json!(7));
    let events = [kiosk.check_in(), kiosk.append(damaged)];
    server.deliver(&kiosk, &events).await;
    kiosk
}

#[tokio::test]
async fn what_a_revoked_device_brought_counts_once_somebody_has_accepted_it() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    revoke(&server, &kiosk);
    let visit = VisitId(fresh_uuid());
    let arrival = kiosk.arrival(visit).to_text();
    let arrival = kiosk.append(arrival);
    server.deliver(&kiosk, std::slice::from_ref(&arrival)).await;
    let open = Tally { captured: 1, quarantined: 1, ..Tally::default() };
    assert_eq!(total(&server, &cookie).await, open);

    let doubt = only_doubt(&server, &cookie).await;
    assert_eq!((doubt.reason, doubt.acceptable), (Some(QuarantineReason::DeviceRevoked), true));
    assert_eq!((doubt.said.name.as_deref(), doubt.said.kind), (Some("Ada Lovelace"), Some(Kind::CheckedIn)));
    let doubt = decided(&server, &cookie, doubt.number, json!({"accept": {}})).await;
    assert_eq!(doubt.decided.map(|decided| decided.how), Some(Verdict::Accepted));

    let closed = Tally { captured: 1, delivered: 1, ..Tally::default() };
    assert_eq!(total(&server, &cookie).await, closed);
    let kept: String = server.database().query_row("SELECT text FROM events", (), |row| row.get(0)).unwrap();
    assert_eq!(kept, arrival.text, "word for word");
    let path = format!("/api/v1/visits/{visit}");
    let shown: Value = server.get(&path).header("cookie", &cookie).send().await.unwrap().json().await.unwrap();
    assert_eq!(shown["state"], json!(State::OnSite));
    // Sent again, it changes nothing.
    server.deliver(&kiosk, &[arrival]).await;
    assert_eq!((total(&server, &cookie).await, attention(&server, &cookie, "").await.open), (closed, 0));
    nothing_differs(&server);
}

#[tokio::test]
async fn what_is_dismissed_stays_with_who_did_it_and_why() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    let kiosk = with_a_damaged_text(&server).await;
    let doubt = only_doubt(&server, &cookie).await;
    assert!(!doubt.acceptable);
    assert_eq!(doubt.said.kind, Some(Kind::CheckedIn));
    let without_a_reason = decide(&server, &cookie, doubt.number, json!({"dismiss": {}})).await;
    assert_eq!(problem(without_a_reason).await, problem_is(400, "malformed_body"));
    decided(&server, &cookie, doubt.number, json!({"dismiss": {"note": "A test of the cleaner's"}})).await;

    let closed = Tally { captured: 2, delivered: 2, dismissed: 1, ..Tally::default() };
    assert_eq!(total(&server, &cookie).await, closed);
    assert!(attention(&server, &cookie, "").await.doubts.is_empty());
    let kept = attention(&server, &cookie, "decided").await.doubts.remove(0);
    assert_eq!((kept.said, kept.device), (doubt.said, kiosk.credentials.device));
    let decided = kept.decided.unwrap();
    assert_eq!((decided.how, decided.by.unwrap().as_str()), (Verdict::Dismissed, "Grace Hopper"));
    assert_eq!(decided.note.unwrap().as_str(), "A test of the cleaner's");
    assert_eq!(server.count("SELECT count(*) FROM audit WHERE action = 'doubt.dismissed'"), 1);
    nothing_differs(&server);
}

#[tokio::test]
async fn what_is_damaged_is_set_right_by_an_event_in_its_place() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    with_a_damaged_text(&server).await;
    let doubt = only_doubt(&server, &cookie).await;
    let what = json!({"type": "vestibule.visit.checked_in.v1", "data": {"visitor": {"name": "Mary Somerville"}}});
    let visit = doubt.said.visit.unwrap();
    let replace = json!({"replace": {"occurred_at": doubt.said.occurred_at, "visit": visit, "what": what}});
    let refused = decide(&server, &cookie, doubt.number, json!({"accept": {}})).await;
    assert_eq!(problem(refused).await, problem_is(422, "unfit_event"));
    let doubt = decided(&server, &cookie, doubt.number, replace).await;
    assert_eq!(doubt.decided.map(|decided| decided.how), Some(Verdict::Replaced));
    let path = format!("/api/v1/visits/{visit}");
    let shown: Value = server.get(&path).header("cookie", &cookie).send().await.unwrap().json().await.unwrap();
    assert_eq!(shown["visitor"]["name"], "Mary Somerville");
    assert_eq!(shown["arrived_at"], json!(doubt.said.occurred_at));
    let closed = Tally { captured: 2, delivered: 2, ..Tally::default() };
    assert_eq!(total(&server, &cookie).await, closed);
    nothing_differs(&server);
}

#[tokio::test]
async fn two_that_say_they_are_the_same_event_stand_side_by_side_and_both_can_count() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let first = kiosk.arrival(VisitId(fresh_uuid()));
    let second = altered(&first, |event| event["data"]["visitor"]["name"] = json!("Mary Somerville"));
    let events = [kiosk.append(first.to_text()), kiosk.append(second)];
    server.deliver(&kiosk, &events).await;
    let doubt = only_doubt(&server, &cookie).await;
    assert_eq!((doubt.reason, doubt.acceptable), (Some(QuarantineReason::IdConflict), true));
    assert_eq!(doubt.said.name.as_deref(), Some("Mary Somerville"));
    assert_eq!(doubt.against.unwrap().name.as_deref(), Some("Ada Lovelace"));
    decided(&server, &cookie, doubt.number, json!({"accept": {"note": "Twins"}})).await;
    let ids: Vec<EventId> = server
        .database()
        .prepare("SELECT id FROM events ORDER BY position")
        .unwrap()
        .query_map((), |row| row.get(0).map(EventId))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    assert_eq!((ids.len(), ids[0]), (2, first.id));
    assert_ne!(ids[1], first.id);
    assert_eq!(total(&server, &cookie).await, Tally { captured: 2, delivered: 2, ..Tally::default() });
    nothing_differs(&server);
}

#[tokio::test]
async fn two_texts_for_one_number_stand_side_by_side_and_both_go_on_counting() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let first = kiosk.check_in();
    server.deliver(&kiosk, std::slice::from_ref(&first)).await;
    let second = kiosk.event(VisitId(fresh_uuid()), checked_in("Mary Somerville")).to_text();
    server.deliver(&kiosk, &[Slotted { seq: first.seq, text: second.into() }]).await;
    assert_eq!(total(&server, &cookie).await, Tally { captured: 2, delivered: 1, conflicting: 1, ..Tally::default() });
    let doubt = only_doubt(&server, &cookie).await;
    assert_eq!((doubt.reason, doubt.acceptable), (None, true));
    assert_eq!(doubt.said.name.as_deref(), Some("Mary Somerville"));
    assert_eq!(doubt.against.unwrap().name.as_deref(), Some("Ada Lovelace"));
    decided(&server, &cookie, doubt.number, json!({"accept": {}})).await;
    assert_eq!(total(&server, &cookie).await, Tally { captured: 2, delivered: 2, ..Tally::default() });
    nothing_differs(&server);
}

#[tokio::test]
async fn each_is_decided_once_and_by_who_runs_that_desk() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    with_a_damaged_text(&server).await;
    let number = only_doubt(&server, &cookie).await.number;
    let dismiss = || json!({"dismiss": {"note": "Seen"}});
    let marshal = server.signed_in(Role::Marshal).await;
    let refused = decide(&server, &marshal, number, dismiss()).await;
    assert_eq!(problem(refused).await, problem_is(403, "forbidden"));
    let elsewhere = server.signed_in_at(Role::Receptionist, &["Harbour"]).await;
    let refused = decide(&server, &elsewhere, number, dismiss()).await;
    assert_eq!(problem(refused).await, problem_is(403, "other_site"));
    let harbour = format!("/api/v1/sites/{}/attention/{number}", server.site("Harbour"));
    let refused = server.post(&harbour).header("cookie", &elsewhere).json(&dismiss()).send().await.unwrap();
    assert_eq!(problem(refused).await, problem_is(404, "not_found"), "by way of a site that is theirs");
    decided(&server, &cookie, number, dismiss()).await;
    let again = decide(&server, &cookie, number, dismiss()).await;
    assert_eq!(problem(again).await, problem_is(409, "already_decided"));
}

#[tokio::test]
async fn come_in_pages_that_skip_none_the_newest_first() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let bad: Vec<_> = (0..5).map(|number| kiosk.append(format!("{{\"{number}\":0}}"))).collect();
    server.deliver(&kiosk, &bad).await;
    let (mut told, mut before) = (Vec::new(), String::new());
    loop {
        let page = attention(&server, &cookie, &format!("limit=2{before}")).await;
        assert!(page.doubts.len() <= 2 && page.open == 5);
        told.extend(page.doubts.into_iter().map(|doubt| doubt.seq));
        let Some(next) = page.next else { break };
        before = format!("&before={next}");
    }
    assert_eq!(told, [5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn a_loss_that_was_looked_into_is_written_off_and_never_leaves_the_sum() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    // One store is wiped with two events on board, another is set back and gives two numbers anew.
    let mut wiped = server.device();
    let kept = wiped.check_ins(1);
    wiped.check_ins(2);
    server.deliver(&wiped, &kept).await;
    (wiped.stream, wiped.head) = (StreamId(fresh_uuid()), Link::START);
    server.deliver(&wiped, &[]).await;
    let mut set_back = server.device();
    let first = set_back.check_ins(1);
    let snapshot = set_back.head;
    set_back.check_ins(2);
    server.deliver(&set_back, &first).await;
    set_back.head = snapshot;
    let anew = set_back.check_ins(3);
    server.deliver(&set_back, &anew).await;

    let open = total(&server, &cookie).await;
    assert_eq!((open.delivered, open.lost, open.written_off), (5, 3, 0));
    let gaps = attention(&server, &cookie, "").await.gaps;
    let told: Vec<_> = gaps.iter().map(|gap| (gap.how, gap.first, gap.last)).collect();
    assert_eq!(told, [(GapKind::Wiped, 2, 3), (GapKind::Renumbered, 2, 3)]);
    for gap in &gaps {
        let body = json!({"note": "Taken from the paper list"});
        let response = post(&server, &cookie, &format!("gaps/{}", gap.number), &body).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        let again = post(&server, &cookie, &format!("gaps/{}", gap.number), &body).await;
        assert_eq!(problem(again).await, problem_is(404, "not_found"));
    }
    let closed = total(&server, &cookie).await;
    assert_eq!((closed.captured, closed.lost, closed.written_off, closed.open()), (open.captured, 0, 3, 0));
    assert!(attention(&server, &cookie, "").await.gaps.is_empty());
    assert_eq!(server.count("SELECT count(*) FROM told_heads WHERE note = 'Taken from the paper list'"), 2);
}

#[tokio::test]
async fn of_who_was_forgotten_neither_the_text_nor_a_note_tells() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Admin).await;
    let mut kiosk = server.device();
    let arrival = kiosk.arrival(VisitId(fresh_uuid()));
    let damaged = altered(&arrival, |event| event["type"] = json!("vestibule.visit.beamed_up.v1"));
    let events = [kiosk.append(arrival.to_text()), kiosk.append(damaged)];
    server.deliver(&kiosk, &events).await;
    let number = only_doubt(&server, &cookie).await.number;
    decided(&server, &cookie, number, json!({"dismiss": {"note": "Ada pressed twice"}})).await;
    let erase = server.post("/api/v1/visitors/erase").header("cookie", &cookie);
    let erased = erase.json(&json!({"visit": arrival.visit})).send().await.unwrap();
    assert_eq!(erased.status(), StatusCode::OK);
    let kept = attention(&server, &cookie, "decided").await.doubts.remove(0);
    assert_eq!((kept.said.text.as_str(), kept.said.name), ("", None));
    assert_eq!(kept.decided.unwrap().note, None);
}
