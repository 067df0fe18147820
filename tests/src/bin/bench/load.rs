//! Clients that deliver as fast as they are answered, and what they measure.
//!
//! All on one thread: what they cost is missing from the contestant, and a thread each cost most.

use std::{
    fmt,
    fmt::Write as _,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use vestibule_protocol::{
    account::Credentials,
    batch::{Link, SYNC_PATH},
    chain::event_hash,
    id::{BatchId, EventId, StreamId, VisitId},
    timestamp::Timestamp,
};
use vestibule_tests::wire::{Reply, Wire};

use crate::machine::now;

/// A batch in so many is sent again.
const RESEND_EVERY: u64 = 10;

/// What a contestant did in one window.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Measured {
    /// New events a second, answered for.
    pub(crate) events_per_s: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// CPU seconds of the server for 100,000 new events.
    pub(crate) cpu_s_per_100k: Option<f64>,
    /// New events for each transaction that was synced.
    pub(crate) events_per_sync: Option<f64>,
    /// Memory of the server at the end.
    pub(crate) rss_mb: Option<f64>,
}

/// What clients counted.
#[derive(Default)]
pub(crate) struct Counted {
    pub(crate) events: u64,
    /// Of each request.
    pub(crate) took: Vec<Duration>,
}

/// A device as a client plays it.
pub(crate) struct Client {
    credentials: Credentials,
    stream: StreamId,
    head: Link,
    sent: u64,
}

impl Client {
    pub(crate) fn new(credentials: Credentials) -> Self {
        let stream = StreamId(EventSource::new(&credentials).id());
        Self { credentials, stream, head: Link::START, sent: 0 }
    }

    /// The next batch of new check-ins.
    pub(crate) fn batch(&mut self, events: usize) -> String {
        let source = EventSource::new(&self.credentials);
        let mut texts = String::with_capacity(events * 450);
        for number in 0..events {
            let event = source.event();
            self.head = self.head.then(event_hash(&event));
            let comma = if number == 0 { "" } else { "," };
            write!(texts, r#"{comma}{{"seq":{},"event":{event}}}"#, self.head.seq).expect("a String takes any text");
        }
        format!(
            concat!(
                r#"{{"protocol":1,"stream":"{}","batch":"{}","head":{{"seq":{},"chain":"{}"}},"sent_at":"{}","#,
                r#""history":null,"health":{{"pending":{},"parked":0,"oldest_pending_at":null,"persisted":true,"#,
                r#""app_version":"bench"}},"events":[{}]}}"#
            ),
            self.stream,
            BatchId(source.id()),
            self.head.seq,
            self.head.chain,
            source.at,
            events,
            texts,
        )
    }

    async fn run(mut self, address: &str, events: usize, until: Instant) -> Counted {
        let mut wire = Wire::to(address);
        let mut counted = Counted::default();
        while now() < until {
            let body = self.batch(events);
            self.sent += 1;
            let sends = if self.sent.is_multiple_of(RESEND_EVERY) { 2 } else { 1 };
            for send in 0..sends {
                let began = now();
                let reply = wire.post(SYNC_PATH, &self.credentials.token, &body).await;
                counted.took.push(began.elapsed());
                let Reply { status, body: receipt, .. } = reply.expect("the contestant answers");
                let outcome = if send == 0 { r#""accepted""# } else { r#""duplicate""# };
                let is_expected = status == 200 && receipt.matches(outcome).count() == events;
                assert!(is_expected, "not what was expected: {status} {receipt:.300}");
            }
            counted.events += events as u64;
        }
        counted
    }
}

/// Lets the clients deliver for `window`, all at once.
pub(crate) fn deliver(clients: Vec<Client>, address: &str, events: usize, window: Duration) -> Counted {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let until = now() + window;
    let running = join_all(clients.into_iter().map(|client| client.run(address, events, until)));
    runtime.block_on(running).into_iter().fold(Counted::default(), |mut all, one| {
        all.events += one.events;
        all.took.extend(one.took);
        all
    })
}

/// Makes events of one device, of some 400 bytes.
struct EventSource {
    source: String,
    at: Timestamp,
}

impl EventSource {
    fn new(credentials: &Credentials) -> Self {
        let source = format!("/sites/{}/devices/{}", credentials.site, credentials.device);
        Self { source, at: vestibule::clock::now() }
    }

    fn id(&self) -> uuid::Uuid {
        EventId::new(self.at, vestibule::clock::entropy()).0
    }

    fn event(&self) -> String {
        let (id, visit) = (self.id(), VisitId(self.id()));
        format!(
            concat!(
                r#"{{"specversion":"1.0","id":"{}","source":"{}","type":"vestibule.visit.checked_in.v1","subject":"{}","#,
                r#""time":"{}","datacontenttype":"application/json","clockoffset":-12,"data":{{"visitor":{{"#,
                r#""name":"Ada Lovelace","company":"Analytical Engines"}}}}}}"#
            ),
            id, self.source, visit, self.at,
        )
    }
}

/// A percentile, in ms; 0 of none.
pub(crate) fn percentile_ms(took: &[Duration], percent: usize) -> f64 {
    let mut took = took.to_vec();
    took.sort_unstable();
    let place = (took.len() * percent / 100).min(took.len().saturating_sub(1));
    took.get(place).map_or(0.0, |took| took.as_secs_f64() * 1_000.0)
}

impl Measured {
    pub(crate) fn new(counted: Counted, took: Duration) -> Self {
        Self {
            events_per_s: counted.events as f64 / took.as_secs_f64(),
            p50_ms: percentile_ms(&counted.took, 50),
            p99_ms: percentile_ms(&counted.took, 99),
            ..Self::default()
        }
    }

    /// The median of each number by itself.
    pub(crate) fn median(rounds: &[Self]) -> Self {
        let of = |value: fn(&Self) -> Option<f64>| {
            let mut values: Vec<f64> = rounds.iter().filter_map(value).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        };
        Self {
            events_per_s: of(|round| Some(round.events_per_s)).unwrap_or_default(),
            p50_ms: of(|round| Some(round.p50_ms)).unwrap_or_default(),
            p99_ms: of(|round| Some(round.p99_ms)).unwrap_or_default(),
            cpu_s_per_100k: of(|round| round.cpu_s_per_100k),
            events_per_sync: of(|round| round.events_per_sync),
            rss_mb: of(|round| round.rss_mb),
        }
    }
}

/// All but the rate, in columns.
impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>10.2} {:>10.2}", self.p50_ms, self.p99_ms)?;
        for (value, width) in [(self.cpu_s_per_100k, 11), (self.events_per_sync, 13), (self.rss_mb, 8)] {
            match value {
                Some(value) => write!(f, " {value:>width$.2}")?,
                None => write!(f, " {:>width$}", "–")?,
            }
        }
        Ok(())
    }
}
