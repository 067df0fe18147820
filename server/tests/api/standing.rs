//! `GET /api/v1/sites/{site}/devices`: what staff learn of devices, and most of all of silent ones.

use reqwest::StatusCode;
use vestibule_protocol::{
    account::Role,
    batch::Link,
    id::{SiteId, StreamId},
    standing::{Concern, DeviceReport, Devices, Fate},
};

use crate::fixture::{TestServer, fresh_uuid, problem, problem_is};

async fn devices(server: &TestServer, cookie: &str, site: SiteId, query: &str) -> Devices {
    let response = server.get(&format!("/api/v1/sites/{site}/devices?{query}")).header("cookie", cookie);
    let response = response.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

async fn only_device(server: &TestServer, cookie: &str) -> DeviceReport {
    let mut page = devices(server, cookie, server.site("Head office"), "").await;
    assert_eq!(page.devices.len(), 1);
    page.devices.remove(0)
}

#[tokio::test]
async fn are_shown_to_staff_alone() {
    let server = TestServer::start().await;
    let kiosk = server.device();
    let path = format!("/api/v1/sites/{}/devices", kiosk.credentials.site);
    let response = server.get(&path).bearer_auth(&kiosk.credentials.token).send().await.unwrap();
    assert_eq!(problem(response).await, problem_is(401, "unauthenticated"));
    let cookie = server.signed_in(Role::Receptionist).await;
    let nowhere = server.get(&format!("/api/v1/sites/{}/devices", fresh_uuid())).header("cookie", &cookie);
    assert_eq!(problem(nowhere.send().await.unwrap()).await, problem_is(404, "not_found"));
}

#[tokio::test]
async fn come_in_pages_that_skip_none() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    let enrolled: Vec<_> = (0..5).map(|_| server.device().credentials.device).collect();
    let site = server.site("Head office");
    let (mut told, mut after) = (Vec::new(), String::new());
    loop {
        let page = devices(&server, &cookie, site, &format!("limit=2{after}")).await;
        assert!(page.devices.len() <= 2);
        told.extend(page.devices.into_iter().map(|device| device.id));
        let Some(next) = page.next else { break };
        after = format!("&after={next}");
    }
    assert_eq!(told, enrolled);
}

#[tokio::test]
async fn one_that_was_never_heard_has_no_last_word() {
    let server = TestServer::start().await;
    server.device();
    let cookie = server.signed_in(Role::Receptionist).await;
    let device = only_device(&server, &cookie).await;
    assert_eq!(device.last_word, None);
    assert!(device.streams.is_empty());
}

#[tokio::test]
async fn the_numbers_that_a_silent_device_told_of_are_missed_and_proof_stands_where_it_was() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let first = kiosk.check_ins(3);
    server.deliver(&kiosk, &first).await;
    let later = kiosk.check_ins(4);
    server.deliver(&kiosk, &later[3..]).await;
    let device = only_device(&server, &cookie).await;
    assert_eq!((device.waiting, device.lost), (3, 0));
    let stream = &device.streams[0];
    assert_eq!((stream.head, stream.watermark, stream.missing.clone()), (7, 3, vec![(4, 6)]));
    assert_eq!(stream.proven.map(|proven| proven.seq), Some(3));
    let word = device.last_word.clone().unwrap();
    assert!(word.persisted && word.clock_offset_ms.abs() < 30_000, "{word:?}");
    let much_later = word.at.plus_ms(60 * 60_000);
    assert_eq!(device.concerns(much_later), [Concern::Silent]);

    server.deliver(&kiosk, &later).await;
    let device = only_device(&server, &cookie).await;
    assert_eq!((device.waiting, device.streams[0].proven.map(|proven| proven.seq)), (0, Some(7)));
}

#[tokio::test]
async fn one_that_began_anew_with_all_it_had_is_proven_whole_and_one_that_was_wiped_is_found_out() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(5);
    server.deliver(&kiosk, &events[..2]).await;

    // It takes what waits with it: the next numbering begins with 3, 4 and 5.
    (kiosk.stream, kiosk.head) = (StreamId(fresh_uuid()), Link::START);
    let carried: Vec<_> = events[2..].iter().map(|event| kiosk.append(event.text.clone())).collect();
    server.deliver(&kiosk, &carried[..1]).await;
    let device = only_device(&server, &cookie).await;
    assert_eq!((device.waiting, device.lost, device.streams[0].fate), (2, 0, Fate::CarriedOn));
    server.deliver(&kiosk, &carried).await;
    let device = only_device(&server, &cookie).await;
    assert_eq!((device.waiting, device.lost, device.streams[0].fate), (0, 0, Fate::Complete));

    // Its store is wiped after it told of two more.
    let gone = kiosk.check_ins(2);
    server.deliver(&kiosk, &gone[..0]).await;
    (kiosk.stream, kiosk.head) = (StreamId(fresh_uuid()), Link::START);
    server.deliver(&kiosk, &[]).await;
    let device = only_device(&server, &cookie).await;
    assert_eq!((device.waiting, device.lost, device.streams[1].fate), (0, 2, Fate::Lost));
    assert!(device.concerns(device.streams[2].last_heard_at).contains(&Concern::Lost));
}

#[tokio::test]
async fn what_is_in_doubt_is_counted_once() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let bad = kiosk.append("{}");
    server.deliver(&kiosk, std::slice::from_ref(&bad)).await;
    server.deliver(&kiosk, &[bad]).await;
    let mut other = kiosk.check_in();
    other.seq = 1;
    server.deliver(&kiosk, &[other]).await;
    let device = only_device(&server, &cookie).await;
    assert_eq!((device.quarantined, device.conflicting), (1, 1));
}

#[tokio::test]
async fn a_store_that_was_set_back_is_found_out_by_the_numbers_that_it_gives_anew() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    let mut kiosk = server.device();
    let first = kiosk.check_ins(1);
    let snapshot = kiosk.head;
    kiosk.check_ins(2);
    server.deliver(&kiosk, &first).await;
    kiosk.head = snapshot;
    let anew = kiosk.check_ins(3);
    server.deliver(&kiosk, &anew).await;
    let device = only_device(&server, &cookie).await;
    let gone: Vec<_> = device.renumbered.iter().map(|gone| (gone.first, gone.last)).collect();
    assert_eq!((device.waiting, device.lost, gone), (0, 1, vec![(2, 3)]));
}
