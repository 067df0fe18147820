//! Forgetting a visit, and knowing again what is to be forgotten.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest as _, Sha256};
use vestibule_protocol::{
    event::Event,
    id::{EventId, VisitId},
    timestamp::Timestamp,
    visit::Visit,
};

use super::{visitor, without_person};
use crate::{ingest::ledger::Statements, projection, store::Positions};

/// Takes the person out of a visit: out of every text that the ledger and the quarantine hold of it, and out of the
/// visit as desks see it, which hear of it as of any change. What arrives of it later is forgotten then. Harmless to
/// repeat; `false` if there is no such visit.
///
/// # Errors
/// What SQLite said.
pub(crate) fn forget(
    connection: &Connection,
    id: VisitId,
    positions: &mut Positions,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let Some(held) = projection::find(connection, id)? else { return Ok(false) };
    let mut visit = Visit::new(id, held.site);
    for entry in &held.timeline {
        let Some((event, received_at)) = forget_event(connection, entry.event, now)? else { continue };
        visit.apply(&event, Some(received_at));
    }
    let last_change = visit.timeline.iter().filter_map(|entry| entry.received_at).max().unwrap_or(now);
    let until = projection::matters_until(&visit, last_change);
    projection::write(&mut Statements::new(connection)?.write_visit, &visit, positions.take(), until)?;
    connection
        .prepare_cached("UPDATE visits SET erased_at = coalesce(erased_at, ?2) WHERE id = ?1")?
        .execute(params![id.0, now.unix_ms()])?;
    forget_quarantined(connection, &Whom::Visit(id), now)?;
    Ok(true)
}

/// Somebody to look for among texts that count for nothing.
pub(crate) enum Whom {
    Visit(VisitId),
    Address(String),
}

/// Empties the texts in quarantine that tell of them, also those that can't be read as events.
pub(crate) fn forget_quarantined(connection: &Connection, whom: &Whom, now: Timestamp) -> rusqlite::Result<()> {
    let needle = match whom {
        Whom::Visit(id) => id.to_string(),
        Whom::Address(address) => address.to_lowercase(),
    };
    connection
        .prepare_cached(
            "UPDATE quarantine SET text = '', erased_at = ?2 WHERE erased_at IS NULL AND instr(lower(text), ?1) > 0",
        )?
        .execute(params![needle, now.unix_ms()])?;
    // What staff wrote of them may name them too.
    connection.execute(
        "UPDATE doubts SET note = NULL WHERE note IS NOT NULL \
         AND EXISTS (SELECT 1 FROM quarantine WHERE quarantine.stream = doubts.stream AND quarantine.seq = doubts.seq \
         AND quarantine.hash = doubts.hash AND erased_at IS NOT NULL)",
        (),
    )?;
    Ok(())
}

/// Whether the event tells of a person who was forgotten after it happened.
///
/// # Errors
/// What SQLite said.
pub(crate) fn is_forgotten_person(connection: &Connection, event: &Event) -> rusqlite::Result<bool> {
    let Some(address) = visitor(event).and_then(|visitor| visitor.email.as_ref()) else { return Ok(false) };
    let Some(key) = key(connection)? else { return Ok(false) };
    connection
        .prepare_cached("SELECT 1 FROM erased_people WHERE email_hash = ?1 AND erased_at >= ?2")?
        .exists(params![keyed(&key, address.as_str()), event.occurred_at().unix_ms()])
}

/// Notes that whoever has that address was forgotten now.
pub(super) fn note_person(
    connection: &Connection,
    address: &str,
    now: Timestamp,
    fresh_key: [u8; 32],
) -> rusqlite::Result<()> {
    connection.execute("INSERT INTO erasure_key (only, key) VALUES (1, ?1) ON CONFLICT DO NOTHING", [fresh_key])?;
    let key = key(connection)?.unwrap_or(fresh_key);
    connection.execute(
        "INSERT INTO erased_people (email_hash, erased_at) VALUES (?1, ?2) \
         ON CONFLICT (email_hash) DO UPDATE SET erased_at = excluded.erased_at",
        params![keyed(&key, address), now.unix_ms()],
    )?;
    Ok(())
}

/// One event of the ledger, without its person from now on, and when it was received.
fn forget_event(connection: &Connection, id: EventId, now: Timestamp) -> rusqlite::Result<Option<(Event, Timestamp)>> {
    let held: Option<(String, i64)> = connection
        .prepare_cached("SELECT text, received_at FROM events WHERE id = ?1")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((text, received_at)) = held else { return Ok(None) };
    let Ok(event) = Event::parse(&text) else { return Ok(None) };
    let event = without_person(&event);
    connection
        .prepare_cached("UPDATE events SET text = ?2, erased_at = coalesce(erased_at, ?3) WHERE id = ?1")?
        .execute(params![id.0, event.to_text(), now.unix_ms()])?;
    Ok(Some((event, Timestamp::from_unix_ms(received_at))))
}

fn key(connection: &Connection) -> rusqlite::Result<Option<[u8; 32]>> {
    connection.prepare_cached("SELECT key FROM erasure_key")?.query_row((), |row| row.get(0)).optional()
}

/// Addresses can be guessed; without the key their hashes tell nothing. Case does not matter, as people don't mind it.
fn keyed(key: &[u8; 32], address: &str) -> [u8; 32] {
    Sha256::new().chain_update(key).chain_update(address.to_lowercase()).finalize().into()
}
