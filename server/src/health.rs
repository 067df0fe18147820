//! Is the process there, and can it do its work?

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;

use crate::{app::App, clock, error::Error, limits};

/// What a healthy server says.
#[derive(Serialize)]
pub struct Health {
    status: &'static str,
}

/// `GET /healthz`: the process answers. Restart it if it doesn't.
pub async fn alive() -> Json<Health> {
    Json(Health { status: "alive" })
}

/// `GET /readyz`: a write has just been committed, so a delivery would be too. A server that can only read is not
/// ready: that is the outage that devices wait out.
pub async fn ready(State(app): State<Arc<App>>) -> Result<Json<Health>, Error> {
    app.store
        .write(0, limits::READY_WAIT, |connection| {
            connection.prepare_cached("UPDATE meta SET checked_at = ?1")?.execute([clock::now().unix_ms()])
        })
        .await?;
    Ok(Json(Health { status: "ready" }))
}
