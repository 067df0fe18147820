//! The server: its real ingest, ledger and feed on a real SQLite, without the HTTP around them.

mod database;
mod inspection;
mod mutated;

use std::collections::{BTreeSet, HashSet};

use rusqlite::{Connection, TransactionBehavior, params};
use tempfile::TempDir;
use vestibule::{
    access::device::Device,
    changes::{self, Cursor},
    ingest::{ForeignStream, Incoming, ingest},
    store,
};
use vestibule_engine::Answer;
use vestibule_protocol::{
    batch::{EventResult, Outcome, RECEIPT_MEDIA_TYPE, Receipt, Seq},
    changes::Changes,
    event::Source,
    id::{EventId, HistoryId, SiteId, StreamId},
    problem,
    timestamp::Timestamp,
};

use self::database::{common_prefix, copy, copy_template, furnish, held, history, is_kept, ledger_ids};
pub use self::inspection::Entry;
use super::{
    fault::{Fate, Fault},
    gaps::Head,
    mutation::Mutation,
};

/// Devices that are enrolled before anything happens, for the fleet and for copies of its members.
pub const ENROLLED: u8 = 6;
/// Backups that are kept.
const BACKUPS: usize = 3;
/// Farthest that its clock is off, in ms.
pub const SKEW_MAX_MS: i64 = 3_600_000;
/// Pages of a database with no limit.
const PAGES_UNLIMITED: u32 = 1_073_741_823;
/// What a server that can't write asks for, in ms; as `vestibule::limits::RETRY_AFTER_S`.
const RETRY_AFTER_MS: u64 = 2_000;

/// A server and its backups.
pub struct Server {
    connection: Connection,
    /// Where its database lies; `None` in memory.
    dir: Option<TempDir>,
    history: HistoryId,
    /// Its clock less the true time, in ms.
    skew_ms: i64,
    backups: Vec<Copied>,
    /// The backup of the first day, in a drawer.
    first_day: Copied,
    /// Every text in the ledger or in quarantine.
    held: HashSet<Box<str>>,
    /// The events of the ledger that it has applied.
    applied: HashSet<EventId>,
    /// Those of which nobody has looked yet whether it was right to.
    newly_applied: Vec<Applied>,
    /// Heads that it was told of; without those of which it is known that everything is held.
    told: BTreeSet<Head>,
    mutation: Option<Mutation>,
}

/// A copy of a database, and what its server had been told.
struct Copied {
    connection: Connection,
    told: BTreeSet<Head>,
}

/// An event that was just applied.
pub struct Applied {
    /// Which.
    pub event: EventId,
    /// Its text.
    pub text: Box<str>,
    /// Whether the ledger had it.
    pub is_again: bool,
}

/// Where the database lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// In memory, for speed.
    Memory,
    /// In a file, as a server has it.
    File,
}

/// What became of a request.
pub enum Served {
    /// An answer, to be sent.
    Answered(Answer),
    /// The server ended before it answered.
    Crashed,
}

impl Server {
    /// A server with a site and [`ENROLLED`] devices, backed up once.
    pub fn new(medium: Medium, now: Timestamp, mutation: Option<Mutation>) -> Self {
        let (mut connection, dir) = match medium {
            Medium::Memory => (Connection::open_in_memory().expect("memory"), None),
            Medium::File => {
                let dir = tempfile::tempdir().expect("a temporary directory");
                (store::connect(dir.path()).expect("a fresh database"), Some(dir))
            }
        };
        if medium == Medium::Memory {
            copy_template(now, &mut connection);
        } else {
            furnish(&connection, now);
        }
        let mut copied = Connection::open_in_memory().expect("memory");
        copy(&connection, &mut copied);
        let first_day = Copied { connection: copied, told: BTreeSet::new() };
        let mut server = Self {
            history: history(&connection),
            connection,
            dir,
            skew_ms: 0,
            backups: Vec::new(),
            first_day,
            held: HashSet::new(),
            applied: HashSet::new(),
            newly_applied: Vec::new(),
            told: BTreeSet::new(),
            mutation,
        };
        server.back_up();
        server
    }

