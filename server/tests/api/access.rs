//! Who gets in, and who does not.

use reqwest::{Method, StatusCode, header};
use rstest::rstest;
use serde_json::json;
use vestibule::{access::first_account, clock, limits::TRIES_MAX_PER_ADDRESS};
use vestibule_protocol::account::{Credentials, PairingCode, Role, Session};

use crate::fixture::{PASSWORD, TestDevice, TestServer, cookie, problem, problem_is};

#[rstest]
#[case::sync(Method::POST, "/api/v1/sync")]
#[case::changes(Method::GET, "/api/v1/sites/01a20675-0000-7000-8000-000000000000/changes")]
#[case::no_site(Method::GET, "/api/v1/sites/reception/changes")]
#[case::stream(Method::GET, "/api/v1/sites/01a20675-0000-7000-8000-000000000000/stream")]
#[case::devices(Method::POST, "/api/v1/devices")]
#[case::pairing_codes(Method::POST, "/api/v1/pairing-codes")]
#[case::visits(Method::GET, "/api/v1/visits")]
#[case::new_visit(Method::POST, "/api/v1/visits")]
#[case::visit(Method::GET, "/api/v1/visits/01a20675-0000-7000-8000-000000000000")]
#[case::check_in(Method::POST, "/api/v1/visits/01a20675-0000-7000-8000-000000000000/check-in")]
#[case::check_out(Method::POST, "/api/v1/visits/01a20675-0000-7000-8000-000000000000/check-out")]
#[case::events(Method::GET, "/api/v1/events")]
#[case::new_events(Method::POST, "/api/v1/events")]
#[case::session(Method::GET, "/api/v1/session")]
#[case::sign_out(Method::DELETE, "/api/v1/session")]
#[tokio::test]
async fn nothing_is_open_to_who_has_not_shown_who_they_are(#[case] method: Method, #[case] path: &str) {
    let server = TestServer::start().await;
    for cookie in ["", "vestibule_session=guessed"] {
        let request = server.client.request(method.clone(), format!("{}{path}", server.base));
        let response = request.header(header::COOKIE, cookie).json(&json!({})).send().await.unwrap();
        assert_eq!(problem(response).await, problem_is(401, "unauthenticated"));
    }
}

#[tokio::test]
async fn a_code_makes_a_kiosk_a_device_once() {
    let server = TestServer::start().await;
    let site = server.site("Head office");
    let admin = server.signed_in(Role::Admin).await;
    let request = server.post("/api/v1/pairing-codes").header(header::COOKIE, admin);
    let response = request.json(&json!({"site": site, "name": "Lobby 2"})).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    let PairingCode { code, expires_in_s } = response.json().await.unwrap();
    assert_eq!((code.len(), expires_in_s), ("XXXX-XXXX-X".len(), 600));
    let typed = json!({"code": code.replace('-', " ").to_lowercase()});
    let response = server.post("/api/v1/devices/pair").json(&typed).send().await.unwrap();
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let credentials: Credentials = response.json().await.unwrap();
    assert_eq!(credentials.site, site);
    let mut kiosk = TestDevice::new(credentials);
    let events = kiosk.check_ins(1);
    server.deliver(&kiosk, &events).await;
    let again = server.post("/api/v1/devices/pair").json(&typed).send().await.unwrap();
    assert_eq!(problem(again).await, problem_is(403, "wrong_code"));
}

#[tokio::test]
async fn a_browser_of_the_staff_becomes_a_device() {
    let server = TestServer::start().await;
    let site = server.site("Head office");
    let receptionist = server.signed_in(Role::Receptionist).await;
    let enrol = |site| {
        let request = server.post("/api/v1/devices").header(header::COOKIE, &receptionist);
        request.json(&json!({"site": site, "name": "Front desk"})).send()
    };
    let response = enrol(site.to_string()).await.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    let desk = TestDevice::new(response.json().await.unwrap());
    assert!(server.changes(&desk, "").await.snapshot);
    let elsewhere = enrol("01a20675-0000-7000-8000-000000000000".to_owned()).await.unwrap();
    assert_eq!(problem(elsewhere).await, problem_is(404, "not_found"));
}

