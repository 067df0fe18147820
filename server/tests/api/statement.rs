//! `GET /api/v1/sites/{site}/statement`: the equation, against what the devices know that they did.

use std::collections::BTreeSet;

use proptest::prelude::*;
use reqwest::StatusCode;
use rusqlite::Connection;
use serde_json::value::RawValue;
use vestibule::{
    access::device::{self, Device, Kind},
    ingest::{Incoming, ingest},
    site,
    statement::{
        self,
        captures::Period,
        signature::{Key, Refuted, Signed},
    },
    store,
};
use vestibule_protocol::{
    account::Role,
    batch::{Batch, Health, Link, Seq, SlottedEvent},
    id::{BatchId, HistoryId, SiteId, StreamId},
    statement::{Difference, Statement, Tally},
    timestamp::Timestamp,
};

use crate::fixture::{TestDevice, TestServer, checked_in, fresh_uuid, name, problem, problem_is};

async fn statement(server: &TestServer, cookie: &str, query: &str) -> Statement {
    let path = format!("/api/v1/sites/{}/statement?{query}", server.site("Head office"));
    let response = server.get(&path).header("cookie", cookie).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

#[tokio::test]
async fn is_for_staff_alone() {
    let server = TestServer::start().await;
    let path = format!("/api/v1/sites/{}/statement", server.site("Head office"));
    assert_eq!(problem(server.get(&path).send().await.unwrap()).await, problem_is(401, "unauthenticated"));
}

#[tokio::test]
async fn an_outage_shows_as_waiting_and_closes_when_it_is_over() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    let mut lobby = server.device();
    let mut gate = server.device();
    let (at_lobby, at_gate) = (lobby.check_ins(5), gate.check_ins(3));
    server.deliver(&lobby, &at_lobby[..2]).await;
    server.deliver(&gate, &at_gate).await;
    let open = statement(&server, &cookie, "").await;
    let total = Tally { captured: 8, delivered: 5, waiting: 3, ..Tally::default() };
    assert_eq!(open.total, total);
    let behind = &open.devices[0];
    let Difference::Missing(numbers) = behind.differences[0] else { panic!("{:?}", behind.differences) };
    assert_eq!((numbers.first, numbers.last, behind.proof), (3, 5, None));
    assert_eq!(open.devices[1].proof.map(|proof| proof.seq), Some(3));

    server.deliver(&lobby, &at_lobby).await;
    let closed = statement(&server, &cookie, "").await;
    assert_eq!((closed.total.captured, closed.total.delivered, closed.total.open()), (8, 8, 0));
    assert_eq!(closed.devices[0].proof.map(|proof| (proof.seq, proof.chain)), Some((5, lobby.head.chain)));
    // They happened a minute ago, and so came late.
    assert_eq!(closed.interruptions.iter().map(|interruption| interruption.late).sum::<u64>(), 8);
}

#[tokio::test]
async fn what_happened_outside_the_period_is_not_in_it() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    let mut lobby = server.device();
    let events = lobby.check_ins(2);
    server.deliver(&lobby, &events).await;
    let yesterday = statement(&server, &cookie, "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z").await;
    assert_eq!((yesterday.total, yesterday.devices.len()), (Tally::default(), 0));
    let since = statement(&server, &cookie, "from=2026-01-01T00:00:00Z").await;
    assert_eq!(since.total.delivered, 2);
    let path = format!("/api/v1/sites/{}/statement?from=noon", server.site("Head office"));
    let response = server.get(&path).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(problem(response).await, problem_is(400, "malformed_body"));
}

#[tokio::test]
async fn signed_it_can_be_checked_long_afterwards_and_any_change_shows() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    let mut lobby = server.device();
    let events = lobby.check_ins(2);
    server.deliver(&lobby, &events).await;
    let path = format!("/api/v1/sites/{}/statement?signed", server.site("Head office"));
    let file = server.get(&path).header("cookie", &cookie).send().await.unwrap().bytes().await.unwrap();
    let checked = Signed::check(&file).unwrap();
    assert_eq!(checked.statement.total.delivered, 2);
    let keys: serde_json::Value = server.get("/api/v1/statement-keys").send().await.unwrap().json().await.unwrap();
    assert_eq!(keys, serde_json::json!({ "keys": [checked.key] }));

    let mut changed: serde_json::Value = serde_json::from_slice(&file).unwrap();
    let payload = changed["payload"].as_str().unwrap();
    let flipped = if payload.starts_with('A') { "B" } else { "A" };
    changed["payload"] = format!("{flipped}{}", &payload[1..]).into();
    assert_eq!(Signed::check(changed.to_string().as_bytes()), Err(Refuted::Changed));
    assert_eq!(Signed::check(b"{}"), Err(Refuted::NotOne));

    // Who has the key can still not sign what doesn't add up.
    let mut forged = checked.statement;
    forged.total.captured += 1;
    let key = Key::open(server.data.path(), [0; 32]).unwrap();
    let forged = serde_json::to_vec(&Signed::new(&forged, &key)).unwrap();
    assert_eq!(Signed::check(&forged), Err(Refuted::NoSum));
}

