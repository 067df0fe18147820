//! What admins do to devices: see, rename, move, revoke. And what a device does to itself: take a fresh token.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::PathRejection, rejection::QueryRejection},
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Deserialize;
use vestibule_protocol::{
    account::Credentials,
    admin::{Device, DeviceChange, DeviceKind, DevicePage, LastWord},
    batch::Health,
    id::{DeviceId, SiteId},
    timestamp::Timestamp,
};

use super::{
    device::{self, DeviceAuth},
    peer::Peer,
    reach::Reach,
    secret::{self, DEVICE_TOKEN_PREFIX, SECRET_BYTES, Secret, SecretHash},
    staff::{AdminAuth, AdminWrite, Staff},
};
use crate::{
    app::App,
    audit::{self, Action, Actor, By},
    body::JsonBody,
    clock,
    error::Error,
    limits, paging, site, store,
};

/// Which devices.
#[derive(Deserialize)]
pub struct Asked {
    /// Of this site only.
    site: Option<SiteId>,
    /// The `next` of the page before.
    after: Option<DeviceId>,
    /// At most so many.
    limit: Option<usize>,
}

/// `GET /api/v1/devices?site=&after=&limit=`: the devices of the sites that the admin may act for, by id.
pub async fn list(
    State(app): State<Arc<App>>,
    AdminAuth(admin): AdminAuth,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<DevicePage>, Error> {
    let Query(asked) = asked.map_err(|_| Error::MalformedBody {
        why: "The query is not site=<site>&after=<device>&limit=<rows>.".into(),
    })?;
    Ok(Json(app.store.read(move |connection| page(connection, &admin, &asked)).await?))
}

/// `PATCH /api/v1/devices/{id}`: another name, another site.
pub async fn change(
    State(app): State<Arc<App>>,
    AdminWrite { staff, by }: AdminWrite,
    id: Result<Path<DeviceId>, PathRejection>,
    JsonBody(DeviceChange { name, site }): JsonBody<DeviceChange>,
) -> Result<Json<Device>, Error> {
    let id = reached(id)?;
    let admin = staff.clone();
    let change = move |connection: &Connection, device: &Device| {
        let now = clock::now();
        if let Some(site) = site {
            if let Err(error) = staff.must_reach(site) {
                return Ok(Err(error));
            }
            if !move_to(connection, by, device, site, now)? {
                return Ok(Err(Error::NotFound));
            }
        }
        if let Some(name) = name {
            rename(connection, by, device, &name, now)?;
        }
        Ok(Ok(()))
    };
    on_device(&app, &admin, id, change).await
}

/// `POST /api/v1/devices/{id}/revoke`: withdraws its access. The answer says what it still held by its last word; when
/// that arrives, it is kept apart for staff to look at.
pub async fn revoke_one(
    State(app): State<Arc<App>>,
    AdminWrite { staff, by }: AdminWrite,
    id: Result<Path<DeviceId>, PathRejection>,
) -> Result<Json<Device>, Error> {
    let id = reached(id)?;
    on_device(&app, &staff, id, move |connection, device| revoke(connection, by, device, clock::now()).map(Ok)).await
}

/// `POST /api/v1/device/token`: the device that asks gets a fresh token. Its earlier one holds for
/// [`limits::TOKEN_OVERLAP_MS`], so that an answer that is lost on the way shuts nobody out.
pub async fn renew(
    State(app): State<Arc<App>>,
    peer: Peer,
    headers: axum::http::HeaderMap,
    DeviceAuth(device): DeviceAuth,
) -> Result<Json<Credentials>, Error> {
    if device.revoked_at.is_some() {
        return Err(Error::DeviceRevoked);
    }
    let shown = secret::hash(device::bearer(&headers).ok_or(Error::Unauthenticated)?);
    let by = By { actor: Actor::Device(device.id), address: Some(peer.address) };
    let token = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let now = clock::now();
            audit::note(connection, by, Action::DeviceTokenReplaced.to_device(device.id, device.site), now)?;
            replace_token(connection, device.id, Some(&shown), now, clock::entropy())
        })
        .await?;
    Ok(Json(Credentials { device: device.id, site: device.site, token: token.text().to_owned() }))
}

/// All devices, by site and name.
///
/// # Errors
/// What SQLite said.
pub fn all(connection: &Connection) -> rusqlite::Result<Vec<Device>> {
    connection
        .prepare_cached(&format!("{SELECT} ORDER BY devices.site, devices.name, devices.id"))?
        .query_map((), device)?
        .collect()
}

fn page(connection: &Connection, admin: &Staff, asked: &Asked) -> rusqlite::Result<DevicePage> {
    let limit = paging::rows(asked.limit, limits::ADMIN_PAGE_ROWS);
    let reached_by = (admin.reach != Reach::Everywhere).then_some(admin.id.0);
    let mut devices: Vec<Device> = connection
        .prepare_cached(&format!(
            "{SELECT} WHERE devices.id > ?1 AND (?2 IS NULL OR devices.site = ?2) \
             AND (?3 IS NULL OR devices.site IN (SELECT site FROM staff_sites WHERE staff = ?3)) \
             ORDER BY devices.id LIMIT ?4"
        ))?
        .query_map(
            params![
                asked.after.map_or(uuid::Uuid::nil(), |device| device.0),
                asked.site.map(|site| site.0),
                reached_by,
                limit + 1
            ],
            device,
        )?
        .collect::<rusqlite::Result<_>>()?;
    let next = paging::cut(&mut devices, limit, |device| device.id);
    Ok(DevicePage { devices, next })
}

