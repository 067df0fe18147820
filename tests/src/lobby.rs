//! A kiosk on paper: what it recorded, and that it delivers it. For a site with something in it, and for texts that no
//! browser of ours would make.

use serde_json::value::RawValue;
use vestibule_protocol::{
    account::Credentials,
    batch::{Batch, Health, Link, Receipt, SYNC_PATH, SlottedEvent},
    chain::event_hash,
    details::Details,
    event::{CheckedIn, Event, EventData, Name, Source, Visitor},
    id::{BatchId, ENTROPY_BYTES, EventId, StreamId, VisitId},
    limits,
    timestamp::Timestamp,
};

use crate::{people::now, server::Server};

/// A minute, in ms.
const MINUTE_MS: i64 = 60_000;

/// Fewer than fit in one batch, also where they are long.
const DELIVERED_AT_ONCE: usize = 250;

/// The kiosk.
pub struct Lobby {
    device: Credentials,
    stream: StreamId,
    head: Link,
    events: Vec<Box<str>>,
    delivered: usize,
}

impl Lobby {
    /// The device of these credentials, which has recorded nothing.
    pub fn new(device: Credentials) -> Self {
        let stream = StreamId::new(now(), entropy(0));
        Self { device, stream, head: Link::START, events: Vec::new(), delivered: 0 }
    }

    /// The visit of that number, the same at every call.
    pub fn visit(number: usize) -> VisitId {
        VisitId::new(Timestamp::from_unix_ms(0), entropy(number))
    }

    /// What happened so long ago; not recorded yet.
    pub fn event(&self, visit: VisitId, minutes_ago: i64, data: EventData) -> Event {
        let time = now().plus_ms(-minutes_ago * MINUTE_MS);
        Event {
            id: EventId::new(time, entropy(self.events.len())),
            source: Source { site: self.device.site, device: self.device.device },
            visit,
            time,
            clock_offset_ms: Some(0),
            data,
        }
    }

    /// Records what happened so long ago.
    pub fn record(&mut self, visit: VisitId, minutes_ago: i64, data: EventData) {
        let text = self.event(visit, minutes_ago, data).to_text();
        self.record_text(text);
    }

    /// Records a text, whatever it is.
    pub fn record_text(&mut self, text: Box<str>) {
        self.head = self.head.then(event_hash(&text));
        self.events.push(text);
    }

    /// Delivers what it has not delivered.
    ///
    /// # Panics
    /// If the server gives no receipt.
    pub async fn deliver(&mut self, server: &Server) {
        while self.delivered < self.events.len() {
            let until = self.events.len().min(self.delivered + DELIVERED_AT_ONCE);
            self.send(server, self.delivered..until).await;
            self.delivered = until;
        }
    }

    /// Shows that it is there, and gives what time it is by the server.
    ///
    /// # Panics
    /// If the server gives no receipt.
    pub async fn heartbeat(&self, server: &Server) -> Timestamp {
        self.send(server, self.delivered..self.delivered).await.received_at
    }

    async fn send(&self, server: &Server, range: std::ops::Range<usize>) -> Receipt {
        let answer = reqwest::Client::new()
            .post(format!("{}{SYNC_PATH}", server.url()))
            .bearer_auth(&self.device.token)
            .header("content-type", "application/json")
            .body(self.batch(range).to_json())
            .send()
            .await
            .expect("the server answers");
        assert!(answer.status().is_success(), "{answer:?}");
        answer.json().await.expect("a receipt")
    }

    fn batch(&self, range: std::ops::Range<usize>) -> Batch<Box<RawValue>> {
        Batch {
            protocol: limits::PROTOCOL,
            stream: self.stream,
            batch: BatchId::new(now(), entropy(range.start)),
            head: self.head,
            sent_at: now(),
            history: None,
            health: Health {
                pending: 0,
                parked: 0,
                oldest_pending_at: None,
                persisted: true,
                app_version: String::new(),
            },
            events: (range.start as u64 + 1..)
                .zip(&self.events[range])
                .map(|(seq, text)| {
                    let event = RawValue::from_string(text.clone().into()).expect("an event's text is JSON");
                    SlottedEvent { seq, event }
                })
                .collect(),
        }
    }
}

/// Delivers what the server can't count: a damaged text, and two that say they are one event and disagree.
///
/// # Panics
/// If the server gives no receipt.
pub async fn bring_doubts(server: &Server, device: &Credentials) {
    let mut lobby = Lobby::new(device.clone());
    let damaged = lobby.event(Lobby::visit(200), 33, arrival("Annie Easley")).to_text();
    lobby.record_text(damaged.replace("\"Annie Easley\"", "7").into());
    let first = lobby.event(Lobby::visit(201), 31, arrival("Dorothy Vaughan")).to_text();
    lobby.record_text(first.clone());
    lobby.record_text(first.replace("Dorothy Vaughan", "Dorothy Vaughan-Schmidt").into());
    lobby.deliver(server).await;
}

/// Somebody of that name comes.
///
/// # Panics
/// If it is too long for a name.
pub fn arrival(name: &str) -> EventData {
    let visitor = Visitor { name: Name::new(name).expect("a short name"), company: None, email: None, phone: None };
    EventData::CheckedIn(CheckedIn { visitor, host: None, details: Details::default() })
}

fn entropy(number: usize) -> [u8; ENTROPY_BYTES] {
    let mut bytes = [0; ENTROPY_BYTES];
    bytes[..8].copy_from_slice(&(number as u64).to_le_bytes());
    bytes
}
