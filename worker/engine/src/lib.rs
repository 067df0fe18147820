//! The sync engine: decides what to send, when, and what an answer means for the outbox.
//!
//! It is a pure state machine. It reads no clock, draws no randomness and does no I/O: `now` and [`Entropy`] come in
//! as arguments, effects go out as [`Action`]s, and their outcomes come back as [`Input`]s. One loop drives it:
//!
//! 1. Make an engine with [`Engine::resume`] whenever the worker starts. It needs nothing from before: all that must
//!    outlive a worker is in the outbox, and the engine's first action is to look there.
//! 2. When something happens ([`Input::Captured`], [`Input::Ticked`], [`Input::Nudged`]), tell the engine with
//!    [`Engine::handle`]. That is allowed at any time, also while an action is under way.
//! 3. If the loop is not running, run it: ask [`Engine::next`] for an action, perform it, hand its outcome to
//!    [`Engine::handle`], and so on until the action is [`Action::Rest`]. Don't run it before the device is enrolled:
//!    there is nobody to send as.
//!
//! ```text
//! loop {
//!     match engine.next(clock::now(), clock::entropy()) {
//!         Action::Load(load)     => one transaction → Input::Loaded(…) or Input::OutboxFailed
//!         Action::Send(post)     => POST            → Input::Answered(…)
//!         Action::Record(record) => one transaction → Input::Recorded or Input::OutboxFailed
//!         Action::Probe          => GET /readyz     → Input::Probed(…)
//!         Action::Wipe(wipe)     => one transaction → Input::Wiped or Input::OutboxFailed
//!         Action::Rest { until } => break
//!     }
//! }
//! ```
//!
//! # Design decisions
//!
//! - **Decisions are made inside transactions.** [`Load`] and [`Record`] are values with a pure `decide`, called by the
//!   outbox in the middle of its transaction with what is stored there and then. Two contexts on one outbox therefore
//!   never act on each other's stale memory, and no lock is needed.
//! - **A try counts as failed when it begins.** [`Load`] writes the backoff *before* the batch goes out; only a receipt
//!   takes it back. A worker that is ended in the middle of every try, as WebKit does, still backs off.
//! - **An answer is a receipt or it is nothing.** [`answer`] holds the one place that says so.
//! - **Nothing is parked on one word.** An event that is refused alone is tried once more, and an empty batch must get
//!   its receipt in between: a server or proxy that refuses everything parks nothing.
//! - **A device whose access was withdrawn holds no more of people than it must.** The copy of the site goes as soon as
//!   a receipt says so: it can be had again. Acknowledged events go once they are below `keep_from`, without the week that
//!   other devices give them: above it the server may be restored to where it lacks them, and then nobody else has
//!   them. What is not acknowledged stays, like anywhere, until a receipt names it; or until staff say that they keep
//!   the file that they exported. So a receipt that says so wrongly costs nothing but a look at the server.
//! - **Deliberately absent:** a queue in memory, a cursor into the outbox, a delete that is not
//!   [`Change::Forget`](outbox::Change::Forget) or, by a person's word, [`Change::HandOver`](outbox::Change::HandOver).
#![warn(missing_docs)]

pub mod answer;
mod batching;
mod blockade;
mod engine;
pub mod load;
pub mod memory;
pub mod outbox;
pub mod policy;
pub mod record;
mod retry;
pub mod wipe;

use vestibule_protocol::{id::BatchId, timestamp::Timestamp};

use crate::outbox::{Pending, Standing};
pub use crate::{answer::Answer, engine::Engine, load::Load, memory::Memory, record::Record, wipe::Wipe};

/// Bytes from a cryptographic random source (`crypto.getRandomValues`), fresh for every call of [`Engine::next`].
pub type Entropy = [u8; policy::ENTROPY_BYTES];

