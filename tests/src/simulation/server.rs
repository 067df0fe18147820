//! The server: its real ingest, ledger and feed on a real SQLite, without the HTTP around them.

use std::{
    cell::OnceCell,
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, backup::Backup, params};
use tempfile::TempDir;
use vestibule::{
    access::device::{Device, Kind, enrol},
    changes::{self, Cursor},
    ingest::{ForeignStream, Incoming, ingest},
    site, store,
};
use vestibule_protocol::{
    batch::{EventResult, Link, Outcome, RECEIPT_MEDIA_TYPE, Receipt, Seq},
    chain::{Digest, event_hash},
    changes::Changes,
    event::{Name, Source},
    id::{EventId, HistoryId, StreamId},
    problem,
    timestamp::Timestamp,
};

use super::{
    fault::{Fate, Fault},
    gaps::Head,
    mutation::Mutation,
};
use vestibule_engine::Answer;

/// Devices that are enrolled before anything happens, for the fleet and for copies of its members.
pub const ENROLLED: u8 = 6;
/// Backups that are kept.
const BACKUPS: usize = 3;
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
    /// Every text in the ledger or in quarantine.
    held: HashSet<Box<str>>,
    /// Heads that it was told of; without those of which it is known that everything is held.
    told: BTreeSet<Head>,
    mutation: Option<Mutation>,
}

/// A copy of a database, and what its server had been told.
struct Copied {
    connection: Connection,
    told: BTreeSet<Head>,
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

/// An event in the ledger.
pub struct Entry {
    /// Its exact text.
    pub text: String,
    /// When it was received.
    pub received_at: Timestamp,
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
        let mut server = Self {
            history: history(&connection),
            connection,
            dir,
            skew_ms: 0,
            backups: Vec::new(),
            held: HashSet::new(),
            told: BTreeSet::new(),
            mutation,
        };
        server.back_up();
        server
    }

