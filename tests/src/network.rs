//! What lies between a browser and the server: a proxy on loopback that can fail in the ways that networks do.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use vestibule_protocol::{batch::SYNC_PATH, problem};

/// How the network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Everything passes.
    Fair,
    /// Reads pass; every write is answered 503 (the outage of 20 March 2019).
    WritesRefused,
    /// Everything is answered 200 with an HTML page, as a captive portal does.
    CaptivePortal,
    /// Batches are answered 503, and the server says that it is not ready; all else passes.
    BatchesRefused,
    /// Batches are taken and never answered.
    Hanging,
    /// Batches are refused as by a server that does not know the device's token.
    Unauthorized,
    /// Batches over [`SMALL_BODY_BYTES`] are refused as too large.
    SmallBodies,
}

/// What passes in [`Weather::SmallBodies`], in bytes: two or three events.
pub const SMALL_BODY_BYTES: u64 = 3_000;

/// A proxy in front of a server. It lives until the test's runtime ends.
pub struct Network {
    address: SocketAddr,
    weather: Arc<Mutex<Weather>>,
}

#[derive(Clone)]
struct Proxy {
    upstream: String,
    client: reqwest::Client,
    weather: Arc<Mutex<Weather>>,
}

impl Network {
    /// Puts a proxy in front of the server at `upstream` (`http://…`).
    pub async fn before(upstream: String) -> Self {
        let weather = Arc::new(Mutex::new(Weather::Fair));
        let proxy = Proxy { upstream, client: reqwest::Client::new(), weather: Arc::clone(&weather) };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
        let address = listener.local_addr().expect("a bound listener has an address");
        let router = Router::new().fallback(forward).with_state(proxy);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, weather }
    }

    /// Where browsers find it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets the weather change, from the next request on.
    pub fn set(&self, weather: Weather) {
        *self.weather.lock().unwrap_or_else(PoisonError::into_inner) = weather;
    }
}

async fn forward(State(proxy): State<Proxy>, request: Request) -> Response {
    let weather = *proxy.weather.lock().unwrap_or_else(PoisonError::into_inner);
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    // A server that can't write says so.
    let asks_for_writes = !is_read || request.uri().path() == "/readyz";
    let is_batch = request.uri().path() == SYNC_PATH;
    match weather {
        Weather::Hanging if is_batch => std::future::pending().await,
        Weather::Unauthorized if is_batch => {
            let problem = r#"{"status":401,"code":"unknown_token","title":"Not a token of this server"}"#;
            (StatusCode::UNAUTHORIZED, [(header::CONTENT_TYPE, problem::MEDIA_TYPE)], problem).into_response()
        }
        Weather::SmallBodies if is_batch && length(&request) > SMALL_BODY_BYTES => {
            StatusCode::PAYLOAD_TOO_LARGE.into_response()
        }
        Weather::BatchesRefused if is_batch || request.uri().path() == "/readyz" => {
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Weather::WritesRefused if asks_for_writes => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Weather::CaptivePortal => {
            ([(header::CONTENT_TYPE, "text/html")], "<!doctype html><h1>Welcome to the Wi-Fi</h1>").into_response()
        }
        Weather::Fair
        | Weather::BatchesRefused
        | Weather::WritesRefused
        | Weather::Hanging
        | Weather::Unauthorized
        | Weather::SmallBodies => pass(proxy, request).await,
    }
}

/// What the request says of the length of its body.
fn length(request: &Request) -> u64 {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    length.unwrap_or(0)
}

async fn pass(proxy: Proxy, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let answer = proxy
        .client
        .request(parts.method, format!("{}{path}", proxy.upstream))
        .headers(parts.headers)
        .body(reqwest::Body::wrap_stream(body.into_data_stream()))
        .send()
        .await;
    let Ok(answer) = answer else { return StatusCode::BAD_GATEWAY.into_response() };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    // The connection to the browser frames the body anew.
    response.headers_mut().remove(header::TRANSFER_ENCODING);
    response.headers_mut().remove(header::CONNECTION);
    *response.body_mut() = Body::from_stream(answer.bytes_stream());
    response
}
