//! Who may act, taken over from the database that a restore replaces.
//!
//! A backup says what had happened until it was made; about who may act it is out of date. A device that was enrolled
//! since would be turned away with the very events that the restored server lacks, a device or an account that was shut
//! out since would be let in again. So the tables below are taken whole from the database that was in use, where it can
//! be read and fits; the ledger and what follows from it are the backup's.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension};

use crate::store;

/// Those who may act, what they show, and where, what sites have decided and asked visitors to agree to, and who asked by
/// address to be forgotten: in an order in which each row finds those that it refers to.
const TAKEN_OVER: &[&str] = &[
    "sites",
    "site_settings",
    "agreement_versions",
    "hosts",
    "devices",
    "retired_tokens",
    "pairing_codes",
    "staff",
    "staff_sites",
    "staff_identities",
    "recovery_codes",
    "password_links",
    "sessions",
    "api_keys",
    "setup_link",
    "erasure_key",
    "erased_people",
];

/// Rows are added to it and nothing else, so the newer one holds the older one.
const TRAIL: &str = "audit";

/// Where who may act was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The database that was in use: whoever could act then still can.
    Replaced,
    /// The backup: there was no other database, it could not be read, or it is of another installation.
    Backup,
}

/// Takes over from `old` into the `restored` database, all or nothing.
///
/// # Errors
/// What SQLite said of `restored`; it is as it was then.
pub(super) fn take_over(restored: &Connection, old: &Path) -> rusqlite::Result<Access> {
    // Rows are replaced whole, which looks like a loss as long as it lasts; what refers to what is checked at the end.
    restored.pragma_update(None, "foreign_keys", "OFF")?;
    restored.execute("ATTACH ?1 AS old", [old.to_string_lossy()])?;
    let transaction = restored.unchecked_transaction()?;
    let is_taken_over = replace(&transaction).is_ok() && fits(&transaction)?;
    if is_taken_over {
        transaction.commit()?;
    } else {
        transaction.rollback()?;
    }
    restored.execute("DETACH old", ())?;
    restored.pragma_update(None, "foreign_keys", "ON")?;
    Ok(if is_taken_over { Access::Replaced } else { Access::Backup })
}

fn replace(restored: &Connection) -> rusqlite::Result<()> {
    for table in TAKEN_OVER {
        let Some(columns) = columns_of_both(restored, table)? else { continue };
        restored.execute_batch(&format!(
            "DELETE FROM main.{table}; INSERT INTO main.{table} ({columns}) SELECT {columns} FROM old.{table}"
        ))?;
    }
    if let Some(columns) = columns_of_both(restored, TRAIL)? {
        restored.execute_batch(&format!(
            "INSERT INTO main.{TRAIL} ({columns}) SELECT {columns} FROM old.{TRAIL} WHERE true ON CONFLICT DO NOTHING"
        ))?;
    }
    // Their places in the feed are of a history that is over.
    restored.execute_batch(
        "UPDATE main.sites SET position = min(position, (SELECT position FROM main.meta)); \
         UPDATE main.hosts SET position = min(position, (SELECT position FROM main.meta)); \
         UPDATE main.site_settings SET position = min(position, (SELECT position FROM main.meta))",
    )
}

/// The columns that a table has in both databases, of which the old one may be of an earlier version; `None` if one of
/// them has no such table.
fn columns_of_both(restored: &Connection, table: &str) -> rusqlite::Result<Option<String>> {
    restored
        .query_row(
            "SELECT group_concat(name) FROM pragma_table_info(?1, 'main') \
             WHERE name IN (SELECT name FROM pragma_table_info(?1, 'old'))",
            [table],
            |row| row.get(0),
        )
        .optional()
        .map(Option::flatten)
}

/// Whether everything that is referred to is there: the ledger's devices are not where the other database is of another
/// installation.
fn fits(restored: &Connection) -> rusqlite::Result<bool> {
    Ok(store::dangling(restored)?.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// What happened, and what follows from it.
    const OF_THE_BACKUP: &[&str] =
        &["meta", "streams", "told_heads", "slots", "events", "quarantine", "conflicts", "doubts", "visits"];

    #[test]
    fn of_every_table_it_is_decided_where_it_is_taken_from() {
        let dir = tempfile::tempdir().unwrap();
        let database = store::connect(dir.path()).unwrap();
        let tables: BTreeSet<String> = database
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            .unwrap()
            .query_map((), |row| row.get(0))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        let decided = TAKEN_OVER.iter().chain(OF_THE_BACKUP).chain([&TRAIL]).map(|&table| table.to_owned());
        assert_eq!(tables, decided.collect());
    }
}