/// The device of that id.
///
/// # Errors
/// What SQLite said.
pub fn find(connection: &Connection, id: DeviceId) -> rusqlite::Result<Option<Device>> {
    connection.prepare_cached(&format!("{SELECT} WHERE devices.id = ?1"))?.query_row([id.0], device).optional()
}

/// Gives the device another name.
///
/// # Errors
/// What SQLite said.
pub fn rename(
    connection: &Connection,
    by: By,
    device: &Device,
    name: &vestibule_protocol::event::Name,
    now: Timestamp,
) -> rusqlite::Result<()> {
    if device.name == *name {
        return Ok(());
    }
    connection.execute("UPDATE devices SET name = ?2 WHERE id = ?1", params![device.id.0, name.as_str()])?;
    audit::note(connection, by, Action::DeviceRenamed.to_device(device.id, device.site), now)
}

/// Makes the device serve another site; `false` if there is none of that id. What it captured until now still counts for
/// the site that it was at.
///
/// # Errors
/// What SQLite said.
pub fn move_to(
    connection: &Connection,
    by: By,
    device: &Device,
    site: SiteId,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    if !store::site_exists(connection, site)? {
        return Ok(false);
    }
    if device.site != site {
        connection.execute(
            "UPDATE devices SET former_site = site, moved_at = ?3, site = ?2 WHERE id = ?1",
            params![device.id.0, site.0, now.unix_ms()],
        )?;
        audit::note(connection, by, Action::DeviceMoved.to_device(device.id, site), now)?;
    }
    Ok(true)
}

/// Withdraws the device's access; harmless to repeat. It may still deliver, to quarantine.
///
/// # Errors
/// What SQLite said.
pub fn revoke(connection: &Connection, by: By, device: &Device, now: Timestamp) -> rusqlite::Result<()> {
    if device.revoked_at.is_some() {
        return Ok(());
    }
    connection.execute("UPDATE devices SET revoked_at = ?2 WHERE id = ?1", params![device.id.0, now.unix_ms()])?;
    audit::note(connection, by, Action::DeviceRevoked.to_device(device.id, device.site), now)
}

/// Gives the device a fresh token. Its current one holds on for [`limits::TOKEN_OVERLAP_MS`] if it is the one that was
/// `shown`, and with that proven to be in the right hands; every other is at once good for delivering to quarantine only.
///
/// # Errors
/// What SQLite said.
pub(super) fn replace_token(
    connection: &Connection,
    device: DeviceId,
    shown: Option<&SecretHash>,
    now: Timestamp,
    entropy: [u8; SECRET_BYTES],
) -> rusqlite::Result<Secret> {
    let current: SecretHash =
        connection.query_row("SELECT token_hash FROM devices WHERE id = ?1", [device.0], |row| row.get(0))?;
    connection.execute(
        "UPDATE retired_tokens SET holds_until = min(holds_until, ?2) WHERE device = ?1 AND token_hash IS NOT ?3",
        params![device.0, now.unix_ms(), shown],
    )?;
    let overlap = if shown == Some(&current) { limits::TOKEN_OVERLAP_MS } else { 0 };
    connection.execute(
        "INSERT INTO retired_tokens (token_hash, device, holds_until) VALUES (?1, ?2, ?3)",
        params![current, device.0, now.plus_ms(overlap).unix_ms()],
    )?;
    let token = Secret::new(DEVICE_TOKEN_PREFIX, entropy);
    connection.execute("UPDATE devices SET token_hash = ?2 WHERE id = ?1", params![device.0, token.hash()])?;
    Ok(token)
}

const SELECT: &str = "SELECT devices.id, devices.site, devices.name, devices.kind, devices.created_at, \
     devices.revoked_at, word.last_heard_at, word.health FROM devices LEFT JOIN streams AS word \
     ON word.number = (SELECT number FROM streams WHERE device = devices.id ORDER BY last_heard_at DESC LIMIT 1)";

fn device(row: &Row<'_>) -> rusqlite::Result<Device> {
    let said: Option<String> = row.get(7)?;
    let health = said.and_then(|said| serde_json::from_str::<Health>(&said).ok());
    let last_heard_at: Option<i64> = row.get(6)?;
    Ok(Device {
        id: DeviceId(row.get(0)?),
        site: SiteId(row.get(1)?),
        name: site::name(row, 2)?,
        kind: if row.get_ref(3)?.as_str()? == "kiosk" { DeviceKind::Kiosk } else { DeviceKind::Browser },
        created_at: Timestamp::from_unix_ms(row.get(4)?),
        revoked_at: row.get::<_, Option<i64>>(5)?.map(Timestamp::from_unix_ms),
        last_word: last_heard_at.map(|at| LastWord {
            at: Timestamp::from_unix_ms(at),
            held: health.map_or(0, |health| health.pending.saturating_add(health.parked)),
        }),
    })
}

fn reached(id: Result<Path<DeviceId>, PathRejection>) -> Result<DeviceId, Error> {
    id.map(|Path(id)| id).map_err(|_| Error::NotFound)
}

/// Does something to a device of the admin's sites, and gives it as it then stands.
async fn on_device<F>(app: &App, admin: &Staff, id: DeviceId, work: F) -> Result<Json<Device>, Error>
where
    F: FnOnce(&Connection, &Device) -> rusqlite::Result<Result<(), Error>> + Send + 'static,
{
    let reach = admin.reach.clone();
    let changed = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let Some(device) = find(connection, id)?.filter(|device| reach.covers(device.site)) else {
                return Ok(Err(Error::NotFound));
            };
            if let Err(error) = work(connection, &device)? {
                return Ok(Err(error));
            }
            Ok(find(connection, id)?.ok_or(Error::NotFound))
        })
        .await??;
    Ok(Json(changed))
}
