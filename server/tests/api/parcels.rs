//! What people carry to the desk by hand: passes and backlogs of devices that can't deliver.

use reqwest::{Response, header};
use serde_json::json;
use vestibule_protocol::{
    account::Role,
    batch::{Outcome, QuarantineReason},
    id::VisitId,
    parcels::Contents,
    visit::Kind,
};

use crate::fixture::{Slotted, TestDevice, TestServer, checked_out, fresh_uuid, outcomes, problem, problem_is};

const SHOW: &str = "/api/v1/parcels/contents";
const BRING_IN: &str = "/api/v1/parcels";

async fn send(server: &TestServer, path: &str, cookie: &str, code: &str) -> Response {
    server.post(path).header(header::COOKIE, cookie).json(&json!({"code": code})).send().await.unwrap()
}

async fn contents(response: Response) -> Contents {
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

fn outcomes_of(contents: &Contents) -> Vec<Outcome> {
    contents.events.iter().map(|event| event.result.outcome).collect()
}

/// An arrival in the device's outbox, and its visit.
fn arrival(kiosk: &mut TestDevice) -> (VisitId, Slotted) {
    let event = kiosk.arrival(VisitId(fresh_uuid()));
    (event.visit, kiosk.append(event.to_text()))
}

#[tokio::test]
async fn a_pass_is_looked_at_brought_in_once_and_a_duplicate_when_the_kiosk_delivers_after_all() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let (visit, event) = arrival(&mut kiosk);
    let pass = kiosk.sealed(&[(visit, event.clone())]);
    let seen = contents(send(&server, SHOW, &desk, &pass).await).await;
    let only = &seen.events[0];
    assert_eq!((only.visit, only.kind), (visit, Some(Kind::CheckedIn)));
    assert_eq!(only.visitor.as_ref().map(|name| name.as_str()), Some("Ada Lovelace"));
    assert_eq!(outcomes_of(&seen), [Outcome::Accepted], "the server has not heard of it");
    assert_eq!(server.changes(&kiosk, "").await.visits.len(), 0, "looking changes nothing");
    let brought = contents(send(&server, BRING_IN, &desk, &pass).await).await;
    assert_eq!(outcomes_of(&brought), [Outcome::Accepted]);
    let seen = contents(send(&server, SHOW, &desk, &pass).await).await;
    assert_eq!(outcomes_of(&seen), [Outcome::Duplicate]);
    let again = contents(send(&server, BRING_IN, &desk, &pass).await).await;
    assert_eq!(outcomes_of(&again), [Outcome::Duplicate]);
    let receipt = server.deliver(&kiosk, &[event]).await;
    assert_eq!(outcomes(&receipt), [Outcome::Duplicate]);
    assert_eq!(receipt.watermark, kiosk.head, "its chain is proven all the same");
    assert_eq!(server.changes(&kiosk, "").await.visits[0].timeline.len(), 1);
}

#[tokio::test]
async fn a_backlog_that_is_brought_in_closes_the_gap_of_a_kiosk_that_is_never_heard_again() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let backlog: Vec<_> = (0..40).map(|_| arrival(&mut kiosk)).collect();
    // It could still say how much it has, and no more.
    server.deliver(&kiosk, &[]).await;
    assert_eq!(server.count("SELECT count(*) FROM told_heads"), 1);
    for piece in backlog.chunks(7).rev() {
        let brought = contents(send(&server, BRING_IN, &desk, &kiosk.sealed(piece)).await).await;
        assert!(outcomes_of(&brought).iter().all(|outcome| *outcome == Outcome::Accepted));
    }
    assert_eq!(server.count("SELECT watermark_seq FROM streams"), 40);
    assert_eq!(server.count("SELECT count(*) FROM told_heads"), 0, "what it told of is all here");
    assert_eq!(server.count("SELECT count(*) FROM audit WHERE action = 'device.parcel_brought_in'"), 6);
    let receipt = server.deliver(&kiosk, &[]).await;
    assert_eq!(receipt.watermark, kiosk.head, "and to the byte");
}

#[tokio::test]
async fn a_check_out_that_is_carried_counts_beside_the_check_in_that_was_delivered() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let (visit, event) = arrival(&mut kiosk);
    server.deliver(&kiosk, &[event]).await;
    let left = kiosk.event(visit, checked_out()).to_text();
    let left = kiosk.append(left);
    let brought = contents(send(&server, BRING_IN, &desk, &kiosk.sealed(&[(visit, left)])).await).await;
    assert_eq!(outcomes_of(&brought), [Outcome::Accepted]);
    assert_eq!(server.changes(&kiosk, "").await.visits[0].timeline.len(), 2);
}

#[tokio::test]
async fn nobody_can_make_a_pass_but_the_device() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let kiosk = server.device();
    let mut forger = TestDevice::new(kiosk.credentials.clone());
    forger.credentials.token = "vd_guessed".to_owned();
    let broken = problem_is(403, "broken_seal");
    assert_eq!(problem(send(&server, BRING_IN, &desk, &forger.pass()).await).await, broken);
    let pass = kiosk.pass();
    let place = pass.len() - 20;
    let other = if &pass[place..=place] == "0" { "1" } else { "0" };
    let changed = format!("{}{other}{}", &pass[..place], &pass[place + 1..]);
    assert_eq!(problem(send(&server, BRING_IN, &desk, &changed).await).await, broken);
    let malformed = problem_is(400, "malformed_body");
    assert_eq!(problem(send(&server, BRING_IN, &desk, "https://example.com").await).await, malformed);
}

#[tokio::test]
async fn a_pass_of_another_site_tells_nothing() {
    let server = TestServer::start().await;
    let harbour = server.device_at("Harbour");
    server.site("Head office");
    let desk = server.signed_in_at(Role::Receptionist, &["Head office"]).await;
    for path in [SHOW, BRING_IN] {
        let refused = send(&server, path, &desk, &harbour.pass()).await;
        assert_eq!(problem(refused).await, problem_is(403, "broken_seal"));
    }
}

#[tokio::test]
async fn a_pass_of_a_revoked_kiosk_is_not_counted_and_says_so() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let kiosk = server.device();
    let revoke = "UPDATE devices SET revoked_at = 1 WHERE id = ?1";
    server.database().execute(revoke, [kiosk.credentials.device.0]).unwrap();
    let brought = contents(send(&server, BRING_IN, &desk, &kiosk.pass()).await).await;
    assert!(brought.revoked_at.is_some());
    assert_eq!(outcomes_of(&brought), [Outcome::Quarantined { reason: QuarantineReason::DeviceRevoked }]);
    assert_eq!(server.changes(&server.device(), "").await.visits.len(), 0);
}

#[tokio::test]
async fn a_pass_made_before_the_kiosk_took_a_fresh_token_still_holds() {
    let server = TestServer::start().await;
    let desk = server.signed_in(Role::Receptionist).await;
    let kiosk = server.device();
    let pass = kiosk.pass();
    let renewed = server.post("/api/v1/device/token").bearer_auth(&kiosk.credentials.token).send().await.unwrap();
    assert_eq!(renewed.status(), 200);
    let brought = contents(send(&server, BRING_IN, &desk, &pass).await).await;
    assert_eq!(outcomes_of(&brought), [Outcome::Accepted]);
}
