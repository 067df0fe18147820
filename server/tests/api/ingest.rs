//! `POST /api/v1/sync`: what becomes of what devices send.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use reqwest::{StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};
use vestibule::limits::{STREAM_MAX_RANGES, VISIT_MAX_EVENTS};
use vestibule_protocol::{
    batch::{Link, Outcome, QuarantineReason, SYNC_PATH},
    event::Event,
    id::{SiteId, StreamId, VisitId},
    limits::{BATCH_MAX_BYTES, BATCH_MAX_EVENTS, EVENT_MAX_BYTES},
    visit::State,
};

use crate::fixture::{
    Slotted, TestDevice, TestServer, altered, checked_in, checked_out, fresh_uuid, outcomes, problem, problem_is,
    receipt,
};

#[tokio::test]
async fn an_event_counts_once_however_often_it_is_sent() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(3);
    let first = server.deliver(&kiosk, &events).await;
    assert_eq!(outcomes(&first), [Outcome::Accepted; 3]);
    assert_eq!(first.watermark, kiosk.head, "the chains prove that both hold the same");
    assert_eq!((first.missing.as_slice(), first.keep_from), ([].as_slice(), 1));
    let again = server.deliver(&kiosk, &events).await;
    assert_eq!(outcomes(&again), [Outcome::Duplicate; 3]);
    assert_eq!(again.watermark, kiosk.head);
    assert_eq!(server.count("SELECT count(*) FROM events"), 3);
    assert_eq!(server.count("SELECT count(*) FROM visits"), 3);
}

#[tokio::test]
async fn the_exact_text_is_kept_with_its_spaces_and_what_it_says_beyond_our_knowledge() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let event = kiosk.event(VisitId(fresh_uuid()), checked_in("Ada Lovelace"));
    let text = altered(&event, |value| value["badge"] = json!({"printed": true})).replacen(':', " :  ", 3);
    let slotted = kiosk.append(text.clone());
    let receipt = server.deliver(&kiosk, &[slotted]).await;
    assert_eq!(outcomes(&receipt), [Outcome::Accepted]);
    assert_eq!(receipt.watermark, kiosk.head);
    let kept: String = server.database().query_row("SELECT text FROM events", (), |row| row.get(0)).unwrap();
    assert_eq!(kept, text);
}

#[tokio::test]
async fn what_comes_out_of_order_leaves_a_gap_until_the_rest_comes() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(9);
    let newest = server.deliver(&kiosk, &events[6..]).await;
    assert_eq!((newest.watermark, newest.missing), (Link::START, vec![(1, 6)]));
    let oldest = server.deliver(&kiosk, &events[..2]).await;
    assert_eq!((oldest.watermark.seq, oldest.missing), (2, vec![(3, 6)]));
    let middle = server.deliver(&kiosk, &events[3..4]).await;
    assert_eq!((middle.watermark.seq, middle.missing), (2, vec![(3, 3), (5, 6)]));
    let rest = server.deliver(&kiosk, &[events[4].clone(), events[2].clone(), events[5].clone()]).await;
    assert_eq!((rest.watermark, rest.missing), (kiosk.head, vec![]));
}

#[tokio::test]
async fn a_stream_full_of_holes_is_told_to_fill_them_first() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let every_other: Vec<_> = (0..2 * STREAM_MAX_RANGES + 2).map(|_| kiosk.append("{}")).skip(1).step_by(2).collect();
    let (fits, one_more) = every_other.split_at(STREAM_MAX_RANGES);
    for part in fits.chunks(BATCH_MAX_EVENTS) {
        server.deliver(&kiosk, part).await;
    }
    let receipt = server.deliver(&kiosk, one_more).await;
    assert_eq!(outcomes(&receipt), [Outcome::Retry]);
    assert_eq!(receipt.missing.len(), STREAM_MAX_RANGES + 1);
    let first = Slotted { seq: 1, text: "{}".to_owned() };
    let receipt = server.deliver(&kiosk, &[&[first], one_more].concat()).await;
    assert!(outcomes(&receipt).iter().all(|outcome| outcome.is_kept()), "one hole less");
}

#[tokio::test]
async fn a_heartbeat_tells_what_is_missing_and_leaves_the_devices_last_words() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    kiosk.check_ins(4);
    let receipt = server.deliver(&kiosk, &[]).await;
    assert_eq!((receipt.results.len(), receipt.watermark, receipt.missing), (0, Link::START, vec![(1, 4)]));
    let (head, health): (u64, String) = server
        .database()
        .query_row("SELECT head_seq, health FROM streams", (), |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    let health: Value = serde_json::from_str(&health).unwrap();
    assert_eq!((head, &health["app_version"]), (4, &json!("0.1.0")));
}