    /// Takes a batch that `source` has sent.
    pub fn sync(&mut self, fate: &mut Fate, source: Source, body: &str, true_now: Timestamp) -> Served {
        let now = true_now.plus_ms(self.skew_ms);
        let Ok(mut incoming) = Incoming::parse(body.as_bytes()) else { return problem(400, "malformed_body", None) };
        let sent: Vec<Seq> = incoming.arrivals.iter().map(|arrival| arrival.seq).collect();
        let mut edited = Vec::new();
        if fate.strikes(Fault::Postponed, true_now) {
            let keep = fate.random.below(incoming.arrivals.len() + 1);
            let says_so = fate.random.chance(5_000);
            for arrival in incoming.arrivals.drain(keep..) {
                if says_so {
                    edited.push(EventResult { seq: arrival.seq, outcome: Outcome::Retry });
                }
            }
        }
        self.mutate_arrivals(&mut incoming, &mut edited);
        let full = fate.strikes(Fault::DiskFull, true_now);
        let read_only = fate.strikes(Fault::ReadOnly, true_now);
        let (crash_before, crash_after) =
            (fate.strikes(Fault::CrashBeforeCommit, true_now), fate.strikes(Fault::CrashAfterCommit, true_now));
        self.limit(full, read_only);
        let ingested = self.ingest(&incoming, source, now, !crash_before);
        self.limit(false, false);
        if crash_before || crash_after {
            self.restart();
        }
        let mut receipt = match ingested {
            Ok(Ok(receipt)) => receipt,
            Ok(Err(ForeignStream)) => return problem(403, problem::FOREIGN_STREAM, None),
            Err(_) => return problem(503, "not_writable", Some(RETRY_AFTER_MS)),
        };
        if crash_before && self.mutation != Some(Mutation::AnsweredBeforeCommit) || crash_after {
            return Served::Crashed;
        }
        receipt.results.append(&mut edited);
        receipt.keep_from = self.keep_from(incoming.batch.stream);
        self.mutate_receipt(&mut receipt, &sent, incoming.batch.head);
        let body = serde_json::to_string(&receipt).expect("a receipt is JSON");
        Served::Answered(Answer::Response {
            status: 200,
            media_type: RECEIPT_MEDIA_TYPE.to_owned(),
            retry_after_ms: None,
            body,
        })
    }

    /// `GET /readyz`: whether a write succeeds.
    pub fn is_ready(&mut self, fate: &mut Fate, true_now: Timestamp) -> bool {
        let full = fate.strikes(Fault::DiskFull, true_now);
        let read_only = fate.strikes(Fault::ReadOnly, true_now);
        !full && !read_only
    }

    /// A page of changes, as a dashboard asks for it.
    pub fn changes(&self, site: SiteId, after: Option<&str>, true_now: Timestamp) -> Changes {
        const PAGE_ROWS: usize = 5;
        let after = after.and_then(|text| Cursor::parse(text, self.history));
        let now = true_now.plus_ms(self.skew_ms);
        changes::page(&self.connection, site, self.history, after, PAGE_ROWS, now).expect("a page of changes")
    }

    /// Whether the text is in the ledger or in quarantine.
    pub fn holds(&self, text: &str) -> bool {
        self.held.contains(text)
    }

    /// The heads that it was told of since it last held all that they stand for.
    pub const fn told(&self) -> &BTreeSet<Head> {
        &self.told
    }

    /// Needs to know no more of the heads that are so.
    pub fn forget_told(&mut self, is_over: impl Fn(&Self, Head) -> bool) {
        let mut told = std::mem::take(&mut self.told);
        told.retain(|&head| !is_over(self, head));
        self.told = told;
    }

    /// The life of its database.
    pub const fn history(&self) -> HistoryId {
        self.history
    }

    /// Takes a backup; only the last few are kept.
    pub fn back_up(&mut self) {
        let mut backup = Connection::open_in_memory().expect("memory");
        copy(&self.connection, &mut backup);
        self.backups.push(Copied { connection: backup, told: self.told.clone() });
        if self.backups.len() > BACKUPS {
            self.backups.remove(0);
        }
    }

    /// Takes so many backups that none of those that are kept lacks anything.
    pub fn back_up_everywhere(&mut self) {
        for _ in 0..BACKUPS {
            self.back_up();
        }
    }

    /// Goes back to one of the backups, with a new history.
    pub fn restore(&mut self, fate: &mut Fate, now: Timestamp) {
        let backup = &self.backups[fate.random.below(self.backups.len())];
        copy(&backup.connection, &mut self.connection);
        self.told.clone_from(&backup.told);
        self.begin_history(fate, now);
    }

    fn begin_history(&mut self, fate: &mut Fate, now: Timestamp) {
        self.history = HistoryId::new(now, fate.random.bytes());
        self.connection.execute("UPDATE meta SET history = ?1", [self.history.0]).expect("a writable database");
        self.held = held(&self.connection);
        self.applied = ledger_ids(&self.connection);
    }