/// What a device can do.
#[derive(Clone, Debug)]
enum Op {
    /// A person acts; what is captured is fit to count, or not.
    Capture { fit: bool },
    /// It sends those events whose bits are set, and what it sent before as well.
    Deliver { mask: u16 },
    /// It sets its oldest undelivered event aside.
    Park,
    /// It begins another numbering, with all that it has not delivered.
    BeginAnew,
    /// Its store is wiped.
    Wipe,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        5 => prop::bool::weighted(0.85).prop_map(|fit| Op::Capture { fit }),
        4 => any::<u16>().prop_map(|mask| Op::Deliver { mask }),
        1 => Just(Op::Park),
        1 => Just(Op::BeginAnew),
        1 => Just(Op::Wipe),
    ];
    prop::collection::vec(op, 0..40)
}

/// A device that knows what it did, and what became of it.
struct Modelled {
    device: Device,
    test: TestDevice,
    /// In the numbering in use: the text, and whether it was delivered.
    outbox: Vec<(Seq, String, bool)>,
    parked: BTreeSet<Seq>,
    delivered: BTreeSet<String>,
    quarantined: BTreeSet<String>,
    /// Texts that the server was told of; they may be waiting, and if the store is wiped they are lost.
    told: BTreeSet<String>,
    lost: BTreeSet<String>,
    wiped: u32,
}

impl Modelled {
    fn new(connection: &Connection, site: SiteId, number: u8) -> Self {
        let credentials =
            device::enrol(connection, site, &name("Lobby"), Kind::Kiosk, at(0), [number; 10], [number; 32]).unwrap();
        Self {
            device: Device { id: credentials.device, site, revoked_at: None, former: None },
            test: TestDevice::new(credentials),
            outbox: Vec::new(),
            parked: BTreeSet::new(),
            delivered: BTreeSet::new(),
            quarantined: BTreeSet::new(),
            told: BTreeSet::new(),
            lost: BTreeSet::new(),
            wiped: 0,
        }
    }

    fn perform(&mut self, op: &Op, connection: &Connection, minute: i64) {
        match op {
            Op::Capture { fit } => {
                let event = self.test.event(vestibule_protocol::id::VisitId(fresh_uuid()), checked_in("Ada"));
                let event = vestibule_protocol::event::Event { time: at(minute), ..event };
                let text = event.to_text().into_string();
                let text = if *fit { text } else { text.replace("checked_in", "beamed_up") };
                let slotted = self.test.append(text);
                self.outbox.push((slotted.seq, slotted.text, false));
            }
            Op::Deliver { mask } => self.deliver(|place| mask >> (place % 16) & 1 == 1, connection, minute),
            Op::Park => {
                let oldest = self.outbox.iter().find(|(seq, _, delivered)| !delivered && !self.parked.contains(seq));
                self.parked.extend(oldest.map(|(seq, ..)| *seq));
            }
            Op::BeginAnew => {
                (self.test.stream, self.test.head) = (StreamId(fresh_uuid()), Link::START);
                let parked = std::mem::take(&mut self.parked);
                for (seq, text, delivered) in std::mem::take(&mut self.outbox) {
                    if !delivered {
                        let slotted = self.test.append(text);
                        if parked.contains(&seq) {
                            self.parked.insert(slotted.seq);
                        }
                        self.outbox.push((slotted.seq, slotted.text, false));
                    }
                }
            }
            Op::Wipe => {
                self.wiped += 1;
                let gone = self.outbox.drain(..).filter(|(_, text, delivered)| !delivered && self.told.contains(text));
                self.lost.extend(gone.map(|(_, text, _)| text));
                self.parked.clear();
                (self.test.stream, self.test.head) = (StreamId(fresh_uuid()), Link::START);
            }
        }
    }

    fn deliver(&mut self, chosen: impl Fn(usize) -> bool, connection: &Connection, minute: i64) {
        let mut events = Vec::new();
        for (place, (seq, text, delivered)) in self.outbox.iter_mut().enumerate() {
            if chosen(place) && !self.parked.contains(seq) {
                *delivered = true;
                events.push(SlottedEvent { seq: *seq, event: RawValue::from_string(text.clone()).unwrap() });
                let kept = if text.contains("beamed_up") { &mut self.quarantined } else { &mut self.delivered };
                kept.insert(text.clone());
            }
            self.told.insert(text.clone());
        }
        let batch = Batch {
            protocol: 1,
            stream: self.test.stream,
            batch: BatchId(fresh_uuid()),
            head: self.test.head,
            sent_at: at(minute),
            history: None,
            health: Health {
                pending: 0,
                parked: self.parked.len() as u64,
                oldest_pending_at: None,
                persisted: true,
                app_version: String::new(),
            },
            events,
        };
        let incoming = Incoming::parse(batch.to_json().as_bytes()).unwrap();
        ingest(connection, &incoming, &self.device, HistoryId(uuid::Uuid::nil()), at(minute)).unwrap().unwrap();
    }

