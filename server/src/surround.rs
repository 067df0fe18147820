//! What surrounds every request: a name, a place in the logs, a measure, a time, and what every answer says.
//!
//! One function and not a layer for each, because each layer costs every request an allocation or two, and a delivery of
//! one event is little else.

use std::{fmt::Display, sync::Arc};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::timeout;
use tracing::Instrument as _;

use crate::{access::peer::Peer, app::App, clock, error::Error, headers, ingest, limits, telemetry, trust};

/// Names a request in the logs and in its answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Does what is asked, within all that surrounds it.
pub(crate) async fn surround(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let id = request_id(&parts.headers);
    parts.headers.insert(REQUEST_ID, id.clone());
    let span = span(&parts, &id);
    telemetry::follow(&span, &parts.headers);
    let peer = Peer::of(&parts, &app);
    let is_delivery = ingest::is_delivery(&parts);
    let doing = async {
        if let Some(refused) = trust::refusal_of_plain_http(&app, &parts, &peer) {
            return refused;
        }
        let counted = app.rates.count_request(&app, &parts, &peer).await;
        let mut response = match counted.as_ref().and_then(|counted| counted.too_many) {
            Some(after_s) => Error::TooManyRequests { after_s }.into_response(),
            None => in_time(next.run(Request::from_parts(parts, body))).await,
        };
        if let Some(counted) = counted {
            counted.tell(&mut response);
        }
        response
    };
    let mut response = doing.instrument(span.clone()).await;
    span.record("status", response.status().as_u16());
    if is_delivery {
        app.metrics.count_delivery(response.status());
        if !response.status().is_success() {
            // It may have been refused before its body was read, and then this connection ends: nobody should send the
            // next one on it.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
    headers::tell(response.headers_mut(), &peer);
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// Ends a request that takes too long to arrive or to do. What streams has answered by then.
async fn in_time(doing: impl Future<Output = Response>) -> Response {
    timeout(limits::REQUEST_TIME, doing).await.unwrap_or_else(|_| Error::TooSlow.into_response())
}

/// The name that the client gave the request, if it is one that a log can hold; else a fresh one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let is_fit = |id: &&HeaderValue| {
        let id = id.as_bytes();
        (1..=limits::REQUEST_ID_MAX_BYTES).contains(&id.len())
            && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte))
    };
    headers.get(REQUEST_ID).filter(is_fit).cloned().unwrap_or_else(|| {
        let id = uuid::Builder::from_random_bytes(clock::entropy()).into_uuid();
        HeaderValue::try_from(id.to_string()).expect("a UUID is visible ASCII")
    })
}

/// The path holds ids and never names; the query is left out all the same.
fn span(parts: &Parts, id: &HeaderValue) -> tracing::Span {
    let id = id.to_str().unwrap_or_default();
    let route = parts.extensions.get().map_or("files", MatchedPath::as_str);
    tracing::info_span!(
        "request",
        otel.name = %format_args!("{} {route}", parts.method),
        otel.kind = "server",
        method = %parts.method,
        path = parts.uri.path(),
        id,
        who = tracing::field::Empty,
        status = tracing::field::Empty,
    )
}

/// Writes into the request's place in the log who asks, once they have shown who they are: as `staff 0195…`.
pub(crate) fn note_who(kind: &'static str, id: impl Display) {
    tracing::Span::current().record("who", tracing::field::display(format_args!("{kind} {id}")));
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn named(id: &str) -> HeaderValue {
        let value = HeaderValue::from_bytes(id.as_bytes()).unwrap();
        request_id(&HeaderMap::from_iter([(REQUEST_ID, value)]))
    }

    #[rstest]
    #[case::uuid("0195b3a4-6f9d-7c3e-8a51-0c2d4e6f8a01")]
    #[case::of_a_proxy("Root=1-67891233-abcdef012345678912345678")]
    fn a_name_that_a_client_gave_stays(#[case] id: &str) {
        assert_eq!(named(id), id);
    }

    #[rstest]
    #[case::none("")]
    #[case::spaces("a b")]
    #[case::quotes("\"a\"")]
    #[case::not_ascii("é")]
    #[case::long(&"a".repeat(limits::REQUEST_ID_MAX_BYTES + 1))]
    fn one_that_would_spoil_a_log_is_replaced(#[case] id: &str) {
        let made = named(id);
        assert!(uuid::Uuid::parse_str(made.to_str().unwrap()).is_ok(), "{made:?}");
        assert_ne!(made, named(id));
    }
}
