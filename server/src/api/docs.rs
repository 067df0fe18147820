//! `/api/v1/openapi.json`, and a page that shows it without help from anywhere else.

use axum::{
    Json,
    http::header,
    response::{Html, IntoResponse},
};
use utoipa::OpenApi;

use super::{events, problems::Everywhere, visits};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vestibule",
        description = "Visits to read and act on, and the events behind them. Show an API key, or a device's token, as \
                       `Authorization: Bearer`, or come with the session of somebody signed in. A key of scope `read` \
                       may look; to act takes `write`. Errors are `application/problem+json` \
                       (RFC 9457) with a `code` that never changes. Every request has an id, in `X-Request-Id`."
    ),
    modifiers(&Everywhere),
    paths(
        visits::list,
        visits::register,
        visits::show,
        visits::check_in,
        visits::check_out,
        events::list,
        events::show,
        events::take
    )
)]
struct Document;

/// `GET /api/v1/openapi.json`.
pub(super) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}

/// `GET /api/v1/docs`.
pub(super) async fn page() -> Html<&'static str> {
    Html(include_str!("docs.html"))
}

/// `GET /api/v1/docs.css`: apart from the page, because nothing inline is let through.
pub(super) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("docs.css"))
}

/// `GET /api/v1/docs.js`.
pub(super) async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("docs.js"))
}
