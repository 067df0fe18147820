//! What both sides of the wire must agree on, each with its unit and its reason.
//!
//! Limits that concern one side only stand with that side: the engine's in `worker/engine/src/policy.rs`, the server's
//! in `server/src/limits.rs`.

/// The version of the sync protocol, in every batch and receipt.
pub const PROTOCOL: u32 = 1;

/// Most events in one batch. A batch costs the server one slot lookup an event inside its only write transaction;
/// past a few hundred the gain of a larger one is within noise.
pub const BATCH_MAX_EVENTS: usize = 500;

/// Most bytes of one batch, after decompression: what a slow office uplink carries within [`ANSWER_TIMEOUT_MS`], and
/// what a server can afford to hold for each of a thousand devices that come back at once.
pub const BATCH_MAX_BYTES: usize = 1024 * 1024;

/// Most bytes of one event's text. Refused before the person is told "done", so that no event is too large to send; a
/// drawn signature or a small photo fits.
pub const EVENT_MAX_BYTES: usize = 64 * 1024;

/// Most bytes that a batch holds beside its events: head, health, braces. Leaves room within [`BATCH_MAX_BYTES`].
pub const BATCH_ENVELOPE_MAX_BYTES: usize = 4 * 1024;

/// How long a device waits for a receipt, in ms, before it counts the attempt as unanswered. Long enough for a full
/// batch over a poor link, short enough that a proxy that hangs costs one try and not the day.
pub const ANSWER_TIMEOUT_MS: u32 = 15_000;

/// How long acknowledged events stay on the device at least, in ms: a server restored from a backup up to a week old
/// is refilled by its devices.
pub const ACKNOWLEDGED_KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// How long a page waits for the service worker's first word, in ms, before it runs the worker itself. A cold start of
/// the wasm takes a tenth of this on an old iPad.
pub const WORKER_ANSWER_TIMEOUT_MS: u32 = 2_000;

/// Longest name of a person, company or site, in characters; the longest legal names on record are shorter.
pub const NAME_MAX_CHARS: usize = 200;

/// Longest e-mail address, in characters (RFC 5321 §4.5.3.1.3).
pub const EMAIL_MAX_CHARS: usize = 254;

/// Longest telephone number as people write it, in characters: 15 digits (E.164), spaces and an extension.
pub const PHONE_MAX_CHARS: usize = 40;

/// Longest free remark, in characters: what fits on the screen of the person who must read it.
pub const REMARK_MAX_CHARS: usize = 500;

/// Most visits, hosts or other rows in one page of changes: a snapshot of a busy day in a few answers.
pub const CHANGES_PAGE_MAX_ROWS: usize = 500;

/// Fewest characters of a staff password (NIST SP 800-63B-4 §3.1.1.2 asks for 15 where it is the only factor, 8 at
/// least); long ones are welcome.
pub const PASSWORD_MIN_CHARS: usize = 10;

/// Most bytes of a staff password: argon2id would take more, but a megabyte of it is an attack.
pub const PASSWORD_MAX_BYTES: usize = 1_024;

/// Longest time that a site keeps visitors' names, in days, unless it keeps them for ever: ten years.
pub const RETENTION_MAX_DAYS: u32 = 3_650;

/// Longest life of an API key, in days: a year, so that a key that everybody has forgotten ends by itself.
pub const KEY_MAX_DAYS: u16 = 366;
