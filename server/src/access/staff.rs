//! Members of the staff: their accounts, and how a request shows that somebody is signed in.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use axum_extra::extract::CookieJar;
use rusqlite::{Connection, OptionalExtension, Row, params};
use vestibule_protocol::{
    account::{Email, Role},
    event::Name,
    id::{ENTROPY_BYTES, StaffId},
    timestamp::Timestamp,
};

use super::{
    origin,
    secret::{self, SecretHash},
    session::COOKIE,
};
use crate::{app::App, clock, error::Error};

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Who.
    pub id: StaffId,
    /// As colleagues know them.
    pub name: Name,
    /// What they may do.
    pub role: Role,
}

/// A request of somebody signed in. For reading; to change something, take [`StaffWrite`].
pub struct StaffAuth(pub Staff);

/// A request of somebody signed in, sent by our own pages and not by another website in their name.
pub struct StaffWrite(pub Staff);

/// A [`StaffWrite`] of an admin.
pub struct AdminWrite;

impl FromRequestParts<Arc<App>> for StaffAuth {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let cookies = CookieJar::from_headers(&parts.headers);
        let hash = secret::hash(cookies.get(COOKIE).ok_or(Error::Unauthenticated)?.value());
        let now = clock::now();
        let staff = app.store.read(move |connection| by_session(connection, &hash, now)).await?;
        staff.map(Self).ok_or(Error::Unauthenticated)
    }
}

impl FromRequestParts<Arc<App>> for StaffWrite {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let StaffAuth(staff) = StaffAuth::from_request_parts(parts, app).await?;
        origin::check(&parts.headers)?;
        Ok(Self(staff))
    }
}

impl FromRequestParts<Arc<App>> for AdminWrite {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let StaffWrite(staff) = StaffWrite::from_request_parts(parts, app).await?;
        match staff.role {
            Role::Admin => Ok(Self),
            Role::Receptionist | Role::Marshal => Err(Error::Forbidden),
        }
    }
}

/// Makes an account; `None` if there is one of that address.
///
/// # Errors
/// What SQLite said.
pub fn add(
    connection: &Connection,
    account: &Account<'_>,
    now: Timestamp,
    entropy: [u8; ENTROPY_BYTES],
) -> rusqlite::Result<Option<Staff>> {
    let id = StaffId::new(now, entropy);
    let added = connection
        .prepare_cached(
            "INSERT INTO staff (id, name, email, password_hash, role, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT (email) DO NOTHING",
        )?
        .execute(params![
            id.0,
            account.name.as_str(),
            account.email.as_str(),
            account.password_hash,
            role_text(account.role),
            now.unix_ms(),
        ])?;
    Ok((added == 1).then(|| Staff { id, name: account.name.clone(), role: account.role }))
}

/// What an account is made of.
pub struct Account<'a> {
    /// As colleagues know them.
    pub name: &'a Name,
    /// What they sign in with.
    pub email: &'a Email,
    /// From [`super::password`].
    pub password_hash: &'a str,
    /// What they may do.
    pub role: Role,
}

/// Whether there is any account.
///
/// # Errors
/// What SQLite said.
pub fn any(connection: &Connection) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM staff")?.exists(())
}

/// The account of that address, and the hash of its password.
///
/// # Errors
/// What SQLite said.
pub fn by_email(connection: &Connection, email: &Email) -> rusqlite::Result<Option<(Staff, String)>> {
    connection
        .prepare_cached("SELECT id, name, role, password_hash FROM staff WHERE email = ?1")?
        .query_row([email.as_str()], |row| Ok((staff(row)?, row.get(3)?)))
        .optional()
}

fn by_session(connection: &Connection, hash: &SecretHash, now: Timestamp) -> rusqlite::Result<Option<Staff>> {
    connection
        .prepare_cached(
            "SELECT staff.id, staff.name, staff.role FROM sessions JOIN staff ON staff.id = sessions.staff \
             WHERE token_hash = ?1 AND expires_at > ?2",
        )?
        .query_row(params![hash, now.unix_ms()], staff)
        .optional()
}

/// Of the columns id, name, role.
fn staff(row: &Row<'_>) -> rusqlite::Result<Staff> {
    let role = match row.get_ref(2)?.as_str()? {
        "admin" => Role::Admin,
        "marshal" => Role::Marshal,
        _ => Role::Receptionist,
    };
    Ok(Staff { id: StaffId(row.get(0)?), name: crate::site::name(row, 1)?, role })
}

const fn role_text(role: Role) -> &'static str {
    match role {
        Role::Receptionist => "receptionist",
        Role::Marshal => "marshal",
        Role::Admin => "admin",
    }
}
