//! What people carry to the desk by hand: backlogs of devices that can't deliver.

use reqwest::{Response, header};
use serde_json::json;
use vestibule_protocol::{
    account::Role,
    batch::{Link, Outcome, QuarantineReason},
    id::VisitId,
    parcels::Contents,
    statement::{Statement, Tally},
    visit::Kind,
};

use crate::fixture::{TestDevice, TestServer, checked_out, fresh_uuid, nothing_differs, outcomes, problem, problem_is};

const REVOKED: Outcome = Outcome::Quarantined { reason: QuarantineReason::DeviceRevoked };

async fn send(server: &TestServer, cookie: &str, parcel: &str) -> Response {
    server.post("/api/v1/parcels").header(header::COOKIE, cookie).json(&json!({"parcel": parcel})).send().await.unwrap()
}

async fn bring_in(server: &TestServer, cookie: &str, parcel: &str) -> Contents {
    let response = send(server, cookie, parcel).await;
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

fn outcomes_of(contents: &Contents) -> Vec<Outcome> {
    contents.events.iter().map(|event| event.result.outcome).collect()
}

async fn total(server: &TestServer, cookie: &str) -> Tally {
    let path = format!("/api/v1/sites/{}/statement?", server.site("Head office"));
    let statement: Statement = server.get(&path).header("cookie", cookie).send().await.unwrap().json().await.unwrap();
    statement.total
}

fn revoke(server: &TestServer, kiosk: &TestDevice) {
    let revoke = "UPDATE devices SET revoked_at = 1 WHERE id = ?1";
    server.database().execute(revoke, [kiosk.credentials.device.0]).unwrap();
}

#[tokio::test]
async fn what_does_not_say_where_the_numbering_ends_counts_once_and_is_proven_when_the_kiosk_delivers_after_all() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let visit = VisitId(fresh_uuid());
    let event = kiosk.arrival(visit).to_text();
    let event = kiosk.append(event);
    let parcel = kiosk.sealed(Link::START, std::slice::from_ref(&event));
    let brought = bring_in(&server, &desk, &parcel).await;
    assert_eq!(outcomes_of(&brought), [Outcome::Accepted]);
    let only = &brought.events[0];
    assert_eq!((only.visit, only.kind), (Some(visit), Some(Kind::CheckedIn)));
    assert_eq!(only.visitor.as_ref().map(|name| name.as_str()), Some("Ada Lovelace"));
    assert_eq!(outcomes_of(&bring_in(&server, &desk, &parcel).await), [Outcome::Duplicate]);
    let receipt = server.deliver(&kiosk, &[event]).await;
    assert_eq!(outcomes(&receipt), [Outcome::Duplicate]);
    assert_eq!(receipt.watermark, kiosk.head, "its chain is proven all the same");
    assert_eq!(server.changes(&kiosk, "").await.visits[0].timeline.len(), 1);
    nothing_differs(&server);
}

#[tokio::test]
async fn a_backlog_that_is_brought_in_closes_the_gap_of_a_kiosk_that_is_never_heard_again() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let first = kiosk.check_ins(15);
    // It could still say how much it had, and no more; of what came after that it never spoke.
    server.deliver(&kiosk, &[]).await;
    assert_eq!(server.count("SELECT count(*) FROM told_heads"), 1);
    let last_heard = server.count("SELECT last_heard_at FROM streams");
    let backlog = [first, kiosk.check_ins(25)].concat();
    for piece in backlog.chunks(7).rev() {
        let brought = bring_in(&server, &desk, &kiosk.backlog(piece)).await;
        assert!(outcomes_of(&brought).iter().all(|outcome| *outcome == Outcome::Accepted));
    }
    assert_eq!(server.count("SELECT watermark_seq FROM streams"), 40);
    assert_eq!(server.count("SELECT proven_seq FROM streams"), 40);
    assert_eq!(server.count("SELECT count(*) FROM told_heads"), 0, "what it told of is all here");
    assert_eq!(server.count("SELECT count(*) FROM audit WHERE action = 'device.parcel_brought_in'"), 6);
    assert_eq!(server.count("SELECT last_heard_at FROM streams"), last_heard, "the kiosk was not heard");
    let tally = total(&server, &desk).await;
    assert_eq!((tally.captured, tally.delivered, tally.waiting), (40, 40, 0));
    nothing_differs(&server);
    let receipt = server.deliver(&kiosk, &[]).await;
    assert_eq!(receipt.watermark, kiosk.head, "and to the byte");
}

#[tokio::test]
async fn a_piece_of_a_backlog_says_what_else_there_is() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let backlog = kiosk.check_ins(6);
    bring_in(&server, &desk, &kiosk.backlog(&backlog[2..4])).await;
    let tally = total(&server, &desk).await;
    assert_eq!((tally.captured, tally.delivered, tally.waiting), (6, 2, 4));
    bring_in(&server, &desk, &kiosk.backlog(&backlog)).await;
    let tally = total(&server, &desk).await;
    assert_eq!((tally.captured, tally.delivered, tally.waiting), (6, 6, 0));
}

