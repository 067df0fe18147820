//! Brings a database of any earlier version up to date, one file of `migrations/sqlite/` after the other.

use rusqlite::{Connection, TransactionBehavior};

/// The migrations in order; the database's `user_version` counts those that it has had. Never edit one that was
/// released: add another.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_initial.sql"),
    include_str!("../../migrations/sqlite/0002_backups.sql"),
    include_str!("../../migrations/sqlite/0003_access.sql"),
    include_str!("../../migrations/sqlite/0004_told_heads.sql"),
    include_str!("../../migrations/sqlite/0005_accounts.sql"),
    include_str!("../../migrations/sqlite/0006_proof.sql"),
    include_str!("../../migrations/sqlite/0007_privacy.sql"),
    include_str!("../../migrations/sqlite/0008_site_settings.sql"),
    include_str!("../../migrations/sqlite/0009_identities.sql"),
    include_str!("../../migrations/sqlite/0010_doubts.sql"),
    include_str!("../../migrations/sqlite/0011_leaner_deliveries.sql"),
];

/// Why a schema can't be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// A newer vestibule wrote it.
    #[error("the data is of version {found}, this vestibule knows up to {known}; run the newer one")]
    Newer {
        /// The version of the data.
        found: usize,
        /// The newest that this program knows.
        known: usize,
    },
    /// What SQLite said; the database is as it was.
    #[error("the database can't be brought up to date: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

/// Refuses a database that a newer vestibule wrote.
pub(super) fn check(connection: &Connection) -> Result<(), MigrationError> {
    let found = version(connection)?;
    let known = MIGRATIONS.len();
    if found <= known { Ok(()) } else { Err(MigrationError::Newer { found, known }) }
}

