//! A day at the demo site, half over: who was expected, who is here, who has gone; as it would have come from a kiosk and
//! a desk, through the same ingest.

use rusqlite::Connection;
use vestibule_protocol::{
    batch::{Batch, Health, Link, SlottedEvent},
    chain::event_hash,
    details::Details,
    event::{Cancelled, CheckedIn, CheckedOut, Event, EventData, Host, Name, Registered, Source, Visitor},
    id::{BatchId, DeviceId, EventId, HistoryId, HostId, SiteId, StreamId, VisitId},
    text::InvalidText,
    timestamp::Timestamp,
};

use crate::{
    access::device::{self, Device, Kind},
    clock, demo_site,
    ingest::{self, Incoming},
};

const MINUTE_MS: i64 = 60_000;

/// How long the day has lasted already, in minutes: it began at half past six, and it is a quarter past one.
const SO_FAR_MIN: i64 = 405;

/// The night before, in minutes before the day: most visits are announced by then.
const ANNOUNCED_BEFORE_MIN: i64 = 720;

/// How many of a hundred visitors come in each half hour from the beginning of the day on: a rush at nine, another after
/// lunch.
const PER_HALF_HOUR: [i64; 20] = [1, 2, 5, 9, 14, 12, 8, 6, 5, 4, 3, 4, 8, 7, 5, 3, 2, 1, 1, 0];

/// How long they stay, in minutes, in turn.
const STAYS_MIN: [i64; 9] = [45, 60, 30, 240, 90, 20, 480, 75, 150];

/// Until then, in minutes of the day, the kiosk was cut off for as long, and delivered what it had afterwards.
const CUT_OFF_MIN: std::ops::Range<i64> = 250..280;

/// One visitor in so many has not been announced.
const WALK_IN_EVERY: usize = 5;

/// One announced visitor in so many is called off, and one in so many does not come.
const CALLED_OFF_EVERY: usize = 17;
const STAYS_AWAY_EVERY: usize = 23;

/// Names as people have them, and where they come from.
const VISITORS: [(&str, Option<&str>); 36] = [
    ("Ada Lovelace", Some("Analytical Engines")),
    ("Adaeze Nwosu", Some("Lagos Instruments")),
    ("Aleksandra Dąbrowska", Some("Huta Szkła")),
    ("Amélie Lefèvre", Some("Ateliers du Nord")),
    ("Anahera Te Whata", None),
    ("Björk Guðmundsdóttir", Some("Hafnarljós")),
    ("Carlos Muñoz Ibáñez", Some("Cerámica del Sur")),
    ("Çağla Yıldırım", Some("Boğaz Lojistik")),
    ("Đặng Thị Hương", Some("Sông Hồng Software")),
    ("Eoghan Ó Súilleabháin", None),
    ("Fatoumata Diallo", Some("Baobab Énergie")),
    ("Frederik van der Meer", Some("Polderwerk")),
    ("Γιώργος Παπαδόπουλος", Some("Αιγαίο Ναυτιλιακή")),
    ("Hans-Jürgen Großmann", Some("Großmann & Söhne")),
    ("Ieva Kalniņa", None),
    ("João Gonçalves", Some("Ondas Lda")),
    ("Kamala Krishnan", Some("Nilgiri Labs")),
    ("김서연", Some("한빛전자")),
    ("Lwazi Dlamini", Some("Umlambo Consulting")),
    ("Małgorzata Ścibor", Some("Wisła Projekt")),
    ("محمد الفارسي", Some("مسقط للهندسة")),
    ("Mei-Ling Chen", Some("Formosa Optics")),
    ("Nguyễn Văn Minh", None),
    ("נועה לוי", Some("גלים")),
    ("Olena Kovalenko", Some("Дніпро Софт")),
    ("Pekka Hämäläinen", Some("Järvi Oy")),
    ("Quentin O’Hara", Some("Courier")),
    ("Rūta Žukauskaitė", Some("Gintaras UAB")),
    ("Sanna-Mari Öhman", None),
    ("Soňa Dvořáková", Some("Vltava Strojírny")),
    ("Tomáš Novák", Some("Courier")),
    ("Uche", None),
    ("王小明", Some("长江机械")),
    ("Xóchitl Hernández", Some("Maíz y Cacao")),
    ("Yuki Tanaka", Some("あおば工業")),
    ("Zeynep Şahin", Some("Kapadokya Turizm")),
];

/// What was added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Day {
    /// Visits.
    pub(crate) visits: usize,
    /// Events.
    pub(crate) events: usize,
}

/// Something that was captured.
struct Moment {
    at: Timestamp,
    /// When the server had it.
    received_at: Timestamp,
    by: Where,
    visit: VisitId,
    data: EventData,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Kiosk,
    Desk,
}

