//! Where everybody's events go: to one server, through one proxy. Our worker and the bare loop speak its protocol; what
//! the peers speak is taken here and passed on in it, so that each answer means the same: on the server's disk.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    Json, Router,
    body::{Body, Bytes, to_bytes},
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use vestibule_protocol::{
    account::Credentials,
    batch::SYNC_PATH,
    id::{BatchId, StreamId},
};
use vestibule_tests::{people::now, workspace};

/// The largest body that a peer sends: 500 events in its own words, and room.
const BODY_MAX_BYTES: usize = 8 * 1_024 * 1_024;

/// The page that everybody is measured in. It is empty; the driver puts in what is to run.
pub(crate) const PAGE: &str = "/peers/page.html";

/// What the page loads to have the peers.
pub(crate) const PEERS: &str = "/peers/peers.js";

#[derive(Clone)]
struct Sink {
    upstream: String,
    client: reqwest::Client,
    token: String,
    stream: StreamId,
    next_seq: Arc<AtomicU64>,
}

/// Starts it in front of `upstream`, as the device of the credentials. Gives where it is.
pub(crate) async fn start(upstream: String, peers: &Credentials) -> String {
    let client = reqwest::Client::new();
    let stream = StreamId::new(now(), entropy(0));
    let sink = Sink { upstream, client, token: peers.token.to_string(), stream, next_seq: Arc::new(AtomicU64::new(1)) };
    let router = Router::new()
        .route(PAGE, get(async || ([(header::CONTENT_TYPE, "text/html")], "<!doctype html><title>drain</title>")))
        .route(PEERS, get(built))
        .route("/sink/text", post(text))
        .route("/sink/texts", post(texts))
        // What of CouchDB's API a replication asks.
        .route("/sink/{database}/", get(async || Json(json!({ "db_name": "sink", "update_seq": 0 }))))
        .route("/sink/{database}/_local/{id}", get(no_checkpoint).put(checkpoint))
        .route("/sink/{database}/_revs_diff", post(all_are_missing))
        .route("/sink/{database}/_bulk_docs", post(documents))
        .fallback(pass)
        .layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
        .with_state(sink);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
    let address = listener.local_addr().expect("a bound listener has an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

async fn built() -> Response {
    let path = workspace().join("tests/peers/drain/node_modules/built/peers.js");
    let script = std::fs::read_to_string(path).expect("`make drain` builds the peers");
    ([(header::CONTENT_TYPE, "text/javascript")], script).into_response()
}

async fn text(State(sink): State<Sink>, text: String) -> StatusCode {
    sink.keep(&[text]).await
}

async fn texts(State(sink): State<Sink>, Json(texts): Json<Vec<String>>) -> StatusCode {
    sink.keep(&texts).await
}

async fn documents(State(sink): State<Sink>, Json(asked): Json<Value>) -> Response {
    let documents = asked["docs"].as_array().map(Vec::as_slice).unwrap_or_default();
    let texts: Vec<_> =
        documents.iter().map(|document| document["text"].as_str().unwrap_or_default().to_owned()).collect();
    // Of documents with revisions of their own, CouchDB tells those alone that it does not take.
    (sink.keep(&texts).await, Json(json!([]))).into_response()
}

async fn all_are_missing(Json(asked): Json<serde_json::Map<String, Value>>) -> Json<Value> {
    Json(asked.into_iter().map(|(id, revisions)| (id, json!({ "missing": revisions }))).collect())
}

async fn no_checkpoint() -> (StatusCode, Json<Value>) {
    (StatusCode::NOT_FOUND, Json(json!({ "error": "not_found", "reason": "missing" })))
}

async fn checkpoint() -> (StatusCode, Json<Value>) {
    (StatusCode::CREATED, Json(json!({ "ok": true, "id": "_local/checkpoint", "rev": "0-1" })))
}

impl Sink {
    /// Has the server keep these events.
    async fn keep(&self, texts: &[String]) -> StatusCode {
        let count = texts.len() as u64;
        let first = self.next_seq.fetch_add(count, Ordering::Relaxed);
        let events: Vec<_> =
            texts.iter().zip(first..).map(|(text, seq)| format!(r#"{{"seq":{seq},"event":{text}}}"#)).collect();
        let batch = BatchId::new(now(), entropy(first));
        let head = json!({ "seq": first + count - 1, "chain": "0".repeat(64) });
        let health = json!({
            "pending": 0, "parked": 0, "oldest_pending_at": null, "persisted": false, "app_version": "peers",
        });
        let body = format!(
            r#"{{"protocol":1,"stream":"{}","batch":"{batch}","head":{head},"sent_at":"{}","history":null,"health":{health},"events":[{}]}}"#,
            self.stream,
            now(),
            events.join(",")
        );
        let request = self.client.post(format!("{}{SYNC_PATH}", self.upstream)).bearer_auth(&self.token);
        let answer = request.header(header::CONTENT_TYPE, "application/json").body(body).send().await;
        let Ok(answer) = answer else { return StatusCode::BAD_GATEWAY };
        let status = answer.status();
        let receipt: Value = answer.json().await.unwrap_or_default();
        let results = receipt["results"].as_array().map_or(0, Vec::len);
        if status == StatusCode::OK && results == texts.len() { StatusCode::OK } else { StatusCode::BAD_GATEWAY }
    }
}

/// Different for each seq; nobody guesses at these.
fn entropy(seq: u64) -> [u8; 10] {
    let mut entropy = [7; 10];
    entropy[2..].copy_from_slice(&seq.to_be_bytes());
    entropy
}

async fn pass(State(sink): State<Sink>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_MAX_BYTES).await.unwrap_or_default();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let asked = sink.client.request(parts.method, format!("{}{path}", sink.upstream)).headers(parts.headers).body(body);
    let Ok(answer) = asked.send().await else { return StatusCode::BAD_GATEWAY.into_response() };
    let (status, mut headers): (_, HeaderMap) = (answer.status(), answer.headers().clone());
    headers.remove(header::TRANSFER_ENCODING);
    headers.remove(header::CONNECTION);
    let body: Bytes = answer.bytes().await.unwrap_or_default();
    (status, headers, Body::from(body)).into_response()
}
