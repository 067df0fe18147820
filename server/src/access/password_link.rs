//! One-time links by which somebody chooses a password: a new colleague, or one who forgot theirs.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use rusqlite::{Connection, OptionalExtension, params};
use vestibule_protocol::{account::PasswordByLink, admin::OneTimeLink, id::StaffId, timestamp::Timestamp};

use super::{
    origin, own_account, password,
    peer::Peer,
    secret::{self, SECRET_BYTES, Secret, SecretHash},
};
use crate::{
    app::App,
    audit::{self, Action, By},
    body::JsonBody,
    clock,
    error::Error,
    limits,
};

/// `POST /api/v1/password`: chooses the password. All sessions of the account end; whoever chose signs in with it next.
pub async fn choose(
    State(app): State<Arc<App>>,
    peer: Peer,
    headers: HeaderMap,
    JsonBody(PasswordByLink { token, password }): JsonBody<PasswordByLink>,
) -> Result<StatusCode, Error> {
    origin::check(&headers, &peer)?;
    app.tries.try_from(peer.address, clock::now())?;
    let link = secret::hash(&token);
    // Looked at before the password is hashed: nobody without a link makes the server work.
    if app.store.read(move |connection| whose(connection, &link, clock::now())).await?.is_none() {
        return Err(Error::WrongLink);
    }
    let hash = password::hash(&app, password).await?;
    app.store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let now = clock::now();
            let Some(staff) = whose(connection, &link, now)? else { return Ok(Err(Error::WrongLink)) };
            connection.execute("DELETE FROM password_links WHERE staff = ?1", [staff.0])?;
            password::set(connection, staff, &hash)?;
            own_account::end_sessions(connection, staff, None)?;
            let by = By::staff(staff, peer.address);
            Ok(Ok(audit::note(connection, by, Action::PasswordChosenByLink.to_staff(staff), now)?))
        })
        .await??;
    app.tries.forgive(peer.address);
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a link for that account, in the place of earlier ones.
///
/// # Errors
/// What SQLite said.
pub fn make(
    connection: &Connection,
    by: By,
    staff: StaffId,
    now: Timestamp,
    entropy: [u8; SECRET_BYTES],
) -> rusqlite::Result<OneTimeLink> {
    connection
        .execute("DELETE FROM password_links WHERE staff = ?1 OR expires_at <= ?2", params![staff.0, now.unix_ms()])?;
    let token = Secret::new("", entropy);
    connection.execute(
        "INSERT INTO password_links (token_hash, staff, expires_at) VALUES (?1, ?2, ?3)",
        params![token.hash(), staff.0, now.plus_ms(limits::PASSWORD_LINK_MS).unix_ms()],
    )?;
    audit::note(connection, by, Action::PasswordLinkMade.to_staff(staff), now)?;
    let expires_in_s = u32::try_from(limits::PASSWORD_LINK_MS / 1_000).unwrap_or(u32::MAX);
    Ok(OneTimeLink { staff, token: token.text().to_owned(), expires_in_s })
}

fn whose(connection: &Connection, link: &SecretHash, now: Timestamp) -> rusqlite::Result<Option<StaffId>> {
    connection
        .prepare_cached(
            "SELECT staff FROM password_links JOIN staff ON staff.id = password_links.staff \
             WHERE token_hash = ?1 AND expires_at > ?2 AND closed_at IS NULL",
        )?
        .query_row(params![link, now.unix_ms()], |row| row.get(0).map(StaffId))
        .optional()
}
