//! Worlds so small that every order of events in them can be tried.
//!
//! A state is everything: engines, outboxes, the server. From each one, everything is done that could happen next;
//! states that were met before are not gone through again. The server is made of the real decisions on memory
//! ([`vestibule::ingest::decide`], [`vestibule::ingest::coverage`]), so that it can be copied.

use std::collections::{BTreeMap, HashSet};

use vestibule::{
    access::device::Device as Enrolled,
    ingest::{
        coverage::Coverage,
        decide::{Arrival, Held, Keep, Slot, SlotChange, decide},
    },
};
use vestibule_engine::{Action, Answer, Engine, Entropy, Input, Probed, outbox::StateName};
use vestibule_protocol::{
    batch::{Batch, EventResult, Link, RECEIPT_MEDIA_TYPE, Receipt, Seq},
    chain::{Digest, event_hash},
    event::{CheckedOut, Event, EventData, Source},
    id::{DeviceId, EventId, HistoryId, SiteId, StreamId, VisitId},
    limits,
    message::Capture,
    timestamp::Timestamp,
};

use super::tables::Tables;

/// Longest wait of an engine to which nobody says anything but a time, in ms, and a bit.
const TICK_MS: i64 = 61_000;
/// Ticks within which everything is delivered from any state, once nothing goes wrong any more.
const DRAIN_MAX_TICKS: usize = 8;

/// How much may happen.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Devices.
    pub devices: u8,
    /// Events that they capture, each.
    pub captures: [u8; 2],
    /// Times that time passes for each of them, before the recovery.
    pub ticks: u8,
    /// Contexts that are ended after an effect that they never hear of.
    pub crashes: u8,
    /// Answers that are lost.
    pub losses: u8,
    /// Restores of the server, from a backup that is taken once, at any time.
    pub restores: u8,
}

/// What was gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explored {
    /// Different states.
    pub states: usize,
    /// Ways from one to another.
    pub transitions: usize,
}

/// Goes through every state of a world, and lets each one recover.
///
/// # Panics
/// If a promise is broken, with the way that led there.
pub fn explore(budget: Budget) -> Explored {
    let first = World::new(budget);
    let mut met = HashSet::from([first.fingerprint()]);
    let mut open = vec![(first, Vec::new())];
    let mut transitions = 0;
    while let Some((world, way)) = open.pop() {
        for happening in world.happenings() {
            let mut next = world.clone();
            if !next.happen(happening) {
                continue;
            }
            transitions += 1;
            if met.insert(next.fingerprint()) {
                let way = [way.as_slice(), &[happening]].concat();
                assert!(next.is_sound(), "a promise is broken after {way:?}");
                assert!(next.clone().recovers(), "not everything is delivered after {way:?}");
                open.push((next, way));
            }
        }
    }
    Explored { states: met.len(), transitions }
}

/// Plays every sequence of up to `longest` operations on one device, each once for every effect after which its context
/// could be ended. Gives the number of runs.
///
/// # Panics
/// If a promise is broken, with the sequence.
pub fn end_after_every_effect(longest: u32) -> usize {
    let mut runs = 0;
    for length in 1..=longest {
        for number in 0..Operation::ALL.len().pow(length) {
            let operations: Vec<_> = (0..length)
                .map(|place| Operation::ALL[number / Operation::ALL.len().pow(place) % Operation::ALL.len()])
                .collect();
            for end in 0.. {
                let mut world = World::new(Budget { devices: 1, ..Budget::UNBOUNDED });
                let effects = world.operate(&operations, end);
                runs += 1;
                assert!(world.is_sound(), "a promise is broken by {operations:?}, ended after effect {end}");
                assert!(world.recovers(), "not delivered: {operations:?}, ended after effect {end}");
                if end >= effects {
                    break;
                }
            }
        }
    }
    runs
}

/// Something that may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happening {
    Capture(usize),
    Effect(usize),
    EffectUnheard(usize),
    AnswerLost(usize),
    Tick(usize),
    BackUp,
    Restore,
}

