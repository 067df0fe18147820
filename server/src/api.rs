//! The API for integrators: visits as things to read and act on, events as CloudEvents, a feed to replay.
//!
//! What is done here becomes an event in the same ledger as what is done at a kiosk, by the same rules. Nothing is put in
//! quarantine, though: who calls an API is told at once that an event can't count, and still has it.

mod caller;
mod docs;
#[expect(unused_qualifications, reason = "utoipa's macro writes them")]
mod events;
mod record;
#[expect(unused_qualifications, reason = "utoipa's macro writes them")]
mod visits;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};
use vestibule_protocol::limits::BATCH_MAX_BYTES;

use crate::app::App;

/// The routes, below `/api/v1`.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/visits", get(visits::list).post(visits::register))
        .route("/visits/{id}", get(visits::show))
        .route("/visits/{id}/check-in", post(visits::check_in))
        .route("/visits/{id}/check-out", post(visits::check_out))
        .route("/events", get(events::list).post(events::take).layer(DefaultBodyLimit::max(BATCH_MAX_BYTES)))
        .route("/openapi.json", get(docs::document))
        .route("/docs", get(docs::page))
}
