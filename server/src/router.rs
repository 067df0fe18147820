//! Every route, on one page, and what surrounds them all.

use std::{any::Any, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, patch, post, put},
};
use tokio::time::timeout;
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    set_header::SetResponseHeaderLayer,
    trace::TraceLayer,
};
use vestibule_protocol::limits::BATCH_MAX_BYTES;

use crate::{
    access::{
        accounts, device, devices, first_account, keys, own_account, pairing, password_link, second_factor, session,
    },
    api,
    app::App,
    audit, changes,
    error::Error,
    health, ingest, limits, metrics, standing, statement,
    static_files::{self, Dist},
    stream,
};

/// Names a request in the logs and in its answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The whole server.
pub fn router(app: Arc<App>, dist: Dist) -> Router {
    let api = Router::new()
        // Devices.
        .route(
            "/sync",
            post(ingest::sync)
                .layer(DefaultBodyLimit::max(BATCH_MAX_BYTES))
                .layer(middleware::from_fn_with_state(Arc::clone(&app), metrics::count_requests)),
        )
        .route("/devices", get(devices::list).post(device::enrol_browser))
        .route("/devices/{id}", patch(devices::change))
        .route("/devices/{id}/revoke", post(devices::revoke_one))
        .route("/device/token", post(devices::renew))
        .route("/devices/pair", post(pairing::pair))
        .route("/pairing-codes", post(pairing::make_code))
        // What a desk shows.
        .route("/sites/{site}/changes", get(changes::show))
        .route("/sites/{site}/stream", get(stream::show))
        // How delivery stands.
        .route("/sites/{site}/devices", get(standing::show))
        .route("/sites/{site}/statement", get(statement::show))
        .route("/statement-keys", get(statement::keys))
        // Staff.
        .route("/setup", post(first_account::set_up))
        .route("/session", get(session::show).post(session::sign_in).merge(delete(session::sign_out)))
        .route("/sessions", delete(own_account::sign_out_everywhere))
        .route("/session/password", put(own_account::change_password))
        .route(
            "/session/second-factor",
            post(second_factor::offer).put(second_factor::confirm).delete(second_factor::give_up),
        )
        .route("/password", post(password_link::choose))
        .route("/staff", get(accounts::list).post(accounts::add))
        .route("/staff/{id}", patch(accounts::change))
        .route("/staff/{id}/password-link", post(accounts::make_link))
        .route("/staff/{id}/sessions", delete(accounts::sign_out))
        .route("/staff/{id}/second-factor", delete(accounts::remove_second_factor))
        .route("/keys", get(keys::list).post(keys::make))
        .route("/keys/{id}", delete(keys::revoke))
        .route("/audit", get(audit::list))
        .route("/audit.csv", get(audit::csv))
        // Integrators.
        .merge(api::routes())
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .fallback(async || Error::NotFound)
        .layer(header_layer(header::CACHE_CONTROL, "no-store"));
    Router::new()
        .nest("/api/v1", api)
        .route("/healthz", get(health::alive).layer(header_layer(header::CACHE_CONTROL, "no-store")))
        .route("/readyz", get(health::ready).layer(header_layer(header::CACHE_CONTROL, "no-store")))
        .route("/metrics", get(metrics::show).layer(header_layer(header::CACHE_CONTROL, "no-store")))
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .with_state(app)
        .fallback_service(get(static_files::show).fallback(async || Error::NotFound).with_state(dist))
        .layer(DefaultBodyLimit::max(limits::BODY_MAX_BYTES))
        .layer(middleware::from_fn(in_time))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(header_layer(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header_layer(header::REFERRER_POLICY, "same-origin"))
        .layer(header_layer(header::X_FRAME_OPTIONS, "DENY"))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
}

fn header_layer(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

/// Ends a request that takes too long to arrive or to do. What streams has answered by then.
async fn in_time(request: Request, next: Next) -> Response {
    timeout(limits::REQUEST_TIME, next.run(request)).await.unwrap_or_else(|_| Error::TooSlow.into_response())
}

/// The path holds ids and never names; the query is left out all the same.
fn span(request: &axum::http::Request<axum::body::Body>) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id)
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    Error::Internal("a handler panicked".into()).into_response()
}
