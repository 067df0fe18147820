//! The database: one SQLite file, one connection that writes, a few that read.
//!
//! WAL with `synchronous = FULL`: a commit returns when the disk has it. All writes of the server go through
//! [`Store::write`], which commits many of them together; the command line writes beside it through [`connect`], and
//! SQLite's own lock keeps the two apart.

mod data_lock;
mod feed;
mod folding;
mod migrations;
mod queue;
mod readers;
mod writer;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::watch;
use uuid::Uuid;
use vestibule_protocol::id::{HistoryId, SiteId};

pub use self::{
    data_lock::DataLock,
    feed::Positions,
    migrations::MigrationError,
    readers::ReadError,
    writer::{Waiting, WriteError},
};
use self::{
    readers::Readers,
    writer::{Undone, Writer},
};
use crate::{limits, metrics::Commits};

/// The oldest SQLite that is safe: earlier ones can corrupt a WAL when it is reset
/// (<https://sqlite.org/wal.html#the_wal_reset_bug>).
const SQLITE_OLDEST: i32 = 3_051_003;

/// The database's file in the data directory.
pub(crate) const FILE: &str = "vestibule.db";

/// Statements that a connection keeps prepared: all that the server has, with room.
const STATEMENTS_KEPT: usize = 64;

/// Memory for pages of a connection that writes, in KiB: what a full group dirties, twice. With less, pages are written
/// out and read back before their transaction ends.
const PAGE_CACHE_KIB: i64 = 16 * 1024;

/// Pages in the log at which a command's commit folds it into the database: 16 MiB. The server's own is folded
/// [beside the writer](folding).
const WAL_FOLDED_AT_PAGES: i64 = 4_096;

/// Largest WAL file that is kept after a checkpoint, in bytes: as large as it gets under load, for to let it grow anew
/// costs more than to write over it.
const WAL_KEPT_BYTES: i64 = 128 * 1024 * 1024;

/// The open database of a running server. Dropped or [closed](Self::close), it finishes what is queued.
pub struct Store {
    writer: Writer,
    readers: Readers,
    feed: watch::Sender<i64>,
    history: HistoryId,
    commits: Commits,
    dir: PathBuf,
}

/// Why the database can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory can't be made or read.
    #[error("the data directory {path} can't be used: {cause}")]
    Directory {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Another server runs on it.
    #[error("another vestibule server is running on {path}; stop it first, or choose another --data directory")]
    InUse {
        /// Which.
        path: PathBuf,
    },
    /// Nothing was ever stored there.
    #[error("there is no vestibule data in {path}; say with --data where it is")]
    NoData {
        /// Where.
        path: PathBuf,
    },
    /// Built with a SQLite that can lose data.
    #[error("this SQLite is {version}, which can corrupt its write-ahead log; 3.51.3 or newer is needed")]
    SqliteTooOld {
        /// Which.
        version: &'static str,
    },
    /// The schema can't be brought up to date.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// What SQLite said.
    #[error("the database can't be opened: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

impl Store {
    /// Opens the database in `dir`, which [`connect`] makes if it isn't there.
    ///
    /// # Errors
    /// [`OpenError`]; nothing is changed then.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let mut connection = connect(dir)?;
        let file = dir.join(FILE);
        let folding = folding::beside(&mut connection, &file)?;
        let (history, position) =
            connection.query_row("SELECT history, position FROM meta", (), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (feed, _) = watch::channel(position);
        let commits = Commits::default();
        Ok(Self {
            readers: Readers::new(file),
            writer: Writer::start(connection, folding, feed.clone(), commits.clone()),
            feed,
            history: HistoryId(history),
            commits,
            dir: dir.to_owned(),
        })
    }

    /// Runs `work` in the writer's next transaction and returns what it returned once that is on disk. If `work` fails,
    /// nothing of it is kept, and its neighbours in the transaction are not touched.
    ///
    /// `bytes` is about how much it holds in memory while it waits. Past `deadline` the caller is told that it could not
    /// be written, although it may be yet: only send work that is harmless to repeat.
    ///
    /// # Errors
    /// [`WriteError`]; all but [`WriteError::Failed`] mean "later".
    pub async fn write<T, F>(&self, bytes: usize, deadline: Duration, work: F) -> Result<T, WriteError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.writer.run(bytes, deadline, Undone::Alone, work).await
    }

    /// The same, for a delivery, which nothing but a broken database or program makes fail: if it does, its neighbours in
    /// the transaction are undone with it, and come again.
    ///
    /// # Errors
    /// [`WriteError`]; all but [`WriteError::Failed`] mean "later".
    pub async fn deliver<T, F>(&self, bytes: usize, deadline: Duration, work: F) -> Result<T, WriteError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.writer.run(bytes, deadline, Undone::WithItsGroup, work).await
    }

    /// Runs `query` on a state of the database that holds still meanwhile, off the async threads.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn read<T, F>(&self, query: F) -> Result<T, ReadError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.readers.run(query).await
    }

    /// What waits to be written.
    pub fn waiting(&self) -> Waiting {
        self.writer.waiting()
    }

    /// What the writer counts.
    pub const fn commits(&self) -> &Commits {
        &self.commits
    }

    /// The data directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The life of this database.
    pub const fn history(&self) -> HistoryId {
        self.history
    }

    /// Changes whenever something was committed that readers of the feed should see.
    pub fn feed(&self) -> watch::Receiver<i64> {
        self.feed.subscribe()
    }

    /// Looks for what another process has committed, and tells [`Self::feed`]. Call it every
    /// [`limits::FEED_LOOK`]; needless calls do nothing.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn look_at_feed(&self) -> Result<(), ReadError> {
        let position =
            self.read(|connection| connection.query_row("SELECT position FROM meta", (), |row| row.get(0))).await?;
        feed::announce(&self.feed, position);
        Ok(())
    }

    /// Commits what is queued and stops writing; whatever is sent later is answered [`WriteError::Stopped`].
    pub fn close(&self) {
        self.writer.stop();
    }
}

