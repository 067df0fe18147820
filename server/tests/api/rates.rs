//! Who asks too much waits, and nobody else does.

use reqwest::{Response, StatusCode, header};
use vestibule::limits;
use vestibule_protocol::{account::Role, batch::Outcome};

use crate::fixture::{TestServer, outcomes, problem, problem_is};

async fn ask(server: &TestServer, token: &str) -> Response {
    server.get("/api/v1/visits").bearer_auth(token).header("x-forwarded-for", "198.51.100.1").send().await.unwrap()
}

/// Asks until it is too much, which it must be soon; more comes back every second meanwhile.
async fn until_too_much(server: &TestServer, token: &str, per_minute: u32) -> Response {
    for _ in 0..2 * per_minute {
        let response = ask(server, token).await;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            return response;
        }
    }
    panic!("it is never too much");
}

#[tokio::test]
async fn an_answer_tells_what_is_left() {
    let server = TestServer::start().await;
    let kiosk = server.device();
    for left in [1_199, 1_198] {
        let response = ask(&server, &kiosk.credentials.token).await;
        assert_eq!(response.headers()["ratelimit-policy"], "\"device\";q=1200;w=60");
        assert_eq!(response.headers()["ratelimit"], format!("\"device\";r={left};t=0"));
    }
    let response = server.get("/api/v1/visits").send().await.unwrap();
    assert_eq!(response.headers()["ratelimit-policy"], "\"address\";q=6000;w=60");
    assert!(!server.get("/healthz").send().await.unwrap().headers().contains_key("ratelimit"));
}

#[tokio::test]
async fn who_floods_the_server_takes_nothing_from_kiosks_behind_the_same_address() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let refused = until_too_much(&server, "vd_guessed", limits::ADDRESS_PER_MINUTE.get()).await;
    assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
    assert_eq!(problem(refused).await, problem_is(429, "too_many_requests"));
    // Never heard of before, from the flooder's address.
    let event = kiosk.check_in();
    let request = server.post("/api/v1/sync").header("x-forwarded-for", "198.51.100.1");
    let request = request.header(header::CONTENT_TYPE, "application/json").bearer_auth(&kiosk.credentials.token);
    let response = request.body(kiosk.batch(&[event])).send().await.unwrap();
    assert_eq!(outcomes(&crate::fixture::receipt(response).await), [Outcome::Accepted]);
    assert_eq!(ask(&server, &kiosk.credentials.token).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_device_that_reads_too_much_still_delivers() {
    let server = TestServer::start().await;
    let (mut kiosk, other) = (server.device(), server.device());
    until_too_much(&server, &kiosk.credentials.token, limits::DEVICE_PER_MINUTE.get()).await;
    let event = kiosk.check_in();
    assert_eq!(outcomes(&server.deliver(&kiosk, &[event]).await), [Outcome::Accepted]);
    assert_eq!(ask(&server, &other.credentials.token).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn every_answer_tells_browsers_how_far_to_trust_it() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Admin).await;
    for path in ["/", "/sw.js", "/api/v1/session", "/api/v1/docs", "/api/v1/nothing", "/healthz"] {
        let response = server.get(path).header(header::COOKIE, &cookie).send().await.unwrap();
        let text = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let policy = text("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"), "{path}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{path}");
        assert_eq!(text("x-content-type-options").as_deref(), Some("nosniff"), "{path}");
        assert_eq!(text("referrer-policy").as_deref(), Some("same-origin"), "{path}");
        assert_eq!(text("cross-origin-opener-policy").as_deref(), Some("same-origin"), "{path}");
        assert_eq!(text("cross-origin-resource-policy").as_deref(), Some("same-origin"), "{path}");
        assert!(text("permissions-policy").unwrap().contains("geolocation=()"), "{path}");
        assert_eq!(text("strict-transport-security"), None, "{path}: it came by plain http");
        if path.starts_with("/api") {
            assert_eq!(text("cache-control").as_deref(), Some("no-store"), "{path}");
        }
    }
    let secure = server.get("/").header("x-forwarded-proto", "https").send().await.unwrap();
    assert_eq!(secure.headers()["strict-transport-security"], "max-age=31536000");
}