/// Something that is done to one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Capture,
    Tick,
    Nudge,
    ServerDown,
    ServerUp,
    AnswersLost,
    BackUp,
    Restore,
}

impl Operation {
    const ALL: [Self; 8] = [
        Self::Capture,
        Self::Tick,
        Self::Nudge,
        Self::ServerDown,
        Self::ServerUp,
        Self::AnswersLost,
        Self::BackUp,
        Self::Restore,
    ];
}

impl Budget {
    const UNBOUNDED: Self = Self { devices: 2, captures: [9; 2], ticks: 99, crashes: 9, losses: 9, restores: 9 };
}

#[derive(Clone, Debug)]
struct World {
    left: Budget,
    devices: Vec<Device>,
    server: Server,
    backup: Option<Server>,
    restores: u8,
}

#[derive(Clone, Debug)]
struct Device {
    number: u8,
    engine: Engine,
    is_resting: bool,
    tables: Tables,
    clock: Timestamp,
    captured: Vec<EventId>,
    ticks_left: u8,
    streams: u8,
}

/// What becomes of the outcome of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Heard,
    Unheard,
    AnswerLost,
    ServerDown,
}

impl World {
    fn new(left: Budget) -> Self {
        let devices = (0..left.devices).map(|number| Device::new(number, left.ticks)).collect();
        Self { left, devices, server: Server::new(), backup: None, restores: 0 }
    }

    /// What may be tried next; [`Self::happen`] says whether it can be.
    fn happenings(&self) -> Vec<Happening> {
        let all = (0..self.devices.len()).flat_map(|at| {
            [
                Happening::Capture(at),
                Happening::Effect(at),
                Happening::EffectUnheard(at),
                Happening::AnswerLost(at),
                Happening::Tick(at),
            ]
        });
        all.chain([Happening::BackUp, Happening::Restore]).collect()
    }

    fn happen(&mut self, happening: Happening) -> bool {
        match happening {
            Happening::Capture(at) => {
                let can = self.devices[at].captured.len() < usize::from(self.left.captures[at]);
                if can {
                    self.devices[at].capture();
                }
                can
            }
            Happening::Effect(at) => self.devices[at].effect(&mut self.server, Outcome::Heard).is_some(),
            Happening::EffectUnheard(at) => {
                take(&mut self.left.crashes) && self.devices[at].effect(&mut self.server, Outcome::Unheard).is_some()
            }
            Happening::AnswerLost(at) => {
                take(&mut self.left.losses)
                    && self.devices[at].effect(&mut self.server, Outcome::AnswerLost) == Some(Effect::Sent)
            }
            Happening::Tick(at) => {
                let device = &mut self.devices[at];
                let can = device.is_resting && take(&mut device.ticks_left);
                if can {
                    device.tick();
                }
                can
            }
            Happening::BackUp => {
                let can = self.backup.is_none() && self.left.restores > 0;
                if can {
                    self.backup = Some(self.server.clone());
                }
                can
            }
            Happening::Restore => self.backup.is_some() && take(&mut self.left.restores) && self.restore(),
        }
    }

    fn restore(&mut self) -> bool {
        let Some(backup) = &self.backup else { return false };
        self.restores += 1;
        self.server = Server { history: history(self.restores), ..backup.clone() };
        true
    }

    /// Does one operation after the other, letting the device come to rest after each; after effect `end` its context is
    /// ended. Gives the number of effects.
    fn operate(&mut self, operations: &[Operation], end: usize) -> usize {
        let (mut effects, mut weather) = (0, Outcome::Heard);
        for operation in operations {
            match operation {
                Operation::Capture => self.devices[0].capture(),
                Operation::Tick => self.devices[0].tick(),
                Operation::Nudge => self.devices[0].tell(Input::Nudged),
                Operation::ServerDown => weather = Outcome::ServerDown,
                Operation::ServerUp => weather = Outcome::Heard,
                Operation::AnswersLost => weather = Outcome::AnswerLost,
                Operation::BackUp => self.backup = Some(self.server.clone()),
                Operation::Restore => drop(self.restore()),
            }
            loop {
                let outcome = if effects == end { Outcome::Unheard } else { weather };
                if self.devices[0].effect(&mut self.server, outcome).is_none() {
                    break;
                }
                effects += 1;
            }
        }
        effects
    }