#[rstest]
#[case::receptionist(Role::Receptionist)]
#[case::marshal(Role::Marshal)]
#[tokio::test]
async fn only_an_admin_lets_kiosks_in(#[case] role: Role) {
    let server = TestServer::start().await;
    let cookie = server.signed_in(role).await;
    let request = server.post("/api/v1/pairing-codes").header(header::COOKIE, cookie);
    let response = request.json(&json!({"site": server.site("Here"), "name": "Lobby"})).send().await.unwrap();
    assert_eq!(problem(response).await, problem_is(403, "forbidden"));
}

#[tokio::test]
async fn staff_sign_in_read_and_sign_out() {
    let server = TestServer::start().await;
    let site = server.site("Head office");
    server.account("grace@example.com", Role::Receptionist);
    let sign_in = json!({"email": "Grace@Example.com", "password": PASSWORD});
    let response = server.post("/api/v1/session").json(&sign_in).send().await.unwrap();
    let set_cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(set_cookie.contains("HttpOnly") && set_cookie.contains("SameSite=Lax") && set_cookie.contains("Path=/"));
    assert!(!set_cookie.contains("Secure"), "it came by plain http, where WebKit would refuse it");
    let cookie = cookie(&response);
    let session: Session = response.json().await.unwrap();
    assert_eq!((session.role, session.sites.len()), (Role::Receptionist, 1));
    let read = |path: String| server.get(&path).header(header::COOKIE, &cookie).send();
    assert_eq!(read("/api/v1/session".to_owned()).await.unwrap().status(), StatusCode::OK);
    assert_eq!(read(format!("/api/v1/sites/{site}/changes")).await.unwrap().status(), StatusCode::OK);
    let url = format!("{}/api/v1/session", server.base);
    let response = server.client.delete(url).header(header::COOKIE, &cookie).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(problem(read("/api/v1/session".to_owned()).await.unwrap()).await, problem_is(401, "unauthenticated"));
}

#[tokio::test]
async fn who_signs_in_again_in_a_browser_leaves_no_session_behind_in_it() {
    let server = TestServer::start().await;
    let elsewhere = server.signed_in(Role::Receptionist).await;
    server.account("grace@example.com", Role::Receptionist);
    let sign_in = json!({"email": "grace@example.com", "password": PASSWORD});
    let first = cookie(&server.post("/api/v1/session").json(&sign_in).send().await.unwrap());
    let again = server.post("/api/v1/session").header(header::COOKIE, &first).json(&sign_in);
    let second = cookie(&again.send().await.unwrap());
    let shows = async |cookie: &str| {
        server.get("/api/v1/session").header(header::COOKIE, cookie).send().await.unwrap().status().as_u16()
    };
    assert_eq!((shows(&first).await, shows(&second).await, shows(&elsewhere).await), (401, 200, 200));
}

#[tokio::test]
async fn behind_a_proxy_with_tls_the_cookie_is_for_tls_only() {
    let server = TestServer::start().await;
    server.account("grace@example.com", Role::Receptionist);
    let request = server.post("/api/v1/session").header("x-forwarded-proto", "https");
    let response = request.json(&json!({"email": "grace@example.com", "password": PASSWORD})).send().await.unwrap();
    assert!(response.headers()[header::SET_COOKIE].to_str().unwrap().contains("Secure"));
}

#[tokio::test]
async fn a_wrong_password_and_a_wrong_address_are_answered_alike() {
    let server = TestServer::start().await;
    server.account("grace@example.com", Role::Admin);
    for (email, password) in [("grace@example.com", "incorrect horse"), ("nobody@example.com", PASSWORD)] {
        let sign_in = json!({"email": email, "password": password});
        let response = server.post("/api/v1/session").json(&sign_in).send().await.unwrap();
        assert!(!response.headers().contains_key(header::SET_COOKIE));
        assert_eq!(problem(response).await, problem_is(401, "wrong_credentials"));
    }
}

