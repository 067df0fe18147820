//! The first account, by a one-time link that only who starts the server can see.

use std::sync::Arc;

use axum::{Json, extract::State, http::HeaderMap};
use axum_extra::extract::CookieJar;
use rusqlite::Connection;
use vestibule_protocol::account::{Role, Session, SetUp};

use super::{
    origin, password,
    peer::Peer,
    secret::{self, SECRET_BYTES, Secret},
    session,
    staff::{self, Account},
};
use crate::{
    app::App,
    audit::{self, Action, By},
    body::JsonBody,
    clock,
    error::Error,
    limits,
};

/// `POST /api/v1/setup`: makes the first account, an admin's, and signs it in.
pub async fn set_up(
    State(app): State<Arc<App>>,
    peer: Peer,
    headers: HeaderMap,
    JsonBody(SetUp { token, account }): JsonBody<SetUp>,
) -> Result<(CookieJar, Json<Session>), Error> {
    origin::check(&headers, &peer)?;
    app.tries.try_from(peer.address, clock::now())?;
    let hash = secret::hash(&token);
    // Looked at before the password is hashed: nobody without the link makes the server work.
    if !app.store.read(move |connection| holds(connection, &hash)).await? {
        return Err(Error::WrongLink);
    }
    let password_hash = password::hash(&app, account.password).await?;
    let by = By::nobody(peer.address);
    let staff = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            if !holds(connection, &hash)? {
                return Ok(None);
            }
            connection.execute("DELETE FROM setup_link", ())?;
            let (name, email) = (&account.name, &account.email);
            let first = Account { name, email, password_hash: &password_hash, role: Role::Admin };
            let now = clock::now();
            let staff = staff::add(connection, &first, now, clock::entropy())?;
            if let Some(staff) = &staff {
                audit::note(connection, by, Action::StaffAdded.to_staff(staff.id), now)?;
            }
            Ok(staff)
        })
        .await?
        .ok_or(Error::WrongLink)?;
    app.tries.forgive(peer.address);
    let former = session::former(&CookieJar::from_headers(&headers));
    session::open(&app, &peer, former, staff, Action::SignedIn).await
}

/// Makes the link's token while there is no account, in place of any earlier one.
///
/// # Errors
/// What SQLite said.
pub fn invite(connection: &Connection, entropy: [u8; SECRET_BYTES]) -> rusqlite::Result<Option<Secret>> {
    if staff::any(connection)? {
        connection.execute("DELETE FROM setup_link", ())?;
        return Ok(None);
    }
    let token = Secret::new("", entropy);
    connection.execute("INSERT OR REPLACE INTO setup_link (only, token_hash) VALUES (1, ?1)", [token.hash()])?;
    Ok(Some(token))
}

fn holds(connection: &Connection, hash: &secret::SecretHash) -> rusqlite::Result<bool> {
    Ok(!staff::any(connection)?
        && connection.prepare_cached("SELECT 1 FROM setup_link WHERE token_hash = ?1")?.exists([hash])?)
}