    /// Lets time pass until everything is on the server; says whether it gets there.
    fn recovers(mut self) -> bool {
        for _ in 0..DRAIN_MAX_TICKS {
            for device in &mut self.devices {
                device.tick();
                while device.effect(&mut self.server, Outcome::Heard).is_some() {}
            }
            let history = self.server.history;
            if self.devices.iter().all(|device| device.tables.is_drained(history)) {
                let mut captured = self.devices.iter().flat_map(|device| &device.captured);
                return captured.all(|event| self.server.events.contains_key(event)) && self.is_sound();
            }
        }
        false
    }

    /// Nothing is lost, nothing falsely delivered, no slot taken twice.
    fn is_sound(&self) -> bool {
        self.devices.iter().all(|device| {
            let Tables { head, rows, .. } = &device.tables;
            let is_current = device.tables.memory().history == Some(self.server.history);
            let slots: HashSet<_> = rows.values().map(|row| (row.stream, row.link.seq)).collect();
            let proven = head.map_or(0, |head| device.tables.memory().proven_in(head.stream));
            slots.len() == rows.len()
                && device.captured.iter().all(|event| rows.contains_key(event))
                && rows.values().filter(|_| is_current).all(|row| {
                    let claims = row.state.name() == StateName::Acknowledged
                        || (head.is_some_and(|head| head.stream == row.stream) && row.link.seq <= proven);
                    !claims || self.server.events.contains_key(&row.id)
                })
        })
    }

    /// The same for the same state, and for no other.
    fn fingerprint(&self) -> Digest {
        event_hash(&format!("{self:?}"))
    }
}

/// What a device did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Stored,
    Sent,
}

impl Device {
    fn new(number: u8, ticks_left: u8) -> Self {
        let source = Source { site: SiteId(uuid::Uuid::nil()), device: DeviceId(uuid(number, 0)) };
        Self {
            number,
            engine: Engine::resume("0.0.0-small"),
            is_resting: true,
            tables: Tables { source: Some(source), ..Tables::default() },
            clock: Timestamp::from_unix_ms(1_774_019_045_000),
            captured: Vec::new(),
            ticks_left,
            streams: 0,
        }
    }

    fn capture(&mut self) {
        let number = u8::try_from(self.captured.len()).expect("a few") + 1;
        let capture = Capture {
            event: EventId(uuid(self.number, number)),
            visit: VisitId(uuid(self.number, number)),
            time: self.clock,
            what: EventData::CheckedOut(CheckedOut {}),
        };
        self.tables.append(&capture, self.fresh_stream()).expect("a paired device keeps a small event");
        self.captured.push(capture.event);
        self.tell(Input::Captured);
    }

    fn tick(&mut self) {
        self.clock = self.clock.plus_ms(TICK_MS);
        self.tell(Input::Ticked);
    }

    fn tell(&mut self, input: Input) {
        self.engine.handle(input, self.clock);
        self.is_resting = false;
    }

    /// Lets the engine do one thing; `None` if it rests.
    fn effect(&mut self, server: &mut Server, outcome: Outcome) -> Option<Effect> {
        if self.is_resting {
            return None;
        }
        let before = self.tables.head.map(|head| head.stream);
        let (input, effect) = match self.engine.next(self.clock, self.entropy()) {
            Action::Load(load) => (Input::Loaded(self.tables.load(&load, self.fresh_stream())), Effect::Stored),
            Action::Record(record) => {
                self.tables.record(&record, self.fresh_stream());
                (Input::Recorded, Effect::Stored)
            }
            Action::Send(post) => {
                let answer = match outcome {
                    Outcome::ServerDown => Answer::None,
                    Outcome::Heard | Outcome::Unheard | Outcome::AnswerLost => server.sync(&post.body, self.clock),
                };
                (Input::Answered(if outcome == Outcome::AnswerLost { Answer::None } else { answer }), Effect::Sent)
            }
            Action::Probe => {
                let is_up = matches!(outcome, Outcome::Heard | Outcome::Unheard);
                (Input::Probed(if is_up { Probed::Ready } else { Probed::NotReady }), Effect::Stored)
            }
            Action::Rest { .. } => {
                self.is_resting = true;
                return None;
            }
        };
        self.streams += u8::from(self.tables.head.map(|head| head.stream) != before);
        if outcome == Outcome::Unheard {
            (self.engine, self.is_resting) = (Engine::resume("0.0.0-small"), true);
        } else {
            self.engine.handle(input, self.clock);
        }
        Some(effect)
    }

