//! `GET /api/v1/sites/{site}/statement?from=&to=`: captured = delivered + waiting + needs attention, for each device and
//! in sum. What each number means is said in [`vestibule_protocol::statement`]. For staff.
//!
//! With `&signed`, the same statement as a JSON Web Signature that the server's [`signature`] key made, to be kept and
//! checked long afterwards, by `vestibule verify-statement` or any tool that knows RFC 7515.

pub mod captures;
pub mod signature;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use rusqlite::{Connection, OptionalExtension};
use serde::Deserialize;
use vestibule_protocol::{
    changes::Site,
    id::{HistoryId, SiteId},
    standing::Fate,
    statement::{DIFFERENCES_MAX, DeviceStatement, Difference, INTERRUPTIONS_MAX, Proof, Statement, Tally},
    timestamp::Timestamp,
};

use self::{
    captures::{Captures, Lateness, Period},
    signature::{Key, Signed},
};
use crate::{
    access::staff::StaffAuth,
    app::App,
    clock,
    error::Error,
    site,
    standing::{self, Installation, numbering},
};

/// What a reader may say.
#[derive(Deserialize)]
pub struct Asked {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    signed: Option<String>,
}

/// `GET /api/v1/sites/{site}/statement?from=&to=&signed`. Without `from` it begins with the first event, without `to` it
/// goes up to now.
pub async fn show(
    State(app): State<Arc<App>>,
    StaffAuth(staff): StaffAuth,
    Path(site): Path<SiteId>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Error> {
    let Query(Asked { from, to, signed }) =
        asked.map_err(|_| Error::MalformedBody { why: "The query is not from=<time>&to=<time>&signed.".into() })?;
    staff.must_reach(site)?;
    let (history, now) = (app.store.history(), clock::now());
    let period = Period { from, to: to.unwrap_or(now) };
    let statement = app.store.read(move |connection| draw_up(connection, site, history, period, now)).await?;
    let statement = statement.ok_or(Error::NotFound)?;
    if signed.is_none() {
        return Ok(Json(statement).into_response());
    }
    let key = key(&app).await?;
    let name = format!("attachment; filename=\"delivery-statement-{}.json\"", statement.as_of.unix_ms());
    let mut response = Json(Signed::new(&statement, &key)).into_response();
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// `GET /api/v1/statement-keys`: the key that statements are signed with, as a JSON Web Key set (RFC 7517, RFC 8037).
/// Public: who was given a statement must be able to check it.
pub async fn keys(State(app): State<Arc<App>>) -> Result<Json<signature::KeySet>, Error> {
    Ok(Json(key(&app).await?.published()))
}

async fn key(app: &App) -> Result<Key, Error> {
    let dir = app.store.dir().to_owned();
    let opened = tokio::task::spawn_blocking(move || Key::open(&dir, clock::entropy())).await;
    opened.map_err(|panic| Error::Internal(panic.into()))?.map_err(|error| Error::Internal(error.into()))
}

/// Draws up the statement of a site, in one state of the database; `None` if there is no such site.
///
/// # Errors
/// What SQLite said.
pub fn draw_up(
    connection: &Connection,
    site: SiteId,
    history: HistoryId,
    period: Period,
    now: Timestamp,
) -> rusqlite::Result<Option<Statement>> {
    let named = connection
        .prepare_cached("SELECT name FROM sites WHERE id = ?1")?
        .query_row([site.0], |row| site::name(row, 0))
        .optional()?;
    let Some(name) = named else { return Ok(None) };
    let mut lateness = Lateness::default();
    let mut devices = Vec::new();
    for installation in standing::installations(connection, site, None, usize::MAX >> 1)? {
        devices.extend(of_device(connection, installation, period, &mut lateness)?);
    }
    Ok(Some(Statement {
        site: Site { id: site, name },
        history,
        from: period.from,
        to: period.to,
        as_of: now,
        total: devices.iter().map(|device| device.tally).sum(),
        devices,
        interruptions: lateness.interruptions(INTERRUPTIONS_MAX),
    }))
}

/// What one device captured; `None` if nothing in the period.
fn of_device(
    connection: &Connection,
    device: Installation,
    period: Period,
    lateness: &mut Lateness,
) -> rusqlite::Result<Option<DeviceStatement>> {
    let numberings = numbering::of_device(connection, device.id)?;
    let Some(current) = numberings.last() else { return Ok(None) };
    let Captures { delivered, dismissed, quarantined, conflicting } =
        captures::of_device(connection, device.id, numberings.len(), period, lateness)?;
    let mut differences: Vec<Difference> = Vec::new();
    let (mut missing, mut lost, mut written_off) = (0, 0, 0);
    for stream in &numberings {
        if matches!(stream.fate, Fate::Complete | Fate::CarriedOn) {
            continue;
        }
        for numbers in captures::missing(connection, stream)?.into_iter().filter(|numbers| period.may_hold(numbers)) {
            if stream.fate == Fate::InUse {
                missing += numbers.count();
                differences.push(Difference::Missing(numbers));
                continue;
            }
            let (noted, open) = numbers.split_after(stream.settled);
            written_off += noted.map_or(0, |noted| noted.count());
            if let Some(open) = open {
                lost += open.count();
                differences.push(Difference::Lost(open));
            }
        }
    }
    let broken = standing::broken(connection, device.id)?;
    written_off += broken.settled.iter().filter(|gone| period.holds(gone.told_at)).count() as u64;
    for gone in broken.open.into_iter().filter(|gone| period.holds(gone.told_at)) {
        lost += 1;
        differences.push(Difference::Renumbered(gone));
    }
    let parked = current.parked().min(missing);
    let tally = Tally {
        captured: 0,
        delivered,
        waiting: missing - parked,
        parked,
        quarantined: quarantined.len() as u64,
        conflicting: conflicting.len() as u64,
        lost,
        written_off,
        dismissed,
    }
    .summed();
    differences.extend(quarantined.into_iter().map(Difference::Quarantined));
    differences.extend(conflicting.into_iter().map(Difference::Conflicting));
    differences.truncate(DIFFERENCES_MAX);
    let proof =
        current.proof.map(|at| Proof { stream: current.id, seq: at.proven.seq, chain: at.chain, at: at.proven.at });
    let statement = DeviceStatement {
        device: device.id,
        name: device.name,
        kind: device.kind,
        heard_at: current.last_heard_at,
        tally,
        proof,
        differences,
    };
    Ok((tally.captured > 0).then_some(statement))
}
