//! Data of every earlier version: it opens, is whole, and the server goes on with it.

use std::{fs, path::Path};

use rusqlite::Connection;
use vestibule::verify::{self, Word};
use vestibule_protocol::batch::Outcome;

use crate::fixture::{TestServer, outcomes};

/// The migrations in their order, as files.
fn migrations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// Puts the rows of the data, as far as there was a place for them, into a database of an earlier version, and that in
/// the place of the data.
fn age(data: &Path, migrations: &[String]) {
    let (live, old) = (data.join("vestibule.db"), data.join("old.db"));
    let database = Connection::open(&old).unwrap();
    migrations.iter().for_each(|migration| database.execute_batch(migration).unwrap());
    database.pragma_update(None, "user_version", migrations.len()).unwrap();
    database.pragma_update(None, "foreign_keys", "OFF").unwrap();
    database.execute("ATTACH ?1 AS live", [live.to_str().unwrap()]).unwrap();
    let tables: Vec<(String, String)> = database
        .prepare(
            "SELECT name, (SELECT group_concat(name) FROM pragma_table_info(tables.name, 'main') \
             WHERE name IN (SELECT name FROM pragma_table_info(tables.name, 'live'))) \
             FROM main.sqlite_schema AS tables WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        )
        .unwrap()
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    for (table, columns) in tables {
        let copy = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM live.{table}");
        database.execute(&copy, ()).unwrap();
    }
    database.close().unwrap();
    fs::rename(&old, &live).unwrap();
    for log in ["vestibule.db-wal", "vestibule.db-shm"] {
        // Gone already if the server was the last that had it open.
        drop(fs::remove_file(data.join(log)));
    }
}

#[tokio::test]
async fn data_of_every_earlier_version_opens_is_whole_and_goes_on() {
    let migrations = migrations();
    for version in 1..migrations.len() {
        let server = TestServer::start().await;
        let mut kiosk = server.device();
        let (events, more) = (kiosk.check_ins(4), kiosk.check_ins(2));
        server.deliver(&kiosk, &[&events[..], &more[1..]].concat()).await;
        // One text that can't be read, and one for a number that is taken.
        let mut gate = server.device();
        let (bad, good, mut contested) = (gate.append("{}"), gate.check_in(), gate.check_in());
        server.deliver(&gate, &[bad, good.clone()]).await;
        contested.seq = good.seq;
        server.deliver(&gate, &[contested]).await;
        let server = server.restart_after(|data| age(data, &migrations[..version])).await;
        let receipt = server.deliver(&kiosk, &[&events[..], &more[..]].concat()).await;
        let expected = [&[Outcome::Duplicate; 4][..], &[Outcome::Accepted, Outcome::Duplicate]].concat();
        assert_eq!((outcomes(&receipt), receipt.watermark), (expected, kiosk.head), "from version {version}");
        let mut differences = Vec::new();
        let mut hear = |word| {
            if let Word::Difference(difference) = word {
                differences.push(difference);
            }
        };
        verify::everything(&mut server.database(), &mut hear).unwrap();
        assert_eq!(differences, [], "from version {version}");
        let doubts = |reason: &str| server.count(&format!("SELECT count(*) FROM doubts WHERE {reason}"));
        assert_eq!((doubts("reason = 'invalid_event'"), doubts("reason IS NULL AND event IS NOT NULL")), (1, 1));
        let reached: usize = server.database().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(reached, migrations.len());
    }
}
