//! The API for integrators: visits as things to read and act on, events as CloudEvents, a feed to replay.
//!
//! What is done here becomes an event in the same ledger as what is done at a kiosk, by the same rules. Nothing is put in
//! quarantine, though: who calls an API is told at once that an event can't count, and still has it.

mod caller;
mod docs;
#[expect(unused_qualifications, reason = "utoipa's macro writes them")]
mod events;
mod problems;
pub(crate) mod record;
#[expect(unused_qualifications, reason = "utoipa's macro writes them")]
pub(crate) mod visits;

use axum::{extract::DefaultBodyLimit, http::Method, routing::post};
use vestibule_protocol::limits::BATCH_MAX_BYTES;

use crate::router::Table;

/// Adds the routes.
pub(crate) fn routes(table: Table) -> Table {
    let take = post(events::take).layer(DefaultBodyLimit::max(BATCH_MAX_BYTES));
    table
        .get("/api/v1/visits", visits::list)
        .post("/api/v1/visits", visits::register)
        .get("/api/v1/visits/{id}", visits::show)
        .post("/api/v1/visits/{id}/check-in", visits::check_in)
        .post("/api/v1/visits/{id}/check-out", visits::check_out)
        .get("/api/v1/events", events::list)
        .get("/api/v1/events/{id}", events::show)
        .route(Method::POST, "/api/v1/events", take)
        .get("/api/v1/openapi.json", docs::document)
        .get("/api/v1/docs", docs::page)
        .get("/api/v1/docs.css", docs::style)
        .get("/api/v1/docs.js", docs::script)
}
