//! Recomputes from the verbatim texts everything that the database derives from them, and names every difference.
//!
//! The texts are the truth: their hashes make the slots, the slots make each stream's chain and watermark, the events
//! make the visits. Only the visits can be rebuilt; a difference further up means that the disk, or somebody, changed
//! what was stored, and a backup is the answer.

mod at_work;
mod ledger;
mod projection;

use std::fmt;

use rusqlite::Connection;
use vestibule_protocol::{
    batch::Seq,
    id::{StreamId, VisitId},
};

pub(crate) use self::at_work::tell_meanwhile;
pub use self::projection::repair;
use crate::store;

/// What a check has to say while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// How far it is.
    Progress(Progress),
    /// What it is at, where nobody knows how far that is.
    AtWork(AtWork),
    /// Something is not as it should be.
    Difference(Difference),
}

/// How far a check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it looks at now.
    pub stage: &'static str,
    /// Rows done.
    pub done: u64,
    /// Rows in all.
    pub total: u64,
}

/// What a check is at that can't say how far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtWork {
    /// The stage.
    pub stage: &'static str,
    /// What is done, for people.
    pub what: &'static str,
    /// For how long so far, in seconds.
    pub for_s: u64,
}

/// What is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// What SQLite's own check of the file says.
    File(String),
    /// The text of an event has not the hash that was noted when it came.
    EventText {
        /// Its place in the feed.
        position: i64,
    },
    /// The text of an event can't be read, or its columns say something else.
    EventColumns {
        /// Its place in the feed.
        position: i64,
    },
    /// A text in quarantine has not the hash that was noted when it came.
    QuarantineText {
        /// Its row.
        number: i64,
    },
    /// A slot is filled by a text that is nowhere.
    LostText {
        /// The stream.
        stream: StreamId,
        /// The slot.
        seq: Seq,
    },
    /// The watermark, its chain or the ranges above it don't follow from the slots.
    Chain {
        /// The stream.
        stream: StreamId,
        /// Up to which the slots are filled without a gap.
        filled: Seq,
    },
    /// The feed has positions beyond the last one given out.
    Feed,
    /// A visit's row is not what its events fold into.
    Visit(VisitId),
    /// Events fold into a visit that has no row.
    VisitMissing(VisitId),
    /// A visit has a row and no event.
    VisitWithoutEvents(VisitId),
}

/// What [`file()`] does one after the other.
const FILE_PARTS: u64 = 2;

/// Hears what a check has to say.
pub type Listener<'a> = &'a mut dyn FnMut(Word);

/// Checks the file, and then the ledger and the projection in one state of the database that holds still meanwhile.
///
/// # Errors
/// What SQLite said: the file can't be read any further.
pub fn everything(connection: &mut Connection, tell: Listener<'_>) -> rusqlite::Result<()> {
    file(connection, tell)?;
    let state = connection.transaction()?;
    ledger::check(&state, tell)?;
    projection::check(&state, tell)?;
    state.finish()
}

/// Checks the file and the ledger: all that a backup must hold for the rest to follow.
///
/// # Errors
/// What SQLite said: the file can't be read any further.
pub fn ledger_and_file(connection: &mut Connection, tell: Listener<'_>) -> rusqlite::Result<()> {
    file(connection, tell)?;
    let state = connection.transaction()?;
    ledger::check(&state, tell)?;
    state.finish()
}

/// SQLite's own check of its pages and indexes, and of what refers to what.
fn file(connection: &mut Connection, tell: Listener<'_>) -> rusqlite::Result<()> {
    let stage = "file";
    tell(Word::Progress(Progress { stage, done: 0, total: FILE_PARTS }));
    // One statement, and minutes where there are millions of events.
    let pages = "SQLite reads every page and index";
    let reading = &mut *connection;
    let said = tell_meanwhile(tell, AtWork { stage, what: pages, for_s: 0 }, move || {
        reading
            .prepare("PRAGMA integrity_check")?
            .query_map((), |row| row.get::<_, String>(0))?
            .collect::<rusqlite::Result<Vec<_>>>()
    })?;
    for said in said.into_iter().filter(|said| said != "ok") {
        tell(Word::Difference(Difference::File(said)));
    }
    tell(Word::Progress(Progress { stage, done: 1, total: FILE_PARTS }));
    let references = "rows are looked for that refer to nothing";
    let dangling =
        tell_meanwhile(tell, AtWork { stage, what: references, for_s: 0 }, move || store::dangling(connection))?;
    for (table, parent) in dangling {
        tell(Word::Difference(Difference::File(format!("a row of {table} refers to none of {parent}"))));
    }
    tell(Word::Progress(Progress { stage, done: FILE_PARTS, total: FILE_PARTS }));
    Ok(())
}

/// Counts rows and tells every so often how far it is.
struct Meter<'a> {
    tell: Listener<'a>,
    progress: Progress,
}

impl<'a> Meter<'a> {
    /// Rows between two words: a few thousandths of a second of work.
    const STEP: u64 = 1_000;

    fn new(tell: Listener<'a>, stage: &'static str, total: u64) -> Self {
        tell(Word::Progress(Progress { stage, done: 0, total }));
        Self { tell, progress: Progress { stage, done: 0, total } }
    }

    fn row(&mut self) {
        self.progress.done += 1;
        if self.progress.done.is_multiple_of(Self::STEP) || self.progress.done == self.progress.total {
            (self.tell)(Word::Progress(self.progress));
        }
    }

    fn difference(&mut self, difference: Difference) {
        (self.tell)(Word::Difference(difference));
    }
}

fn count(connection: &Connection, table: &'static str) -> rusqlite::Result<u64> {
    connection.query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get(0))
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(said) => write!(f, "the database's file: {said}"),
            Self::EventText { position } => write!(f, "event {position}: its text was changed after it was stored"),
            Self::EventColumns { position } => write!(f, "event {position}: its columns are not what its text says"),
            Self::QuarantineText { number } => {
                write!(f, "quarantine {number}: its text was changed after it was stored")
            }
            Self::LostText { stream, seq } => write!(f, "stream {stream}, seq {seq}: the text is lost"),
            Self::Chain { stream, filled } => {
                write!(f, "stream {stream}: the chain does not follow from its slots, which are filled up to {filled}")
            }
            Self::Feed => f.write_str("the feed: there are positions beyond the last one given out"),
            Self::Visit(visit) => write!(f, "visit {visit}: not what its events say"),
            Self::VisitMissing(visit) => write!(f, "visit {visit}: missing, though there are events"),
            Self::VisitWithoutEvents(visit) => write!(f, "visit {visit}: there is no event of it"),
        }
    }
}