/// What the driver must do now. Its outcome goes to [`Engine::handle`] before [`Engine::next`] is called again; an
/// action whose outcome never came is taken for lost, and the engine looks into the outbox anew.
#[derive(Debug)]
pub enum Action {
    /// Read the outbox, in ONE transaction (read-write: it also claims the try; relaxed durability will do):
    ///
    /// 1. read the [`Standing`];
    /// 2. `let take = load.decide(&standing);`
    /// 3. read the pending records that `take.newest` and `take.oldest` name;
    /// 4. if `take.memory` is `Some`, write it in place of the stored memory;
    /// 5. commit, and only after `complete` hand over [`Input::Loaded`] with the standing *as read in 1*.
    ///
    /// If any of it fails: [`Input::OutboxFailed`].
    Load(Load),
    /// Post the body to [`vestibule_protocol::batch::SYNC_PATH`] with the device's token as it is now; answer with
    /// [`Input::Answered`].
    Send(Post),
    /// Write what an answer means, in ONE read-write transaction:
    ///
    /// 1. read the [`Standing`] (its counts are not looked at here and may be 0);
    /// 2. if `record.chain_wanted_at()` is `Some((stream, seq))`, read the chain of the record in that slot;
    /// 3. find out in which of `record.slots_doubted()` there is no record, not even one that this version can't read;
    /// 4. `let orders = record.decide(&standing, chain, &empty);`
    /// 5. apply `orders.changes` in order; write `orders.memory` and the stream and head, if they changed;
    /// 6. commit, and only after `complete` hand over [`Input::Recorded`].
    ///
    /// Relaxed durability will do: what a power cut takes back is learnt again. If any of it fails:
    /// [`Input::OutboxFailed`]; the answer is then forgotten and the events are sent again. Pages are told of the events
    /// that [`Change::Acknowledge`](outbox::Change::Acknowledge) in fact acknowledged.
    Record(Record),
    /// `GET /readyz` within [`policy::PROBE_TIMEOUT_MS`], not cached, no redirects; answer with [`Input::Probed`].
    Probe,
    /// The device's access was withdrawn: delete what it holds of the site, in ONE read-write transaction:
    ///
    /// 1. read the memory;
    /// 2. `wipe.decide(&memory)`; if that is `None`, nothing is to be done any more;
    /// 3. delete all visits and hosts and what the site has decided, and see to it that what was read of the server
    ///    before is not written any more;
    /// 4. write the memory of step 2;
    /// 5. commit, and only after `complete` hand over [`Input::Wiped`].
    ///
    /// Relaxed durability will do. If any of it fails: [`Input::OutboxFailed`]; it is asked for again.
    Wipe(Wipe),
    /// Nothing to do now. Stop, and run the loop again at the next input, at the latest with [`Input::Ticked`] at
    /// `until` if something keeps the worker alive so long. Never wait for it where that would keep a service worker
    /// from being idle.
    Rest {
        /// When something becomes due by itself: a batch after its backoff, or a heartbeat.
        until: Timestamp,
    },
}

/// A batch on its way out.
#[derive(Clone, PartialEq, Eq)]
pub struct Post {
    /// Which attempt; for the log.
    pub batch: BatchId,
    /// How many events are in it; for the log.
    pub events: usize,
    /// The JSON text, to be sent as it is (or compressed) as `application/json`. Redirects are errors, nothing is
    /// cached, no cookies; aborted after [`vestibule_protocol::limits::ANSWER_TIMEOUT_MS`], the time to read the
    /// answer's body included.
    pub body: String,
}

/// What happened.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one at a time, handed over once; how large depends on the target"
)]
pub enum Input {
    /// An event was appended: a person waits for it, so it is tried at once. Tell it only after the append committed.
    Captured,
    /// Time has passed. Harmless at any time and in any number.
    Ticked,
    /// Somebody wants it now, whatever the backoff says: a person pressed "Sync now", the device came online, or was
    /// enrolled (with a new token, perhaps).
    Nudged,
    /// The outcome of [`Action::Load`].
    Loaded(Loaded),
    /// The outcome of [`Action::Send`].
    Answered(Answer),
    /// [`Action::Record`] is on disk.
    Recorded,
    /// [`Action::Wipe`] is on disk.
    Wiped,
    /// The transaction of [`Action::Load`], [`Action::Record`] or [`Action::Wipe`] did not complete, whatever the reason.
    /// Nothing of it may have been kept; if all of it was, that is harmless.
    OutboxFailed,
    /// The outcome of [`Action::Probe`].
    Probed(Probed),
}

/// What an outbox read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// As it was at the beginning of the transaction.
    pub standing: Standing,
    /// The records that were read, in any order.
    pub records: Vec<Pending>,
    /// Whether the browser promised to keep the store; for [`vestibule_protocol::batch::Health`].
    pub persisted: bool,
}

/// What `GET /readyz` said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probed {
    /// Status 200, `application/json`, `{"status":"ready"}`: the server can write.
    Ready,
    /// Anything else, or nothing in time.
    NotReady,
}

/// Tells nothing of the visitors.
impl std::fmt::Debug for Post {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Post").field("batch", &self.batch).field("events", &self.events).finish_non_exhaustive()
    }
}
