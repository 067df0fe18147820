//! Feed positions: the order in which changes became visible.

use rusqlite::Connection;
use tokio::sync::watch;

/// Gives out feed positions inside one write transaction. [Save](Self::save) it at the end, or the next transaction
/// gives out the same ones and fails.
pub struct Positions {
    last: i64,
}

impl Positions {
    /// Goes on from the last position given out.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn begin(connection: &Connection) -> rusqlite::Result<Self> {
        Ok(Self { last: last(connection)? })
    }

    /// The one that comes next.
    pub const fn next(&self) -> i64 {
        self.last + 1
    }

    /// Gives out the next one.
    pub const fn take(&mut self) -> i64 {
        self.last += 1;
        self.last
    }

    /// Writes down how far it went.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn save(self, connection: &Connection) -> rusqlite::Result<()> {
        connection.prepare_cached("UPDATE meta SET position = ?1")?.execute([self.last])?;
        Ok(())
    }
}

/// The last position given out, as far as the connection sees.
pub(super) fn last(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("SELECT position FROM meta")?.query_row((), |row| row.get(0))
}

/// Wakes those who wait for the feed, if `position` is news.
pub(super) fn announce(feed: &watch::Sender<i64>, position: i64) {
    feed.send_if_modified(|known| {
        let is_news = position > *known;
        *known = position.max(*known);
        is_news
    });
}
