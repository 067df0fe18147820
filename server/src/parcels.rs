//! `POST /api/v1/parcels`: what somebody at the desk brings in by hand, when a device can't deliver it.
//!
//! The seal shows which device made it and that nobody has changed it; that it is brought in is the word of whoever is
//! signed in, and stands in the audit trail.

use std::sync::Arc;

use axum::{Json, extract::State};
use rusqlite::Connection;
use vestibule_protocol::{
    batch::EventResult,
    event::{Event, Name},
    id::DeviceId,
    parcel::{Parcel, ParcelEvent, SealKey, Sealed},
    parcels::{Carried, CarriedEvent, Contents},
    timestamp::Timestamp,
    visit::Visit,
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

/// Takes the events in, and says whose they are and what became of each. Harmless to repeat.
pub async fn bring_in(
    State(app): State<Arc<App>>,
    StaffWrite { staff, by }: StaffWrite,
    JsonBody(Carried { parcel: text }): JsonBody<Carried>,
) -> Result<Json<Contents>, Error> {
    staff.must_run_the_desk()?;
    let sealed =
        Sealed::read(&text).map_err(|_| Error::MalformedBody { why: "It is no parcel of Vestibule’s.".into() })?;
    let contents = app
        .store
        .write(text.len(), limits::WRITE_WAIT, move |connection| {
            let now = clock::now();
            let Some((device, parcel)) = open(connection, &sealed, &staff, now)? else { return Ok(None) };
            let results = by_hand::bring_in(connection, &parcel, &device, now)?;
            audit::note(connection, by, Action::ParcelBroughtIn.to_device(device.id, device.site), now)?;
            contents(connection, &device, &parcel, results).map(Some)
        })
        .await?;
    contents.map(Json).ok_or(Error::BrokenSeal)
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

/// What an event says by itself.
fn carried(event: &ParcelEvent, result: EventResult) -> CarriedEvent {
    let Ok(read) = Event::parse(&event.text) else {
        return CarriedEvent { visit: None, kind: None, visitor: None, host: None, occurred_at: None, result };
    };
    let mut visit = Visit::new(read.visit, read.source.site);
    visit.apply(&read, None);
    CarriedEvent {
        visit: Some(read.visit),
        kind: visit.timeline.first().map(|entry| entry.kind),
        visitor: visit.visitor.map(|visitor| visitor.value.name),
        host: visit.host.map(|host| host.value.name),
        occurred_at: Some(read.occurred_at()),
        result,
    }
}