    /// Who the device of that number is.
    pub fn source(&self, number: u8) -> Source {
        let ids: Vec<_> = self
            .connection
            .prepare("SELECT site, id FROM devices ORDER BY id")
            .and_then(|mut query| query.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .expect("devices");
        let (site, device) = ids[usize::from(number)];
        Source { site: vestibule_protocol::id::SiteId(site), device: vestibule_protocol::id::DeviceId(device) }
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
    pub fn changes(&self, site: vestibule_protocol::id::SiteId, after: Option<&str>, true_now: Timestamp) -> Changes {
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

    /// The heads of which it knows that it does not hold all that they stand for.
    pub fn unmet_heads(&self) -> Vec<Head> {
        self.connection
            .prepare_cached(
                "SELECT streams.id, chain FROM told_heads JOIN streams ON streams.number = stream \
                 WHERE settled_at IS NULL",
            )
            .and_then(|mut query| {
                query.query_map((), |row| Ok((StreamId(row.get(0)?), Digest(row.get(1)?))))?.collect()
            })
            .expect("heads")
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

    /// Goes back to one of the backups, with a new history.
    pub fn restore(&mut self, fate: &mut Fate, now: Timestamp) {
        let backup = &self.backups[fate.random.below(self.backups.len())];
        copy(&backup.connection, &mut self.connection);
        self.told.clone_from(&backup.told);
        self.history = HistoryId::new(now, fate.random.bytes());
        self.connection.execute("UPDATE meta SET history = ?1", [self.history.0]).expect("a writable database");
        self.held = held(&self.connection);
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

    /// The ledger, in its order.
    pub fn ledger(&self) -> Vec<Entry> {
        self.connection
            .prepare("SELECT text, received_at FROM events ORDER BY position")
            .and_then(|mut query| {
                let entry = |row: &rusqlite::Row<'_>| {
                    Ok(Entry { text: row.get(0)?, received_at: Timestamp::from_unix_ms(row.get(1)?) })
                };
                query.query_map((), entry)?.collect()
            })
            .expect("a ledger")
    }

    /// The texts in quarantine, each with the reason.
    pub fn quarantine(&self) -> Vec<(String, String)> {
        self.connection
            .prepare("SELECT text, reason FROM quarantine")
            .and_then(|mut query| query.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .expect("a quarantine")
    }

    /// The first stream whose watermark is not what its slots say, if any: recomputes every chain.
    pub fn unsound_stream(&self) -> Option<StreamId> {
        let mut streams =
            self.connection.prepare("SELECT number, id, watermark_seq, watermark_chain FROM streams").ok()?;
        let mut rows = streams.query(()).ok()?;
        while let Some(row) = rows.next().expect("streams") {
            let (number, id): (i64, uuid::Uuid) = (row.get(0).expect("number"), row.get(1).expect("id"));
            let watermark = Link { seq: row.get(2).expect("seq"), chain: Digest(row.get(3).expect("chain")) };
            let hashes: Vec<(Seq, [u8; 32])> = self
                .connection
                .prepare_cached("SELECT seq, hash FROM slots WHERE stream = ?1 ORDER BY seq")
                .and_then(|mut query| query.query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
                .expect("slots");
            let mut link = Link::START;
            for (seq, hash) in hashes {
                if seq != link.seq + 1 || !is_kept(&self.connection, Digest(hash)).expect("a ledger") {
                    break;
                }
                link = link.then(Digest(hash));
            }
            if link != watermark {
                return Some(StreamId(id));
            }
        }
        None
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
        let watermarks = self.backups.iter().map(|backup| watermark(&backup.connection, stream).unwrap_or(0));
        watermarks.min().unwrap_or(0) + 1
    }

    fn mutate_arrivals(&self, incoming: &mut Incoming, edited: &mut Vec<EventResult>) {
        match self.mutation {
            Some(Mutation::AppliedTwice) => {
                for arrival in &mut incoming.arrivals {
                    let Ok(event) = &mut arrival.event else { continue };
                    // The id of the batch stands in for that of the event.
                    let batch = incoming.batch.batch.0.as_u128().wrapping_add(u128::from(arrival.seq));
                    event.id = EventId(uuid::Uuid::from_u128(batch));
                    arrival.text = event.to_text();
                    arrival.hash = event_hash(&arrival.text);
                }
            }
            Some(Mutation::DuplicateById) => incoming.arrivals.retain(|arrival| {
                let Ok(event) = &arrival.event else { return true };
                let other = event_hash_of(&self.connection, event.id).is_some_and(|hash| hash != arrival.hash);
                if other {
                    edited.push(EventResult { seq: arrival.seq, outcome: Outcome::Duplicate });
                }
                !other
            }),
            _ => {}
        }
    }

    fn mutate_receipt(&self, receipt: &mut Receipt, sent: &[Seq], head: Link) {
        match self.mutation {
            Some(Mutation::PartialIsWhole) => {
                receipt.results = sent.iter().map(|&seq| EventResult { seq, outcome: Outcome::Accepted }).collect();
            }
            Some(Mutation::WatermarkOverHole) if sent.contains(&head.seq) => {
                receipt.watermark = head;
                receipt.missing.clear();
            }
            _ => {}
        }
    }
}

/// Makes `to` a database with a site and devices.
fn copy_template(now: Timestamp, to: &mut Connection) {
    thread_local! {
        static TEMPLATE: OnceCell<Connection> = const { OnceCell::new() };
    }
    TEMPLATE.with(|template| {
        let template = template.get_or_init(|| {
            let dir = tempfile::tempdir().expect("a temporary directory");
            let connection = store::connect(dir.path()).expect("a fresh database");
            furnish(&connection, now);
            connection.pragma_update(None, "journal_mode", "DELETE").expect("a mode");
            let mut template = Connection::open_in_memory().expect("memory");
            copy(&connection, &mut template);
            template
        });
        copy(template, to);
    });
}

fn furnish(connection: &Connection, now: Timestamp) {
    let name = |text: &str| Name::new(text).expect("a name");
    let site = site::find_or_add(connection, &name("Harbour House"), now, [1; 10]).expect("a site");
    for number in 0..ENROLLED {
        let kiosk = name(&format!("Kiosk {number}"));
        enrol(connection, site, &kiosk, Kind::Kiosk, now, [number; 10], [number; 32]).expect("a device");
    }
    let history = HistoryId::new(now, [7; 10]);
    connection.execute("UPDATE meta SET history = ?1", [history.0]).expect("a history");
}

fn copy(from: &Connection, to: &mut Connection) {
    const ALL_PAGES: i32 = i32::MAX;
    let backup = Backup::new(from, to).expect("two databases");
    backup.run_to_completion(ALL_PAGES, Duration::ZERO, None).expect("a copy");
}

fn history(connection: &Connection) -> HistoryId {
    connection.query_row("SELECT history FROM meta", (), |row| row.get(0).map(HistoryId)).expect("a history")
}

fn watermark(connection: &Connection, stream: StreamId) -> Option<Seq> {
    connection
        .prepare_cached("SELECT watermark_seq FROM streams WHERE id = ?1")
        .and_then(|mut query| query.query_row([stream.0], |row| row.get(0)).optional())
        .expect("streams")
}

fn event_hash_of(connection: &Connection, event: EventId) -> Option<Digest> {
    connection
        .prepare_cached("SELECT hash FROM events WHERE id = ?1")
        .and_then(|mut query| query.query_row([event.0], |row| row.get(0).map(Digest)).optional())
        .expect("events")
}

fn is_kept(connection: &Connection, hash: Digest) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM events WHERE hash = ?1 UNION ALL SELECT 1 FROM quarantine WHERE hash = ?1")?
        .exists([hash.0])
}

fn held(connection: &Connection) -> HashSet<Box<str>> {
    connection
        .prepare("SELECT text FROM events UNION SELECT text FROM quarantine")
        .and_then(|mut query| query.query_map((), |row| row.get(0))?.collect())
        .expect("texts")
}

fn problem(status: u16, code: &str, retry_after_ms: Option<u64>) -> Served {
    Served::Answered(Answer::Response {
        status,
        media_type: problem::MEDIA_TYPE.to_owned(),
        retry_after_ms,
        body: format!(r#"{{"status":{status},"code":"{code}","title":"No"}}"#),
    })
}