    /// What was applied since this was asked last.
    pub fn take_newly_applied(&mut self) -> Vec<Applied> {
        std::mem::take(&mut self.newly_applied)
    }

    /// Goes back to the backup of the first day, which everybody had forgotten.
    pub fn restore_first_day(&mut self, fate: &mut Fate, now: Timestamp) {
        copy(&self.first_day.connection, &mut self.connection);
        self.told.clone_from(&self.first_day.told);
        self.begin_history(fate, now);
    }

    /// Sets the server's clock.
    pub const fn skew(&mut self, skew_ms: i64) {
        self.skew_ms = skew_ms;
    }

    /// Withdraws a device's access, or gives it back.
    pub fn revoke(&self, source: Source, at: Option<Timestamp>) {
        self.connection
            .execute(
                "UPDATE devices SET revoked_at = ?2 WHERE id = ?1",
                params![source.device.0, at.map(Timestamp::unix_ms)],
            )
            .expect("a writable database");
    }

    /// Takes a batch in one transaction, as the writer does.
    fn ingest(
        &mut self,
        incoming: &Incoming,
        source: Source,
        now: Timestamp,
        commits: bool,
    ) -> rusqlite::Result<Result<Receipt, ForeignStream>> {
        let history = self.history;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let revoked_at = transaction
            .prepare_cached("SELECT revoked_at FROM devices WHERE id = ?1")?
            .query_row([source.device.0], |row| row.get::<_, Option<i64>>(0))?
            .map(Timestamp::from_unix_ms);
        let device = Device { id: source.device, site: source.site, revoked_at, former: None };
        let receipt = ingest(&transaction, incoming, &device, history, now)?;
        if !commits {
            return Ok(receipt);
        }
        if self.mutation == Some(Mutation::HeadForgotten) {
            let batch = &incoming.batch;
            transaction.execute(
                "DELETE FROM told_heads WHERE chain <> ?2 AND stream = (SELECT number FROM streams WHERE id = ?1)",
                params![batch.stream.0, batch.head.chain.0],
            )?;
        }
        transaction.commit()?;
        if receipt.is_ok() {
            self.told.insert((incoming.batch.stream, incoming.batch.head.chain));
        }
        let accepted =
            receipt.iter().flat_map(|receipt| &receipt.results).filter(|result| result.outcome == Outcome::Accepted);
        for arrival in accepted.filter_map(|result| incoming.arrivals.iter().find(|arrival| arrival.seq == result.seq))
        {
            let Ok(event) = &arrival.event else { continue };
            let is_again = !self.applied.insert(event.id);
            self.newly_applied.push(Applied { event: event.id, text: arrival.text.clone(), is_again });
        }
        for arrival in &incoming.arrivals {
            if is_kept(&self.connection, arrival.hash)? {
                self.held.insert(arrival.text.clone());
            }
        }
        Ok(receipt)
    }

    /// Fills the disk, or takes away the right to write.
    fn limit(&self, full: bool, read_only: bool) {
        let pages = if full {
            self.connection.pragma_query_value(None, "page_count", |row| row.get(0)).expect("a page count")
        } else {
            PAGES_UNLIMITED
        };
        self.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).expect("a limit");
        self.connection.pragma_update(None, "query_only", read_only).expect("a mode");
    }

    /// Comes back after a crash. In memory there is nothing to come back from.
    fn restart(&mut self) {
        if let Some(dir) = &self.dir {
            self.connection = Connection::open_in_memory().expect("memory");
            self.connection = store::connect(dir.path()).expect("a database that survives a crash");
        }
    }

    /// What the devices must keep: all that the oldest backup would lack.
    fn keep_from(&self, stream: StreamId) -> Seq {
        if self.mutation == Some(Mutation::PrunedBeforeFloor) {
            return Seq::MAX;
        }
        let held = self.backups.iter().map(|backup| common_prefix(&backup.connection, &self.connection, stream));
        held.min().unwrap_or(0) + 1
    }
}

fn problem(status: u16, code: &str, retry_after_ms: Option<u64>) -> Served {
    Served::Answered(Answer::Response {
        status,
        media_type: problem::MEDIA_TYPE.to_owned(),
        retry_after_ms,
        body: format!(r#"{{"status":{status},"code":"{code}","title":"No"}}"#),
    })
}