    /// Delivers all that it can.
    fn drain(&mut self, connection: &Connection, minute: i64) {
        self.parked.clear();
        self.deliver(|_| true, connection, minute);
    }
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_unix_ms(1_774_000_000_000).plus_ms(minute * 60_000)
}

fn drawn_up(connection: &Connection, site: SiteId, period: Period) -> Statement {
    let statement = statement::draw_up(connection, site, HistoryId(uuid::Uuid::nil()), period, at(1_000)).unwrap();
    let statement = statement.unwrap();
    assert_eq!(statement.total, statement.devices.iter().map(|device| device.tally).sum());
    statement.devices.iter().for_each(|device| assert_eq!(device.tally, device.tally.summed()));
    statement
}

const ALL: Period = Period { from: None, to: Timestamp::from_unix_ms(i64::MAX / 4) };

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn the_equation_is_what_the_devices_know_that_they_did(first in ops(), second in ops(), parting in 0_i64..90) {
        let data = tempfile::tempdir().unwrap();
        let connection = store::connect(data.path()).unwrap();
        // What is tried here is the counting, not the disk.
        connection.pragma_update(None, "synchronous", "OFF").unwrap();
        let site = site::find_or_add(&connection, &name("Head office"), at(0), [0; 10]).unwrap();
        let mut devices = [Modelled::new(&connection, site, 1), Modelled::new(&connection, site, 2)];
        for (ops, device) in [first, second].iter().zip(&mut devices) {
            for (op, minute) in ops.iter().zip((0..).step_by(2)) {
                device.perform(op, &connection, minute);
            }
        }

        let open = drawn_up(&connection, site, ALL);
        for device in &devices {
            let tally = open.devices.iter().find(|told| told.device == device.device.id);
            let tally = tally.map(|told| told.tally).unwrap_or_default();
            prop_assert_eq!(tally.delivered, device.delivered.len() as u64);
            prop_assert_eq!(tally.quarantined, device.quarantined.len() as u64);
            prop_assert!(tally.captured <= device.told.len() as u64, "nothing is counted twice");
        }

        for device in &mut devices {
            device.drain(&connection, 200);
        }
        let closed = drawn_up(&connection, site, ALL);
        prop_assert_eq!(closed.total.waiting + closed.total.parked, 0);
        for device in &devices {
            let told = closed.devices.iter().find(|told| told.device == device.device.id);
            let tally = told.map(|told| told.tally).unwrap_or_default();
            let lost = device.lost.len() as u64;
            // Of a device that is wiped twice, what was lost the first time may have been lost the second time.
            let known_lost = if device.wiped > 1 { tally.lost } else { lost };
            prop_assert!(known_lost <= lost && (lost == 0) == (known_lost == 0));
            let truth = Tally {
                delivered: device.delivered.len() as u64,
                quarantined: device.quarantined.len() as u64,
                lost: known_lost,
                ..Tally::default()
            };
            prop_assert_eq!(tally, truth.summed());
        }

        // What has come is in exactly one of two periods that touch.
        let before = drawn_up(&connection, site, Period { from: None, to: at(parting) });
        let after = drawn_up(&connection, site, Period { from: Some(at(parting)), to: ALL.to });
        let came = |statement: &Statement| statement.total.delivered + statement.total.quarantined;
        prop_assert_eq!(came(&before) + came(&after), came(&closed));
    }
}

#[tokio::test]
async fn the_command_line_checks_a_statement_without_a_server() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Receptionist).await;
    let mut lobby = server.device();
    let events = lobby.check_ins(2);
    server.deliver(&lobby, &events).await;
    let path = format!("/api/v1/sites/{}/statement?signed", server.site("Head office"));
    let file = server.get(&path).header("cookie", &cookie).send().await.unwrap().text().await.unwrap();
    let fingerprint = Signed::check(file.as_bytes()).unwrap().key.thumbprint();
    let saved = server.dist.path().join("statement.json");
    std::fs::write(&saved, &file).unwrap();
    let verify = |more: &[&str]| {
        let program = env!("CARGO_BIN_EXE_vestibule");
        std::process::Command::new(program).arg("verify-statement").arg(&saved).args(more).output().unwrap()
    };
    let fits = verify(&["--key", &fingerprint]);
    assert!(fits.status.success(), "{fits:?}");
    let said = String::from_utf8(fits.stdout).unwrap();
    assert!(said.contains("2 captured = 2 delivered + 0 waiting + 0 needing attention"), "{said}");
    assert!(said.contains("Lobby: 2 of 2 delivered; proven by chain up to 2 at"), "{said}");
    assert!(!verify(&["--key", "another"]).status.success());
    std::fs::write(&saved, file.replacen("\"payload\":\"", "\"payload\":\"e30", 1)).unwrap();
    let changed = verify(&[]);
    assert!(!changed.status.success() && changed.stdout.is_empty(), "{changed:?}");
}
