//! Every limit of the engine, with its unit and its reason. What both sides must agree on stands in
//! [`vestibule_protocol::limits`].

use vestibule_protocol::limits;

/// Bytes that one call of [`Engine::next`](crate::Engine::next) may use: 10 for a batch's or a stream's id each, 8 to
/// spread a wait; rounded up to a familiar size.
pub const ENTROPY_BYTES: usize = 32;

/// Longest wait after the first failure, in ms; doubled with each further one up to [`BACKOFF_MAX_MS`].
pub const BACKOFF_FIRST_MS: i64 = 2_000;

/// Shortest wait after a failure, in ms: what a person does not notice, and a server that is starting up survives.
pub const BACKOFF_MIN_MS: i64 = 1_000;

/// Longest wait after a failure, in ms. A probe usually ends the wait earlier; without it a minute is what staff bear.
pub const BACKOFF_MAX_MS: i64 = 60_000;

/// Longest `Retry-After` and `resume_after_ms` that is honoured, in ms. A server that asks for more is mistaken, or a
/// proxy speaks for it: it is asked again.
pub const WAIT_ASKED_FOR_MAX_MS: i64 = 10 * 60_000;

/// How much of a `Retry-After` is added at random, at most: one part in so many. Who was refused together must not
/// come back together.
pub const RETRY_AFTER_JITTER_DIVISOR: i64 = 2;

/// How long a device whose token is refused waits before it asks again by itself, in ms. The answer changes only when
/// staff act, and enrolling again ends the wait.
pub const UNAUTHORIZED_RETRY_MS: i64 = 5 * 60_000;

/// No wait is longer than this, in ms: one that ends further ahead was written by a clock that has since been set back.
pub const HOLD_MAX_MS: i64 = 2 * WAIT_ASKED_FOR_MAX_MS;

/// How long an idle device may be silent, in ms, before it sends an empty batch. Staff are told of a silent device
/// after a few of these.
pub const HEARTBEAT_EVERY_MS: i64 = 60_000;

/// How long after a receipt a nudge sends no empty batch, in ms: focus, visibility and network events come in bursts.
pub const NUDGE_AGAIN_AFTER_MS: i64 = 5_000;

/// How long a probe waits for its answer, in ms. A ready server answers in a tenth of it over a poor link, and probes
/// go out with every tick.
pub const PROBE_TIMEOUT_MS: u32 = 3_000;

/// Longest wait after a *first* failure that no probe cuts short, in ms: it may be nothing but another worker's try
/// under way, and is over before the next tick.
pub const FIRST_WAIT_MS: i64 = BACKOFF_FIRST_MS;

/// How long probes rest, in ms, after a server called itself ready and then gave no receipt; doubled each further time,
/// up to [`BACKOFF_MAX_MS`]. Without it such a server would get a batch with every tick.
pub const PROBE_REST_MS: i64 = 5_000;

/// How long the engine leaves an outbox alone that has just failed, in ms: as long as a person may wonder, and no tight
/// loop.
pub const OUTBOX_RETRY_MS: i64 = 5_000;

/// Of a batch's room, the part kept for the oldest events: one in so many. The rest is for the newest.
pub const OLDEST_SHARE_DIVISOR: usize = 4;

/// Most events that an interactive capture sends along while the backlog must wait: what fits in one packet or two,
/// and still delivers a group that checked in together.
pub const INTERACTIVE_MAX_EVENTS: usize = 10;

/// Most bytes of events in one batch.
pub const EVENTS_MAX_BYTES: usize = limits::BATCH_MAX_BYTES - limits::BATCH_ENVELOPE_MAX_BYTES;

/// Most bytes that an event takes in a batch beside its text: `{"seq":18446744073709551615,"event":},`.
pub const SLOT_MAX_BYTES: usize = 40;

/// How often an event must be refused alone, each time with an empty batch receipted right after, before it is parked:
/// once may be a server caught in the middle of an upgrade.
pub const REFUSALS_BEFORE_PARKING: u32 = 2;

/// Most events that are left out of batches because something on the way refused each of them alone. More names than
/// this that one firewall can't abide, all waiting on one device, are no accident.
pub const BLOCKED_MAX_EVENTS: usize = 32;

/// From how many events on that were refused alone, none having got through, the next one is tried only after a wait: by
/// then it looks as if whatever has content were refused.
pub const BLOCKED_HOPELESS_EVENTS: usize = 4;

/// Most acknowledgements written in one transaction. An append waits for the transaction before it, and a person for the
/// append: a hundred rows take some 60 ms in the slowest browser.
pub const RECORD_MAX_ROWS: usize = 100;

/// How often acknowledged events are considered for deletion, in ms: going through a week of them with every receipt
/// would cost more than the batch.
pub const FORGET_EVERY_MS: i64 = 60 * 60_000;

/// The same on a device whose access was withdrawn, in ms: with every sign of life, so that a backup which is made for
/// its sake empties it at once. It has little left to go through.
pub const FORGET_REVOKED_EVERY_MS: i64 = HEARTBEAT_EVERY_MS;

/// Most ranges of `missing` that are acted on per receipt; the next receipt names the rest again.
pub const MISSING_MAX_RANGES: usize = 1_000;

/// Most ranges of `missing` whose first slot is looked up per receipt: a person's append waits for it. What was let go is
/// at the low end, where receipts begin to name what they miss.
pub const DOUBTED_MAX_SLOTS: usize = 100;
