//! One event on its way into the ledger, decided on like one from a device's outbox, but in no slot.

use rusqlite::Connection;
use vestibule_protocol::{batch::Outcome, timestamp::Timestamp};

use crate::{
    access::device::Device,
    ingest::{
        decide::{Arrival, Keep, decide},
        held,
        ledger::Statements,
        take_in,
    },
    store::Positions,
};

/// Takes the event if it can count; says what became of it. `Quarantined` means here that nothing was kept.
pub(crate) fn record(
    connection: &Connection,
    arrival: &Arrival,
    device: &Device,
    positions: &mut Positions,
    now: Timestamp,
) -> rusqlite::Result<Outcome> {
    let mut statements = Statements::new(connection)?;
    let (held, visit) = held(&mut statements, arrival)?;
    let verdict = decide(arrival, device, &held);
    if verdict.keep == Keep::Ledger {
        take_in(connection, &mut statements, arrival, (&held, visit), device.id, positions, now)?;
    }
    Ok(verdict.outcome)
}
