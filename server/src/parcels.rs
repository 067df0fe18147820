//! `/api/v1/parcels`: what somebody at the desk scans off a badge or a screen, or imports from a file, when a device
//! can't deliver it.
//!
//! The seal shows which device made it and that nobody has changed it; that it is brought in is the word of whoever is
//! signed in, and stands in the audit trail.

use std::sync::Arc;

use axum::{Json, extract::State};
use rusqlite::{Connection, OptionalExtension};
use vestibule_protocol::{
    account::Role,
    batch::{EventResult, Outcome},
    chain::event_hash,
    code::Code,
    event::{Event, EventData, Name},
    id::DeviceId,
    parcel::{Parcel, ParcelEvent, SealKey, Sealed},
    parcels::{CarriedCode, CarriedEvent, Contents},
    timestamp::Timestamp,
    visit::Kind,
};

use crate::{
    access::{
        device::{self, Device},
        staff::{Staff, StaffWrite},
    },
    app::App,
    audit::{self, Action},
    body::JsonBody,
    clock,
    error::Error,
    ingest::by_hand,
    limits, site,
};

/// `POST /api/v1/parcels/contents`: whose visits they are, and what would become of each event. Changes nothing.
pub async fn show(
    State(app): State<Arc<App>>,
    StaffWrite { staff, .. }: StaffWrite,
    JsonBody(CarriedCode { code }): JsonBody<CarriedCode>,
) -> Result<Json<Contents>, Error> {
    let sealed = sealed(&staff, &code)?;
    let contents = app
        .store
        .read(move |connection| {
            let Some((device, parcel)) = open(connection, &sealed, &staff, clock::now())? else { return Ok(None) };
            let results = parcel.events.iter().map(|event| foreseen(connection, event));
            let results = results.collect::<rusqlite::Result<Vec<_>>>()?;
            contents(connection, &device, &parcel, results).map(Some)
        })
        .await?;
    contents.map(Json).ok_or(Error::BrokenSeal)
}

/// `POST /api/v1/parcels`: takes the events in, and says what became of each. Harmless to repeat.
pub async fn bring_in(
    State(app): State<Arc<App>>,
    StaffWrite { staff, by }: StaffWrite,
    JsonBody(CarriedCode { code }): JsonBody<CarriedCode>,
) -> Result<Json<Contents>, Error> {
    let sealed = sealed(&staff, &code)?;
    let contents = app
        .store
        .write(code.len(), limits::WRITE_WAIT, move |connection| {
            let now = clock::now();
            let Some((device, parcel)) = open(connection, &sealed, &staff, now)? else { return Ok(None) };
            let results = by_hand::bring_in(connection, &parcel, &device, now)?;
            audit::note(connection, by, Action::ParcelBroughtIn.to_device(device.id, device.site), now)?;
            contents(connection, &device, &parcel, results).map(Some)
        })
        .await?;
    contents.map(Json).ok_or(Error::BrokenSeal)
}

/// What was scanned, from somebody who may bring it.
fn sealed(staff: &Staff, code: &str) -> Result<Sealed, Error> {
    // Who calls the roll looks; what happens at the door is the desk's.
    if staff.role == Role::Marshal {
        return Err(Error::Forbidden);
    }
    match Code::read(code) {
        Ok(Code::Parcel(sealed)) => Ok(sealed),
        Ok(Code::Visit(_)) | Err(_) => {
            Err(Error::MalformedBody { why: "It is no code of a pass or a backlog.".into() })
        }
    }
}

/// The parcel, and the device that sealed it, as it stands under the token that it did so with; `None` if it is none of
/// a device within reach.
fn open(
    connection: &Connection,
    sealed: &Sealed,
    staff: &Staff,
    now: Timestamp,
) -> rusqlite::Result<Option<(Device, Parcel)>> {
    for hash in device::token_hashes(connection, sealed.device())? {
        let Ok(parcel) = sealed.open(&SealKey::of_token_hash(&hash)) else { continue };
        let device = device::by_token(connection, &hash, now)?.filter(|device| staff.reach.covers(device.site));
        return Ok(device.map(|device| (device, parcel)));
    }
    Ok(None)
}

/// What would become of an event, as far as that shows without a try.
fn foreseen(connection: &Connection, event: &ParcelEvent) -> rusqlite::Result<EventResult> {
    let held: Option<[u8; 32]> = match Event::parse(&event.text) {
        Ok(read) => connection
            .prepare_cached("SELECT hash FROM events WHERE id = ?1")?
            .query_row([read.id.0], |row| row.get(0))
            .optional()?,
        Err(_) => None,
    };
    let outcome = match held {
        None => Outcome::Accepted,
        Some(hash) if hash == event_hash(&event.text).0 => Outcome::Duplicate,
        Some(_) => Outcome::Conflict,
    };
    Ok(EventResult { seq: event.seq, outcome })
}

fn contents(
    connection: &Connection,
    device: &Device,
    parcel: &Parcel,
    results: Vec<EventResult>,
) -> rusqlite::Result<Contents> {
    let events = parcel.events.iter().zip(results).map(|(event, result)| carried(event, result)).collect();
    Ok(Contents {
        device: device.id,
        device_name: name(connection, device.id)?,
        site: device.site,
        revoked_at: device.revoked_at,
        events,
    })
}

fn name(connection: &Connection, device: DeviceId) -> rusqlite::Result<Name> {
    connection.prepare_cached("SELECT name FROM devices WHERE id = ?1")?.query_row([device.0], |row| site::name(row, 0))
}

/// What a person should see of an event before they bring it in.
fn carried(event: &ParcelEvent, result: EventResult) -> CarriedEvent {
    let read = Event::parse(&event.text).ok();
    let (visitor, host) = match read.as_ref().map(|event| &event.data) {
        Some(EventData::CheckedIn(data)) => (Some(&data.visitor), data.host.as_ref()),
        Some(EventData::Registered(data)) => (Some(&data.visitor), data.host.as_ref()),
        Some(EventData::Updated(data)) => (data.visitor.as_ref(), data.host.as_ref()),
        _ => (None, None),
    };
    CarriedEvent {
        visit: event.visit,
        kind: read.as_ref().map(|event| Kind::of(&event.data)),
        visitor: visitor.map(|visitor| visitor.name.clone()),
        host: host.map(|host| host.name.clone()),
        occurred_at: read.as_ref().map(Event::occurred_at),
        result,
    }
}
