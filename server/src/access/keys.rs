//! Keys by which programs use the API: scoped, shown once, hashed, ending by themselves.

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
    admin::{ApiKey, FreshApiKey, KeyPage, NewApiKey, Scope},
    event::Name,
    id::{KeyId, SiteId},
    limits::KEY_MAX_DAYS,
    timestamp::Timestamp,
};

use super::{
    reach::Reach,
    secret::{API_KEY_PREFIX, SECRET_BYTES, Secret, SecretHash},
    staff::{HeadAuth, HeadWrite},
};
use crate::{
    app::App,
    audit::{self, Action, By, Deed},
    body::JsonBody,
    clock,
    error::Error,
    limits, paging, site, store, surround,
};

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A key, as a request shows it.
#[derive(Clone, Debug)]
pub struct Key {
    /// Which.
    pub id: KeyId,
    /// What it is for.
    pub name: Name,
    /// What it allows.
    pub scope: Scope,
    /// For which sites.
    pub reach: Reach,
}

/// Which keys.
#[derive(Deserialize)]
pub struct Asked {
    /// The `next` of the page before.
    before: Option<KeyId>,
    /// At most so many.
    limit: Option<usize>,
}

/// `GET /api/v1/keys?before=&limit=`: the newest, or those made before one, also those that hold no more.
pub async fn list(
    State(app): State<Arc<App>>,
    _head: HeadAuth,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<KeyPage>, Error> {
    let Query(Asked { before, limit }) =
        asked.map_err(|_| Error::MalformedBody { why: "The query is not before=<key>&limit=<rows>.".into() })?;
    let limit = paging::rows(limit, limits::ADMIN_PAGE_ROWS);
    let mut keys = app.store.read(move |connection| newest(connection, before, limit + 1)).await?;
    let next = paging::cut(&mut keys, limit, |key| key.id);
    Ok(Json(KeyPage { keys, next }))
}

/// `POST /api/v1/keys`: makes one, and shows it this once.
pub async fn make(
    State(app): State<Arc<App>>,
    HeadWrite { by, .. }: HeadWrite,
    JsonBody(new): JsonBody<NewApiKey>,
) -> Result<(StatusCode, Json<FreshApiKey>), Error> {
    if !(1..=KEY_MAX_DAYS).contains(&new.days) {
        return Err(Error::MalformedBody { why: "A key holds for 1 to 366 days.".into() });
    }
    let made = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            if let Some(site) = new.site
                && !store::site_exists(connection, site)?
            {
                return Ok(None);
            }
            add(connection, by, &new, clock::now(), clock::entropy()).map(Some)
        })
        .await?
        .ok_or(Error::NotFound)?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// `DELETE /api/v1/keys/{id}`: it holds no more, from the next request on.
pub async fn revoke(
    State(app): State<Arc<App>>,
    HeadWrite { by, .. }: HeadWrite,
    id: Result<Path<KeyId>, PathRejection>,
) -> Result<Json<ApiKey>, Error> {
    let Path(id) = id.map_err(|_| Error::NotFound)?;
    let withdraw = move |connection: &Connection| withdraw(connection, by, id, clock::now());
    app.store.write(0, limits::WRITE_WAIT, withdraw).await?.map(Json).ok_or(Error::NotFound)
}

/// Has the key hold no more, if it did; gives how it stands, `None` if there is none.
///
/// # Errors
/// What SQLite said.
pub fn withdraw(connection: &Connection, by: By, id: KeyId, now: Timestamp) -> rusqlite::Result<Option<ApiKey>> {
    let Some(key) = find(connection, id)? else { return Ok(None) };
    if key.revoked_at.is_some() {
        return Ok(Some(key));
    }
    connection.execute("UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1", params![id.0, now.unix_ms()])?;
    audit::note(connection, by, Deed { action: Action::KeyRevoked, subject: Some(id.0), site: key.site }, now)?;
    find(connection, id)
}

