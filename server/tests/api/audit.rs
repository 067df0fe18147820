//! The trail of who did what.

use reqwest::{StatusCode, header};
use rstest::rstest;
use serde_json::json;
use vestibule_protocol::{
    account::Role,
    admin::{AuditEntry, AuditPage},
};

use crate::fixture::{TestServer, problem, problem_is};

async fn trail(server: &TestServer, cookie: &str) -> Vec<AuditEntry> {
    let mut entries = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let path = format!("/api/v1/audit?{query}");
        let response = server.get(&path).header(header::COOKIE, cookie).send().await.unwrap();
        let page: AuditPage = response.json().await.unwrap();
        entries.extend(page.entries);
        let Some(next) = page.next else { return entries };
        query = format!("limit=2&before={next}");
    }
}

#[tokio::test]
async fn who_did_what_to_which_device_is_written_down_and_can_be_read_and_taken_away() {
    let server = TestServer::start().await;
    let kiosk = server.device();
    let admin = server.signed_in(Role::Admin).await;
    let path = format!("/api/v1/devices/{}", kiosk.credentials.device);
    let url = format!("{}{path}", server.base);
    let rename = server.client.patch(url).header(header::COOKIE, &admin).header("x-forwarded-for", "198.51.100.9");
    rename.json(&json!({"name": "Door"})).send().await.unwrap().error_for_status().unwrap();
    let revoke = server.post(&format!("{path}/revoke")).header(header::COOKIE, &admin);
    revoke.send().await.unwrap().error_for_status().unwrap();
    let entries = trail(&server, &admin).await;
    let told: Vec<(&str, &str)> =
        entries.iter().map(|entry| (entry.action.as_str(), entry.address.as_deref().unwrap())).collect();
    let expected =
        [("device.revoked", "127.0.0.1"), ("device.renamed", "198.51.100.9"), ("staff.signed_in", "127.0.0.1")];
    assert_eq!(told, expected);
    assert_eq!(entries[0].subject, Some(kiosk.credentials.device.0));
    assert_eq!(entries[0].actor, entries[2].actor);
    let response = server.get("/api/v1/audit.csv").header(header::COOKIE, &admin).send().await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    let csv = response.text().await.unwrap();
    assert_eq!(csv.lines().count(), 1 + entries.len());
    assert!(csv.lines().nth(2).unwrap().contains(",device.renamed,") && csv.contains(",198.51.100.9\r\n"));
}

#[rstest]
#[case::changed("UPDATE audit SET action = 'nothing'")]
#[case::deleted("DELETE FROM audit")]
#[tokio::test]
async fn a_line_of_the_trail_cannot_be(#[case] sql: &str) {
    let server = TestServer::start().await;
    server.signed_in(Role::Admin).await;
    let refused = server.database().execute(sql, ()).unwrap_err();
    assert!(refused.to_string().contains("append-only"), "{refused}");
}

#[tokio::test]
async fn only_an_admin_of_every_site_reads_the_trail() {
    let server = TestServer::start().await;
    let one_site = server.signed_in_at(Role::Admin, &["Head office"]).await;
    for cookie in [one_site, server.signed_in(Role::Marshal).await] {
        for path in ["/api/v1/audit", "/api/v1/audit.csv"] {
            let refused = server.get(path).header(header::COOKIE, &cookie).send().await.unwrap();
            assert_eq!(refused.status(), StatusCode::FORBIDDEN);
            assert_eq!(problem(refused).await, problem_is(403, "forbidden"));
        }
    }
}
