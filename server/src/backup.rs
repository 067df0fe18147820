//! Backups of a database that is in use, and the way back.
//!
//! A backup counts only when it was read back and found whole. What it then holds of each stream is noted in the live
//! database, and receipts let the devices forget no more than that. A restored database begins a new history, by which
//! devices and dashboards know to send and to fetch everything again: what happened since the backup comes back from
//! the devices, also from those that were enrolled since: who may act is taken over from the database that is
//! replaced.

mod access;

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode, TransactionBehavior, ffi, params};
use vestibule_protocol::timestamp::Timestamp;

pub use self::access::Access;
use crate::{
    limits,
    store::{self, DataLock, OpenError},
    verify::{self, AtWork, Difference, Listener, Word},
};

/// Where a restore prepares the database, inside the data directory.
const STAGE: &str = "restoring";

/// Why there is no backup, or no restored database. Either way everything is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The data or the backup can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What SQLite said.
    #[error("the database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The system refused.
    #[error("{path}: {cause}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What it said.
        cause: io::Error,
    },
    /// The copy was read back and is not whole.
    #[error("{path} is not whole: {first}, and {more} more; nothing was changed")]
    NotWhole {
        /// The backup.
        path: PathBuf,
        /// The first difference.
        first: Difference,
        /// How many others there are.
        more: usize,
    },
}

/// What a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Events of the ledger.
    pub events: u64,
    /// Streams.
    pub streams: u64,
}

/// What a restore did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What the backup held.
    pub contents: Contents,
    /// Under which name the database that was there is kept, if there was one.
    pub aside: Option<PathBuf>,
    /// Who may act now.
    pub access: Access,
}

/// Writes the database in `data` to `file` while a server may go on writing, reads it back, and only then puts it in the
/// place of an earlier one of that name. Afterwards the devices may forget what it holds.
///
/// # Errors
/// [`BackupError`]; an earlier backup is still there then.
pub fn make(data: &Path, file: &Path, now: Timestamp, tell: Listener<'_>) -> Result<Contents, BackupError> {
    let mut live = store::connect_to_existing(data)?;
    let part = with_suffix(file, ".part");
    remove_if_there(&part)?;
    // SQLite fills an empty file; made here, nobody else can read it.
    private_file(&part).and_then(|file| file.sync_all()).map_err(at(&part))?;
    let copying = AtWork { stage: "copy", what: "SQLite copies the database", for_s: 0 };
    let (from, to) = (&mut live, part.to_string_lossy());
    verify::tell_meanwhile(tell, copying, move || from.execute("VACUUM INTO ?1", [to]))?;
    // VACUUM leaves the syncing to us.
    File::open(&part).and_then(|copy| copy.sync_all()).map_err(at(&part))?;
    let contents = check(&part, tell).inspect_err(|_| drop(fs::remove_file(&part)))?;
    fs::rename(&part, file).map_err(at(file))?;
    sync_directory_of(file)?;
    note(&mut live, file, now)?;
    Ok(contents)
}

/// Puts the backup `file` in the place of the database in `data`, which is kept beside it. Only while no server runs.
///
/// # Errors
/// [`BackupError`]; nothing is changed then.
pub fn restore(data: &Path, file: &Path, now: Timestamp, tell: Listener<'_>) -> Result<Restored, BackupError> {
    let _lock = DataLock::take(data)?;
    let contents = check(file, tell)?;
    let stage = data.join(STAGE);
    if stage.exists() {
        // Left by one that broke off.
        fs::remove_dir_all(&stage).map_err(at(&stage))?;
    }
    store::make_directory(&stage).map_err(at(&stage))?;
    let staged = stage.join(store::FILE);
    fs::copy(file, &staged).map_err(at(&staged))?;
    let live = data.join(store::FILE);
    let beside = if live.exists() { Some(keep_beside(&live, now)?) } else { None };
    let readable = beside.as_ref().filter(|beside| !beside.is_broken).map(|beside| beside.name.as_path());
    let access = begin_history(&stage, readable)?;
    fs::rename(&staged, &live).map_err(at(&live))?;
    sync_directory_of(&live)?;
    fs::remove_dir_all(&stage).map_err(at(&stage))?;
    Ok(Restored { contents, aside: beside.map(|beside| beside.name), access })
}

