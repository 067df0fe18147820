//! Brings a database of any earlier version up to date, one file of `migrations/sqlite/` after the other.

use rusqlite::{Connection, TransactionBehavior};

/// The migrations in order; the database's `user_version` counts those that it has had. Never edit one that was
/// released: add another.
const MIGRATIONS: &[&str] = &[include_str!("../../migrations/sqlite/0001_initial.sql")];

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
    fn data_of_a_newer_version_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", MIGRATIONS.len() + 1).unwrap();
        assert!(matches!(run(&mut connection), Err(MigrationError::Newer { .. })));
        assert!(!connection.table_exists(None, "events").unwrap());
    }
}
