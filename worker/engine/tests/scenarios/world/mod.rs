//! The environment of an engine: an outbox, a server, a network with its weather, and a clock that only tests move.

mod outbox;
mod server;

use std::collections::BTreeMap;

use vestibule_engine::{Action, Answer, Engine, Entropy, Input, Probed, policy};
use vestibule_protocol::{
    id::{EventId, StreamId},
    timestamp::Timestamp,
};

pub(crate) use self::{
    outbox::{Outbox, State},
    server::Server,
};

/// What the network does to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Everything arrives.
    Fine,
    /// Nothing arrives.
    Down,
    /// The batch arrives, the receipt does not.
    AnswerLost,
    /// The batch arrives, the receipt breaks off.
    AnswerTruncated,
    /// The batch arrives, the receipt is for another one.
    OtherBatch,
    /// The batch arrives, the receipt is of another protocol.
    OtherProtocol,
    /// A captive portal answers 200 with a page of HTML.
    Portal,
    /// A cache answers 200 with a receipt's body but another media type.
    OtherMediaType,
    /// The server answers this status with a problem document.
    Problem(u16),
    /// The server says that the stream, or whichever stream it is, was begun by another device.
    ForeignStream(Option<StreamId>),
    /// A proxy answers this status with a page of HTML.
    Html(u16),
    /// The server is down for this many ms, and says so.
    RetryAfter(u16, u64),
    /// The server refuses, with this status, batches of more than so many events.
    AtMost(usize, u16),
    /// The server refuses, with this status, batches that hold this event.
    Allergic(EventId, u16),
    /// A firewall answers this status with a page of HTML to whatever has content, and lets empty batches pass.
    Firewall(u16),
    /// A firewall answers 403 with a page of HTML to batches that hold an event whose number this divides.
    Picky(u16),
    /// A firewall answers this status with a page of HTML to batches that hold this event.
    Blocks(EventId, u16),
    /// A proxy refuses, with 413, bodies of more bytes than this.
    AtMostBytes(usize),
    /// The server keeps nothing and says "retry".
    Postponed,
}