#[tokio::test]
async fn a_slot_that_holds_another_text_keeps_both_and_the_event_counts() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let first = kiosk.check_in();
    server.deliver(&kiosk, std::slice::from_ref(&first)).await;
    // As from a clone of its store: the same number, another event.
    let second = kiosk.event(VisitId(fresh_uuid()), checked_in("Mary Somerville")).to_text();
    let contested = Slotted { seq: first.seq, text: second.into() };
    for _ in 0..2 {
        let receipt = server.deliver(&kiosk, std::slice::from_ref(&contested)).await;
        assert_eq!(outcomes(&receipt), [Outcome::Conflict]);
        assert_eq!(receipt.watermark, kiosk.head, "the first text holds the slot");
    }
    assert_eq!(server.count("SELECT count(*) FROM events"), 2);
    assert_eq!(server.count("SELECT count(*) FROM conflicts"), 1);
    assert_eq!(server.changes(&kiosk, "").await.visits.len(), 2);
    // As told, the device starts a new stream and sends it again.
    kiosk.stream = StreamId(fresh_uuid());
    kiosk.head = Link::START;
    let again = kiosk.append(contested.text);
    let receipt = server.deliver(&kiosk, &[again]).await;
    assert_eq!((outcomes(&receipt), receipt.watermark), (vec![Outcome::Duplicate], kiosk.head));
}

#[tokio::test]
async fn an_id_that_is_held_with_another_text_quarantines_the_second() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let event = kiosk.event(VisitId(fresh_uuid()), checked_in("Ada Lovelace"));
    let first = kiosk.append(event.to_text());
    let other = Event { data: checked_in("Eve Adversary"), ..event };
    let second = kiosk.append(other.to_text());
    for expected in [[Outcome::Accepted, Outcome::Conflict], [Outcome::Duplicate, Outcome::Conflict]] {
        let receipt = server.deliver(&kiosk, &[first.clone(), second.clone()]).await;
        assert_eq!((outcomes(&receipt), receipt.watermark), (expected.to_vec(), kiosk.head));
    }
    assert_eq!(server.count("SELECT count(*) FROM quarantine WHERE reason = 'id_conflict'"), 1);
    let visits = server.changes(&kiosk, "").await.visits;
    assert_eq!(visits[0].visitor.as_ref().unwrap().value.name.as_str(), "Ada Lovelace");
}

#[rstest]
#[case::no_envelope(QuarantineReason::InvalidEvent, |event: &Event| altered(event, |value| value["id"] = json!("seven")))]
#[case::no_object(QuarantineReason::InvalidEvent, |_: &Event| "null".to_owned())]
#[case::newer_type(
    QuarantineReason::UnknownType,
    |event: &Event| altered(event, |value| value["type"] = json!("vestibule.visit.teleported.v1"))
)]
#[case::misfit_data(QuarantineReason::InvalidData, |event: &Event| altered(event, |value| value["data"] = json!({"visitor": 1})))]
#[case::too_large(
    QuarantineReason::TooLarge,
    |event: &Event| altered(event, |value| value["data"]["padding"] = json!("x".repeat(EVENT_MAX_BYTES)))
)]
#[case::other_site(QuarantineReason::OtherSite, |event: &Event| {
    let site = SiteId(fresh_uuid());
    altered(event, |value| value["source"] = json!(format!("/sites/{site}/devices/{}", event.source.device)))
})]
#[tokio::test]
async fn one_bad_event_is_kept_for_staff_and_holds_up_nobody(
    #[case] reason: QuarantineReason,
    #[case] spoil: fn(&Event) -> String,
) {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let before = kiosk.check_in();
    let event = kiosk.event(VisitId(fresh_uuid()), checked_in("Ada Lovelace"));
    let spoilt = kiosk.append(spoil(&event));
    let after = kiosk.check_in();
    let events = [before, spoilt.clone(), after];
    let first = server.deliver(&kiosk, &events).await;
    let quarantined = Outcome::Quarantined { reason };
    assert_eq!(outcomes(&first), [Outcome::Accepted, quarantined, Outcome::Accepted]);
    assert_eq!((first.watermark, first.missing), (kiosk.head, vec![]), "a quarantined slot counts as held");
    let again = server.deliver(&kiosk, &events).await;
    assert_eq!(outcomes(&again), [Outcome::Duplicate, quarantined, Outcome::Duplicate]);
    let kept: String = server.database().query_row("SELECT text FROM quarantine", (), |row| row.get(0)).unwrap();
    assert_eq!(kept, spoilt.text);
    assert_eq!(server.count("SELECT count(*) FROM quarantine"), 1);
}