/// Applies what is missing, all or nothing. Two processes may call it at once: the second finds nothing to do.
pub(super) fn run(connection: &mut Connection) -> Result<(), MigrationError> {
    if version(connection)? == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    let Some(missing) = MIGRATIONS.get(found..) else {
        return Err(MigrationError::Newer { found, known: MIGRATIONS.len() });
    };
    for migration in missing {
        transaction.execute_batch(migration)?;
    }
    transaction.execute(
        "INSERT INTO meta (only, history, position, checked_at) VALUES (1, ?1, 0, 0) ON CONFLICT DO NOTHING",
        [super::fresh_history()],
    )?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len())?;
    Ok(transaction.commit()?)
}

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection).unwrap();
        let history = |connection: &Connection| {
            connection.query_row("SELECT history FROM meta", (), |row| row.get::<_, uuid::Uuid>(0)).unwrap()
        };
        let before = history(&connection);
        run(&mut connection).unwrap();
        assert_eq!(history(&connection), before);
    }

    #[test]
    fn a_database_of_every_earlier_schema_opens_and_keeps_what_it_holds() {
        for version in 1..MIGRATIONS.len() {
            let mut connection = Connection::open_in_memory().unwrap();
            MIGRATIONS[..version].iter().for_each(|migration| connection.execute_batch(migration).unwrap());
            connection.pragma_update(None, "user_version", version).unwrap();
            let fill = "INSERT INTO meta (only, history, position, checked_at) VALUES (1, randomblob(16), 7, 0); \
                 INSERT INTO sites (id, name, position) VALUES (x'01', 'Head office', 1); \
                 INSERT INTO devices (id, site, name, kind, token_hash, created_at) \
                 VALUES (x'02', x'01', 'Lobby', 'kiosk', x'03', 0); \
                 INSERT INTO streams (id, device, head_seq, head_chain, watermark_seq, watermark_chain, held_above, \
                 health, sent_at, first_heard_at, last_heard_at) \
                 VALUES (x'04', x'02', 5, x'05', 5, x'05', '[]', '{}', 0, 0, 0);";
            connection.execute_batch(fill).unwrap();
            run(&mut connection).unwrap();
            let held: (i64, i64, i64) = connection
                .query_row("SELECT position, watermark_seq, backed_up_seq FROM meta, streams", (), |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .unwrap();
            assert_eq!(held, (7, 5, 0), "from schema {version}");
        }
    }

    #[test]
    fn a_head_that_was_told_before_there_was_a_table_for_it_is_remembered() {
        let mut connection = Connection::open_in_memory().unwrap();
        MIGRATIONS[..3].iter().for_each(|migration| connection.execute_batch(migration).unwrap());
        connection.pragma_update(None, "user_version", 3).unwrap();
        let fill = "INSERT INTO sites (id, name, position) VALUES (x'01', 'Head office', 1); \
             INSERT INTO devices (id, site, name, kind, token_hash, created_at) \
             VALUES (x'02', x'01', 'Lobby', 'kiosk', x'03', 0); \
             INSERT INTO streams (id, device, head_seq, head_chain, watermark_seq, watermark_chain, held_above, \
             health, sent_at, first_heard_at, last_heard_at) \
             VALUES (x'04', x'02', 5, x'05', 5, x'05', '[]', '{}', 0, 0, 9), \
             (x'06', x'02', 7, x'07', 4, x'04', '[]', '{}', 0, 0, 9);";
        connection.execute_batch(fill).unwrap();
        run(&mut connection).unwrap();
        let told: Vec<(i64, i64, i64)> = connection
            .prepare("SELECT seq, held_up_to, told_at FROM told_heads")
            .and_then(|mut query| query.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect())
            .unwrap();
        assert_eq!(told, [(7, 4, 9)]);
    }

    #[test]
    fn what_was_delivered_before_statements_were_drawn_up_is_in_them() {
        let mut connection = Connection::open_in_memory().unwrap();
        MIGRATIONS[..2].iter().for_each(|migration| connection.execute_batch(migration).unwrap());
        connection.pragma_update(None, "user_version", 2).unwrap();
        let fill = r#"INSERT INTO sites (id, name, position) VALUES (x'01', 'Head office', 1);
            INSERT INTO devices VALUES (x'02', x'01', 'Lobby', 'kiosk', x'03', 0, NULL);
            INSERT INTO streams (number, id, device, head_seq, head_chain, watermark_seq, watermark_chain, held_above,
                health, sent_at, first_heard_at, last_heard_at)
                VALUES (1, x'04', x'02', 4, x'05', 4, x'05', '[]', '{}', 0, 1774000000000, 1774000999000);
            INSERT INTO events VALUES
                (1, x'a1', x'b1', '{"time":"2026-03-20T09:46:40.123Z","clockoffset":-1250}', x'c1', x'01', x'02', x'02', 1774000090000),
                (2, x'a2', x'b2', '{"time":"2926-03-20T09:46:40.000Z"}', x'c1', x'01', x'02', x'02', 1774000091000);
            INSERT INTO slots VALUES (1, 1, x'b1', NULL), (1, 2, x'b2', NULL), (1, 3, x'b3', 'invalid_event'), (1, 4, x'b1', 'unknown');
            INSERT INTO quarantine VALUES (1, 1, 3, x'b3', '{}', 'invalid_event', x'02', 1774000092000);"#;
        connection.execute_batch(fill).unwrap();
        run(&mut connection).unwrap();
        let times: Vec<(i64, i64)> = connection
            .prepare("SELECT captured_at, received_at FROM slots ORDER BY seq")
            .unwrap()
            .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let expected = [
            // As the device's clock said, corrected.
            (1_773_999_998_873, 1_774_000_090_000),
            // It said a year that has not come.
            (1_774_000_091_000, 1_774_000_091_000),
            (1_774_000_092_000, 1_774_000_092_000),
            (1_774_000_000_000, 1_774_000_000_000),
        ];
        assert_eq!(times, expected);
        let proven: (i64, i64) = connection
            .query_row("SELECT proven_seq, proven_at FROM streams", (), |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        assert_eq!(proven, (4, 1_774_000_999_000));
    }

    #[test]
    fn what_each_event_refers_to_is_looked_up_by_nobody_any_more() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection).unwrap();
        connection.pragma_update(None, "foreign_keys", "ON").unwrap();
        for table in ["events", "slots", "visits"] {
            let references: i64 = connection
                .query_row("SELECT count(*) FROM pragma_foreign_key_list(?1)", [table], |row| row.get(0))
                .unwrap();
            assert_eq!(references, 0, "of {table}");
        }
        let whole: String = connection.pragma_query_value(None, "integrity_check", |row| row.get(0)).unwrap();
        assert_eq!(whole, "ok");
    }

    #[test]
    fn data_of_a_newer_version_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", MIGRATIONS.len() + 1).unwrap();
        assert!(matches!(run(&mut connection), Err(MigrationError::Newer { .. })));
        assert!(!connection.table_exists(None, "events").unwrap());
    }
}
