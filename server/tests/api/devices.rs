//! A device's life: renamed, moved, revoked, paired again, and what becomes of what it still brings.

use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::{Value, json};
use vestibule_protocol::{
    account::{Credentials, PairingCode, Role},
    admin::{Device, DevicePage},
    batch::{Outcome, QuarantineReason},
    event::{Event, Source},
    id::{EventId, VisitId},
};

use crate::fixture::{TestDevice, TestServer, fresh_uuid, outcomes, problem, problem_is, receipt};

/// An admin's hand on a device.
async fn change(server: &TestServer, admin: &str, device: &TestDevice, body: &Value) -> Device {
    let path = format!("/api/v1/devices/{}", device.credentials.device);
    let response = request(server, Method::PATCH, &path, admin).json(body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

fn request(server: &TestServer, method: Method, path: &str, cookie: &str) -> RequestBuilder {
    server.client.request(method, format!("{}{path}", server.base)).header(header::COOKIE, cookie)
}

async fn revoke(server: &TestServer, admin: &str, device: &TestDevice) -> Device {
    let path = format!("/api/v1/devices/{}/revoke", device.credentials.device);
    let response = request(server, Method::POST, &path, admin).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

async fn pair_again(server: &TestServer, admin: &str, device: &TestDevice, site: &str) -> Credentials {
    let body = json!({"site": server.site(site), "name": "Lobby", "device": device.credentials.device});
    let response = request(server, Method::POST, "/api/v1/pairing-codes", admin).json(&body).send().await.unwrap();
    let PairingCode { code, .. } = response.json().await.unwrap();
    let paired = server.post("/api/v1/devices/pair").json(&json!({"code": code})).send().await.unwrap();
    assert_eq!(paired.status(), StatusCode::OK);
    paired.json().await.unwrap()
}

#[tokio::test]
async fn a_revoked_device_says_what_it_held_and_what_it_brings_later_is_kept_apart() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let mut kiosk = server.device();
    let first = kiosk.check_ins(3);
    assert!(!server.deliver(&kiosk, &first).await.revoked);
    let late = kiosk.check_in();
    let revoked = revoke(&server, &admin, &kiosk).await;
    assert!(revoked.revoked_at.is_some());
    assert_eq!(revoked.last_word.unwrap().held, 3, "as its health said in its last batch");
    assert_eq!(revoke(&server, &admin, &kiosk).await, revoked, "repeating it changes nothing");
    let receipt = receipt(server.send(&kiosk, &[late]).await).await;
    let reason = QuarantineReason::DeviceRevoked;
    assert_eq!(outcomes(&receipt), [Outcome::Quarantined { reason }]);
    assert_eq!(receipt.watermark, kiosk.head, "it is kept, so the device may be emptied");
    assert!(receipt.revoked, "and is told why");
    assert!(server.deliver(&kiosk, &[]).await.revoked, "with every sign of life");
    let path = format!("/api/v1/sites/{}/changes", kiosk.credentials.site);
    let read = server.get(&path).bearer_auth(&kiosk.credentials.token).send().await.unwrap();
    assert_eq!(problem(read).await, problem_is(403, "device_revoked"));
}

#[tokio::test]
async fn a_moved_device_serves_the_other_site_and_what_it_captured_before_counts_where_it_was() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let mut kiosk = server.device_at("Head office");
    let harbour = server.site("Harbour");
    let before = kiosk.check_in();
    let moved = change(&server, &admin, &kiosk, &json!({"site": harbour, "name": "Quay"})).await;
    assert_eq!((moved.site, moved.name.as_str()), (harbour, "Quay"));
    let after = kiosk.arrival(VisitId(fresh_uuid()));
    let late = Event { time: after.time.plus_ms(120_000), ..after.clone() };
    let there = Source { site: harbour, ..kiosk.source() };
    let new = Event { id: EventId(fresh_uuid()), visit: VisitId(fresh_uuid()), source: there, ..after };
    let batch = [before, kiosk.append(late.to_text()), kiosk.append(new.to_text())];
    let receipt = server.deliver(&kiosk, &batch).await;
    let apart = Outcome::Quarantined { reason: QuarantineReason::OtherSite };
    assert_eq!(outcomes(&receipt), [Outcome::Accepted, apart, Outcome::Accepted]);
    let (at_head_office, at_harbour) = (server.device_at("Head office"), server.device_at("Harbour"));
    assert_eq!(server.changes(&at_head_office, "").await.visits.len(), 1);
    assert_eq!(server.changes(&at_harbour, "").await.visits.len(), 1);
    let old_site = format!("/api/v1/sites/{}/changes", kiosk.credentials.site);
    let read = server.get(&old_site).bearer_auth(&kiosk.credentials.token).send().await.unwrap();
    assert_eq!(problem(read).await, problem_is(403, "other_site"));
}

#[tokio::test]
async fn paired_again_a_device_keeps_its_identity_and_its_earlier_token_only_brings() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let mut lost = server.device();
    revoke(&server, &admin, &lost).await;
    let credentials = pair_again(&server, &admin, &lost, "Head office").await;
    assert_eq!(credentials.device, lost.credentials.device);
    let mut found = TestDevice::new(credentials);
    let event = found.check_in();
    assert_eq!(outcomes(&server.deliver(&found, &[event]).await), [Outcome::Accepted]);
    let event = lost.check_in();
    let reason = QuarantineReason::DeviceRevoked;
    let receipt = server.deliver(&lost, &[event]).await;
    assert_eq!(outcomes(&receipt), [Outcome::Quarantined { reason }]);
    assert!(receipt.revoked, "this token, whoever has another");
    let path = format!("/api/v1/sites/{}/changes", lost.credentials.site);
    let read = server.get(&path).bearer_auth(&lost.credentials.token).send().await.unwrap();
    assert_eq!(problem(read).await, problem_is(403, "device_revoked"));
}