#[tokio::test]
async fn who_keeps_guessing_codes_must_wait() {
    let server = TestServer::start().await;
    let guess = || server.post("/api/v1/devices/pair").json(&json!({"code": "0000-0000-0"})).send();
    for _ in 0..TRIES_MAX_PER_ADDRESS {
        assert_eq!(problem(guess().await.unwrap()).await, problem_is(403, "wrong_code"));
    }
    let refused = guess().await.unwrap();
    assert_eq!(refused.headers()[header::RETRY_AFTER], "60");
    assert_eq!(problem(refused).await, problem_is(429, "too_many_tries"));
}

#[tokio::test]
async fn another_website_cannot_write_with_somebodys_cookie() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Admin).await;
    let enrol = || {
        let request = server.post("/api/v1/devices").header(header::COOKIE, &cookie);
        request.json(&json!({"site": server.site("Here"), "name": "Desk"}))
    };
    let foreign = enrol().header(header::ORIGIN, "https://evil.example").send().await.unwrap();
    assert_eq!(problem(foreign).await, problem_is(403, "foreign_origin"));
    let own = enrol().header(header::ORIGIN, &server.base).send().await.unwrap();
    assert_eq!(own.status(), StatusCode::CREATED);
    // What a form of another website can send without being asked first.
    let form = server.post("/api/v1/devices").header(header::COOKIE, &cookie).body("{}").send().await.unwrap();
    assert_eq!(problem(form).await, problem_is(415, "unsupported_media_type"));
}

#[tokio::test]
async fn the_first_account_is_made_by_the_link_and_the_link_works_once() {
    let server = TestServer::start().await;
    let token = first_account::invite(&server.database(), clock::entropy()).unwrap().unwrap();
    let set_up = |token: &str, password: &str| {
        let account = json!({"name": "Grace Hopper", "email": "grace@example.com", "password": password});
        server.post("/api/v1/setup").json(&json!({"token": token, "account": account})).send()
    };
    assert_eq!(problem(set_up("guessed", PASSWORD).await.unwrap()).await, problem_is(403, "wrong_link"));
    for unfit in ["short", "1q2w3e4r5t"] {
        let refused = set_up(token.text(), unfit).await.unwrap();
        assert_eq!(problem(refused).await, problem_is(400, "unfit_password"));
    }
    let response = set_up(token.text(), PASSWORD).await.unwrap();
    assert!(response.headers().contains_key(header::SET_COOKIE));
    assert_eq!(response.json::<Session>().await.unwrap().role, Role::Admin);
    assert_eq!(problem(set_up(token.text(), PASSWORD).await.unwrap()).await, problem_is(403, "wrong_link"));
    assert!(first_account::invite(&server.database(), clock::entropy()).unwrap().is_none());
}

#[tokio::test]
async fn no_secret_is_in_the_database_as_it_is_shown() {
    let server = TestServer::start().await;
    let kiosk = server.device();
    let cookie = server.signed_in(Role::Admin).await;
    let token = first_account::invite(&server.database(), clock::entropy()).unwrap();
    assert!(token.is_none(), "there is an account");
    server.database().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let file = std::fs::read(server.data.path().join("vestibule.db")).unwrap();
    for secret in [kiosk.credentials.token.as_str(), cookie.split_once('=').unwrap().1, PASSWORD] {
        assert!(!file.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
    assert_eq!(
        server.count("SELECT count(*) FROM staff WHERE password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'"),
        1
    );
}

#[tokio::test]
async fn an_unknown_route_of_the_api_is_a_problem_and_never_a_page() {
    let server = TestServer::start().await;
    crate::fixture::write_file(server.dist.path(), "kiosk.html", "<title>Vestibule</title>");
    for path in ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/sync"] {
        assert_eq!(problem(server.get(path).send().await.unwrap()).await, problem_is(404, "not_found"), "{path}");
    }
    let response = server.get("/api/v1/sync").send().await.unwrap();
    assert_eq!(problem(response).await, problem_is(405, "method_not_allowed"));
}
