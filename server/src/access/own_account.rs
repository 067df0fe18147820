//! What somebody signed in does to their own account: another password, signing out everywhere.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use axum_extra::extract::CookieJar;
use rusqlite::{Connection, params};
use vestibule_protocol::{account::PasswordChange, id::StaffId};

use super::{
    password,
    secret::{self, SecretHash},
    session::{self, COOKIE},
    staff::StaffWrite,
};
use crate::{
    app::App,
    audit::{self, Action},
    body::JsonBody,
    clock,
    error::Error,
    limits,
};

/// `PUT /api/v1/session/password`: another password. All other sessions end, in case the old one had leaked.
pub async fn change_password(
    State(app): State<Arc<App>>,
    StaffWrite { staff, by }: StaffWrite,
    cookies: CookieJar,
    JsonBody(PasswordChange { current, new }): JsonBody<PasswordChange>,
) -> Result<StatusCode, Error> {
    password::prove(&app, &staff, by, current).await?;
    let hash = password::hash(&app, new).await?;
    let this = cookies.get(COOKIE).map(|cookie| secret::hash(cookie.value()));
    app.store
        .write(0, limits::WRITE_WAIT, move |connection| {
            password::set(connection, staff.id, &hash)?;
            end_sessions(connection, staff.id, this.as_ref())?;
            audit::note(connection, by, Action::PasswordChanged.to_staff(staff.id), clock::now())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/sessions`: sign out everywhere, here too.
pub async fn sign_out_everywhere(
    State(app): State<Arc<App>>,
    StaffWrite { staff, by }: StaffWrite,
    cookies: CookieJar,
) -> Result<(StatusCode, CookieJar), Error> {
    app.store
        .write(0, limits::WRITE_WAIT, move |connection| {
            end_sessions(connection, staff.id, None)?;
            audit::note(connection, by, Action::SignedOutEverywhere.to_staff(staff.id), clock::now())
        })
        .await?;
    Ok((StatusCode::NO_CONTENT, session::without_cookie(cookies)))
}

/// Ends all sessions of the account but `kept`.
///
/// # Errors
/// What SQLite said.
pub(super) fn end_sessions(connection: &Connection, staff: StaffId, kept: Option<&SecretHash>) -> rusqlite::Result<()> {
    connection
        .execute("DELETE FROM sessions WHERE staff = ?1 AND token_hash IS NOT ?2", params![staff.0, kept])
        .map(|_| ())
}
