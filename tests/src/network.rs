//! What lies between a browser and the server: a proxy on loopback that can fail in the ways that networks do.

mod little_memory;
mod pace;
mod tls;

use std::{
    convert::Infallible,
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Method, Request, Response, StatusCode, header},
    response::IntoResponse as _,
};
use futures_util::{StreamExt as _, stream};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};
use vestibule_protocol::{batch::SYNC_PATH, limits, problem};

pub use self::tls::Tls;
use self::{little_memory::with_little_memory, pace::at_pace};
use crate::clock;

/// How the network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Everything passes.
    Fair,
    /// Reads pass; every write is answered 503 (the outage of 20 March 2019).
    WritesRefused,
    /// Everything is answered 200 with an HTML page, as a captive portal does.
    CaptivePortal,
    /// Everything is sent on to a page for signing in, as a proxy does whose session has expired.
    Redirected,
    /// Batches are answered 503, and the server says that it is not ready; all else passes.
    BatchesRefused,
    /// Batches are taken and never answered.
    Hanging,
    /// Every connection is closed without an answer.
    Dropped,
    /// Batches reach the server, and its answer breaks off in the middle.
    AnswersCut,
    /// Everything passes, very slowly: "lie-fi", which looks like a connection.
    Slow,
    /// Batches are refused as by a server that does not know the device's token.
    Unauthorized,
    /// Batches over [`SMALL_BODY_BYTES`] are refused as too large.
    SmallBodies,
    /// Batches that contain [`REFUSED_WORD`] are refused as invalid; all else passes.
    Allergic,
    /// Everything passes, but a worker's program that is fetched now gets hardly more memory than it begins with.
    LittleMemory,
    /// One batch passes, if it is as small as in [`Weather::SmallBodies`]; then it is [`Weather::BatchesRefused`].
    OneSmallBatch,
}

/// What no batch may contain in [`Weather::Allergic`].
pub const REFUSED_WORD: &str = "Tables";

/// What passes in [`Weather::SmallBodies`], in bytes: two or three events.
pub const SMALL_BODY_BYTES: u64 = 3_000;

/// What passes in a second in [`Weather::Slow`], in bytes, each way: the edge of a cell, measured in a lift.
pub const SLOW_BYTES_PER_S: usize = 300;

/// How long each request takes to get through in [`Weather::Slow`]: longer than a batch waits for its answer.
pub const SLOW_LATENCY: Duration = Duration::from_secs(20);

/// A proxy in front of a server. It lives until the test's runtime ends.
pub struct Network {
    scheme: &'static str,
    address: SocketAddr,
    weather: Arc<Mutex<Weather>>,
}

/// What a network does to whatever passes, in any weather.
#[derive(Default)]
pub struct Cable {
    /// Speaks TLS with browsers.
    pub tls: Option<Tls>,
    /// By which clock the worker goes.
    pub worker_clock: WorkerClock,
}

/// By which clock a worker goes that comes through a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WorkerClock {
    /// The system's.
    #[default]
    System,
    /// The one that [`clock::set_device`] sets.
    SetByTest,
}

#[derive(Clone)]
struct Proxy {
    upstream: String,
    client: reqwest::Client,
    weather: Arc<Mutex<Weather>>,
    worker_clock: WorkerClock,
}

/// The connection ends here, without an answer.
#[derive(Debug)]
struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed, as the weather will have it")
    }
}

impl std::error::Error for Closed {}

impl Network {
    /// Puts a proxy in front of the server at `upstream` (`http://…`).
    pub async fn before(upstream: String) -> Self {
        Self::by(Cable::default(), upstream).await
    }

    /// The same, of another kind.
    pub async fn by(Cable { tls, worker_clock }: Cable, upstream: String) -> Self {
        let weather = Arc::new(Mutex::new(Weather::Fair));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let client = reqwest::Client::new();
        let proxy = Proxy { upstream, client, weather: Arc::clone(&weather), worker_clock };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port on loopback");
        let address = listener.local_addr().expect("a bound listener has an address");
        tokio::spawn(listen(listener, tls, proxy));
        Self { scheme, address, weather }
    }

    /// Where browsers find it.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Lets the weather change, from the next request on.
    pub fn set(&self, weather: Weather) {
        *self.weather.lock().unwrap_or_else(PoisonError::into_inner) = weather;
    }
}

async fn listen(listener: TcpListener, tls: Option<Tls>, proxy: Proxy) {
    while let Ok((connection, _)) = listener.accept().await {
        let (proxy, tls) = (proxy.clone(), tls.clone());
        tokio::spawn(async move {
            // A connection that breaks is the weather's doing, or the browser's.
            match tls {
                None => serve(connection, proxy).await,
                Some(tls) => {
                    if let Some(connection) = tls.greet(connection).await {
                        serve(connection, proxy).await;
                    }
                }
            }
        });
    }
}

async fn serve(connection: impl AsyncRead + AsyncWrite + Unpin + 'static, proxy: Proxy) {
    let answer = service_fn(move |request| answer(proxy.clone(), request));
    drop(http1::Builder::new().serve_connection(TokioIo::new(connection), answer).await);
}

