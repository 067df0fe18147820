//! What grows with the ledger, and must not: memory, and the cost of what a desk reads.
//!
//! A site's years are put into the database by the server's own ingest with its clock argument in the past; the last days
//! are the same in each. Nothing is measured while that is done.

use std::{
    path::Path,
    sync::mpsc::{Receiver, sync_channel},
    thread,
    time::Duration,
};

use clap::Args;
use rusqlite::{Connection, TransactionBehavior};
use tempfile::TempDir;
use vestibule::{
    access::device::Device,
    clock,
    ingest::{self, Incoming},
    store,
};
use vestibule_protocol::{
    account::Credentials,
    batch::{Batch, Health, Link, SlottedEvent},
    chain::event_hash,
    changes::Changes,
    details::Details,
    event::{CheckedIn, CheckedOut, Event, EventData, Name, Registered, Source, Visitor},
    id::{BatchId, EventId, HistoryId, StreamId, VisitId},
    timestamp::Timestamp,
};
use vestibule_tests::{wire::Wire, workspace};

use crate::{
    goal::Goal,
    load::{self, Client, percentile_ms},
    machine::{self, now},
    running::{Running, enrol, enrol_at},
};

/// How far it grows.
#[derive(Args, Clone, Copy)]
pub(crate) struct Growth {
    /// Events in the end; some 1 KB of disk each. Memory is measured at a tenth of it too, reads at a half.
    #[arg(long, default_value_t = 10_000_000)]
    events: u64,
}

/// Events of the last days, which the desk still has in view or nearly so.
const RECENT: u64 = 10_000;

/// How far apart the events of the last days are, in ms: 2,000 a day.
const RECENT_EVERY_MS: i64 = 43_200;

/// How far apart those of the years before are, in ms.
const EARLIER_EVERY_MS: i64 = 30_000;

/// The years before end so long ago, in ms, that none of it is in view: 30 days.
const EARLIER_UNTIL_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// Events a batch, batches a transaction.
const BATCH: usize = 498;
const BATCHES: usize = 20;

/// Reads of each kind that are measured.
const READS: usize = 40;

/// How long the load lasts before memory is looked at.
const LOADED_FOR: Duration = Duration::from_secs(3);

/// What a desk's reads cost, in ms: the median of each.
struct Reads {
    snapshot_ms: f64,
    on_site_ms: f64,
    visits: usize,
}

impl Growth {
    /// Measures it, and says how it went.
    pub(crate) fn measure(self) -> Vec<Goal> {
        let few = Site::new();
        few.grow(RECENT, Era::Recent);
        let small = few.read();
        drop(few);
        let site = Site::new();
        site.grow(self.events / 10, Era::Earlier);
        let rss_early = site.loaded_rss_mb();
        site.grow(self.events / 2 - self.events / 10 - RECENT, Era::Earlier);
        site.grow(RECENT, Era::Recent);
        let large = site.read();
        site.grow(self.events / 2, Era::Earlier);
        let rss_late = site.loaded_rss_mb();
        let held = site.rows();
        println!("a ledger of {held} events, {:.0} bytes of disk each:", site.bytes() as f64 / held as f64);
        println!(
            "  memory under load: {rss_early:.1} MB at {} events, {rss_late:.1} MB at the end: {:.2} times",
            self.events / 10,
            rss_late / rss_early
        );
        for (what, small, large) in [
            ("`changes` from the start", small.snapshot_ms, large.snapshot_ms),
            ("the visits on site", small.on_site_ms, large.on_site_ms),
        ] {
            println!(
                "  {what}: {small:.2} ms at {RECENT} events, {large:.2} ms at {}: {:.2} times",
                self.events / 2,
                large / small
            );
        }
        assert_eq!(small.visits, large.visits, "the same days are in view");
        vec![
            Goal::at_most("memory after all events ÷ after a tenth, at most", Some(rss_late / rss_early), 1.2),
            Goal::at_most(
                "`changes` with years behind ÷ without, at most",
                Some(large.snapshot_ms / small.snapshot_ms),
                1.3,
            ),
            Goal::at_most(
                "on site with years behind ÷ without, at most",
                Some(large.on_site_ms / small.on_site_ms),
                1.3,
            ),
        ]
    }
}

/// When events happened.
#[derive(Clone, Copy)]
enum Era {
    Recent,
    Earlier,
}

/// A site with one device, in a database of its own.
struct Site {
    dir: TempDir,
    device: Credentials,
}

impl Site {
    fn new() -> Self {
        let dir = TempDir::with_prefix_in("bench-", workspace().join("target")).expect("a directory under target/");
        let device = enrol(&dir.path().join("data"), 1).remove(0);
        Self { dir, device }
    }

    fn data(&self) -> std::path::PathBuf {
        self.dir.path().join("data")
    }

    /// Adds about so many events, on a stream of their own.
    fn grow(&self, events: u64, era: Era) {
        let (sender, batches) = sync_channel(4);
        let credentials = self.device.clone();
        thread::scope(|scope| {
            scope.spawn(move || {
                let mut history = Past::new(&credentials, events, era);
                while let Some(batch) = history.batch() {
                    if sender.send(batch).is_err() {
                        return;
                    }
                }
            });
            take_in(&self.data(), &self.device, &batches).expect("the disk takes it");
        });
    }

