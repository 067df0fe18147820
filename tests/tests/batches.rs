//! The server's ingest and fold on a real SQLite: whatever the order in which events arrive, how often, and in which
//! batches, the same events give the same visits and the same proof.

use std::collections::BTreeMap;

use vestibule_engine::{Answer, outbox::Row};
use vestibule_protocol::{
    batch::{Batch, Health, Link, Receipt, SlottedEvent},
    event::Source,
    id::{BatchId, StreamId, VisitId},
    json, limits,
    timestamp::Timestamp,
    visit::Visit,
};
use vestibule_tests::simulation::{
    dashboard::Dashboard,
    fault::{Fate, Faults},
    people,
    random::Random,
    server::{Medium, Served, Server},
    tables::Tables,
};

/// Fleets that are tried, each with batches of its own.
const SEEDS: u64 = 60;
/// Devices of a fleet.
const DEVICES: u8 = 3;
/// Events of each of them.
const EVENTS: usize = 8;
/// Most events in a batch, the ones that come again included.
const BATCH_MAX_EVENTS: usize = 6;

#[test]
fn any_order_any_duplicates_and_any_split_into_batches_give_the_same_visits() {
    for seed in 1..=SEEDS {
        let mut random = Random::new(seed);
        let now = "2026-03-20T15:04:05.123Z".parse().expect("a time");
        let (mut plain, mut shuffled) =
            (Server::new(Medium::Memory, now, None), Server::new(Medium::Memory, now, None));
        let fleet: Vec<Device> =
            (0..DEVICES).map(|number| Device::new(plain.source(number), now, &mut random)).collect();

        for device in &fleet {
            device.deliver(&mut plain, device.rows.iter(), now);
        }
        let mut left: Vec<(usize, Row)> = (0..fleet.len())
            .flat_map(|device| fleet[device].rows.iter().map(move |row| (device, row.clone())))
            .collect();
        let mut arrived = Vec::new();
        while !left.is_empty() {
            let device = left[random.below(left.len())].0;
            let mut batch: Vec<Row> = Vec::new();
            for _ in 0..=random.below(BATCH_MAX_EVENTS) {
                let theirs: Vec<usize> = (0..left.len()).filter(|&at| left[at].0 == device).collect();
                if !theirs.is_empty() {
                    batch.push(left.swap_remove(random.pick(&theirs)).1);
                }
            }
            arrived.extend(batch.iter().map(|row| (device, row.clone())));
            // Now and then something comes again, beside what is new.
            let (of, again) = arrived[random.below(arrived.len())].clone();
            if of == device && batch.iter().all(|row| row.id != again.id) {
                batch.push(again);
            }
            fleet[device].deliver(&mut shuffled, batch.iter(), now);
        }

        assert_eq!(visits(&plain, fleet[0].source, now), visits(&shuffled, fleet[0].source, now), "seed {seed}");
        for device in &fleet {
            let proofs =
                [&mut plain, &mut shuffled].map(|server| device.deliver(server, [].into_iter(), now).watermark);
            assert_eq!(proofs, [device.head, device.head], "seed {seed}");
        }
    }
}

/// A device that has captured events.
struct Device {
    source: Source,
    stream: StreamId,
    head: Link,
    rows: Vec<Row>,
}

impl Device {
    fn new(source: Source, now: Timestamp, random: &mut Random) -> Self {
        let mut tables = Tables { source: Some(source), ..Tables::default() };
        let stream = StreamId::new(now, random.bytes());
        for _ in 0..EVENTS {
            let clock = now.plus_ms(random.between(-3_600_000, 3_600_000));
            tables.append(&people::act(random, clock, None), stream).expect("it fits");
        }
        let head = tables.head.expect("there are events").link;
        Self { source, stream, head, rows: tables.rows.into_values().collect() }
    }

    fn deliver<'a>(&self, server: &mut Server, rows: impl Iterator<Item = &'a Row>, now: Timestamp) -> Receipt {
        let raw = |row: &Row| json::raw(&row.text).expect("an event is JSON");
        let events: Vec<_> = rows.map(|row| SlottedEvent { seq: row.link.seq, event: raw(row) }).collect();
        let sent = events.len();
        let batch = Batch {
            protocol: limits::PROTOCOL,
            stream: self.stream,
            batch: BatchId::new(now, [7; 10]),
            head: self.head,
            sent_at: now,
            history: None,
            health: Health {
                pending: 0,
                parked: 0,
                oldest_pending_at: None,
                persisted: true,
                app_version: String::new(),
            },
            events,
        };
        let mut calm = Fate::new(Random::new(1), Faults::NONE);
        match server.sync(&mut calm, self.source, &batch.to_json(), now) {
            Served::Answered(Answer::Response { status: 200, body, .. }) => {
                let receipt: Receipt = json::read(&body).expect("a receipt");
                assert!(receipt.results.len() == sent && receipt.results.iter().all(|result| result.outcome.is_kept()));
                receipt
            }
            Served::Answered(other) => panic!("not kept: {other:?}"),
            Served::Crashed => panic!("nothing goes wrong here"),
        }
    }
}

fn visits(server: &Server, source: Source, now: Timestamp) -> BTreeMap<VisitId, Visit> {
    let mut dashboard = Dashboard::default();
    while dashboard.poll(server, source.site, now, None) {}
    dashboard.visits
}
