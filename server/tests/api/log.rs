//! The log: lines for programs, and nobody's name in any of them.

use std::fs::{self, File};

use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use vestibule_protocol::batch::SYNC_PATH;

use crate::{
    command_line::{Process, device},
    fixture::{altered, checked_in, client, fresh_uuid},
};

/// Who visits, and who mistypes a password: words that are in the requests.
const NAMES: [&str; 4] = ["Lovelace", "Somerville", "ada@example.com", "a secret of mine"];

#[tokio::test]
async fn at_its_most_talkative_the_log_is_json_line_by_line_and_tells_of_no_visitor() {
    let dir = tempfile::tempdir().unwrap();
    let (data, log) = (dir.path().join("data"), dir.path().join("log"));
    let options = ["--listen", "127.0.0.1:0", "--log-format", "json"];
    let mut server = Process::start_logging(&data, &options, File::create(&log).unwrap());
    let mut kiosk = device(&data, "Lobby");
    let token = kiosk.credentials.token.clone();
    let post = |path: &str, kind: &str, body: String| {
        let request = client().post(format!("{}{path}", server.base)).bearer_auth(&token);
        request.header(header::CONTENT_TYPE, kind).body(body).send()
    };

    // What counts, what can't, what contradicts itself, and what is no batch at all.
    let arrival = kiosk.event(vestibule_protocol::id::VisitId(fresh_uuid()), checked_in("Ada Lovelace"));
    let other = altered(&arrival, |event| event["data"]["visitor"]["name"] = json!("Mary Somerville"));
    let unknown = altered(&arrival, |event| event["type"] = json!("vestibule.visit.beamed_up.v1"));
    let events = [arrival.to_text().into(), other, unknown].map(|text: String| kiosk.append(text));
    let delivered = post(SYNC_PATH, "application/json", kiosk.batch(&events)).await.unwrap();
    assert_eq!(delivered.status(), StatusCode::OK);
    let half = kiosk.batch(&events).replace("\"events\"", "\"eve");
    assert_eq!(post(SYNC_PATH, "application/json", half).await.unwrap().status(), StatusCode::BAD_REQUEST);
    let visit = json!({"visitor": {"name": "Ada Lovelace", "email": "ada@example.com"}, "expected_at": "tomorrow"});
    let refused = post("/api/v1/visits", "application/json", visit.to_string()).await.unwrap();
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let guess = json!({"email": "ada@example.com", "password": "a secret of mine"});
    let refused = post("/api/v1/session", "application/json", guess.to_string()).await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let query = client().get(format!("{}/api/v1/visits?name=Lovelace", server.base)).bearer_auth(&token);
    query.send().await.unwrap();
    let elsewhere = format!("{}/api/v1/visits?site={}", server.base, fresh_uuid());
    let refused = client().get(elsewhere).bearer_auth(&token).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert!(server.terminate().await.success());

    let text = fs::read_to_string(log).unwrap();
    let read = |line| -> Value { serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")) };
    let lines: Vec<_> = text.lines().map(read).collect();
    for line in &lines {
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
    let refused: Vec<_> = lines.iter().filter(|line| line["fields"]["message"] == "a request was refused").collect();
    let codes: Vec<_> = refused.iter().map(|line| line["fields"]["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["malformed_body", "malformed_body", "wrong_credentials", "other_site"]);
    let last = &refused[3]["span"];
    assert_eq!((last["method"].as_str(), last["path"].as_str()), (Some("GET"), Some("/api/v1/visits")));
    assert_eq!(last["who"], format!("device {}", kiosk.credentials.device));
    assert!(last["id"].is_string(), "by which it is found elsewhere");
    for name in NAMES.into_iter().chain([&*token]) {
        assert!(!text.contains(name), "{name} is in the log");
    }
}
