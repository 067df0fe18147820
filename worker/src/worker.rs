//! One running worker: what pages ask, answered, and the news that follow from it.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::pin,
    rc::Rc,
    task::Poll,
};

use vestibule_engine::{Engine, Input};
use vestibule_protocol::{
    account::Credentials,
    event::WrittenData,
    json,
    message::{AskOf, Capture, LinkState, Refusal, Status, Storage},
    timestamp::Timestamp,
};
use web_sys::MessagePort;

use crate::{
    clock,
    directory::{self, Pulled},
    driver,
    job::Job,
    outbox::{
        self,
        delivery::{self, Word},
        export::export,
    },
    persistence,
    store::{Health, Store},
    watchers::{self, Tell, Watchers},
};

/// What pages ask.
type Ask = AskOf<WrittenData>;

/// Told to pages and to the server.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How long after a look at the server the next tick looks again, in ms. Pages that can are told of changes by the
/// server and ask at once; this is for those that can't.
const PULL_EVERY_MS: i64 = 10_000;

/// Whether the server answers reads. The engine hears of an outage by its batches alone, and an idle device sends one a
/// minute; pulls go out with every tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Reads {
    /// As far as is known.
    #[default]
    Answered,
    /// The last was not.
    Unanswered,
}

/// The state of one running worker. All of it can be lost at any moment.
pub(crate) struct Worker {
    boot: u32,
    pub(crate) store: Store,
    pub(crate) engine: RefCell<Engine>,
    pub(crate) watchers: Watchers,
    last_status: RefCell<Status>,
    pulled_at: Cell<Option<Timestamp>>,
    reads: Cell<Reads>,
    pull_when_rested: Cell<bool>,
    nudge_when_pulled: Cell<bool>,
    drains: Job,
    pulls: Job,
    news: Job,
}

impl Worker {
    /// A worker that has just been started.
    pub(crate) fn new() -> Self {
        // Not 0, which no worker has.
        let boot = u32::from_le_bytes(clock::entropy()) | 1;
        Self {
            boot,
            store: Store::default(),
            engine: RefCell::new(Engine::resume(VERSION)),
            watchers: Watchers::default(),
            last_status: RefCell::new(unknown(boot)),
            pulled_at: Cell::default(),
            reads: Cell::default(),
            pull_when_rested: Cell::default(),
            nudge_when_pulled: Cell::default(),
            drains: Job::default(),
            pulls: Job::default(),
            news: Job::default(),
        }
    }

    /// Answers an ask and does what it makes due.
    pub(crate) async fn receive(self: &Rc<Self>, text: &str, port: &MessagePort) {
        let Ok(ask) = json::read::<Ask>(text) else {
            watchers::tell(port, &Tell::Refused(Refusal::NotUnderstood));
            return;
        };
        match ask {
            Ask::Watch => self.watch(port).await,
            Ask::Enrol(credentials) => self.enrol(&credentials, port).await,
            Ask::Capture(capture) => self.capture(&capture, port).await,
            Ask::Tick => {
                self.answer_status(port).await;
                self.wake().await;
            }
            Ask::SyncNow => {
                self.answer_status(port).await;
                self.drain_and_pull(Input::Nudged).await;
            }
            Ask::Refresh => {
                self.answer_status(port).await;
                self.pull().await;
            }
            Ask::Backlog => self.backlog(port).await,
            Ask::SendAgain => self.heed(Word::SendAgain, port).await,
            Ask::Export => self.export(port).await,
            Ask::HandedOver(events) => self.heed(Word::HandedOver(events), port).await,
        }
    }

    /// Does what time has made due.
    pub(crate) async fn wake(self: &Rc<Self>) {
        if self.store.health() == Health::Failed {
            // Its outcome is noted by the store, and told below.
            let _ = self.store.probe().await;
        }
        self.tell_news().await;
        let pull = async {
            if self.is_pull_due() {
                self.pull().await;
            }
        };
        both(self.drain(Input::Ticked), pull).await;
    }