    fn fresh_stream(&self) -> StreamId {
        StreamId(uuid(self.number, 200 + self.streams))
    }

    /// The same in the same state, and for every stream another.
    fn entropy(&self) -> Entropy {
        std::array::from_fn(|at| if at == 0 { self.number } else { self.streams })
    }
}

/// A server in memory, made of the real decisions.
#[derive(Clone, Debug)]
struct Server {
    history: HistoryId,
    streams: BTreeMap<StreamId, (Coverage, BTreeMap<Seq, Digest>)>,
    events: BTreeMap<EventId, Digest>,
}

impl Server {
    fn new() -> Self {
        Self { history: history(0), streams: BTreeMap::new(), events: BTreeMap::new() }
    }

    fn sync(&mut self, body: &str, now: Timestamp) -> Answer {
        let batch: Batch<&serde_json::value::RawValue> = serde_json::from_str(body).expect("the engine sends batches");
        let device = Enrolled {
            id: DeviceId(uuid::Uuid::nil()),
            site: SiteId(uuid::Uuid::nil()),
            revoked_at: None,
            former: None,
        };
        let (coverage, slots) =
            self.streams.entry(batch.stream).or_insert((Coverage::new(Link::START, Vec::new()), BTreeMap::new()));
        let mut results = Vec::new();
        for slotted in &batch.events {
            let event = Event::parse(slotted.event.get()).expect("the devices capture events");
            let (id, hash) = (event.id, event_hash(slotted.event.get()));
            let held = Held {
                slot: slots.get(&slotted.seq).map(|&hash| Slot { hash, reason: None }),
                id: self.events.get(&id).copied(),
                visit_site: None,
                visit_events: 0,
            };
            let arrival = Arrival { seq: slotted.seq, text: slotted.event.get().into(), hash, event: Ok(event) };
            let verdict = decide(&arrival, &device, &held);
            if verdict.keep == Keep::Ledger {
                self.events.insert(id, hash);
            }
            if verdict.slot == SlotChange::Filled {
                slots.insert(slotted.seq, hash);
                coverage.fill(slotted.seq, hash);
                if let Some((first, last)) = coverage.next_links() {
                    coverage.link(slots.range(first..=last).map(|(_, &hash)| hash));
                }
            }
            results.push(EventResult { seq: slotted.seq, outcome: verdict.outcome });
        }
        let receipt = Receipt {
            protocol: limits::PROTOCOL,
            batch: batch.batch,
            received_at: now,
            history: self.history,
            results,
            watermark: coverage.watermark(),
            missing: coverage.missing(batch.head.seq),
            keep_from: 1,
            resume_after_ms: 0,
        };
        Answer::Response {
            status: 200,
            media_type: RECEIPT_MEDIA_TYPE.to_owned(),
            retry_after_ms: None,
            body: serde_json::to_string(&receipt).expect("a receipt is JSON"),
        }
    }
}

fn take(left: &mut u8) -> bool {
    let any = *left > 0;
    *left = left.saturating_sub(1);
    any
}

fn history(number: u8) -> HistoryId {
    HistoryId(uuid(99, number))
}

fn uuid(of: u8, number: u8) -> uuid::Uuid {
    uuid::Uuid::from_u128(0x0195_b3a4_0000_7000_8000_0000_0000_0000 + u128::from(of) * 0x100 + u128::from(number))
}