/// A device with the end of its outbox.
struct Outbox {
    device: Device,
    stream: StreamId,
    head: Link,
}

/// Adds a day with so many visits to the demo site, which is made if it is not there, inside the caller's transaction.
///
/// # Errors
/// What SQLite said.
pub(crate) fn add(connection: &Connection, visits: usize, now: Timestamp) -> rusqlite::Result<Day> {
    let site = demo_site::find_or_add(connection, now)?;
    let hosts = hosts(connection, site)?;
    let mut moments: Vec<Moment> = Vec::new();
    for number in 0..visits {
        visit(&mut moments, number, visits, &hosts, now)?;
    }
    moments.retain(|moment| moment.received_at <= now);
    moments.sort_by_key(|moment| moment.received_at);
    let history = connection.query_row("SELECT history FROM meta", (), |row| row.get(0)).map(HistoryId)?;
    let mut kiosk = Outbox::new(connection, site, "Lobby", Kind::Kiosk, now)?;
    let mut desk = Outbox::new(connection, site, "Front desk", Kind::Browser, now)?;
    // What reached the server at one moment came in one batch of each device.
    for together in moments.chunk_by(|one, next| one.received_at == next.received_at) {
        for (outbox, by) in [(&mut kiosk, Where::Kiosk), (&mut desk, Where::Desk)] {
            let theirs: Vec<&Moment> = together.iter().filter(|moment| moment.by == by).collect();
            outbox.deliver(connection, &theirs, history)?;
        }
    }
    Ok(Day { visits, events: moments.len() })
}

/// All that happens in a visit, what is still to come included.
fn visit(moments: &mut Vec<Moment>, number: usize, of: usize, hosts: &[Host], now: Timestamp) -> rusqlite::Result<()> {
    let began = now.plus_ms(-SO_FAR_MIN * MINUTE_MS);
    let minute = |minutes: i64| began.plus_ms(minutes * MINUTE_MS);
    let visit = VisitId::new(now, clock::entropy());
    // Steps that share no divisor with the lengths go through all of either before they repeat.
    let (name, company) = VISITORS[number * 7 % VISITORS.len()];
    let visitor = Visitor { name: text(name)?, company: company.map(text).transpose()?, email: None, phone: None };
    let host = hosts.get(number * 5 % hosts.len().max(1)).cloned();
    let arrives = arrival_min(number, of);
    let mut note = |at: i64, by: Where, data: EventData| {
        let is_cut_off = by == Where::Kiosk && CUT_OFF_MIN.contains(&at);
        let received_at = if is_cut_off { minute(CUT_OFF_MIN.end) } else { minute(at) };
        moments.push(Moment { at: minute(at), received_at, by, visit, data });
    };
    if !number.is_multiple_of(WALK_IN_EVERY) {
        let announced = -ANNOUNCED_BEFORE_MIN + i64::try_from(number % 360).unwrap_or(0);
        let registered = Registered {
            visitor: visitor.clone(),
            host: host.clone(),
            expected_at: minute(arrives),
            details: Details::default(),
        };
        note(announced, Where::Desk, EventData::Registered(registered));
        if number % CALLED_OFF_EVERY == 1 {
            note(arrives - 90, Where::Desk, EventData::Cancelled(Cancelled { reason: None }));
            return Ok(());
        }
        if number % STAYS_AWAY_EVERY == 1 {
            return Ok(());
        }
    }
    let late = i64::try_from(number % 11).unwrap_or(0) - 3;
    note(arrives + late, Where::Kiosk, EventData::CheckedIn(CheckedIn { visitor, host, details: Details::default() }));
    let stays = STAYS_MIN[number % STAYS_MIN.len()];
    note(arrives + late + stays, Where::Kiosk, EventData::CheckedOut(CheckedOut {}));
    Ok(())
}

/// When, in minutes of the day, the visitor of that number comes.
fn arrival_min(number: usize, of: usize) -> i64 {
    let all: i64 = PER_HALF_HOUR.iter().sum();
    let (number, of) = (i64::try_from(number).unwrap_or(0), i64::try_from(of.max(1)).unwrap_or(1));
    let mut before = 0;
    for (half_hour, share) in (0_i64..).zip(PER_HALF_HOUR) {
        if number * all < (before + share) * of {
            // Evenly within the half hour.
            let within = (number * all - before * of) * 30 / (share * of);
            return half_hour * 30 + within;
        }
        before += share;
    }
    0
}

