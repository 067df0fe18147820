//! `GET /api/v1/sites/{site}/devices`: how each device of a site stands. For staff.

pub(crate) mod numbering;
pub(crate) mod succession;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
};
use rusqlite::{Connection, params};
use serde::Deserialize;
use vestibule_protocol::{
    admin::DeviceKind,
    batch::Seq,
    event::Name,
    id::{DeviceId, SiteId, StreamId},
    standing::{DeviceReport, Devices, Fate, LastWord, Questioned, Renumbered, StreamReport},
    timestamp::Timestamp,
};

use self::numbering::Numbering;
use crate::{access::staff::StaffAuth, app::App, clock, error::Error, ingest::ledger, limits, paging, site, store};

/// What a reader may say.
#[derive(Deserialize)]
pub struct Asked {
    after: Option<DeviceId>,
    limit: Option<usize>,
}

/// `GET /api/v1/sites/{site}/devices?after=&limit=`.
pub async fn show(
    State(app): State<Arc<App>>,
    StaffAuth(staff): StaffAuth,
    Path(site): Path<SiteId>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Devices>, Error> {
    let Query(Asked { after, limit }) =
        asked.map_err(|_| Error::MalformedBody { why: "The query is not after=<device>&limit=<rows>.".into() })?;
    staff.must_reach(site)?;
    let limit = paging::rows(limit, limits::DEVICES_PAGE_MAX_ROWS);
    let page = app.store.read(move |connection| page(connection, site, after, limit, clock::now())).await?;
    page.map(Json).ok_or(Error::NotFound)
}

/// The devices of a site after the one of id `after`, at most `limit`; `None` if there is no such site.
///
/// # Errors
/// What SQLite said.
pub fn page(
    connection: &Connection,
    site: SiteId,
    after: Option<DeviceId>,
    limit: usize,
    now: Timestamp,
) -> rusqlite::Result<Option<Devices>> {
    if !store::site_exists(connection, site)? {
        return Ok(None);
    }
    let mut installations = installations(connection, site, after, limit + 1)?;
    let next = paging::cut(&mut installations, limit, |device| device.id);
    let devices = installations.into_iter().map(|device| report(connection, device));
    Ok(Some(Devices { as_of: now, devices: devices.collect::<Result<_, _>>()?, next }))
}

/// A row of the table of devices.
pub(crate) struct Installation {
    pub(crate) id: DeviceId,
    pub(crate) name: Name,
    pub(crate) kind: DeviceKind,
    enrolled_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

/// The devices of a site by id, after one of them.
pub(crate) fn installations(
    connection: &Connection,
    site: SiteId,
    after: Option<DeviceId>,
    limit: usize,
) -> rusqlite::Result<Vec<Installation>> {
    connection
        .prepare_cached(
            "SELECT id, name, kind, created_at, revoked_at FROM devices WHERE site = ?1 AND id > ?2 \
             ORDER BY id LIMIT ?3",
        )?
        .query_map(params![site.0, after.map_or(uuid::Uuid::nil(), |device| device.0), limit], |row| {
            Ok(Installation {
                id: DeviceId(row.get(0)?),
                name: site::name(row, 1)?,
                kind: if row.get_ref(2)?.as_str()? == "kiosk" { DeviceKind::Kiosk } else { DeviceKind::Browser },
                enrolled_at: Timestamp::from_unix_ms(row.get(3)?),
                revoked_at: row.get::<_, Option<i64>>(4)?.map(Timestamp::from_unix_ms),
            })
        })?
        .collect()
}

/// A device's questioned texts, each once, by their hashes.
#[derive(Default)]
pub(crate) struct Doubts {
    /// In quarantine, and nobody has decided.
    pub(crate) quarantined: Vec<([u8; 32], Questioned)>,
    /// Second in a slot, and nobody has decided.
    pub(crate) conflicting: Vec<([u8; 32], Questioned)>,
    /// Staff have decided that it counts, or that something else does in its place.
    pub(crate) settled: Vec<([u8; 32], Questioned)>,
    /// Staff have decided that it does not count.
    pub(crate) dismissed: Vec<([u8; 32], Questioned)>,
}

/// What of a device is in doubt, or was.
pub(crate) fn doubts(connection: &Connection, device: DeviceId) -> rusqlite::Result<Doubts> {
    let mut doubts = Doubts::default();
    let mut statement = connection.prepare_cached(
        "SELECT hash, id, seq, received_at, reason, decision FROM doubts \
         JOIN streams ON streams.number = doubts.stream WHERE doubts.device = ?1 ORDER BY doubts.number",
    )?;
    let mut rows = statement.query([device.0])?;
    while let Some(row) = rows.next()? {
        let questioned = Questioned {
            stream: StreamId(row.get(1)?),
            seq: row.get(2)?,
            received_at: Timestamp::from_unix_ms(row.get(3)?),
            reason: ledger::reason(row, 4)?,
        };
        let place = match (row.get_ref(5)?.as_str_or_null()?, questioned.reason) {
            (None, Some(_)) => &mut doubts.quarantined,
            (None, None) => &mut doubts.conflicting,
            (Some("dismissed"), _) => &mut doubts.dismissed,
            (Some(_), _) => &mut doubts.settled,
        };
        place.push((row.get(0)?, questioned));
    }
    Ok(doubts)
}

/// What turned out to be gone because its numbers were given to others; see [`crate::ingest::heads`].
#[derive(Default)]
pub(crate) struct Broken {
    /// What nobody has settled.
    pub(crate) open: Vec<Renumbered>,
    /// What staff have taken note of.
    pub(crate) settled: Vec<Renumbered>,
}

/// What of a device turned out to be gone.
pub(crate) fn broken(connection: &Connection, device: DeviceId) -> rusqlite::Result<Broken> {
    let mut broken = Broken::default();
    let mut statement = connection.prepare_cached(
        "SELECT told_heads.number, streams.id, held_up_to, seq, told_at, broken_at, settled_at IS NOT NULL \
         FROM told_heads JOIN streams ON streams.number = told_heads.stream \
         WHERE device = ?1 AND broken_at IS NOT NULL ORDER BY told_heads.number",
    )?;
    let mut rows = statement.query([device.0])?;
    while let Some(row) = rows.next()? {
        let renumbered = Renumbered {
            number: row.get(0)?,
            stream: StreamId(row.get(1)?),
            first: row.get::<_, Seq>(2)?.saturating_add(1),
            last: row.get(3)?,
            told_at: Timestamp::from_unix_ms(row.get(4)?),
            broken_at: Timestamp::from_unix_ms(row.get(5)?),
        };
        if row.get(6)? { broken.settled.push(renumbered) } else { broken.open.push(renumbered) }
    }
    Ok(broken)
}

fn report(connection: &Connection, device: Installation) -> rusqlite::Result<DeviceReport> {
    let numberings = numbering::of_device(connection, device.id)?;
    let doubts = doubts(connection, device.id)?;
    let current = numberings.last();
    let renumbered = broken(connection, device.id)?.open;
    let gone: u64 = numberings.iter().filter(|stream| stream.fate == Fate::Lost).map(Numbering::unsettled_count).sum();
    let waiting = current.map_or(0, |stream| stream.missing_count().saturating_sub(stream.parked()));
    Ok(DeviceReport {
        id: device.id,
        name: device.name,
        kind: device.kind,
        enrolled_at: device.enrolled_at,
        revoked_at: device.revoked_at,
        last_word: current.map(last_word),
        waiting,
        waiting_since: current.and_then(Numbering::waiting_since).filter(|_| waiting > 0),
        parked: current.map_or(0, Numbering::parked),
        quarantined: doubts.quarantined.len() as u64,
        conflicting: doubts.conflicting.len() as u64,
        lost: gone + renumbered.len() as u64,
        renumbered,
        streams: numberings.iter().map(told).collect(),
    })
}

fn last_word(stream: &Numbering) -> LastWord {
    LastWord {
        at: stream.last_heard_at,
        clock_offset_ms: stream.clock_offset_ms(),
        persisted: stream.health.as_ref().is_some_and(|health| health.persisted),
        app_version: stream.health.as_ref().map(|health| health.app_version.clone()).unwrap_or_default(),
    }
}

fn told(stream: &Numbering) -> StreamReport {
    StreamReport {
        id: stream.id,
        head: stream.head.seq,
        watermark: stream.coverage.watermark().seq,
        proven: stream.proof.map(|proof| proof.proven),
        missing: stream.missing(),
        fate: stream.fate,
        first_heard_at: stream.first_heard_at,
        last_heard_at: stream.last_heard_at,
    }
}
