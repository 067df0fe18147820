//! Devices: how one is enrolled, and how it shows who it is.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use vestibule_protocol::{
    account::{Credentials, NewDevice},
    event::Name,
    id::{DeviceId, ENTROPY_BYTES, SiteId},
    timestamp::Timestamp,
};

use super::{
    secret::{self, DEVICE_TOKEN_PREFIX, SECRET_BYTES, Secret, SecretHash},
    staff::StaffWrite,
};
use crate::{
    app::App,
    audit::{self, Action},
    body::JsonBody,
    clock,
    error::Error,
    limits, store, surround,
};

/// An enrolled installation, as a request shows it.
#[derive(Clone, Copy, Debug)]
pub struct Device {
    /// Which.
    pub id: DeviceId,
    /// The site that it serves.
    pub site: SiteId,
    /// When its access was withdrawn, or that of the token which was shown.
    pub revoked_at: Option<Timestamp>,
    /// Where it was before.
    pub former: Option<FormerSite>,
}

/// The site that a device served before it was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormerSite {
    /// Which.
    pub site: SiteId,
    /// Until when.
    pub until: Timestamp,
}

/// What sort of installation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Paired by code or command line.
    Kiosk,
    /// Enrolled by somebody signed in.
    Browser,
}

/// A request with the token of a device, perhaps a revoked one. For delivering there is [`super::delivery::Delivering`].
pub struct DeviceAuth(pub Device);

impl FromRequestParts<Arc<App>> for DeviceAuth {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let token = bearer(&parts.headers).ok_or(Error::Unauthenticated)?;
        let hash = secret::hash(token);
        let now = clock::now();
        let device = app.store.read(move |connection| by_token(connection, &hash, now)).await?;
        let device = device.ok_or(Error::Unauthenticated)?;
        surround::note_who("device", device.id);
        Ok(Self(device))
    }
}

/// `POST /api/v1/devices`: the browser of somebody signed in becomes a device, so that what they do goes through an
/// outbox of its own.
pub async fn enrol_browser(
    State(app): State<Arc<App>>,
    StaffWrite { staff, by }: StaffWrite,
    JsonBody(new): JsonBody<NewDevice>,
) -> Result<(StatusCode, axum::Json<Credentials>), Error> {
    staff.must_reach(new.site)?;
    let credentials = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            if !store::site_exists(connection, new.site)? {
                return Ok(None);
            }
            let now = clock::now();
            let made = enrol(connection, new.site, &new.name, Kind::Browser, now, clock::entropy(), clock::entropy())?;
            audit::note(connection, by, Action::DeviceEnrolled.to_device(made.device, made.site), now)?;
            Ok(Some(made))
        })
        .await?
        .ok_or(Error::NotFound)?;
    Ok((StatusCode::CREATED, axum::Json(credentials)))
}

/// Makes a device of a site that there is. The token is in the answer and nowhere else.
///
/// # Errors
/// What SQLite said.
pub fn enrol(
    connection: &Connection,
    site: SiteId,
    name: &Name,
    kind: Kind,
    now: Timestamp,
    id_entropy: [u8; ENTROPY_BYTES],
    token_entropy: [u8; SECRET_BYTES],
) -> rusqlite::Result<Credentials> {
    let device = DeviceId::new(now, id_entropy);
    let token = Secret::new(DEVICE_TOKEN_PREFIX, token_entropy);
    let kind = match kind {
        Kind::Kiosk => "kiosk",
        Kind::Browser => "browser",
    };
    connection
        .prepare_cached(
            "INSERT INTO devices (id, site, name, kind, token_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![device.0, site.0, name.as_str(), kind, token.hash(), now.unix_ms()])?;
    Ok(Credentials { device, site, token: token.text().to_owned() })
}

/// The device under which somebody acts at a site without one of their own, a member of the staff or a program with a
/// key; made at the first call. Its token is known to nobody.
///
/// # Errors
/// What SQLite said.
pub fn standing_in_for(
    connection: &Connection,
    whom: uuid::Uuid,
    name: &Name,
    site: SiteId,
    now: Timestamp,
    token_entropy: [u8; SECRET_BYTES],
) -> rusqlite::Result<Device> {
    let mut bytes = [0; 16];
    // The same at every call: the hash of whose and where.
    let whose = secret::hash(&format!("{whom}/{site}"));
    bytes.copy_from_slice(&whose[..16]);
    let id = DeviceId(uuid::Builder::from_custom_bytes(bytes).into_uuid());
    connection
        .prepare_cached(
            "INSERT INTO devices (id, site, name, kind, token_hash, created_at) VALUES (?1, ?2, ?3, 'browser', ?4, ?5) \
             ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            id.0,
            site.0,
            name.as_str(),
            Secret::new(DEVICE_TOKEN_PREFIX, token_entropy).hash(),
            now.unix_ms()
        ])?;
    Ok(Device { id, site, revoked_at: None, former: None })
}

/// Whether any kiosk is paired.
///
/// # Errors
/// What SQLite said.
pub fn any_kiosk(connection: &Connection) -> rusqlite::Result<bool> {
    connection.prepare("SELECT 1 FROM devices WHERE kind = 'kiosk' AND revoked_at IS NULL")?.exists(())
}

/// The device of that token, if there is one. With a token that was replaced long enough ago it counts as revoked.
pub(crate) fn by_token(connection: &Connection, hash: &SecretHash, now: Timestamp) -> rusqlite::Result<Option<Device>> {
    let current = connection
        .prepare_cached("SELECT id, site, revoked_at, former_site, moved_at FROM devices WHERE token_hash = ?1")?
        .query_row([hash], device)
        .optional()?;
    if current.is_some() {
        return Ok(current);
    }
    connection
        .prepare_cached(
            "SELECT id, site, coalesce(revoked_at, iif(holds_until <= ?2, holds_until, NULL)), former_site, moved_at \
             FROM retired_tokens JOIN devices ON devices.id = retired_tokens.device \
             WHERE retired_tokens.token_hash = ?1",
        )?
        .query_row(params![hash, now.unix_ms()], device)
        .optional()
}

/// The hashes of all tokens that the device has or had.
///
/// # Errors
/// What SQLite said.
pub(crate) fn token_hashes(connection: &Connection, device: DeviceId) -> rusqlite::Result<Vec<SecretHash>> {
    connection
        .prepare_cached(
            "SELECT token_hash FROM devices WHERE id = ?1 \
             UNION ALL SELECT token_hash FROM retired_tokens WHERE device = ?1",
        )?
        .query_map([device.0], |row| row.get(0))?
        .collect()
}

/// Of the columns id, site, revoked_at, former_site, moved_at.
fn device(row: &Row<'_>) -> rusqlite::Result<Device> {
    let former: Option<uuid::Uuid> = row.get(3)?;
    let moved_at: Option<i64> = row.get(4)?;
    Ok(Device {
        id: DeviceId(row.get(0)?),
        site: SiteId(row.get(1)?),
        revoked_at: row.get::<_, Option<i64>>(2)?.map(Timestamp::from_unix_ms),
        former: former
            .zip(moved_at)
            .map(|(site, at)| FormerSite { site: SiteId(site), until: Timestamp::from_unix_ms(at) }),
    })
}

/// The token in `Authorization: Bearer …`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