/// A connection to the database in `dir` that may write, the schema brought up to date; both are made if there are none.
///
/// # Errors
/// [`OpenError`].
pub fn connect(dir: &Path) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < SQLITE_OLDEST {
        return Err(OpenError::SqliteTooOld { version: rusqlite::version() });
    }
    make_directory(dir).map_err(|cause| OpenError::Directory { path: dir.to_owned(), cause })?;
    let mut connection = Connection::open(dir.join(FILE))?;
    connection.busy_timeout(limits::LOCK_WAIT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "journal_size_limit", WAL_KEPT_BYTES)?;
    connection.pragma_update(None, "wal_autocheckpoint", WAL_FOLDED_AT_PAGES)?;
    // Negative: KiB instead of pages.
    connection.pragma_update(None, "cache_size", -PAGE_CACHE_KIB)?;
    migrations::run(&mut connection)?;
    Ok(connection)
}

/// A connection that may write to the database that must be in `dir`: for commands that make no sense without data, and
/// would only hide a mistyped directory by making it.
///
/// # Errors
/// [`OpenError`].
pub fn connect_to_existing(dir: &Path) -> Result<Connection, OpenError> {
    if !dir.join(FILE).is_file() {
        return Err(OpenError::NoData { path: dir.to_owned() });
    }
    connect(dir)
}

/// A connection that only reads a database's file, wherever it lies, as it is: a backup.
///
/// # Errors
/// [`OpenError`], also for a file that a newer vestibule wrote.
pub fn read_file(file: &Path) -> Result<Connection, OpenError> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    migrations::check(&connection)?;
    Ok(connection)
}

/// What refers to what without SQLite watching over it, as table, column, and the column of the other table: a look at
/// each for every event is too much, and what writes them has just read what they refer to.
const UNWATCHED: [(&str, &str, &str, &str); 3] = [
    ("events", "uploaded_by", "devices", "id"),
    ("slots", "stream", "streams", "number"),
    ("visits", "site", "sites", "id"),
];

/// Tables with rows that refer to nothing, each with the table in which it should be.
///
/// # Errors
/// What SQLite said.
pub(crate) fn dangling(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut dangling: Vec<(String, String)> = connection
        .prepare("PRAGMA main.foreign_key_check")?
        .query_map((), |row| Ok((row.get(0)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (table, column, parent, key) in UNWATCHED {
        let sql = format!("SELECT 1 FROM main.{table} WHERE {column} NOT IN (SELECT {key} FROM main.{parent}) LIMIT 1");
        if connection.prepare(&sql)?.exists(())? {
            dangling.push((table.to_owned(), parent.to_owned()));
        }
    }
    Ok(dangling)
}

/// The site of that id, if there is one.
///
/// # Errors
/// What SQLite said.
pub fn site_exists(connection: &Connection, site: SiteId) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM sites WHERE id = ?1")?.exists([site.0])
}

/// Only its owner may look inside: it holds visitors' names.
pub(crate) fn make_directory(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// A random id for a database's life.
pub(crate) fn fresh_history() -> Uuid {
    HistoryId::new(crate::clock::now(), crate::clock::entropy()).0
}
