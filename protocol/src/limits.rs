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

/// Longest drill, in minutes: nobody should come back from lunch to a kiosk that plays an outage.
pub const DRILL_MAX_MINUTES: u32 = 15;

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

/// Longest name of an identity provider, in characters: it stands on a button.
pub const PROVIDER_NAME_MAX_CHARS: usize = 40;

/// Longest time that a site keeps visitors' names, in days, unless it keeps them for ever: ten years.
pub const RETENTION_MAX_DAYS: u32 = 3_650;

/// Longest life of an API key, in days: a year, so that a key that everybody has forgotten ends by itself.
pub const KEY_MAX_DAYS: u16 = 366;

/// Longest name that a site's settings give to a visitor type, a field, a choice or an agreement, to refer to it by, in
/// characters.
pub const KEY_MAX_CHARS: usize = 40;

/// Longest language tag in settings, in characters (RFC 5646 §4.4.1 asks for room for 35).
pub const LANGUAGE_TAG_MAX_CHARS: usize = 35;

/// Most languages in which one text of a site is written: every one that the app speaks, several times over.
pub const TEXT_MAX_LANGUAGES: usize = 24;

/// Longest welcome text, in characters: two lines in large type on a tablet.
pub const WELCOME_MAX_CHARS: usize = 160;

/// Longest label of a field, a choice or a visitor type, in characters: a question that is read at a glance.
pub const LABEL_MAX_CHARS: usize = 120;

/// Longest text of an agreement, in characters a language: some six printed pages, more than anybody reads standing.
pub const AGREEMENT_MAX_CHARS: usize = 20_000;

/// Longest answer to a site's own question, in characters. With [`FIELDS_MAX`] of them an event stays well within
/// [`EVENT_MAX_BYTES`], whatever the script.
pub const ANSWER_MAX_CHARS: usize = 200;

/// Most visitor types of a site: what fits on a kiosk's screen without scrolling.
pub const VISITOR_TYPES_MAX: usize = 8;

/// Most questions of its own that a site asks a visitor type: past this nobody is through within a minute.
pub const FIELDS_MAX: usize = 12;

/// Most answers that a question offers.
pub const CHOICES_MAX: usize = 20;

/// Most agreements of a site.
pub const AGREEMENTS_MAX: usize = 8;

/// Most visitors who check in together as one party: a coach has some fifty seats, and a group that large is announced.
pub const PARTY_MAX: u8 = 12;

/// Longest logo, in characters of its data URL: 48 KiB of picture, which a good SVG is far below.
pub const LOGO_MAX_CHARS: usize = 66_000;

/// Most bytes of a site's settings as JSON. Every device of the site holds them, and reads them whole when it starts.
pub const SETTINGS_MAX_BYTES: usize = 384 * 1024;

/// Fewest and most digits of the PIN of the staff panel: what one types standing, and remembers.
pub const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=12;

/// Rounds of PBKDF2 for the PIN: some 50 ms on an old tablet. It keeps off whoever reads over a shoulder; a PIN of few
/// digits can't be kept from whoever holds its hash, whatever the rounds.
pub const PIN_ROUNDS: u32 = 10_000;

/// Most rounds that a device will compute: settings that ask for more would keep the panel shut.
pub const PIN_MAX_ROUNDS: u32 = 100_000;

/// Longest drawn signature, in characters of its SVG path: a flourish of some thousand points. An event holds one.
pub const SIGNATURE_MAX_CHARS: usize = 16_000;

/// Longest photo, in characters of its base64: 36 KiB of JPEG, a face of 480 pixels a side. An event holds one, within
/// [`EVENT_MAX_BYTES`].
pub const PHOTO_MAX_CHARS: usize = 49_152;
