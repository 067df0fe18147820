//! Keys by which programs use the API.

use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};
use vestibule::clock;
use vestibule_protocol::{
    account::Role,
    admin::{ApiKey, FreshApiKey, KeyPage},
};

use crate::fixture::{TestServer, problem, problem_is};

fn request(server: &TestServer, method: Method, path: &str, cookie: &str) -> RequestBuilder {
    server.client.request(method, format!("{}{path}", server.base)).header(header::COOKIE, cookie)
}

async fn make(server: &TestServer, admin: &str, new: &Value) -> FreshApiKey {
    let response = request(server, Method::POST, "/api/v1/keys", admin).json(new).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    response.json().await.unwrap()
}

async fn list(server: &TestServer, admin: &str) -> Vec<ApiKey> {
    let page: KeyPage = request(server, Method::GET, "/api/v1/keys", admin).send().await.unwrap().json().await.unwrap();
    page.keys
}

async fn look(server: &TestServer, key: &str, query: &str) -> Response {
    server.get(&format!("/api/v1/visits{query}")).bearer_auth(key).send().await.unwrap()
}

async fn act(server: &TestServer, key: &str, site: Option<&str>) -> Response {
    let mut new = json!({"visitor": {"name": "Ada Lovelace"}, "expected_at": "2026-03-20T15:00:00Z"});
    if let Some(site) = site {
        new["site"] = json!(site);
    }
    server.post("/api/v1/visits").bearer_auth(key).json(&new).send().await.unwrap()
}

#[tokio::test]
async fn a_key_does_what_its_scope_and_site_allow_until_it_is_withdrawn() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let (here, there) = (server.site("Head office"), server.site("Harbour"));
    let reads = make(&server, &admin, &json!({"name": "Wallboard", "scope": "read", "site": here, "days": 30})).await;
    let writes = make(&server, &admin, &json!({"name": "Booking", "scope": "write", "days": 30})).await;
    assert!(reads.key.starts_with("vk_") && reads.key != writes.key);
    assert_eq!(look(&server, &reads.key, "").await.status(), StatusCode::OK);
    assert_eq!(problem(act(&server, &reads.key, None).await).await, problem_is(403, "forbidden"));
    let elsewhere = look(&server, &reads.key, &format!("?site={there}")).await;
    assert_eq!(problem(elsewhere).await, problem_is(403, "other_site"));
    assert_eq!(act(&server, &writes.key, Some(&there.to_string())).await.status(), StatusCode::CREATED);
    assert_eq!(problem(look(&server, &writes.key, "").await).await, problem_is(400, "malformed_body"));
    let path = format!("/api/v1/keys/{}", reads.about.id);
    let revoked: ApiKey = request(&server, Method::DELETE, &path, &admin).send().await.unwrap().json().await.unwrap();
    assert!(revoked.revoked_at.is_some());
    assert_eq!(problem(look(&server, &reads.key, "").await).await, problem_is(401, "unauthenticated"));
}

#[tokio::test]
async fn a_key_ends_by_itself_and_no_longer_than_a_year_after_it_was_made() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    for days in [0, 367] {
        let new = json!({"name": "Wallboard", "scope": "read", "days": days});
        let refused = request(&server, Method::POST, "/api/v1/keys", &admin).json(&new).send().await.unwrap();
        assert_eq!(problem(refused).await, problem_is(400, "malformed_body"));
    }
    let site = server.site("Head office");
    let key = make(&server, &admin, &json!({"name": "Wallboard", "scope": "read", "site": site, "days": 1})).await;
    let past = clock::now().unix_ms();
    server.database().execute("UPDATE api_keys SET expires_at = ?1", [past]).unwrap();
    assert_eq!(problem(look(&server, &key.key, "").await).await, problem_is(401, "unauthenticated"));
}

#[tokio::test]
async fn its_use_is_noted_once_a_minute_and_the_key_is_nowhere() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let site = server.site("Head office");
    let key = make(&server, &admin, &json!({"name": "Wallboard", "scope": "read", "site": site, "days": 1})).await;
    assert_eq!(list(&server, &admin).await[0].last_used_at, None);
    look(&server, &key.key, "").await;
    let first = list(&server, &admin).await[0].last_used_at.unwrap();
    for _ in 0..5 {
        look(&server, &key.key, "").await;
    }
    assert_eq!(list(&server, &admin).await[0].last_used_at, Some(first));
    let long_ago = first.plus_ms(-60_000).unix_ms();
    server.database().execute("UPDATE api_keys SET last_used_at = ?1", [long_ago]).unwrap();
    look(&server, &key.key, "").await;
    assert!(list(&server, &admin).await[0].last_used_at.unwrap() >= first);
    server.database().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let file = std::fs::read(server.data.path().join("vestibule.db")).unwrap();
    assert!(!file.windows(key.key.len()).any(|window| window == key.key.as_bytes()));
}

#[tokio::test]
async fn a_key_opens_nothing_but_the_api_for_integrators() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let site = server.site("Head office");
    let key = make(&server, &admin, &json!({"name": "Booking", "scope": "write", "days": 1})).await;
    for path in ["/api/v1/staff", "/api/v1/keys", "/api/v1/devices", "/api/v1/audit", "/api/v1/session"] {
        let refused = server.get(path).bearer_auth(&key.key).send().await.unwrap();
        assert_eq!(problem(refused).await, problem_is(401, "unauthenticated"), "{path}");
    }
    let changes = server.get(&format!("/api/v1/sites/{site}/changes")).bearer_auth(&key.key).send().await.unwrap();
    assert_eq!(problem(changes).await, problem_is(401, "unauthenticated"));
}
