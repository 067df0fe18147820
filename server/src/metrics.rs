//! `GET /metrics`: what the server knows about itself and its devices, for Prometheus.
//!
//! Devices are named by their ids, and people not at all. What happens is counted as it happens; how the devices stand is
//! read from the database when somebody asks.

mod devices;

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use prometheus_client::{
    encoding::text::{encode_eof, encode_registry},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use vestibule_protocol::batch::{Outcome, Receipt};

use self::devices::{DeviceStanding, Standing};
use crate::{app::App, clock, error::Error, store::Store};

const PREFIX: &str = "vestibule";
const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labels<T> = [(&'static str, T); 1];

/// What is counted as it happens.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels<u16>, Counter>,
    events: Family<Labels<&'static str>, Counter>,
    feed_lag: Histogram,
}

/// What the writer counts. Clones count together.
#[derive(Clone, Debug)]
pub struct Commits {
    /// Jobs in a transaction.
    pub group_jobs: Histogram,
    /// From the first statement to the disk's word, in seconds.
    pub seconds: Histogram,
    /// Transactions that failed as a whole.
    pub failed: Counter,
}

impl Default for Commits {
    fn default() -> Self {
        Self {
            // 1 to 256 jobs, doubling.
            group_jobs: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            // 0.1 ms to 13 s, trebling.
            seconds: Histogram::new(exponential_buckets(0.000_1, 3.0, 12)),
            failed: Counter::default(),
        }
    }
}

impl Metrics {
    /// Nothing counted yet but what `commits` counts.
    pub fn new(commits: &Commits) -> Self {
        let (requests, events) = (Family::default(), Family::default());
        // 1 ms to 60 s, trebling.
        let feed_lag = Histogram::new(exponential_buckets(0.001, 3.0, 11));
        let mut registry = Registry::with_prefix(PREFIX);
        registry.register("sync_requests", "Answers to POST /api/v1/sync, by HTTP status", Family::clone(&requests));
        registry.register("ingest_events", "Events by what became of them", Family::clone(&events));
        registry.register("feed_lag_seconds", "From an event's receipt until a live stream told it", feed_lag.clone());
        registry.register("commit_jobs", "Requests that shared a transaction", commits.group_jobs.clone());
        registry.register("commit_seconds", "Time of a transaction until it was on disk", commits.seconds.clone());
        registry.register("commit_failures", "Transactions that failed as a whole", commits.failed.clone());
        Self { registry, requests, events, feed_lag }
    }

    /// Counts the outcomes of a receipt.
    pub fn count(&self, receipt: &Receipt) {
        // Neighbours mostly share their outcome, and a counter is looked up under a lock.
        for alike in receipt.results.chunk_by(|one, next| one.outcome == next.outcome) {
            let outcome = outcome_text(alike[0].outcome);
            self.events.get_or_create(&[("outcome", outcome)]).inc_by(alike.len() as u64);
        }
    }

    /// Counts an answer of `POST /api/v1/sync`, whoever gave it.
    pub(crate) fn count_delivery(&self, status: StatusCode) {
        self.requests.get_or_create(&[("status", status.as_u16())]).inc();
    }

    /// Takes note that a live stream told an event that long after it was received.
    pub fn told_after_ms(&self, lag_ms: i64) {
        self.feed_lag.observe(seconds(lag_ms));
    }
}

/// `GET /metrics`.
pub async fn show(State(app): State<Arc<App>>) -> Result<Response, Error> {
    let now = clock::now();
    let standing = app.store.read(move |connection| devices::standing(connection, now)).await?;
    let mut text = String::new();
    let encoded = encode_registry(&mut text, &app.metrics.registry)
        .and_then(|()| encode_registry(&mut text, &now_registry(&app.store, &standing)))
        .and_then(|()| encode_eof(&mut text));
    encoded.map_err(|error| Error::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response())
}

/// One number of a device's standing.
type Value = fn(&DeviceStanding) -> i64;

/// How things stand at this moment.
fn now_registry(store: &Store, standing: &Standing) -> Registry {
    let mut registry = Registry::with_prefix(PREFIX);
    let waiting = store.waiting();
    let mut tell = |name: &str, help: &str, value: i64| {
        let gauge: Gauge = Gauge::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    tell("write_queue_jobs", "Requests that wait for the writer", waiting.jobs as i64);
    tell("write_queue_bytes", "Bytes that wait for the writer", waiting.bytes as i64);
    tell("feed_position", "The last position of the feed", standing.position);
    tell("slot_conflicts", "Slots in which a second text arrived", standing.conflicts);
    if let Some(age_ms) = standing.backup_age_ms {
        tell("backup_age_seconds", "Since the newest verified backup", age_ms / 1_000);
    }
    let quarantined: Family<Labels<String>, Gauge> = Family::default();
    for (reason, count) in &standing.quarantined {
        quarantined.get_or_create(&[("reason", reason.clone())]).set(*count);
    }
    registry.register("quarantined_events", "Texts that wait for staff, by reason", quarantined);
    let families: [(&str, &str, Value); 6] = [
        ("device_pending_events", "Events that the device last said to hold back", |device| device.pending),
        ("device_parked_events", "Events that the device has set aside for staff", |device| device.parked),
        ("device_missing_events", "Events that the device told of and the server does not hold", |device| {
            device.missing
        }),
        ("device_broken_heads", "Times that events which the device told of turned out to be gone", |device| {
            device.broken_heads
        }),
        ("device_oldest_pending_seconds", "Age of the oldest event known to wait on the device", |device| {
            device.oldest_pending_ms / 1_000
        }),
        ("device_silent_seconds", "Since the device was last heard", |device| device.silent_ms / 1_000),
    ];
    for (name, help, value) in families {
        let family: Family<Labels<String>, Gauge> = Family::default();
        for device in &standing.devices {
            family.get_or_create(&[("device", device.id.to_string())]).set(value(device));
        }
        registry.register(name, help, family);
    }
    registry
}

const fn outcome_text(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "accepted",
        Outcome::Duplicate => "duplicate",
        Outcome::Conflict => "conflict",
        Outcome::Quarantined { .. } => "quarantined",
        Outcome::Retry => "retry",
    }
}

/// Milliseconds as Prometheus wants them; a clock that was set back gives 0.
fn seconds(ms: i64) -> f64 {
    f64::from(u32::try_from(ms.max(0)).unwrap_or(u32::MAX)) / 1_000.0
}
