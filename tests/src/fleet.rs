//! Devices without a browser, hundreds at once: the real engine and the real transactions of the outbox, whose rows are
//! in memory, on a real connection to a real server.

use std::{cell::RefCell, rc::Rc, time::Duration};

use tokio::time::{sleep, timeout};
use vestibule::clock;
use vestibule_engine::{Action, Answer, Engine, Input, Post, Probed, outbox::StateName, policy};
use vestibule_protocol::{
    account::Credentials,
    batch::SYNC_PATH,
    details::Details,
    event::{CheckedIn, EventData, Name, Source, Visitor},
    id::{EventId, StreamId, VisitId},
    limits::ANSWER_TIMEOUT_MS,
    message::Capture,
};

use crate::{simulation::tables::Tables, wire::Wire};

/// How often a page that has something waiting ticks at most, as the app does.
const TICK: Duration = Duration::from_secs(4);

/// A device with its outbox.
pub struct Device {
    credentials: Credentials,
    engine: Engine,
    tables: Tables,
    wire: Wire,
    heard: Rc<RefCell<Heard>>,
}

/// What the devices of a fleet heard.
#[derive(Debug, Default)]
pub struct Heard {
    /// Events that a receipt has named.
    pub acknowledged: Vec<EventId>,
    /// Answers that asked to come back later: 429 and 503.
    pub put_off: u64,
    /// Tries that got no answer.
    pub unanswered: u64,
}

impl Device {
    /// A device with an empty outbox, which tells `heard` what it hears.
    pub fn new(credentials: Credentials, address: &str, heard: &Rc<RefCell<Heard>>) -> Self {
        let source = Source { site: credentials.site, device: credentials.device };
        Self {
            tables: Tables { source: Some(source), ..Tables::default() },
            engine: Engine::resume("0.0.0-fleet"),
            wire: Wire::to(address),
            heard: Rc::clone(heard),
            credentials,
        }
    }

    /// Somebody checks in.
    ///
    /// # Panics
    /// Never: a check-in always fits.
    pub fn check_in(&mut self) {
        let now = clock::now();
        let name = Name::new("Ada Lovelace").expect("a name");
        let company = Name::new("Analytical Engines").ok();
        let visitor = Visitor { name, company, email: None, phone: None };
        let capture = Capture {
            event: EventId::new(now, clock::entropy()),
            visit: VisitId::new(now, clock::entropy()),
            time: now,
            what: EventData::CheckedIn(CheckedIn { visitor, host: None, details: Details::default() }),
        };
        self.tables.append(&capture, StreamId::new(now, clock::entropy())).expect("it fits");
        self.engine.handle(Input::Captured, now);
    }

    /// How many events wait.
    pub fn waiting(&self) -> usize {
        self.tables.count(StateName::Pending)
    }

    /// Drives the engine as the worker does, ticking as a page does, until nothing waits.
    pub async fn drain(&mut self) {
        while self.waiting() > 0 {
            let action = self.engine.next(clock::now(), clock::entropy());
            let input = match action {
                Action::Load(load) => Input::Loaded(self.tables.load(&load, fresh_stream())),
                Action::Send(post) => Input::Answered(self.send(&post).await),
                Action::Record(record) => {
                    let acknowledged = self.tables.record(&record, fresh_stream());
                    self.heard.borrow_mut().acknowledged.extend(acknowledged);
                    Input::Recorded
                }
                Action::Probe => Input::Probed(self.probe().await),
                Action::Wipe(wipe) => {
                    self.tables.wipe(wipe);
                    Input::Wiped
                }
                Action::Rest { until } => {
                    let rest = u64::try_from(until.ms_since(clock::now())).unwrap_or(0).max(1);
                    sleep(Duration::from_millis(rest).min(TICK)).await;
                    Input::Ticked
                }
            };
            self.engine.handle(input, clock::now());
        }
    }

    async fn send(&mut self, post: &Post) -> Answer {
        let patience = Duration::from_millis(u64::from(ANSWER_TIMEOUT_MS));
        let sending = self.wire.post(SYNC_PATH, &self.credentials.token, &post.body);
        match timeout(patience, sending).await {
            Ok(Ok(reply)) => {
                self.heard.borrow_mut().put_off += u64::from(matches!(reply.status, 429 | 503));
                Answer::Response {
                    status: reply.status,
                    media_type: reply.media_type,
                    retry_after_ms: reply.retry_after_s.map(|seconds| seconds * 1_000),
                    body: reply.body,
                }
            }
            Ok(Err(_)) | Err(_) => {
                self.heard.borrow_mut().unanswered += 1;
                Answer::None
            }
        }
    }

    async fn probe(&mut self) -> Probed {
        let patience = Duration::from_millis(u64::from(policy::PROBE_TIMEOUT_MS));
        match timeout(patience, self.wire.get("/readyz", &self.credentials.token)).await {
            Ok(Ok(reply)) if reply.status == 200 => Probed::Ready,
            Ok(_) | Err(_) => Probed::NotReady,
        }
    }
}

fn fresh_stream() -> StreamId {
    StreamId::new(clock::now(), clock::entropy())
}