#[tokio::test]
async fn an_event_for_a_visit_of_another_site_is_kept_apart() {
    let server = TestServer::start().await;
    let mut here = server.device_at("Here");
    let mut there = server.device_at("There");
    let visit = VisitId(fresh_uuid());
    let text = here.event(visit, checked_in("Ada Lovelace")).to_text();
    let arrival = here.append(text);
    server.deliver(&here, &[arrival]).await;
    let text = there.event(visit, checked_out()).to_text();
    let meddling = there.append(text);
    let receipt = server.deliver(&there, &[meddling]).await;
    assert_eq!(outcomes(&receipt), [Outcome::Quarantined { reason: QuarantineReason::OtherSite }]);
    assert_eq!(server.changes(&here, "").await.visits[0].state(vestibule::clock::now()), State::OnSite);
}

#[tokio::test]
async fn an_event_that_another_device_delivers_too_is_a_duplicate() {
    let server = TestServer::start().await;
    let mut lost = server.device();
    let mut paired_again = server.device();
    let events = lost.check_ins(2);
    server.deliver(&lost, &events[..1]).await;
    let resent: Vec<_> = events.into_iter().map(|event| paired_again.append(event.text)).collect();
    let receipt = server.deliver(&paired_again, &resent).await;
    assert_eq!(outcomes(&receipt), [Outcome::Duplicate, Outcome::Accepted]);
    assert_eq!(receipt.watermark, paired_again.head);
    assert_eq!(server.count("SELECT count(*) FROM events WHERE source_device <> uploaded_by"), 1);
}

#[tokio::test]
async fn a_packed_batch_is_unpacked() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(300);
    let response = server
        .post(SYNC_PATH)
        .bearer_auth(&kiosk.credentials.token)
        .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
        .header(header::CONTENT_ENCODING, "gzip")
        .body(packed(kiosk.batch(&events).as_bytes()))
        .send()
        .await
        .unwrap();
    assert_eq!(receipt(response).await.watermark, kiosk.head);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_packed_or_not() {
    let server = TestServer::start().await;
    let kiosk = server.device();
    let body = " ".repeat(BATCH_MAX_BYTES + 1);
    assert_eq!(problem(server.send_body(&kiosk, body.clone()).await).await, problem_is(413, "too_large"));
    let request = server.post(SYNC_PATH).bearer_auth(&kiosk.credentials.token);
    let response = request.header(header::CONTENT_ENCODING, "gzip").body(packed(body.as_bytes())).send().await.unwrap();
    assert_eq!(problem(response).await, problem_is(413, "too_large"));
}

#[tokio::test]
async fn too_many_events_in_a_batch_are_refused_so_that_the_device_halves_it() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events: Vec<_> = (0..=BATCH_MAX_EVENTS).map(|_| kiosk.append("{}")).collect();
    assert_eq!(problem(server.send(&kiosk, &events).await).await, problem_is(413, "too_large"));
    let receipt = server.deliver(&kiosk, &events[..BATCH_MAX_EVENTS]).await;
    assert_eq!(receipt.results.len(), BATCH_MAX_EVENTS);
}

#[rstest]
#[case::not_json("so sorry", "malformed_body")]
#[case::no_batch("{}", "malformed_body")]
#[case::newer_protocol(r#"{"protocol":2,"everything":"else"}"#, "unsupported_protocol")]
#[tokio::test]
async fn a_body_that_is_no_batch_is_refused_whole(#[case] body: &'static str, #[case] code: &str) {
    let server = TestServer::start().await;
    let kiosk = server.device();
    assert_eq!(problem(server.send_body(&kiosk, body).await).await, problem_is(400, code));
    assert_eq!(server.count("SELECT count(*) FROM streams"), 0);
}

#[rstest]
#[case::zero(0)]
#[case::beyond_what_is_kept(u64::MAX)]
#[tokio::test]
async fn a_seq_that_cannot_be_is_refused(#[case] seq: u64) {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let text = kiosk.check_in().text;
    let response = server.send(&kiosk, &[Slotted { seq, text }]).await;
    assert_eq!(problem(response).await, problem_is(400, "malformed_body"));
}

#[tokio::test]
async fn bodies_of_another_kind_are_refused() {
    let server = TestServer::start().await;
    let kiosk = server.device();
    for (name, value) in [(header::CONTENT_TYPE, "text/html"), (header::CONTENT_ENCODING, "br")] {
        let request = server.post(SYNC_PATH).bearer_auth(&kiosk.credentials.token).header(name, value);
        let response = request.body(kiosk.batch(&[])).send().await.unwrap();
        assert_eq!(problem(response).await, problem_is(415, "unsupported_media_type"));
    }
}

