//! Events that people carried here, decided on like those that their device delivers.
//!
//! An event goes into its slot if the device has told of that slot: then nothing is missing any more when the device is
//! never heard again. A slot that nobody has told of stays free, because no chain vouches for it; the event counts all
//! the same, and when the device delivers it, it is a duplicate that fills its slot.

use rusqlite::Connection;
use vestibule_protocol::{
    batch::{EventResult, Outcome},
    parcel::Parcel,
    timestamp::Timestamp,
};

use super::{
    decide::{Arrival, Keep, decide},
    hear_head, held,
    ledger::{self, Statements},
    take, take_in,
};
use crate::{access::device::Device, store::Positions};

/// Takes the events of a parcel of `device` into the database, inside the caller's transaction. Harmless to repeat.
/// `Quarantined` means of an event whose slot is unknown that nothing was kept of it: the device and the parcel have it.
///
/// # Errors
/// What SQLite said; the caller undoes all of it.
pub fn bring_in(
    connection: &Connection,
    parcel: &Parcel,
    device: &Device,
    now: Timestamp,
) -> rusqlite::Result<Vec<EventResult>> {
    let known = ledger::stream(connection, parcel.stream)?.filter(|stream| stream.device == device.id);
    let mut numbering = match known {
        Some(stream) => Some((ledger::head(connection, stream.number)?, stream)),
        None => None,
    };
    let before = numbering.as_ref().map(|(_, stream)| stream.coverage.watermark());
    let mut positions = Positions::begin(connection)?;
    let mut statements = Statements::new(connection)?;
    let mut results = Vec::with_capacity(parcel.events.len());
    for event in &parcel.events {
        let arrival = Arrival::read(event.seq, &event.text);
        let told_of = numbering.as_mut().filter(|(head, _)| (1..=head.seq).contains(&arrival.seq));
        let outcome = match told_of {
            Some((_, stream)) => take(connection, &mut statements, &arrival, device, stream, &mut positions, now)?,
            None => count(connection, &mut statements, &arrival, device, &mut positions, now)?,
        };
        results.push(EventResult { seq: arrival.seq, outcome });
    }
    drop(statements);
    positions.save(connection)?;
    if let (Some((head, stream)), Some(before)) = (numbering, before) {
        ledger::save_coverage(connection, &stream)?;
        hear_head(connection, &stream, head, before, now)?;
    }
    Ok(results)
}

/// Takes an event that is in no slot.
fn count(
    connection: &Connection,
    statements: &mut Statements<'_>,
    arrival: &Arrival,
    device: &Device,
    positions: &mut Positions,
    now: Timestamp,
) -> rusqlite::Result<Outcome> {
    let (held, visit) = held(statements, arrival)?;
    let verdict = decide(arrival, device, &held);
    if verdict.keep == Keep::Ledger {
        take_in(connection, statements, arrival, (&held, visit), device.id, positions, now)?;
    }
    Ok(verdict.outcome)
}