async fn answer(proxy: Proxy, request: Request<Incoming>) -> Result<Response<Body>, Closed> {
    let weather = *proxy.weather.lock().unwrap_or_else(PoisonError::into_inner);
    let request = request.map(Body::new);
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    // A server that can't write says so.
    let asks_for_writes = !is_read || request.uri().path() == "/readyz";
    let is_batch = request.uri().path() == SYNC_PATH;
    Ok(match weather {
        Weather::Dropped => return Err(Closed),
        Weather::Hanging if is_batch => std::future::pending::<Infallible>().await.into_response(),
        Weather::Unauthorized if is_batch => {
            let problem = r#"{"status":401,"code":"unknown_token","title":"Not a token of this server"}"#;
            (StatusCode::UNAUTHORIZED, [(header::CONTENT_TYPE, problem::MEDIA_TYPE)], problem).into_response()
        }
        Weather::SmallBodies if is_batch && length(&request) > SMALL_BODY_BYTES => {
            StatusCode::PAYLOAD_TOO_LARGE.into_response()
        }
        Weather::OneSmallBatch if is_batch && length(&request) > SMALL_BODY_BYTES => {
            StatusCode::PAYLOAD_TOO_LARGE.into_response()
        }
        Weather::OneSmallBatch if is_batch => {
            *proxy.weather.lock().unwrap_or_else(PoisonError::into_inner) = Weather::BatchesRefused;
            pass(proxy, request).await
        }
        Weather::Allergic if is_batch => refuse_if_it_contains(REFUSED_WORD, proxy, request).await,
        Weather::LittleMemory if request.uri().path().starts_with("/vestibule-worker-") => {
            with_less_memory(proxy, request).await
        }
        Weather::BatchesRefused if is_batch || request.uri().path() == "/readyz" => {
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Weather::WritesRefused if asks_for_writes => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Weather::CaptivePortal => {
            ([(header::CONTENT_TYPE, "text/html")], "<!doctype html><h1>Welcome to the Wi-Fi</h1>").into_response()
        }
        Weather::Redirected => (StatusCode::FOUND, [(header::LOCATION, "/sign-in.html")]).into_response(),
        Weather::AnswersCut if is_batch => cut(pass(proxy, request).await).await,
        Weather::Slow => {
            tokio::time::sleep(SLOW_LATENCY).await;
            let request = request.map(|body| at_pace(body, SLOW_BYTES_PER_S));
            pass(proxy, request).await.map(|body| at_pace(body, SLOW_BYTES_PER_S))
        }
        Weather::Fair
        | Weather::BatchesRefused
        | Weather::WritesRefused
        | Weather::Hanging
        | Weather::AnswersCut
        | Weather::Unauthorized
        | Weather::SmallBodies
        | Weather::Allergic
        | Weather::OneSmallBatch
        | Weather::LittleMemory => match (proxy.worker_clock, request.uri().path()) {
            (WorkerClock::SetByTest, "/sw.js") => with_clock(proxy, request).await,
            _ => pass(proxy, request).await,
        },
    })
}

/// What the request says of the length of its body.
fn length(request: &Request<Body>) -> u64 {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    length.unwrap_or(0)
}

async fn pass(proxy: Proxy, request: Request<Body>) -> Response<Body> {
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

async fn refuse_if_it_contains(word: &str, proxy: Proxy, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, limits::BATCH_MAX_BYTES).await.unwrap_or_default();
    if String::from_utf8_lossy(&body).contains(word) {
        let problem = r#"{"status":422,"code":"invalid_batch","title":"Not a batch"}"#;
        return (StatusCode::UNPROCESSABLE_ENTITY, [(header::CONTENT_TYPE, problem::MEDIA_TYPE)], problem)
            .into_response();
    }
    pass(proxy, Request::from_parts(parts, Body::from(body))).await
}

/// The program as it was built, but for its memory.
async fn with_less_memory(proxy: Proxy, request: Request<Body>) -> Response<Body> {
    altered(proxy, request, |wasm| with_little_memory(&wasm)).await
}

/// The worker's script as it was built, but for its clock.
async fn with_clock(proxy: Proxy, request: Request<Body>) -> Response<Body> {
    altered(proxy, request, |script| clock::set_by_test(&String::from_utf8_lossy(&script)).into_bytes()).await
}

/// A file as `alter` would have it, uncompressed.
async fn altered(proxy: Proxy, mut request: Request<Body>, alter: impl Fn(Bytes) -> Vec<u8>) -> Response<Body> {
    // Whole, each time: the browser's own copy is of what was altered.
    for header in [header::ACCEPT_ENCODING, header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE] {
        request.headers_mut().remove(header);
    }
    let (mut parts, body) = pass(proxy, request).await.into_parts();
    if parts.status != StatusCode::OK {
        return Response::from_parts(parts, body);
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    let file = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    Response::from_parts(parts, Body::from(alter(file)))
}

/// The first half of an answer, under a header that promises the whole.
async fn cut(answer: Response<Body>) -> Response<Body> {
    let (mut parts, body) = answer.into_parts();
    let chunks: Vec<_> = body.into_data_stream().filter_map(|chunk| async { chunk.ok() }).collect().await;
    let whole = chunks.concat();
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let half = Bytes::copy_from_slice(&whole[..whole.len() / 2]);
    Response::from_parts(parts, Body::from_stream(stream::iter([Ok(half), Err(Closed)])))
}
