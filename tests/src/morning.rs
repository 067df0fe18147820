//! A morning at the demo site: who came, who has gone, who is expected.

use serde_json::value::RawValue;
use vestibule_protocol::{
    account::Credentials,
    batch::{Batch, Health, Link, SYNC_PATH, SlottedEvent},
    chain::event_hash,
    details::Details,
    event::{CheckedIn, CheckedOut, Event, EventData, Host, Name, Registered, Source, Visitor},
    id::{BatchId, EventId, HostId, StreamId, VisitId},
    limits,
    timestamp::Timestamp,
};

use crate::{people::now, server::Server};

/// Sends what another kiosk recorded this morning.
/// # Panics
/// If the server does not take it.
pub async fn spend_a_morning(server: &Server, device: &Credentials) {
    let mut lobby = Lobby { device: device.clone(), events: Vec::new() };
    let visitors = [
        ("Ada Lovelace", "Analytical Engines", "Amara Okafor", 150),
        ("Mary Somerville", "Royal Society", "Yuki Tanaka", 95),
        (
            "Maximiliane Wolfeschlegelsteinhausenbergerdorff",
            "Donaudampfschifffahrtsgesellschaft mbH",
            "Jürgen Groß",
            61,
        ),
        ("محمد بن موسى الخوارزمي", "بيت الحكمة", "Amara Okafor", 44),
        ("Katherine Johnson", "Langley", "Sofía Álvarez", 20),
        ("Hedy Lamarr", "", "Yuki Tanaka", 3),
    ];
    for (number, (name, company, host, minutes_ago)) in visitors.into_iter().enumerate() {
        let visit = lobby.visit(number);
        lobby.record(
            visit,
            minutes_ago,
            EventData::CheckedIn(CheckedIn {
                visitor: visitor(name, company),
                host: host_named(host),
                details: Details::default(),
            }),
        );
    }
    let gone = lobby.visit(0);
    lobby.record(gone, 12, EventData::CheckedOut(CheckedOut {}));
    for (number, (name, company, host, in_minutes)) in [
        ("Sophie Germain", "École Polytechnique", "Sofía Álvarez", 25),
        ("Srinivasa Ramanujan", "Trinity College", "Jürgen Groß", 70),
        ("Grace Hopper", "Navy", "Amara Okafor", 190),
    ]
    .into_iter()
    .enumerate()
    {
        let visit = lobby.visit(100 + number);
        let expected_at = now().plus_ms(in_minutes * MINUTE_MS);
        let registered = Registered {
            visitor: visitor(name, company),
            host: host_named(host),
            expected_at,
            details: Details::default(),
        };
        lobby.record(visit, 200, EventData::Registered(registered));
    }
    let answer = reqwest::Client::new()
        .post(format!("{}{SYNC_PATH}", server.url()))
        .bearer_auth(&device.token)
        .header("content-type", "application/json")
        .body(lobby.batch().to_json())
        .send()
        .await
        .expect("the server answers");
    assert!(answer.status().is_success(), "{answer:?}");
}

const MINUTE_MS: i64 = 60_000;

struct Lobby {
    device: Credentials,
    events: Vec<Box<str>>,
}

impl Lobby {
    fn visit(&self, number: usize) -> VisitId {
        VisitId::new(Timestamp::from_unix_ms(0), entropy(number))
    }

    fn record(&mut self, visit: VisitId, minutes_ago: i64, data: EventData) {
        let time = now().plus_ms(-minutes_ago * MINUTE_MS);
        let event = Event {
            id: EventId::new(time, entropy(self.events.len())),
            source: Source { site: self.device.site, device: self.device.device },
            visit,
            time,
            clock_offset_ms: Some(0),
            data,
        };
        self.events.push(event.to_text());
    }

    fn batch(&self) -> Batch<Box<RawValue>> {
        Batch {
            protocol: limits::PROTOCOL,
            stream: StreamId::new(now(), entropy(0)),
            batch: BatchId::new(now(), entropy(0)),
            head: self.events.iter().fold(Link::START, |link, text| link.then(event_hash(text))),
            sent_at: now(),
            history: None,
            health: Health {
                pending: 0,
                parked: 0,
                oldest_pending_at: None,
                persisted: true,
                app_version: String::new(),
            },
            events: (1..)
                .zip(&self.events)
                .map(|(seq, text)| {
                    let event = RawValue::from_string(text.clone().into()).expect("an event's text is JSON");
                    SlottedEvent { seq, event }
                })
                .collect(),
        }
    }
}

fn visitor(name: &str, company: &str) -> Visitor {
    let name = Name::new(name).expect("a short name");
    Visitor { name, company: Name::new(company).ok(), email: None, phone: None }
}

fn host_named(name: &str) -> Option<Host> {
    let id = HostId::new(Timestamp::from_unix_ms(0), entropy(name.len()));
    Some(Host { id, name: Name::new(name).expect("a short name") })
}

fn entropy(number: usize) -> [u8; 10] {
    [u8::try_from(number).expect("a small number"); 10]
}