/// A device's surroundings.
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) weather: Weather,
    /// The batch, counted from 1, whose answer is lost whatever the weather.
    pub(crate) loses_answer_of: Option<usize>,
    /// Whether `/readyz` says so; by default it goes with the weather.
    pub(crate) ready: Option<Probed>,
    pub(crate) outbox: Outbox,
    pub(crate) server: Server,
    /// Every batch that went out: the ids of its events, and when.
    pub(crate) sent: Vec<(Timestamp, Vec<EventId>)>,
    pub(crate) probes: u32,
    /// Of the batches that went out, in bytes.
    pub(crate) largest_body: usize,
    /// The events that a person was told "done" about, as they were kept.
    pub(crate) confirmed: BTreeMap<EventId, String>,
    randomness: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            now: "2026-03-20T15:04:05.123Z".parse().unwrap(),
            weather: Weather::Fine,
            loses_answer_of: None,
            ready: None,
            outbox: Outbox::new(1),
            server: Server::new(1),
            sent: Vec::new(),
            probes: 0,
            largest_body: 0,
            confirmed: BTreeMap::new(),
            randomness: 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// An engine, as a worker that has just started has one.
    pub(crate) fn engine() -> Engine {
        Engine::resume("0.0.0-test")
    }

    /// A person does something; it is on disk when this returns.
    pub(crate) fn capture(&mut self) -> EventId {
        self.capture_of(0)
    }

    /// The same, and the event's text is so many bytes long, if it can be.
    pub(crate) fn capture_of(&mut self, bytes: usize) -> EventId {
        let number = u16::try_from(self.confirmed.len()).unwrap() + 1;
        let event = event_id(number);
        let begin = format!(r#"{{"number":{number}"#);
        let text = format!("{begin:<width$}}}", width = bytes.saturating_sub(1));
        self.outbox.append(event, text.clone(), self.now);
        self.confirmed.insert(event, text);
        event
    }

    pub(crate) fn capture_many(&mut self, count: usize) -> Vec<EventId> {
        (0..count).map(|_| self.capture()).collect()
    }

    /// Tells `engine` something and drives it until it rests; says until when.
    pub(crate) fn tell(&mut self, engine: &mut Engine, input: Input) -> Timestamp {
        engine.handle(input, self.now);
        self.drive(engine)
    }

    /// Drives `engine` until it rests; says until when.
    pub(crate) fn drive(&mut self, engine: &mut Engine) -> Timestamp {
        for _ in 0..10_000 {
            match self.step(engine) {
                Step::Went => {}
                Step::Rests { until } => return until,
            }
        }
        panic!("the engine does not come to rest");
    }

    /// Lets `engine` do one thing after the other until it is `so`.
    pub(crate) fn step_until(&mut self, engine: &mut Engine, so: impl Fn(&Self) -> bool) {
        for _ in 0..1_000 {
            if so(self) {
                return;
            }
            self.step(engine);
        }
        panic!("the engine does not get there");
    }

    /// Lets `engine` do one thing.
    pub(crate) fn step(&mut self, engine: &mut Engine) -> Step {
        let entropy = self.entropy();
        let action = engine.next(self.now, entropy);
        match self.perform(action) {
            Ok(outcome) => {
                engine.handle(outcome, self.now);
                Step::Went
            }
            Err(until) => Step::Rests { until },
        }
    }

    /// Does what an engine asks; its outcome, or until when there is nothing to do.
    pub(crate) fn perform(&mut self, action: Action) -> Result<Input, Timestamp> {
        Ok(match action {
            Action::Load(load) => Input::Loaded(self.outbox.load(&load)),
            Action::Send(post) => Input::Answered(self.post(&post.body)),
            Action::Record(record) => {
                self.outbox.record(&record);
                Input::Recorded
            }
            Action::Probe => Input::Probed(self.probe()),
            Action::Wipe(wipe) => {
                self.outbox.wipe(wipe);
                Input::Wiped
            }
            Action::Rest { until } => return Err(until),
        })
    }

    /// Time passes, with a tick every five seconds, until `outbox` has nothing pending; says how long it took, in ms.
    pub(crate) fn ms_until_delivered(&mut self, engine: &mut Engine) -> i64 {
        let from = self.now;
        for _ in 0..1_000 {
            self.tell(engine, Input::Ticked);
            if self.outbox.pending().is_empty() {
                return self.now.ms_since(from);
            }
            self.pass(5_000);
        }
        panic!("nothing is delivered");
    }

    pub(crate) fn pass(&mut self, millis: i64) {
        self.now = self.now.plus_ms(millis);
        self.server.now = self.server.now.plus_ms(millis);
    }

    /// Whether every confirmed event is on the server, once and verbatim.
    pub(crate) fn everything_arrived(&self) -> bool {
        self.confirmed.iter().all(|(event, text)| self.server.text_of(*event) == Some(text))
    }

    /// The numbers of the events of the last batch, in the order in which they went.
    pub(crate) fn last_sent(&self) -> &[EventId] {
        self.sent.last().map_or(&[], |(_, events)| events)
    }

    fn post(&mut self, body: &str) -> Answer {
        let batch = server::read(body);
        let events: Vec<EventId> = batch.events.iter().map(|slotted| server::id_of(slotted.event.get())).collect();
        self.sent.push((self.now, events.clone()));
        self.largest_body = self.largest_body.max(body.len());
        if self.loses_answer_of == Some(self.sent.len()) {
            self.server.ingest(body);
            return Answer::None;
        }
        match self.weather {
            Weather::Fine => receipt(self.server.ingest(body)),
            Weather::Down => Answer::None,
            Weather::AnswerLost => {
                self.server.ingest(body);
                Answer::None
            }
            Weather::AnswerTruncated => {
                let mut text = self.server.ingest(body);
                text.truncate(text.len() / 2);
                receipt(text)
            }
            Weather::OtherBatch => receipt(self.server.ingest(body).replace(&batch.batch.to_string(), &uuid(9_999))),
            Weather::OtherProtocol => receipt(self.server.ingest(body).replace(r#""protocol":1"#, r#""protocol":2"#)),
            Weather::Portal => response(200, "text/html; charset=utf-8", None, "<h1>Welcome!</h1>".to_owned()),
            Weather::OtherMediaType => response(200, "application/json", None, self.server.ingest(body)),
            Weather::Problem(status) => problem(status),
            Weather::ForeignStream(stream) if stream.is_none_or(|stream| stream == batch.stream) => foreign_stream(),
            Weather::ForeignStream(_) => receipt(self.server.ingest(body)),
            Weather::Html(status) => response(status, "text/html", None, "<h1>No.</h1>".to_owned()),
            Weather::RetryAfter(status, millis) => response(status, "text/plain", Some(millis), String::new()),
            Weather::Firewall(status) if !events.is_empty() => {
                response(status, "text/html", None, "<h1>Blocked.</h1>".to_owned())
            }
            Weather::Picky(divisor) if events.iter().any(|event| number(*event).is_multiple_of(divisor)) => {
                response(403, "text/html", None, "<h1>Blocked.</h1>".to_owned())
            }
            Weather::Blocks(event, status) if events.contains(&event) => {
                response(status, "text/html", None, "<h1>Blocked.</h1>".to_owned())
            }
            Weather::AtMostBytes(most) if body.len() > most => {
                response(413, "text/html", None, "<h1>Too large.</h1>".to_owned())
            }
            Weather::AtMost(most, status) if events.len() > most => problem(status),
            Weather::Allergic(event, status) if events.contains(&event) => problem(status),
            Weather::AtMost(..)
            | Weather::AtMostBytes(_)
            | Weather::Allergic(..)
            | Weather::Blocks(..)
            | Weather::Picky(_)
            | Weather::Firewall(_) => receipt(self.server.ingest(body)),
            Weather::Postponed => receipt(self.server.postpone(body)),
        }
    }

    fn probe(&mut self) -> Probed {
        self.probes += 1;
        let passes = matches!(self.weather, Weather::Fine | Weather::Picky(_) | Weather::Blocks(..));
        self.ready.unwrap_or(if passes { Probed::Ready } else { Probed::NotReady })
    }

    /// Different every time, the same in every run (splitmix64).
    pub(crate) fn entropy(&mut self) -> Entropy {
        let mut entropy = [0; policy::ENTROPY_BYTES];
        for word in entropy.chunks_exact_mut(8) {
            self.randomness = self.randomness.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.randomness;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes());
        }
        entropy
    }
}

/// What an engine did when it was let.
pub(crate) enum Step {
    Went,
    Rests { until: Timestamp },
}

/// A uuid that ends in `number`.
pub(crate) fn uuid(number: u16) -> String {
    format!("0195b3a4-0000-7000-8000-00000000{number:04x}")
}

/// The number in an event's id.
fn number(event: EventId) -> u16 {
    u16::try_from(event.0.as_u128() & 0xffff).unwrap()
}

pub(crate) fn event_id(number: u16) -> EventId {
    uuid(number).parse().unwrap()
}

fn receipt(body: String) -> Answer {
    response(200, "application/vnd.vestibule.receipt+json", None, body)
}

fn problem(status: u16) -> Answer {
    response(status, "application/problem+json", None, format!(r#"{{"status":{status}}}"#))
}

fn foreign_stream() -> Answer {
    let body = r#"{"status":403,"code":"foreign_stream","title":"Another device has begun this stream"}"#;
    response(403, "application/problem+json", None, body.to_owned())
}

fn response(status: u16, media_type: &str, retry_after_ms: Option<u64>, body: String) -> Answer {
    Answer::Response { status, media_type: media_type.to_owned(), retry_after_ms, body }
}
