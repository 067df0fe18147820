//! A device with one context.

use vestibule_engine::{Action, Answer, Engine, Entropy, Input, Probed};
use vestibule_protocol::{
    event::{CheckedOut, EventData, Source},
    id::{DeviceId, EventId, SiteId, StreamId, VisitId},
    message::Capture,
    timestamp::Timestamp,
};

use super::{server::Server, uuid};
use crate::simulation::tables::Tables;

/// Longest wait of an engine to which nobody says anything but a time, in ms, and a bit.
const TICK_MS: i64 = 61_000;
#[derive(Clone, Debug)]
pub(super) struct Device {
    pub(super) number: u8,
    pub(super) engine: Engine,
    pub(super) is_resting: bool,
    pub(super) tables: Tables,
    pub(super) clock: Timestamp,
    pub(super) captured: Vec<EventId>,
    pub(super) ticks_left: u8,
    pub(super) streams: u8,
}

/// What becomes of the outcome of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Heard,
    Unheard,
    AnswerLost,
    ServerDown,
}

/// What a device did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Stored,
    Sent,
}

impl Device {
    pub(super) fn new(number: u8, ticks_left: u8) -> Self {
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

    pub(super) fn capture(&mut self) {
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

    pub(super) fn tick(&mut self) {
        self.clock = self.clock.plus_ms(TICK_MS);
        self.tell(Input::Ticked);
    }

    pub(super) fn tell(&mut self, input: Input) {
        self.engine.handle(input, self.clock);
        self.is_resting = false;
    }

    /// Lets the engine do one thing; `None` if it rests.
    pub(super) fn effect(&mut self, server: &mut Server, outcome: Outcome) -> Option<Effect> {
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
            Action::Wipe(wipe) => {
                self.tables.wipe(wipe);
                (Input::Wiped, Effect::Stored)
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

    pub(super) fn fresh_stream(&self) -> StreamId {
        StreamId(uuid(self.number, 200 + self.streams))
    }

    /// The same in the same state, and for every stream another.
    pub(super) fn entropy(&self) -> Entropy {
        std::array::from_fn(|at| if at == 0 { self.number } else { self.streams })
    }
}