#[tokio::test]
async fn a_check_out_that_is_carried_counts_beside_the_check_in_that_was_delivered() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let visit = VisitId(fresh_uuid());
    let came = kiosk.arrival(visit).to_text();
    let came = kiosk.append(came);
    server.deliver(&kiosk, &[came]).await;
    let left = kiosk.event(visit, checked_out()).to_text();
    let left = kiosk.append(left);
    let brought = bring_in(&server, &desk, &kiosk.backlog(&[left])).await;
    assert_eq!(outcomes_of(&brought), [Outcome::Accepted]);
    assert_eq!(server.changes(&kiosk, "").await.visits[0].timeline.len(), 2);
}

#[tokio::test]
async fn nobody_can_make_a_parcel_but_the_device() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let held = kiosk.check_in();
    let mut forger = TestDevice::new(kiosk.credentials.clone());
    forger.credentials.token = "vd_guessed".to_owned();
    let forged = forger.check_in();
    let broken = problem_is(403, "broken_seal");
    assert_eq!(problem(send(&server, &desk, &forger.backlog(&[forged])).await).await, broken);
    let parcel = kiosk.backlog(&[held]);
    let place = parcel.len() - 20;
    let other = if &parcel[place..=place] == "0" { "1" } else { "0" };
    let changed = format!("{}{other}{}", &parcel[..place], &parcel[place + 1..]);
    assert_eq!(problem(send(&server, &desk, &changed).await).await, broken);
    let malformed = problem_is(400, "malformed_body");
    assert_eq!(problem(send(&server, &desk, "https://example.com").await).await, malformed);
}

#[tokio::test]
async fn a_parcel_of_another_site_tells_nothing() {
    let server = TestServer::start().await;
    let mut harbour = server.device_at("Harbour");
    let held = harbour.check_in();
    server.site("Head office");
    let desk = server.signed_in_at(Role::Receptionist, &["Head office"]).await;
    let refused = send(&server, &desk, &harbour.backlog(&[held])).await;
    assert_eq!(problem(refused).await, problem_is(403, "broken_seal"));
}

/// Whoever brings it in, nothing of it counts by itself; but it is kept, and needs somebody's attention.
#[tokio::test]
async fn what_a_revoked_kiosk_held_is_kept_apart_once_however_it_comes() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let held = kiosk.check_ins(2);
    revoke(&server, &kiosk);
    let parcel = kiosk.sealed(Link::START, &held[1..]);
    let brought = bring_in(&server, &desk, &parcel).await;
    assert!(brought.revoked_at.is_some());
    assert_eq!(outcomes_of(&brought), [REVOKED]);
    assert_eq!(total(&server, &desk).await.quarantined, 1, "though its kiosk never told of it");
    for _ in 0..2 {
        assert_eq!(outcomes_of(&bring_in(&server, &desk, &kiosk.backlog(&held)).await), [REVOKED, REVOKED]);
        assert_eq!(server.count("SELECT count(*) FROM quarantine"), 2);
    }
    assert_eq!(outcomes_of(&bring_in(&server, &desk, &parcel).await), [REVOKED]);
    let tally = total(&server, &desk).await;
    assert_eq!((tally.captured, tally.quarantined, tally.waiting), (2, 2, 0));
    assert_eq!(server.changes(&server.device(), "").await.visits.len(), 0);
    assert_eq!(outcomes(&server.deliver(&kiosk, &held).await), [REVOKED, REVOKED]);
    assert_eq!(server.count("SELECT count(*) FROM doubts"), 2);
    nothing_differs(&server);
}

#[tokio::test]
async fn a_text_that_was_damaged_on_the_kiosk_is_kept_apart_too() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let damaged = kiosk.append("{\"specversion\":\"1.0\",\"id");
    let brought = bring_in(&server, &desk, &kiosk.backlog(&[damaged])).await;
    assert_eq!(outcomes_of(&brought), [Outcome::Quarantined { reason: QuarantineReason::InvalidEvent }]);
    assert_eq!(brought.events[0].kind, None);
    assert_eq!(server.count("SELECT watermark_seq FROM streams"), 1, "nothing is missing");
}

#[tokio::test]
async fn a_kiosk_that_was_paired_anew_brings_what_it_held_under_its_former_name() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let first = kiosk.check_in();
    server.deliver(&kiosk, &[first]).await;
    let held = kiosk.check_in();
    kiosk.credentials = server.device().credentials;
    let brought = bring_in(&server, &desk, &kiosk.backlog(&[held])).await;
    assert_eq!(outcomes_of(&brought), [Outcome::Accepted]);
    assert_eq!(server.count("SELECT count(*) FROM slots"), 1, "the numbering is another's");
    nothing_differs(&server);
}

#[tokio::test]
async fn a_parcel_made_before_the_kiosk_took_a_fresh_token_still_holds() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let held = kiosk.check_in();
    let parcel = kiosk.backlog(&[held]);
    let renewed = server.post("/api/v1/device/token").bearer_auth(&kiosk.credentials.token).send().await.unwrap();
    assert_eq!(renewed.status(), 200);
    assert_eq!(outcomes_of(&bring_in(&server, &desk, &parcel).await), [Outcome::Accepted]);
}
