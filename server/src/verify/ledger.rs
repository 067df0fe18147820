//! Texts, slots and chains.

use rusqlite::Connection;
use vestibule_protocol::{
    batch::{Link, Seq},
    chain::event_hash,
    event::Event,
    id::StreamId,
};

use super::{Difference, Listener, Meter, count};
use crate::{
    ingest::{
        coverage::Coverage,
        ledger::{coverage, digest},
    },
    privacy,
};

/// The hashes of the ledger's texts, by which slots find theirs; in a table that is gone with the connection, for there
/// may be millions.
const HELD: &str = "DROP TABLE IF EXISTS temp.held; \
     CREATE TEMP TABLE held (hash BLOB PRIMARY KEY) STRICT, WITHOUT ROWID";

pub(super) fn check(connection: &Connection, tell: Listener<'_>) -> rusqlite::Result<()> {
    connection.execute_batch(HELD)?;
    events(connection, tell)?;
    quarantine(connection, tell)?;
    streams(connection, tell)
}

fn events(connection: &Connection, tell: Listener<'_>) -> rusqlite::Result<()> {
    let last: i64 = connection.query_row("SELECT position FROM meta", (), |row| row.get(0))?;
    let mut meter = Meter::new(tell, "events", count(connection, "events")?);
    let mut hold = connection.prepare("INSERT INTO temp.held (hash) VALUES (?1) ON CONFLICT DO NOTHING")?;
    let mut statement = connection
        .prepare("SELECT position, hash, text, id, visit, erased_at IS NOT NULL FROM events ORDER BY position")?;
    let mut rows = statement.query(())?;
    let mut highest = 0;
    while let Some(row) = rows.next()? {
        let (position, hash, text) = (row.get(0)?, digest(row, 1)?, row.get_ref(2)?.as_str()?);
        let event = Event::parse(text);
        // Of who was forgotten, the hash is of the text that came; what is left must tell of nobody.
        let is_as_it_was = if row.get(5)? {
            event.as_ref().is_ok_and(|event| *privacy::without_person(event).to_text() == *text)
        } else {
            event_hash(text) == hash
        };
        if !is_as_it_was {
            meter.difference(Difference::EventText { position });
        }
        let says = event.map(|event| (event.id.0, event.visit.0));
        if says != Ok((row.get(3)?, row.get(4)?)) {
            meter.difference(Difference::EventColumns { position });
        }
        hold.execute([hash.0])?;
        highest = position;
        meter.row();
    }
    if highest > last {
        meter.difference(Difference::Feed);
    }
    Ok(())
}

fn quarantine(connection: &Connection, tell: Listener<'_>) -> rusqlite::Result<()> {
    let mut meter = Meter::new(tell, "quarantine", count(connection, "quarantine")?);
    let mut statement = connection.prepare("SELECT number, hash, text FROM quarantine WHERE erased_at IS NULL")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        if event_hash(row.get_ref(2)?.as_str()?) != digest(row, 1)? {
            meter.difference(Difference::QuarantineText { number: row.get(0)? });
        }
        meter.row();
    }
    Ok(())
}

fn streams(connection: &Connection, tell: Listener<'_>) -> rusqlite::Result<()> {
    let streams = connection
        .prepare("SELECT number, id, watermark_seq, watermark_chain, held_above FROM streams ORDER BY number")?
        .query_map((), |row| Ok((row.get(0)?, StreamId(row.get(1)?), coverage(row, 2)?)))?
        .collect::<rusqlite::Result<Vec<(i64, StreamId, Coverage)>>>()?;
    let mut meter = Meter::new(tell, "slots", count(connection, "slots")?);
    let mut statement = connection.prepare(
        "SELECT seq, hash, \
         iif(reason IS NULL, EXISTS (SELECT 1 FROM temp.held WHERE held.hash = slots.hash), \
         EXISTS (SELECT 1 FROM quarantine AS kept \
         WHERE kept.stream = slots.stream AND kept.seq = slots.seq AND kept.hash = slots.hash)) \
         FROM slots WHERE stream = ?1 ORDER BY seq",
    )?;
    for (number, stream, noted) in streams {
        let mut filled = Coverage::new(Link::START, Vec::new());
        let mut rows = statement.query([number])?;
        while let Some(row) = rows.next()? {
            let seq: Seq = row.get(0)?;
            if !row.get::<_, bool>(2)? {
                meter.difference(Difference::LostText { stream, seq });
            }
            filled.fill(seq, digest(row, 1)?);
            meter.row();
        }
        if filled != noted {
            meter.difference(Difference::Chain { stream, filled: filled.watermark().seq });
        }
    }
    Ok(())
}