    async fn watch(self: &Rc<Self>, port: &MessagePort) {
        // Who watches already is told first, so that all watchers stand where `shown` says.
        self.tell_news().await;
        let is_first = self.watchers.shown().is_none();
        self.watchers.add(port);
        self.answer_status(port).await;
        if let Ok(seen) = directory::whole(&self.store).await {
            watchers::tell(port, &Tell::View(seen.view));
            if is_first {
                self.watchers.have_seen(seen.revision);
            }
        }
        self.drain_and_pull(Input::Ticked).await;
    }

    async fn enrol(self: &Rc<Self>, credentials: &Credentials, port: &MessagePort) {
        // Should it fail, the status says so: no source, and a storage that failed.
        let _ = outbox::enrol(&self.store, credentials).await;
        self.answer_status(port).await;
        self.drain_and_pull(Input::Nudged).await;
    }

    /// Nothing is awaited between the ask and the answer but the transaction that makes the answer true.
    async fn capture(self: &Rc<Self>, capture: &Capture<WrittenData>, port: &MessagePort) {
        let kept = outbox::append(&self.store, capture, clock::now(), clock::entropy()).await;
        let answer = match kept {
            Ok(Ok(())) => Tell::Captured { event: capture.event },
            Ok(Err(refusal)) => Tell::Refused(refusal),
            Err(error) => Tell::Refused((&error).into()),
        };
        watchers::tell(port, &answer);
        both(self.tell_news(), self.drain(Input::Captured)).await;
    }

    async fn backlog(self: &Rc<Self>, port: &MessagePort) {
        let answer = match outbox::backlog(&self.store).await {
            Ok(waiting) => Tell::Backlog(waiting),
            Err(error) => Tell::Refused((&error).into()),
        };
        watchers::tell(port, &answer);
    }

    async fn export(self: &Rc<Self>, port: &MessagePort) {
        let answer = match export(&self.store, clock::now()).await {
            Ok(export) => Tell::Exported(json::write(&export)),
            Err(error) => Tell::Refused((&error).into()),
        };
        watchers::tell(port, &answer);
    }

    async fn heed(self: &Rc<Self>, word: Word, port: &MessagePort) {
        // Should it fail, they stay as they are, and the status counts them.
        let _ = delivery::heed(&self.store, &word).await;
        self.answer_status(port).await;
        self.drain_and_pull(Input::Nudged).await;
    }

    async fn drain_and_pull(self: &Rc<Self>, input: Input) {
        both(self.drain(input), self.pull()).await;
    }

    /// Tells the engine what happened and sends what is due. After a delivery the copy of the site is brought up to
    /// date, so that the server's word soon stands in place of the device's own.
    async fn drain(self: &Rc<Self>, input: Input) {
        self.engine.borrow_mut().handle(input, clock::now());
        Job::run(self, |worker| &worker.drains, async |worker: &Rc<Self>| worker.drain_once().await).await;
        if self.pull_when_rested.take() {
            self.pull().await;
        }
    }

    async fn drain_once(self: &Rc<Self>) {
        driver::run(self).await;
        self.tell_news().await;
    }

    /// Notes that something was delivered.
    pub(crate) fn pull_when_rested(&self) {
        self.pull_when_rested.set(true);
    }

    /// Brings the copy of the site up to date. If that finds the server back, the outbox is tried at once: the engine
    /// would wait for the end of its backoff.
    async fn pull(self: &Rc<Self>) {
        Job::run(self, |worker| &worker.pulls, async |worker: &Rc<Self>| worker.pull_once().await).await;
        if self.nudge_when_pulled.take() {
            Box::pin(self.drain(Input::Nudged)).await;
        }
    }

    async fn pull_once(self: &Rc<Self>) {
        if let Ok(Some(credentials)) = outbox::credentials(&self.store).await {
            let pulled = directory::pull(&self.store, &credentials).await;
            match pulled {
                Ok(Pulled::UpToDate | Pulled::Overtaken) => self.pulled_at.set(Some(clock::now())),
                // The copy stays as it was, and the next tick tries again.
                Ok(Pulled::Refused | Pulled::Revoked | Pulled::NoAnswer) | Err(_) => self.pulled_at.set(None),
            }
            match pulled {
                Ok(Pulled::NoAnswer) => self.reads.set(Reads::Unanswered),
                Ok(Pulled::UpToDate | Pulled::Overtaken | Pulled::Refused) => {
                    let before = self.reads.replace(Reads::Answered);
                    self.nudge_when_pulled.set(before == Reads::Unanswered);
                }
                Ok(Pulled::Revoked) => {
                    self.reads.set(Reads::Answered);
                    // The engine goes by what receipts say, and has not heard one that says so: it gets the next at once.
                    self.nudge_when_pulled.set(true);
                }
                // It says nothing of the server.
                Err(_) => {}
            }
        }
        self.tell_news().await;
    }