/// Reads a backup from end to end.
fn check(file: &Path, tell: Listener<'_>) -> Result<Contents, BackupError> {
    let mut copy = store::read_file(file)?;
    let mut first = None;
    let mut more = 0;
    verify::ledger_and_file(&mut copy, &mut |word| match word {
        Word::Difference(difference) if first.is_none() => first = Some(difference),
        Word::Difference(_) => more += 1,
        Word::Progress(_) | Word::AtWork(_) => tell(word),
    })?;
    if let Some(first) = first {
        return Err(BackupError::NotWhole { path: file.to_owned(), first, more });
    }
    Ok(copy.query_row("SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM streams)", (), |row| {
        Ok(Contents { events: row.get(0)?, streams: row.get(1)? })
    })?)
}

/// Notes in the live database what the backup holds of each stream.
fn note(live: &mut Connection, file: &Path, now: Timestamp) -> Result<(), BackupError> {
    let held = store::read_file(file)?
        .prepare("SELECT id, watermark_seq FROM streams")?
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(uuid::Uuid, i64)>>>()?;
    let transaction = live.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (stream, watermark) in held {
        transaction
            .prepare_cached("UPDATE streams SET backed_up_seq = max(backed_up_seq, ?2) WHERE id = ?1")?
            .execute(params![stream, watermark])?;
    }
    transaction.execute("UPDATE meta SET backed_up_at = ?1", [now.unix_ms()])?;
    Ok(transaction.commit()?)
}

/// Brings a copy up to date, takes over from `old` who may act, and begins its new life; afterwards it is one file, on
/// disk.
fn begin_history(dir: &Path, old: Option<&Path>) -> Result<Access, BackupError> {
    let copy = store::connect_to_existing(dir)?;
    let access = old.map_or(Ok(Access::Backup), |old| access::take_over(&copy, old))?;
    // What happened on the devices after the backup is not in it, so nothing of theirs is proven safe beyond it.
    copy.execute("UPDATE meta SET history = ?1", [store::fresh_history()])?;
    one_file(&copy)?;
    copy.close().map_err(|(_, error)| error)?;
    Ok(access)
}

/// A database that is kept.
struct Beside {
    name: PathBuf,
    is_broken: bool,
}

/// Gives the database a second name, under which it stays when another takes the first: at no moment is there none.
fn keep_beside(live: &Path, now: Timestamp) -> Result<Beside, BackupError> {
    let is_broken = match Connection::open(live).and_then(|connection| one_file(&connection)) {
        Ok(()) => false,
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => true,
            _ => return Err(error.into()),
        },
    };
    let aside = with_suffix(live, &format!(".before-{}", now.to_string().replace([':', '.'], "-")));
    fs::hard_link(live, &aside).map_err(at(&aside))?;
    // A database that is broken keeps its log by its side, or else the log would be read into the restored one.
    if is_broken {
        for log in ["-wal", "-shm"] {
            let (from, to) = (with_suffix(live, log), with_suffix(&aside, log));
            if from.exists() {
                fs::rename(&from, &to).map_err(at(&from))?;
            }
        }
    }
    Ok(Beside { name: aside, is_broken })
}

/// Folds the log into the database; fails while another process has it open.
fn one_file(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(limits::LOCK_WAIT)?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0))?;
    if mode == "delete" { Ok(()) } else { Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None)) }
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn remove_if_there(path: &Path) -> Result<(), BackupError> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(at(path)(cause)),
        _ => Ok(()),
    }
}

/// Makes a rename in the file's directory last.
fn sync_directory_of(file: &Path) -> Result<(), BackupError> {
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(dir).and_then(|dir| dir.sync_all()).map_err(at(dir)) } else { Ok(()) }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    move |cause| BackupError::File { path: path.to_owned(), cause }
}
