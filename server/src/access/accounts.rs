//! What an admin of every site does to accounts: see, make, change, close, send a link for a password, sign out.

use std::sync::Arc;

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::StatusCode,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Deserialize;
use vestibule_protocol::{
    account::{Email, Role},
    admin::{Member, MemberChange, NewMember, OneTimeLink, Sites, StaffPage},
    id::StaffId,
    timestamp::Timestamp,
};

use super::{
    own_account, password, password_link,
    provider::identity,
    reach::Reach,
    second_factor,
    staff::{self, Account, HeadAuth, HeadWrite},
};
use crate::{
    app::App,
    audit::{self, Action, By},
    body::JsonBody,
    clock,
    error::Error,
    limits, paging, site, store,
};

/// Which accounts.
#[derive(Deserialize)]
pub struct Asked {
    /// The `next` of the page before.
    after: Option<StaffId>,
    /// At most so many.
    limit: Option<usize>,
}

/// `GET /api/v1/staff?after=&limit=`: the accounts by id, or those after one, also closed ones.
pub async fn list(
    State(app): State<Arc<App>>,
    _head: HeadAuth,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<StaffPage>, Error> {
    let Query(Asked { after, limit }) =
        asked.map_err(|_| Error::MalformedBody { why: "The query is not after=<account>&limit=<rows>.".into() })?;
    let limit = paging::rows(limit, limits::ADMIN_PAGE_ROWS);
    let mut staff = app.store.read(move |connection| after_one(connection, after, limit + 1)).await?;
    let next = paging::cut(&mut staff, limit, |member| member.id);
    Ok(Json(StaffPage { staff, next }))
}

/// `POST /api/v1/staff`: makes an account; its owner chooses the password by the link.
pub async fn add(
    State(app): State<Arc<App>>,
    HeadWrite { by, .. }: HeadWrite,
    JsonBody(NewMember { name, email, role, sites }): JsonBody<NewMember>,
) -> Result<(StatusCode, Json<OneTimeLink>), Error> {
    let link = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let reach = sites.map_or(Reach::Everywhere, Reach::Only);
            if !are_there(connection, &reach)? {
                return Ok(Err(Error::NotFound));
            }
            let now = clock::now();
            let account = Account { name: &name, email: &email, password_hash: password::NONE, role };
            let Some(staff) = staff::add(connection, &account, now, clock::entropy())? else {
                return Ok(Err(Error::AccountExists));
            };
            reach.give(connection, staff.id)?;
            audit::note(connection, by, Action::StaffAdded.to_staff(staff.id), now)?;
            password_link::make(connection, by, staff.id, now, clock::entropy()).map(Ok)
        })
        .await??;
    Ok((StatusCode::CREATED, Json(link)))
}

/// `PATCH /api/v1/staff/{id}`: another role, other sites, closed or open.
pub async fn change(
    State(app): State<Arc<App>>,
    HeadWrite { by, .. }: HeadWrite,
    id: Result<Path<StaffId>, PathRejection>,
    JsonBody(change): JsonBody<MemberChange>,
) -> Result<Json<Member>, Error> {
    let Path(id) = id.map_err(|_| Error::NotFound)?;
    let member = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let Some(held) = find(connection, id)? else { return Ok(Err(Error::NotFound)) };
            let reach = change.sites.clone().map(|sites| match sites {
                Sites::Every => Reach::Everywhere,
                Sites::Only(sites) => Reach::Only(sites),
            });
            if let Some(reach) = &reach
                && !are_there(connection, reach)?
            {
                return Ok(Err(Error::NotFound));
            }
            let stays_head = change.role.unwrap_or(held.role) == Role::Admin
                && reach.as_ref().map_or(held.sites.is_none(), |reach| *reach == Reach::Everywhere)
                && !change.closed.unwrap_or(held.closed_at.is_some());
            if !stays_head && is_last_head(connection, id)? {
                return Ok(Err(Error::LastAdmin));
            }
            let now = clock::now();
            apply(connection, by, &held, &change, reach.as_ref(), now)?;
            Ok(find(connection, id)?.ok_or(Error::NotFound))
        })
        .await??;
    Ok(Json(member))
}

/// `POST /api/v1/staff/{id}/password-link`: a one-time link for who forgot theirs. Until it is used, nothing changes.
pub async fn make_link(
    State(app): State<Arc<App>>,
    HeadWrite { by, .. }: HeadWrite,
    id: Result<Path<StaffId>, PathRejection>,
) -> Result<(StatusCode, Json<OneTimeLink>), Error> {
    let link = on_account(&app, id, move |connection, id| {
        password_link::make(connection, by, id, clock::now(), clock::entropy())
    });
    Ok((StatusCode::CREATED, Json(link.await?)))
}

