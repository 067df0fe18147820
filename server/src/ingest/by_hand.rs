//! Events that people carried here, decided on like those that their device delivers.
//!
//! An event goes into its slot if the device has told of that slot, by a batch or by the head in the parcel: then nothing
//! is missing any more when the device is never heard again. A slot that nobody has told of stays free, because no chain
//! vouches for it. The event counts all the same, or waits for staff, and when the device delivers it, it is the same
//! text in its slot.

use rusqlite::Connection;
use vestibule_protocol::{
    batch::{EventResult, Outcome},
    parcel::Parcel,
    timestamp::Timestamp,
};

use super::{
    decide::{Arrival, Keep, decide},
    hear_head, held,
    ledger::{self, Statements, Stream},
    take, take_in,
};
use crate::{
    access::device::Device,
    privacy::{self, Whom},
    store::Positions,
};

/// Takes the events of a parcel of `device` into the database, inside the caller's transaction. Harmless to repeat.
///
/// # Errors
/// What SQLite said; the caller undoes all of it.
pub fn bring_in(
    connection: &Connection,
    parcel: &Parcel,
    device: &Device,
    now: Timestamp,
) -> rusqlite::Result<Vec<EventResult>> {
    let mut stream = match ledger::stream(connection, parcel.stream)? {
        Some(stream) => stream,
        None => ledger::begin_stream(connection, parcel.stream, device.id, now)?,
    };
    // Of the numbering of another device, which this one has held before it was paired anew, nothing here is proof.
    let is_own = stream.device == device.id;
    let known = ledger::head(connection, stream.number)?;
    let told = if is_own && parcel.head.seq > 0 { parcel.head } else { known };
    let last_told = if is_own { told.seq.max(known.seq) } else { 0 };
    let before = stream.coverage.watermark();
    let mut positions = Positions::begin(connection)?;
    let mut statements = Statements::new(connection)?;
    let mut results = Vec::with_capacity(parcel.events.len());
    for event in &parcel.events {
        let arrival = Arrival::read(event.seq, &event.text);
        let outcome = if arrival.seq <= last_told && stream.coverage.has_room(arrival.seq) {
            take(connection, &mut statements, &arrival, device, &mut stream, &mut positions, now)?
        } else {
            take_without_slot(connection, &mut statements, &arrival, device, &stream, &mut positions, now)?
        };
        results.push(EventResult { seq: arrival.seq, outcome });
    }
    drop(statements);
    positions.save(connection)?;
    if is_own {
        ledger::save_carried(connection, &stream, told, now)?;
        hear_head(connection, &stream, told, before, now)?;
    }
    Ok(results)
}

/// Takes an event that fills no slot.
fn take_without_slot(
    connection: &Connection,
    statements: &mut Statements<'_>,
    arrival: &Arrival,
    device: &Device,
    stream: &Stream,
    positions: &mut Positions,
    now: Timestamp,
) -> rusqlite::Result<Outcome> {
    let (held, visit) = held(statements, arrival)?;
    let verdict = decide(arrival, device, &held);
    match verdict.keep {
        Keep::Nowhere => {}
        Keep::Ledger => take_in(connection, statements, arrival, (&held, visit), device.id, positions, now)?,
        Keep::Quarantine(reason) => {
            ledger::quarantine(connection, stream.number, arrival, reason, device.id, now)?;
            if let (true, Ok(event)) = (held.is_forgotten, &arrival.event) {
                privacy::forget_quarantined(connection, &Whom::Visit(event.visit), now)?;
            }
        }
    }
    Ok(verdict.outcome)
}
