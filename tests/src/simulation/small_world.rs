//! Worlds so small that every order of events in them can be tried.
//!
//! A state is everything: engines, outboxes, the server. From each one, everything is done that could happen next;
//! states that were met before are not gone through again. The server is made of the real decisions on memory
//! ([`vestibule::ingest::decide`], [`vestibule::ingest::coverage`]), so that it can be copied.

mod device;
mod server;

use std::collections::HashSet;

use vestibule_engine::{Input, outbox::StateName};
use vestibule_protocol::{
    chain::{Digest, event_hash},
    id::HistoryId,
};

use self::{
    device::{Device, Effect, Outcome},
    server::Server,
};
use super::tables::Tables;

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