/// Makes a key of a site that there is, or of all.
///
/// # Errors
/// What SQLite said.
pub fn add(
    connection: &Connection,
    by: By,
    new: &NewApiKey,
    now: Timestamp,
    entropy: [u8; SECRET_BYTES],
) -> rusqlite::Result<FreshApiKey> {
    let key = Secret::new(API_KEY_PREFIX, entropy);
    let about = ApiKey {
        id: KeyId::new(now, clock::entropy()),
        name: new.name.clone(),
        scope: new.scope,
        site: new.site,
        created_at: now,
        expires_at: now.plus_ms(i64::from(new.days) * DAY_MS),
        last_used_at: None,
        revoked_at: None,
    };
    let scope = match new.scope {
        Scope::Read => "read",
        Scope::Write => "write",
    };
    connection.execute(
        "INSERT INTO api_keys (id, name, key_hash, scope, site, created_at, expires_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            about.id.0,
            about.name.as_str(),
            key.hash(),
            scope,
            about.site.map(|site| site.0),
            now.unix_ms(),
            about.expires_at.unix_ms(),
        ],
    )?;
    audit::note(connection, by, Deed { action: Action::KeyMade, subject: Some(about.id.0), site: about.site }, now)?;
    Ok(FreshApiKey { about, key: key.text().to_owned() })
}

/// The key of that hash, if it holds at `now`; notes that it was used, when that was last noted longer than
/// [`limits::KEY_USE_NOTED_MS`] ago: a program that asks ten times a second must not write ten times a second.
///
/// # Errors
/// [`Error::Unauthenticated`] if it does not hold.
pub(crate) async fn show(app: &App, hash: SecretHash) -> Result<Key, Error> {
    let now = clock::now();
    let (key, used_at) =
        app.store.read(move |connection| by_hash(connection, &hash, now)).await?.ok_or(Error::Unauthenticated)?;
    surround::note_who("key", key.id);
    if used_at.is_none_or(|at| now.ms_since(at) >= limits::KEY_USE_NOTED_MS) {
        let id = key.id;
        let note = move |connection: &Connection| {
            connection.execute("UPDATE api_keys SET last_used_at = ?2 WHERE id = ?1", params![id.0, now.unix_ms()])
        };
        // Who only reads is answered also while nothing can be written.
        if let Err(error) = app.store.write(0, limits::WRITE_WAIT, note).await {
            tracing::warn!(%error, "could not note the use of a key");
        }
    }
    Ok(key)
}

/// The key of that hash, if it holds at `now`, and when its use was last noted.
pub(crate) fn by_hash(
    connection: &Connection,
    hash: &SecretHash,
    now: Timestamp,
) -> rusqlite::Result<Option<(Key, Option<Timestamp>)>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE key_hash = ?1 AND expires_at > ?2 AND revoked_at IS NULL"))?
        .query_row(params![hash, now.unix_ms()], |row| {
            let ApiKey { id, name, scope, site, last_used_at, .. } = key(row)?;
            let reach = site.map_or(Reach::Everywhere, |site| Reach::Only(vec![site]));
            Ok((Key { id, name, scope, reach }, last_used_at))
        })
        .optional()
}

fn newest(connection: &Connection, before: Option<KeyId>, limit: usize) -> rusqlite::Result<Vec<ApiKey>> {
    let before = before.map_or(uuid::Uuid::max(), |key| key.0);
    connection
        .prepare_cached(&format!("{SELECT} WHERE id < ?1 ORDER BY id DESC LIMIT ?2"))?
        .query_map(params![before, limit], key)?
        .collect()
}

/// Every key, the newest first.
///
/// # Errors
/// What SQLite said.
pub fn all(connection: &Connection) -> rusqlite::Result<Vec<ApiKey>> {
    connection.prepare_cached(&format!("{SELECT} ORDER BY created_at DESC, id"))?.query_map((), key)?.collect()
}

fn find(connection: &Connection, id: KeyId) -> rusqlite::Result<Option<ApiKey>> {
    connection.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?.query_row([id.0], key).optional()
}

const SELECT: &str = "SELECT id, name, scope, site, created_at, expires_at, last_used_at, revoked_at FROM api_keys";

fn key(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    let time = |column| row.get::<_, Option<i64>>(column).map(|at| at.map(Timestamp::from_unix_ms));
    Ok(ApiKey {
        id: KeyId(row.get(0)?),
        name: site::name(row, 1)?,
        scope: if row.get_ref(2)?.as_str()? == "write" { Scope::Write } else { Scope::Read },
        site: row.get::<_, Option<_>>(3)?.map(SiteId),
        created_at: Timestamp::from_unix_ms(row.get(4)?),
        expires_at: Timestamp::from_unix_ms(row.get(5)?),
        last_used_at: time(6)?,
        revoked_at: time(7)?,
    })
}
