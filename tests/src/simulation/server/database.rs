//! The database beneath the server: made, copied, read.

use std::{cell::OnceCell, collections::HashSet, time::Duration};

use rusqlite::{Connection, OptionalExtension, backup::Backup};
use vestibule::{
    access::device::{Kind, enrol},
    site, store,
};
use vestibule_protocol::{
    batch::Seq,
    chain::Digest,
    event::Name,
    id::{EventId, HistoryId, StreamId},
    timestamp::Timestamp,
};

use super::ENROLLED;

/// Makes `to` a database with a site and devices.
pub(super) fn copy_template(now: Timestamp, to: &mut Connection) {
    thread_local! {
        static TEMPLATE: OnceCell<Connection> = const { OnceCell::new() };
    }
    TEMPLATE.with(|template| {
        let template = template.get_or_init(|| {
            let dir = tempfile::tempdir().expect("a temporary directory");
            let connection = store::connect(dir.path()).expect("a fresh database");
            furnish(&connection, now);
            connection.pragma_update(None, "journal_mode", "DELETE").expect("a mode");
            let mut template = Connection::open_in_memory().expect("memory");
            copy(&connection, &mut template);
            template
        });
        copy(template, to);
    });
}

pub(super) fn furnish(connection: &Connection, now: Timestamp) {
    let name = |text: &str| Name::new(text).expect("a name");
    let site = site::find_or_add(connection, &name("Harbour House"), now, [1; 10]).expect("a site");
    for number in 0..ENROLLED {
        let kiosk = name(&format!("Kiosk {number}"));
        enrol(connection, site, &kiosk, Kind::Kiosk, now, [number; 10], [number; 32]).expect("a device");
    }
    let history = HistoryId::new(now, [7; 10]);
    connection.execute("UPDATE meta SET history = ?1", [history.0]).expect("a history");
}

pub(super) fn copy(from: &Connection, to: &mut Connection) {
    const ALL_PAGES: i32 = i32::MAX;
    let backup = Backup::new(from, to).expect("two databases");
    backup.run_to_completion(ALL_PAGES, Duration::ZERO, None).expect("a copy");
}

pub(super) fn history(connection: &Connection) -> HistoryId {
    connection.query_row("SELECT history FROM meta", (), |row| row.get(0).map(HistoryId)).expect("a history")
}

/// Up to which number of a stream both databases hold the same: a store that was set back gives its numbers to other
/// events, and a backup of before a restore has the earlier ones.
pub(super) fn common_prefix(one: &Connection, other: &Connection, stream: StreamId) -> Seq {
    let slots = [one, other].map(|connection| slots(connection, stream));
    let [one, other] = slots.each_ref().map(|slots| slots.iter());
    one.zip(other).zip(1..).take_while(|((one, other), seq)| one == other && one.0 == *seq).count() as Seq
}

fn slots(connection: &Connection, stream: StreamId) -> Vec<(Seq, Digest)> {
    connection
        .prepare_cached(
            "SELECT seq, hash FROM slots JOIN streams ON streams.number = slots.stream WHERE id = ?1 ORDER BY seq",
        )
        .and_then(|mut query| query.query_map([stream.0], |row| Ok((row.get(0)?, row.get(1).map(Digest)?)))?.collect())
        .expect("slots")
}

pub(super) fn event_hash_of(connection: &Connection, event: EventId) -> Option<Digest> {
    connection
        .prepare_cached("SELECT hash FROM events WHERE id = ?1")
        .and_then(|mut query| query.query_row([event.0], |row| row.get(0).map(Digest)).optional())
        .expect("events")
}

pub(super) fn is_kept(connection: &Connection, hash: Digest) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM events WHERE hash = ?1 UNION ALL SELECT 1 FROM quarantine WHERE hash = ?1")?
        .exists([hash.0])
}

pub(super) fn held(connection: &Connection) -> HashSet<Box<str>> {
    connection
        .prepare("SELECT text FROM events UNION SELECT text FROM quarantine")
        .and_then(|mut query| query.query_map((), |row| row.get(0))?.collect())
        .expect("texts")
}

pub(super) fn ledger_ids(connection: &Connection) -> HashSet<EventId> {
    connection
        .prepare("SELECT id FROM events")
        .and_then(|mut query| query.query_map((), |row| row.get(0).map(EventId))?.collect())
        .expect("events")
}