    /// Whether the last successful look at the server is long ago, or in the future, as after the clock was set back.
    fn is_pull_due(&self) -> bool {
        self.pulled_at.get().is_none_or(|at| !(0..PULL_EVERY_MS).contains(&clock::now().ms_since(at)))
    }

    /// Tells who watches what has changed since they were last told, by whichever worker.
    pub(crate) async fn tell_news(self: &Rc<Self>) {
        Job::run(self, |worker| &worker.news, async |worker: &Rc<Self>| worker.tell_news_once().await).await;
    }

    async fn tell_news_once(&self) {
        let Some(shown) = self.watchers.shown() else { return };
        if let Ok(seen) = directory::since(&self.store, shown).await {
            if seen.revision != shown {
                self.watchers.tell(&Tell::View(seen.view));
            }
            self.watchers.have_seen(seen.revision);
        }
        let status = self.status().await;
        self.watchers.tell_status(&status);
    }

    /// Whether the server answers. A server that answers reads and keeps nothing is no connection; one that answers
    /// nothing is none either, whatever the last batch said.
    fn link(&self) -> LinkState {
        match (self.engine.borrow().link(), self.reads.get()) {
            (LinkState::Unauthorized, _) => LinkState::Unauthorized,
            (_, Reads::Unanswered) => LinkState::Unreachable,
            (link, Reads::Answered) => link,
        }
    }

    /// How the outbox stands. If it can't be read, as it was last seen, with a storage that failed.
    async fn status(&self) -> Status {
        let link = self.link();
        let status = match outbox::standing(&self.store).await {
            Ok(standing) => {
                let stream = standing.head.map(|head| head.stream);
                Status {
                    boot: self.boot,
                    version: VERSION.to_owned(),
                    source: standing.source,
                    link,
                    storage: self.storage().await,
                    stream,
                    captured: standing.head.map_or(0, |head| head.link.seq),
                    proven: stream.map_or(0, |stream| standing.memory.proven_in(stream)),
                    pending: standing.pending,
                    parked: standing.parked,
                    oldest_pending_at: standing.oldest_pending_at,
                    last_receipt_at: standing.memory.heard_at,
                    clock_offset_ms: standing.memory.clock_offset_ms,
                    revoked_at: standing.memory.revoked.map(|revoked| revoked.heard_at),
                }
            }
            Err(_) => Status { link, storage: Storage::Failed, ..self.last_status.borrow().clone() },
        };
        self.last_status.borrow_mut().clone_from(&status);
        status
    }

    async fn storage(&self) -> Storage {
        match self.store.health() {
            Health::Failed => Storage::Failed,
            Health::Working if persistence::is_promised().await => Storage::Persistent,
            Health::Working => Storage::BestEffort,
        }
    }

    async fn answer_status(&self, port: &MessagePort) {
        watchers::tell(port, &Tell::Status(self.status().await));
    }
}

/// The status of a worker whose storage has not answered yet.
fn unknown(boot: u32) -> Status {
    Status {
        boot,
        version: VERSION.to_owned(),
        source: None,
        link: LinkState::Unknown,
        storage: Storage::Failed,
        stream: None,
        captured: 0,
        proven: 0,
        pending: 0,
        parked: 0,
        oldest_pending_at: None,
        last_receipt_at: None,
        clock_offset_ms: None,
        revoked_at: None,
    }
}

/// Waits for both.
async fn both(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let (mut one_is_done, mut other_is_done) = (false, false);
    poll_fn(|context| {
        one_is_done = one_is_done || one.as_mut().poll(context).is_ready();
        other_is_done = other_is_done || other.as_mut().poll(context).is_ready();
        if one_is_done && other_is_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
