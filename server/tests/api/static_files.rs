//! The user interface as a browser loads it.

use reqwest::{Response, StatusCode, header};
use rstest::rstest;

use crate::fixture::{TestServer, problem, problem_is, write_file};

const SCRIPT: &str = "/kiosk-0a1b2c3d4e5f6071.js";

async fn built() -> TestServer {
    let server = TestServer::start().await;
    for (name, content) in [
        ("kiosk.html", "the kiosk's page"),
        ("kiosk.html.br", "page as brotli"),
        ("desk.html", "the desk's page"),
        ("office.html", "the office's page"),
        ("sw.js", "// worker"),
        ("manifest.webmanifest", "{}"),
        (&SCRIPT[1..], "// app"),
        (&format!("{}.br", &SCRIPT[1..]), "app as brotli"),
        (&format!("{}.gz", &SCRIPT[1..]), "app as gzip"),
    ] {
        write_file(server.dist.path(), name, content);
    }
    server
}

async fn get(server: &TestServer, path: &str, accept_encoding: &str) -> Response {
    let response = server.get(path).header(header::ACCEPT_ENCODING, accept_encoding).send().await.unwrap();
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    response
}

#[rstest]
#[case::root("/", "the kiosk's page")]
#[case::kiosk("/kiosk", "the kiosk's page")]
#[case::nothing("/dashboards", "the kiosk's page")]
#[case::dashboard("/dashboard", "the desk's page")]
#[case::set_up("/setup", "the desk's page")]
#[case::password_link("/password", "the desk's page")]
#[case::office("/office", "the office's page")]
#[case::office_deeper("/office/settings", "the office's page")]
#[case::deeper("/dashboard/visits/01a20675-0000-7000-8000-000000000000", "the desk's page")]
#[tokio::test]
async fn every_route_of_the_app_is_its_halfs_page_and_asked_for_anew(#[case] path: &str, #[case] page: &str) {
    let server = built().await;
    let response = get(&server, path, "").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html");
    assert_eq!(response.text().await.unwrap(), page);
}

#[rstest]
#[case::service_worker("/sw.js", "no-cache")]
#[case::manifest("/manifest.webmanifest", "no-cache")]
#[case::hashed(SCRIPT, "public, max-age=31536000, immutable")]
#[tokio::test]
async fn only_what_carries_its_hash_is_kept_for_ever(#[case] path: &str, #[case] caching: &str) {
    let server = built().await;
    assert_eq!(get(&server, path, "").await.headers()[header::CACHE_CONTROL], caching);
}

#[rstest]
#[case::best("gzip, br", "br", "app as brotli")]
#[case::good("gzip", "gzip", "app as gzip")]
#[tokio::test]
async fn what_was_packed_ahead_is_sent_packed(#[case] accepted: &str, #[case] encoding: &str, #[case] content: &str) {
    let server = built().await;
    let response = get(&server, SCRIPT, accepted).await;
    assert_eq!(response.headers()[header::CONTENT_ENCODING], encoding);
    assert_eq!(response.headers()[header::VARY], "accept-encoding");
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/javascript");
    assert_eq!(response.text().await.unwrap(), content);
    let entry = get(&server, "/kiosk", "br").await;
    assert_eq!(entry.text().await.unwrap(), "page as brotli");
}

#[tokio::test]
async fn a_file_that_is_missing_is_not_answered_with_a_page() {
    let server = built().await;
    let response = get(&server, "/kiosk-ffffffffffff0000.js", "").await;
    assert_eq!(problem(response).await, problem_is(404, "not_found"));
}

#[tokio::test]
async fn nothing_outside_the_folder_is_served() {
    let server = built().await;
    write_file(server.data.path(), "secret", "not for the web");
    let data = server.data.path().display();
    let folder = server.data.path().file_name().unwrap().to_str().unwrap();
    for path in [format!("/%2e%2e/{folder}/secret"), format!("/..%2f{folder}%2fsecret"), format!("/{data}/secret")] {
        let body = get(&server, &path, "").await.text().await.unwrap();
        assert!(!body.contains("not for the web"), "{path}");
    }
}

#[tokio::test]
async fn without_a_user_interface_the_server_says_what_to_do() {
    let server = TestServer::start().await;
    let response = get(&server, "/kiosk", "").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(response.text().await.unwrap().contains("make build"));
}