#[tokio::test]
async fn a_device_takes_a_fresh_token_and_a_lost_answer_shuts_nobody_out() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let renew = |token: String| server.post("/api/v1/device/token").bearer_auth(token).send();
    let first = kiosk.credentials.token.clone();
    let lost: Credentials = renew(first.clone()).await.unwrap().json().await.unwrap();
    // The answer never came: the device asks again with what it has.
    let heard: Credentials = renew(first.clone()).await.unwrap().json().await.unwrap();
    for (token, outcome) in [
        (first, Outcome::Accepted),
        (heard.token, Outcome::Accepted),
        (lost.token, Outcome::Quarantined { reason: QuarantineReason::DeviceRevoked }),
    ] {
        kiosk.credentials.token = token;
        let event = kiosk.check_in();
        assert_eq!(outcomes(&server.deliver(&kiosk, &[event]).await), [outcome]);
    }
}

#[tokio::test]
async fn an_admin_of_one_site_sees_and_changes_its_devices_only() {
    let server = TestServer::start().await;
    let (here, there) = (server.device_at("Head office"), server.device_at("Harbour"));
    let admin = server.signed_in_at(Role::Admin, &["Head office"]).await;
    let list = request(&server, Method::GET, "/api/v1/devices", &admin).send().await.unwrap();
    let page: DevicePage = list.json().await.unwrap();
    assert_eq!(page.devices.iter().map(|device| device.id).collect::<Vec<_>>(), [here.credentials.device]);
    let path = format!("/api/v1/devices/{}/revoke", there.credentials.device);
    let refused = request(&server, Method::POST, &path, &admin).send().await.unwrap();
    assert_eq!(problem(refused).await, problem_is(404, "not_found"));
    let path = format!("/api/v1/devices/{}", here.credentials.device);
    let away = json!({"site": there.credentials.site});
    let refused = request(&server, Method::PATCH, &path, &admin).json(&away).send().await.unwrap();
    assert_eq!(problem(refused).await, problem_is(403, "other_site"));
    let again = json!({"site": here.credentials.site, "name": "Mine", "device": there.credentials.device});
    let refused = request(&server, Method::POST, "/api/v1/pairing-codes", &admin).json(&again).send().await.unwrap();
    assert_eq!(problem(refused).await, problem_is(404, "not_found"));
}