    fn read(&self) -> Reads {
        let server = Running::vestibule(&self.data());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut wire = Wire::to(&server.address);
            let (mut snapshots, mut on_site, mut visits) = (Vec::new(), Vec::new(), 0);
            for _ in 0..READS {
                let began = now();
                visits = self.snapshot(&mut wire).await;
                snapshots.push(began.elapsed());
                let began = now();
                let reply = wire.get("/api/v1/visits?state=on_site", &self.device.token).await.expect("an answer");
                on_site.push(began.elapsed());
                assert_eq!(reply.status, 200, "{}", reply.body);
            }
            Reads { snapshot_ms: percentile_ms(&snapshots, 50), on_site_ms: percentile_ms(&on_site, 50), visits }
        })
    }

    /// Everything that a desk without a cursor is told; gives how many visits that is.
    async fn snapshot(&self, wire: &mut Wire) -> usize {
        let path = format!("/api/v1/sites/{}/changes", self.device.site);
        let (mut query, mut visits) = (String::new(), 0);
        loop {
            let reply = wire.get(&format!("{path}{query}"), &self.device.token).await.expect("an answer");
            let page: Changes = serde_json::from_str(&reply.body).expect("a page of changes");
            visits += page.visits.len();
            if !page.more {
                return visits;
            }
            query = format!("?after={}", page.cursor);
        }
    }

    /// Memory of a server on it that has taken deliveries and answered reads for a while.
    fn loaded_rss_mb(&self) -> f64 {
        let server = Running::vestibule(&self.data());
        // At another site, whose day is not looked at.
        let clients = enrol_at("Elsewhere", &self.data(), 8).into_iter().map(Client::new).collect();
        load::deliver(clients, &server.address, 100, LOADED_FOR);
        machine::rss_mb(server.pid())
    }

    fn rows(&self) -> u64 {
        let database = store::connect(&self.data()).expect("our own data");
        database.query_row("SELECT count(*) FROM events", (), |row| row.get(0)).expect("a count")
    }

    fn bytes(&self) -> u64 {
        std::fs::metadata(self.data().join("vestibule.db")).map_or(0, |file| file.len())
    }
}

/// Puts batches into the database as the server would have when they came.
fn take_in(data: &Path, credentials: &Credentials, batches: &Receiver<(Incoming, Timestamp)>) -> rusqlite::Result<()> {
    let mut connection: Connection = store::connect(data).expect("our own data");
    let history = connection.query_row("SELECT history FROM meta", (), |row| row.get(0)).map(HistoryId)?;
    let device = Device { id: credentials.device, site: credentials.site, former: None, revoked_at: None };
    loop {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut taken = 0;
        for (batch, received_at) in batches.iter().take(BATCHES) {
            let receipt = ingest::ingest(&transaction, &batch, &device, history, received_at)?;
            receipt.expect("the stream is the device's own");
            taken += 1;
        }
        transaction.commit()?;
        if taken < BATCHES {
            return Ok(());
        }
    }
}

/// A device that delivered at once, long ago: each visitor registered, came and, four times in five, has gone.
struct Past {
    source: Source,
    stream: StreamId,
    head: Link,
    at: Timestamp,
    every_ms: i64,
    left: u64,
    era: Era,
}

impl Past {
    fn new(credentials: &Credentials, events: u64, era: Era) -> Self {
        let (now, count) = (clock::now(), i64::try_from(events).unwrap_or(i64::MAX));
        let (every_ms, until) = match era {
            Era::Recent => (RECENT_EVERY_MS, now),
            Era::Earlier => (EARLIER_EVERY_MS, now.plus_ms(-EARLIER_UNTIL_MS)),
        };
        Self {
            source: Source { site: credentials.site, device: credentials.device },
            stream: StreamId::new(now, clock::entropy()),
            head: Link::START,
            at: until.plus_ms(-every_ms * count),
            every_ms,
            left: events,
            era,
        }
    }

    /// The next batch, and when it came; `None` when all is told.
    fn batch(&mut self) -> Option<(Incoming, Timestamp)> {
        let mut events = Vec::with_capacity(BATCH);
        while self.left > 0 && events.len() + 3 <= BATCH {
            let visit = VisitId::new(self.at, clock::entropy());
            let stays = matches!(self.era, Era::Recent) && (self.left / 3).is_multiple_of(5);
            let visitor = visitor();
            let registered =
                Registered { visitor: visitor.clone(), host: None, expected_at: self.at, details: Details::default() };
            events.push(self.event(visit, EventData::Registered(registered)));
            events.push(
                self.event(visit, EventData::CheckedIn(CheckedIn { visitor, host: None, details: Details::default() })),
            );
            if !stays {
                events.push(self.event(visit, EventData::CheckedOut(CheckedOut {})));
            }
        }
        if events.is_empty() {
            return None;
        }
        let batch = Batch {
            protocol: 1,
            stream: self.stream,
            batch: BatchId::new(self.at, clock::entropy()),
            head: self.head,
            sent_at: self.at,
            history: None,
            health: Health {
                pending: events.len() as u64,
                parked: 0,
                oldest_pending_at: None,
                persisted: true,
                app_version: "bench".to_owned(),
            },
            events,
        };
        let incoming = Incoming::parse(batch.to_json().as_bytes()).expect("our own batch");
        Some((incoming, self.at))
    }

    fn event(&mut self, visit: VisitId, data: EventData) -> SlottedEvent<Box<serde_json::value::RawValue>> {
        let id = EventId::new(self.at, clock::entropy());
        let event = Event { id, source: self.source, visit, time: self.at, clock_offset_ms: None, data };
        let text = event.to_text();
        self.at = self.at.plus_ms(self.every_ms);
        self.left = self.left.saturating_sub(1);
        self.head = self.head.then(event_hash(&text));
        let event = serde_json::value::RawValue::from_string(text.into()).expect("an event is JSON");
        SlottedEvent { seq: self.head.seq, event }
    }
}

fn visitor() -> Visitor {
    let name = Name::new("Ada Lovelace").expect("a name");
    Visitor { name, company: Name::new("Analytical Engines").ok(), email: None, phone: None }
}