#[tokio::test]
async fn without_a_token_that_holds_nothing_is_taken() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(1);
    let response = server.post(SYNC_PATH).body(kiosk.batch(&events)).send().await.unwrap();
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
    assert_eq!(problem(response).await, problem_is(401, "unauthenticated"));
    kiosk.credentials.token = "vd_guessed".to_owned();
    assert_eq!(problem(server.send(&kiosk, &events).await).await, problem_is(401, "unauthenticated"));
}

#[tokio::test]
async fn a_token_that_was_just_good_is_refused_as_soon_as_it_is_replaced() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(1);
    server.deliver(&kiosk, &[]).await;
    server.database().execute("UPDATE devices SET token_hash = randomblob(32)", ()).unwrap();
    assert_eq!(problem(server.send(&kiosk, &events).await).await, problem_is(401, "unauthenticated"));
    assert_eq!(server.count("SELECT count(*) FROM events"), 0);
}

#[tokio::test]
async fn a_revoked_devices_events_are_quarantined_and_not_refused() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(2);
    server.deliver(&kiosk, &events[..1]).await;
    server.database().execute("UPDATE devices SET revoked_at = 1", ()).unwrap();
    let receipt = server.deliver(&kiosk, &events).await;
    let quarantined = Outcome::Quarantined { reason: QuarantineReason::DeviceRevoked };
    assert_eq!(outcomes(&receipt), [Outcome::Duplicate, quarantined]);
    assert_eq!(server.count("SELECT count(*) FROM visits"), 1);
    let path = format!("/api/v1/sites/{}/changes", kiosk.credentials.site);
    let read = server.get(&path).bearer_auth(&kiosk.credentials.token).send().await.unwrap();
    assert_eq!(problem(read).await, problem_is(403, "device_revoked"));
}

#[tokio::test]
async fn a_stream_belongs_to_the_device_that_began_it() {
    let server = TestServer::start().await;
    let mut owner = server.device();
    let events = owner.check_ins(1);
    server.deliver(&owner, &events).await;
    let mut intruder = server.device();
    intruder.stream = owner.stream;
    let forged = intruder.check_ins(2);
    assert_eq!(problem(server.send(&intruder, &forged).await).await, problem_is(403, "foreign_stream"));
    assert_eq!(server.count("SELECT count(*) FROM events"), 1);
}

#[tokio::test]
async fn two_kiosks_and_a_desk_make_one_visit_in_any_order() {
    let server = TestServer::start().await;
    let (mut kiosk, mut desk) = (server.device(), server.device());
    let visit = VisitId(fresh_uuid());
    let arrival = kiosk.arrival(visit).to_text();
    let departure = desk.event(visit, checked_out()).to_text();
    let departure = desk.append(departure);
    server.deliver(&desk, &[departure]).await;
    let arrival = kiosk.append(arrival);
    server.deliver(&kiosk, &[arrival]).await;
    let visits = server.changes(&kiosk, "").await.visits;
    assert_eq!(visits.len(), 1);
    assert_eq!(visits[0].state(vestibule::clock::now()), State::Left);
    assert_eq!(visits[0].timeline.len(), 2);
}

#[tokio::test]
async fn a_batch_of_nothing_but_known_fields_is_not_demanded() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(1);
    let mut body: Value = serde_json::from_str(&kiosk.batch(&events)).unwrap();
    body["lease"] = json!(7);
    body["health"]["battery"] = json!(0.5);
    let response = server.send_body(&kiosk, body.to_string()).await;
    assert_eq!(response.status(), StatusCode::OK);
}

fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_visit_that_grows_without_end_is_bounded_and_every_text_is_kept() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let visit = VisitId(fresh_uuid());
    let arrivals = |kiosk: &mut TestDevice, count: usize| -> Vec<Slotted> {
        (0..count)
            .map(|_| {
                let text = kiosk.arrival(visit).to_text();
                kiosk.append(text)
            })
            .collect()
    };
    let events = arrivals(&mut kiosk, VISIT_MAX_EVENTS);
    assert!(outcomes(&server.deliver(&kiosk, &events).await).iter().all(|&outcome| outcome == Outcome::Accepted));
    let (beyond, other) = (arrivals(&mut kiosk, 2), kiosk.check_in());
    let receipt = server.deliver(&kiosk, &[beyond, vec![other]].concat()).await;
    let full = Outcome::Quarantined { reason: QuarantineReason::VisitFull };
    assert_eq!(outcomes(&receipt), [full, full, Outcome::Accepted], "it holds up nobody else");
    assert_eq!(receipt.watermark, kiosk.head);
    assert_eq!(server.count("SELECT count(*) FROM quarantine WHERE reason = 'visit_full'"), 2);
    assert_eq!(server.changes(&kiosk, "").await.visits.len(), 2);
}
