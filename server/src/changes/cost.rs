//! What reads cost, in steps of SQLite's machine: that of the day, and nothing for the years behind it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use rusqlite::Connection;
use vestibule_protocol::{
    batch::{Batch, Health, Link, SlottedEvent},
    chain::event_hash,
    details::Details,
    event::{CheckedIn, CheckedOut, Event, EventData, Name, Source, Visitor},
    id::{BatchId, EventId, HistoryId, StreamId, VisitId},
    json,
    limits::PROTOCOL,
    timestamp::Timestamp,
    visit::State,
};

use super::page;
use crate::{
    access::device::{self, Device, Kind},
    api, clock,
    ingest::{Incoming, ingest},
    site, store,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const HISTORY: HistoryId = HistoryId(uuid::Uuid::nil());

/// A site of which somebody has come and not left each day of the last two, after so many visits that are over.
struct Place {
    _dir: tempfile::TempDir,
    connection: Connection,
    device: Device,
    now: Timestamp,
}

impl Place {
    fn with_past(visits: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let connection = store::connect(dir.path()).unwrap();
        let now = clock::now();
        let name = Name::new("Head office").unwrap();
        let site = site::find_or_add(&connection, &name, now, clock::entropy()).unwrap();
        let made =
            device::enrol(&connection, site, &name, Kind::Kiosk, now, clock::entropy(), clock::entropy()).unwrap();
        let device = Device { id: made.device, site, revoked_at: None, former: None };
        let place = Self { _dir: dir, connection, device, now };
        place.live(visits, now.plus_ms(-400 * DAY_MS), Stay::Over);
        place.live(20, now.plus_ms(-DAY_MS), Stay::GoesOn);
        place.live(20, now, Stay::GoesOn);
        place
    }

    fn live(&self, visits: usize, at: Timestamp, stay: Stay) {
        let transaction = self.connection.unchecked_transaction().unwrap();
        let source = Source { site: self.device.site, device: self.device.id };
        let event = |visit, at, data| Event {
            id: EventId::new(at, clock::entropy()),
            source,
            visit,
            time: at,
            clock_offset_ms: None,
            data,
        };
        for _ in 0..visits {
            let visit = VisitId::new(at, clock::entropy());
            let visitor = Visitor { name: Name::new("Ada Lovelace").unwrap(), company: None, email: None, phone: None };
            let here = CheckedIn { visitor, host: None, details: Details::default() };
            let mut events = vec![event(visit, at, EventData::CheckedIn(here))];
            if matches!(stay, Stay::Over) {
                events.push(event(visit, at.plus_ms(1), EventData::CheckedOut(CheckedOut {})));
            }
            self.deliver(&events, at.plus_ms(1));
        }
        transaction.commit().unwrap();
    }

    /// On a stream of their own.
    fn deliver(&self, events: &[Event], now: Timestamp) {
        let texts: Vec<_> = events.iter().map(Event::to_text).collect();
        let head = texts.iter().fold(Link::START, |head, text| head.then(event_hash(text)));
        let health =
            Health { pending: 0, parked: 0, oldest_pending_at: None, persisted: true, app_version: String::new() };
        let slotted = (1..).zip(&texts).map(|(seq, text)| SlottedEvent { seq, event: json::raw(text).unwrap() });
        let batch = Batch {
            protocol: PROTOCOL,
            stream: StreamId(uuid::Builder::from_random_bytes(clock::entropy()).into_uuid()),
            batch: BatchId::new(now, clock::entropy()),
            head,
            sent_at: now,
            history: None,
            health,
            events: slotted.collect(),
        };
        let incoming = Incoming::parse(batch.to_json().as_bytes()).unwrap();
        ingest(&self.connection, &incoming, &self.device, HISTORY, now).unwrap().unwrap();
    }

    /// Steps that a read takes.
    fn steps<T>(&mut self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> (T, u64) {
        let steps = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&steps);
        let count = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            false
        };
        self.connection.progress_handler(1, Some(count)).unwrap();
        let read = read(&self.connection).unwrap();
        self.connection.progress_handler(1, None::<fn() -> bool>).unwrap();
        (read, steps.load(Ordering::Relaxed))
    }
}

enum Stay {
    Over,
    GoesOn,
}

#[test]
fn a_desk_pays_for_the_day_and_not_for_the_years_behind_it() {
    let [mut young, mut old] = [0, 1_000].map(Place::with_past);
    let reads = |place: &mut Place| {
        let (site, now) = (place.device.site, place.now);
        let (whole, snapshot) = place.steps(|connection| page(connection, site, HISTORY, None, 500, now));
        assert!(whole.visits.len() == 40 && !whole.more, "{}", whole.visits.len());
        let last: i64 = place.connection.query_row("SELECT position FROM meta", (), |row| row.get(0)).unwrap();
        let after = Some(super::Cursor::feed(last - 5));
        let (news, increment) = place.steps(|connection| page(connection, site, HISTORY, after, 500, now));
        assert_eq!(news.visits.len(), 5);
        let (here, on_site) =
            place.steps(|connection| api::visits::rows(connection, site, Some(State::OnSite), 0, 500));
        assert_eq!(here.len(), 40);
        [("snapshot", snapshot), ("increment", increment), ("on site", on_site)]
    };
    assert_eq!(reads(&mut young), reads(&mut old));
}
