//! A device: one database, a clock of its own, and several contexts at once on both.

use vestibule_engine::{Engine, Input};
use vestibule_protocol::{id::EventId, timestamp::Timestamp};

use super::{coverage::Doing, storage::Storage};

/// The page's worker and the service worker.
pub const CONTEXTS: usize = 2;

/// A kiosk or a browser of the desk.
pub struct Device {
    /// Its database.
    pub storage: Storage,
    /// Its contexts.
    pub contexts: [Context; CONTEXTS],
    /// Its clock less the true time, in ms.
    pub skew_ms: i64,
    /// Whether its database has the schema of the new version.
    pub is_upgraded: bool,
    /// When, by its clock, a try was last claimed of which nothing was heard and which nobody has since asked to repeat.
    pub claimed_at: Option<Timestamp>,
    /// The events in the file that staff exported last, and have not said of yet that they keep it.
    pub exported: Vec<EventId>,
}

/// Something that runs an engine.
pub struct Context {
    /// The engine.
    pub engine: Engine,
    /// What the loop is at.
    pub turn: Turn,
    /// Whether it runs the version before this one.
    pub is_old: bool,
    /// How often it was started.
    pub starts: u32,
    /// Until when it is suspended.
    pub asleep_until: Timestamp,
    /// Until when another context holds up its database.
    pub blocked_until: Timestamp,
    /// The last batch that it sent.
    pub sent: String,
    /// How often somebody asked it to try at once, or an answer told it how to go on, since it last rested.
    pub urges: u32,
    /// Whether it has not looked into the outbox yet.
    pub is_fresh: bool,
    /// Whether it hears of nothing but captures; only ever so with a mutation.
    pub is_deaf: bool,
}

/// What a context's loop is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The engine rests; an input starts the loop again.
    Resting,
    /// The engine is to be asked.
    Running,
    /// It waits for an answer over the network, until the deadline.
    Waiting {
        /// Which message it is an answer to.
        message: u64,
        /// When it gives up, by the true time.
        deadline: Timestamp,
        /// What for.
        doing: Doing,
    },
}

impl Device {
    /// A device with this database, whose contexts have just started.
    pub fn new(storage: Storage, skew_ms: i64, now: Timestamp) -> Self {
        Self {
            storage,
            contexts: std::array::from_fn(|_| Context::new(now)),
            skew_ms,
            is_upgraded: false,
            claimed_at: None,
            exported: Vec::new(),
        }
    }

    /// Its clock.
    pub const fn clock(&self, now: Timestamp) -> Timestamp {
        now.plus_ms(self.skew_ms)
    }
}

impl Context {
    fn new(now: Timestamp) -> Self {
        Self {
            engine: engine(),
            turn: Turn::Resting,
            is_old: false,
            starts: 0,
            asleep_until: now,
            blocked_until: now,
            sent: String::new(),
            urges: 0,
            is_fresh: true,
            is_deaf: false,
        }
    }

    /// Ends it; it starts anew when something happens.
    pub fn end(&mut self, is_old: bool) {
        self.engine = engine();
        self.turn = Turn::Resting;
        self.is_old = is_old;
        self.starts += 1;
        (self.urges, self.is_fresh) = (0, true);
    }

    /// Tells the engine something, and starts the loop.
    pub fn tell(&mut self, input: Input, clock: Timestamp) {
        if self.is_deaf && !matches!(input, Input::Captured) {
            return;
        }
        self.is_deaf = false;
        self.engine.handle(input, clock);
        if self.turn == Turn::Resting {
            self.turn = Turn::Running;
        }
    }

    /// What it is at, for the tables.
    pub const fn doing(&self) -> Doing {
        match self.turn {
            Turn::Resting | Turn::Running => Doing::Resting,
            Turn::Waiting { doing, .. } => doing,
        }
    }
}

fn engine() -> Engine {
    Engine::resume("0.0.0-simulated")
}