/// `DELETE /api/v1/staff/{id}/sessions`: signs them out everywhere.
pub async fn sign_out(
    State(app): State<Arc<App>>,
    HeadWrite { by, .. }: HeadWrite,
    id: Result<Path<StaffId>, PathRejection>,
) -> Result<StatusCode, Error> {
    let sign_out = on_account(&app, id, move |connection, id| {
        own_account::end_sessions(connection, id, None)?;
        audit::note(connection, by, Action::SignedOutEverywhere.to_staff(id), clock::now())
    });
    sign_out.await.map(|()| StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/staff/{id}/second-factor`: for who has lost the telephone and the recovery codes.
pub async fn remove_second_factor(
    State(app): State<Arc<App>>,
    HeadWrite { by, .. }: HeadWrite,
    id: Result<Path<StaffId>, PathRejection>,
) -> Result<StatusCode, Error> {
    let remove = on_account(&app, id, move |connection, id| second_factor::remove(connection, by, id, clock::now()));
    remove.await.map(|()| StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/staff/{id}/identity`: forgets by which identity of the provider they sign in, for who has another one
/// there now.
pub async fn unlink_identity(
    State(app): State<Arc<App>>,
    HeadWrite { by, .. }: HeadWrite,
    id: Result<Path<StaffId>, PathRejection>,
) -> Result<StatusCode, Error> {
    let unlink = on_account(&app, id, move |connection, id| {
        own_account::end_sessions(connection, id, None)?;
        identity::unlink(connection, by, id, clock::now())
    });
    unlink.await.map(|()| StatusCode::NO_CONTENT)
}

/// Every account, by name.
///
/// # Errors
/// What SQLite said.
pub fn all(connection: &Connection) -> rusqlite::Result<Vec<Member>> {
    connection
        .prepare_cached(&format!("{SELECT} ORDER BY name, id"))?
        .query_map((), |row| member(connection, row))?
        .collect()
}

fn after_one(connection: &Connection, after: Option<StaffId>, limit: usize) -> rusqlite::Result<Vec<Member>> {
    let after = after.map_or(uuid::Uuid::nil(), |staff| staff.0);
    connection
        .prepare_cached(&format!("{SELECT} WHERE id > ?1 ORDER BY id LIMIT ?2"))?
        .query_map(params![after, limit], |row| member(connection, row))?
        .collect()
}

/// The account of that address, closed or not.
///
/// # Errors
/// What SQLite said.
pub fn by_email(connection: &Connection, email: &Email) -> rusqlite::Result<Option<Member>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE email = ?1"))?
        .query_row([email.as_str()], |row| member(connection, row))
        .optional()
}

fn find(connection: &Connection, id: StaffId) -> rusqlite::Result<Option<Member>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE id = ?1"))?
        .query_row([id.0], |row| member(connection, row))
        .optional()
}

fn apply(
    connection: &Connection,
    by: By,
    held: &Member,
    change: &MemberChange,
    reach: Option<&Reach>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let id = held.id;
    if let Some(role) = change.role {
        connection.execute("UPDATE staff SET role = ?2 WHERE id = ?1", params![id.0, staff::role_text(role)])?;
    }
    if let Some(reach) = reach {
        reach.give(connection, id)?;
    }
    if change.role.is_some() || reach.is_some() {
        audit::note(connection, by, Action::StaffChanged.to_staff(id), now)?;
    }
    match change.closed {
        Some(true) if held.closed_at.is_none() => {
            connection.execute("UPDATE staff SET closed_at = ?2 WHERE id = ?1", params![id.0, now.unix_ms()])?;
            own_account::end_sessions(connection, id, None)?;
            audit::note(connection, by, Action::StaffClosed.to_staff(id), now)
        }
        Some(false) if held.closed_at.is_some() => {
            connection.execute("UPDATE staff SET closed_at = NULL WHERE id = ?1", [id.0])?;
            audit::note(connection, by, Action::StaffReopened.to_staff(id), now)
        }
        _ => Ok(()),
    }
}

/// Whether without that account nobody could make accounts any more.
fn is_last_head(connection: &Connection, id: StaffId) -> rusqlite::Result<bool> {
    let is_head = "role = 'admin' AND every_site = 1 AND closed_at IS NULL";
    let is_one =
        connection.prepare_cached(&format!("SELECT 1 FROM staff WHERE id = ?1 AND {is_head}"))?.exists([id.0])?;
    let mut others = connection.prepare_cached(&format!("SELECT 1 FROM staff WHERE id <> ?1 AND {is_head}"))?;
    Ok(is_one && !others.exists([id.0])?)
}

fn are_there(connection: &Connection, reach: &Reach) -> rusqlite::Result<bool> {
    let Reach::Only(sites) = reach else { return Ok(true) };
    for site in sites {
        if !store::site_exists(connection, *site)? {
            return Ok(false);
        }
    }
    Ok(true)
}

const SELECT: &str = "SELECT id, name, email, role, every_site, totp_secret IS NOT NULL, closed_at FROM staff";

fn member(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<Member> {
    let id = StaffId(row.get(0)?);
    let email = Email::new(row.get_ref(2)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, error.into()))?;
    Ok(Member {
        id,
        name: site::name(row, 1)?,
        email,
        role: staff::role(row.get_ref(3)?.as_str()?),
        sites: match Reach::of_staff(connection, id, row.get(4)?)? {
            Reach::Everywhere => None,
            Reach::Only(sites) => Some(sites),
        },
        second_factor: row.get(5)?,
        closed_at: row.get::<_, Option<i64>>(6)?.map(Timestamp::from_unix_ms),
    })
}

/// Does something to an account that there is.
async fn on_account<T, F>(app: &App, id: Result<Path<StaffId>, PathRejection>, work: F) -> Result<T, Error>
where
    T: Send + 'static,
    F: FnOnce(&Connection, StaffId) -> rusqlite::Result<T> + Send + 'static,
{
    let Path(id) = id.map_err(|_| Error::NotFound)?;
    app.store
        .write(0, limits::WRITE_WAIT, move |connection| {
            if find(connection, id)?.is_none() {
                return Ok(Err(Error::NotFound));
            }
            work(connection, id).map(Ok)
        })
        .await?
}
