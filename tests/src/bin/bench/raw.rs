//! The bare loop: the rows and indexes of a delivery, values made beforehand, one thread, no questions asked.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, params};
use vestibule_protocol::{account::Credentials, event::Event, id::DeviceId};

use crate::{
    load::{Client, Counted, Measured},
    machine::now,
};

/// An event's values, ready to be bound.
struct Row {
    id: uuid::Uuid,
    hash: [u8; 32],
    text: String,
    visit: uuid::Uuid,
}

/// Inserts until the window is over; the database is the server's own, so that nothing differs but the code.
pub(crate) fn measure(data: &Path, credentials: &Credentials, batch: usize, window: Duration) -> Measured {
    let mut connection = vestibule::store::connect(data).expect("a fresh directory");
    let device = credentials.device;
    connection
        .execute(
            "INSERT INTO streams (id, device, head_seq, head_chain, watermark_seq, watermark_chain, held_above, health, \
             sent_at, first_heard_at, last_heard_at) \
             VALUES (randomblob(16), ?1, 0, zeroblob(32), 0, zeroblob(32), '[]', '{}', 0, 0, 0)",
            [device.0],
        )
        .expect("the schema is the server's");
    let mut client = Client::new(credentials.clone());
    let mut counted = Counted::default();
    let mut busy = Duration::ZERO;
    let mut position = 1_000;
    // Making the values is no part of it.
    while busy < window {
        let rows = rows(&client.batch(batch));
        let began = now();
        insert(&mut connection, &rows, credentials, device, &mut position).expect("the disk takes it");
        let took = began.elapsed();
        busy += took;
        counted.took.push(took);
        counted.events += batch as u64;
    }
    Measured::new(counted, busy)
}

fn insert(
    connection: &mut Connection,
    rows: &[Row],
    credentials: &Credentials,
    device: DeviceId,
    position: &mut i64,
) -> rusqlite::Result<()> {
    let site = credentials.site;
    let transaction = connection.transaction()?;
    for row in rows {
        *position += 1;
        transaction
            .prepare_cached(
                "INSERT INTO events (position, id, hash, text, visit, source_site, source_device, uploaded_by, \
                 received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 0)",
            )?
            .execute(params![*position, row.id, row.hash, row.text, row.visit, site.0, device.0])?;
        transaction
            .prepare_cached(
                "INSERT INTO visits (id, site, json, position, matters_until) VALUES (?1, ?2, '', ?3, 9223372036854775807)",
            )?
            .execute(params![row.visit, site.0, *position])?;
        transaction
            .prepare_cached(
                "INSERT INTO slots (stream, seq, hash, reason, captured_at, received_at) \
                 VALUES (1, ?1, ?2, NULL, 1774000000000, 1774000000000)",
            )?
            .execute(params![*position, row.hash])?;
    }
    transaction
        .prepare_cached("UPDATE streams SET head_seq = ?1, watermark_seq = ?1, watermark_chain = zeroblob(32)")?
        .execute([*position])?;
    transaction.prepare_cached("UPDATE meta SET position = ?1")?.execute([*position])?;
    transaction.commit()
}

fn rows(batch: &str) -> Vec<Row> {
    let incoming = vestibule::ingest::Incoming::parse(batch.as_bytes()).expect("our own batch");
    incoming
        .arrivals
        .into_iter()
        .map(|arrival| {
            let event: Event = arrival.event.expect("our own event");
            Row { id: event.id.0, hash: arrival.hash.0, text: arrival.text.into_string(), visit: event.visit.0 }
        })
        .collect()
}
