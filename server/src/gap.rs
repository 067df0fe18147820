//! Gaps: what devices have told of and the server does not hold, for staff to look into and to settle.
//!
//! How they come to be known stands in [`crate::ingest::heads`].

use rusqlite::{Connection, params};
use vestibule_protocol::{batch::Seq, id::StreamId, timestamp::Timestamp};

/// A head that a device told of and that is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// By which staff name it.
    pub number: i64,
    /// What staff call the device.
    pub device: String,
    /// The numbering.
    pub stream: StreamId,
    /// What is missing lies from here…
    pub first: Seq,
    /// …to here; not all of it need be missing.
    pub last: Seq,
    /// When the device told of it.
    pub told_at: Timestamp,
    /// When it turned out to be gone; `None` while it may still come.
    pub broken_at: Option<Timestamp>,
}

/// The gaps that nobody has settled, the oldest first.
///
/// # Errors
/// What SQLite said.
pub fn unsettled(connection: &Connection) -> rusqlite::Result<Vec<Gap>> {
    connection
        .prepare(
            "SELECT told_heads.number, devices.name, streams.id, held_up_to, seq, told_at, broken_at \
             FROM told_heads JOIN streams ON streams.number = told_heads.stream \
             JOIN devices ON devices.id = streams.device WHERE settled_at IS NULL ORDER BY told_at, told_heads.number",
        )?
        .query_map((), |row| {
            Ok(Gap {
                number: row.get(0)?,
                device: row.get(1)?,
                stream: StreamId(row.get(2)?),
                first: row.get::<_, Seq>(3)?.saturating_add(1),
                last: row.get(4)?,
                told_at: Timestamp::from_unix_ms(row.get(5)?),
                broken_at: row.get::<_, Option<i64>>(6)?.map(Timestamp::from_unix_ms),
            })
        })?
        .collect()
}

/// Takes note that staff have cleared a gap up: it is no alarm any more, and what is gone is written off in the delivery
/// statement. Says whether there was one of that number.
///
/// # Errors
/// What SQLite said.
pub fn settle(connection: &Connection, number: i64, now: Timestamp) -> rusqlite::Result<bool> {
    let settled = connection.execute(
        "UPDATE told_heads SET settled_at = ?2 WHERE number = ?1 AND settled_at IS NULL",
        params![number, now.unix_ms()],
    )?;
    Ok(settled > 0)
}