impl Outbox {
    fn new(connection: &Connection, site: SiteId, name: &str, kind: Kind, now: Timestamp) -> rusqlite::Result<Self> {
        let made = device::enrol(connection, site, &text(name)?, kind, now, clock::entropy(), clock::entropy())?;
        let device = Device { id: made.device, site, revoked_at: None, former: None };
        Ok(Self { device, stream: StreamId::new(now, clock::entropy()), head: Link::START })
    }

    /// Captures the moments and delivers them at once, in one batch.
    fn deliver(&mut self, connection: &Connection, moments: &[&Moment], history: HistoryId) -> rusqlite::Result<()> {
        let Some(received_at) = moments.first().map(|moment| moment.received_at) else { return Ok(()) };
        let mut events = Vec::with_capacity(moments.len());
        for moment in moments {
            let text = moment.text(self.device.id, self.device.site);
            self.head = self.head.then(event_hash(&text));
            let event = serde_json::value::RawValue::from_string(text.into());
            let event = event.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
            events.push(SlottedEvent { seq: self.head.seq, event });
        }
        let batch = Batch {
            protocol: vestibule_protocol::limits::PROTOCOL,
            stream: self.stream,
            batch: BatchId::new(received_at, clock::entropy()),
            head: self.head,
            sent_at: received_at,
            history: Some(history),
            health: Health {
                pending: events.len() as u64,
                parked: 0,
                oldest_pending_at: moments.iter().map(|moment| moment.at).min(),
                persisted: true,
                app_version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            events,
        };
        let incoming = Incoming::parse(batch.to_json().as_bytes())
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        // The stream is the device's own, and new.
        drop(ingest::ingest(connection, &incoming, &self.device, history, received_at)?);
        Ok(())
    }
}

impl Moment {
    fn text(&self, device: DeviceId, site: SiteId) -> Box<str> {
        let id = EventId::new(self.at, clock::entropy());
        let source = Source { site, device };
        let data = self.data.clone();
        Event { id, source, visit: self.visit, time: self.at, clock_offset_ms: Some(0), data }.to_text()
    }
}

fn hosts(connection: &Connection, site: SiteId) -> rusqlite::Result<Vec<Host>> {
    connection
        .prepare("SELECT id, name FROM hosts WHERE site = ?1 AND NOT gone ORDER BY name")?
        .query_map([site.0], |row| Ok(Host { id: HostId(row.get(0)?), name: crate::site::name(row, 1)? }))?
        .collect()
}

fn text(text: &str) -> rusqlite::Result<Name> {
    Name::new(text).map_err(|error: InvalidText| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use vestibule_protocol::visit::{State, Visit};

    use super::*;
    use crate::{projection, store, verify};

    #[test]
    fn the_day_is_half_over_and_everything_in_it_follows_from_the_ledger() {
        let dir = tempfile::tempdir().unwrap();
        let mut database = store::connect(dir.path()).unwrap();
        let now = clock::now();
        let day = add(&database, 120, now).unwrap();
        let visits: Vec<Visit> = database
            .prepare("SELECT json, event, received_at FROM visits_as_held")
            .unwrap()
            .query_map((), projection::read)
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        let mut states: BTreeMap<String, usize> = BTreeMap::new();
        for visit in &visits {
            *states.entry(format!("{:?}", visit.state(now))).or_default() += 1;
        }
        assert!(day.events > visits.len() && visits.len() <= day.visits);
        let of = |state: State| states.get(&format!("{state:?}")).copied().unwrap_or_default();
        assert!(of(State::OnSite) >= 10 && of(State::Left) >= 40 && of(State::Expected) >= 15, "{states:?}");
        assert!(of(State::Cancelled) >= 2, "{states:?}");
        let late = visits.iter().flat_map(|visit| &visit.timeline).filter(|entry| entry.was_late()).count();
        assert!(late > 0, "what the kiosk held while it was cut off came late");
        let mut differences = Vec::new();
        let mut hear = |word| {
            if let verify::Word::Difference(difference) = word {
                differences.push(difference);
            }
        };
        verify::everything(&mut database, &mut hear).unwrap();
        assert_eq!(differences, []);
        let quarantined: i64 = database.query_row("SELECT count(*) FROM quarantine", (), |row| row.get(0)).unwrap();
        assert_eq!(quarantined, 0);
    }

    #[test]
    fn most_come_in_the_morning_and_nobody_before_the_doors_open() {
        let arrivals: Vec<i64> = (0..200).map(|number| arrival_min(number, 200)).collect();
        assert!(arrivals.is_sorted() && (0..600).contains(&arrivals[0]));
        let in_the_rush = arrivals.iter().filter(|minute| (90..180).contains(*minute)).count();
        assert!(in_the_rush > 60, "{in_the_rush}");
    }
}
