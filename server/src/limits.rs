//! What the server bounds, each with its unit and its reason. What both sides must agree on stands in
//! [`vestibule_protocol::limits`].

use std::{num::NonZeroU32, time::Duration};

/// Write jobs, small and large each, that may wait for the writer or be in its hands. At 25,000 small commits a second the last of them waits some 40 ms; past it
/// the disk is not keeping up, and an early 503 is kinder than a queue that outlives the senders' patience.
pub const WRITE_QUEUE_JOBS: usize = 1_024;

/// Bytes of events that may wait for the writer: what bounds memory while a whole fleet comes back at once.
pub const WRITE_QUEUE_BYTES: usize = 64 * 1024 * 1024;

/// Up to so many bytes, work is small: a person's check-in and what waits beside it, a heartbeat, a session. It has its
/// own room and goes first, so that nobody at a desk waits behind a fleet that comes back.
pub const SMALL_WORK_BYTES: usize = 64 * 1024;

/// Most jobs in one transaction. Past a few hundred the price of the disk's sync is spread thin, and the first in the
/// group should not wait for the thousandth.
pub const GROUP_MAX_JOBS: usize = 256;

/// How long the writer waits for about as many as its last transaction had: less than a sync of the disk, which is what it
/// saves. Nobody waits who comes alone.
pub const GATHER_FOR: Duration = Duration::from_micros(100);

/// Most bytes of events in one transaction: keeps a commit, and so everybody's wait, to some tens of milliseconds.
pub const GROUP_MAX_BYTES: usize = 4 * 1024 * 1024;

/// How long each delivery is written in a savepoint of its own after one has failed: several times a device's longest wait
/// between two tries, so that the one that failed comes again meanwhile, and then fails alone.
pub const CAREFUL_AFTER_FAILURE: Duration = Duration::from_secs(10 * 60);

/// How long a connection waits for another process's transaction (the command line's) before it gives up.
pub const LOCK_WAIT: Duration = Duration::from_secs(5);

/// How long a request waits for the commit of its write. Shorter than the device's own patience
/// ([`vestibule_protocol::limits::ANSWER_TIMEOUT_MS`]), so that it hears an honest 503.
pub const WRITE_WAIT: Duration = Duration::from_secs(10);

/// Connections for reading. SQLite reads from memory mostly; more of them than processors gain nothing.
pub const READERS: usize = 4;

/// How long a read waits for a free connection.
pub const READ_WAIT: Duration = Duration::from_secs(5);

/// How long a request may take from its first byte to its answer, streams apart.
pub const REQUEST_TIME: Duration = Duration::from_secs(20);

/// Longest name that a client may give a request, in bytes: a UUID has 36, what proxies give is about as long. It is in
/// every line that the log holds of the request.
pub const REQUEST_ID_MAX_BYTES: usize = 64;

/// Most bytes of a request's body, batches apart: the largest other one is an account of some 2 KiB.
pub const BODY_MAX_BYTES: usize = 16 * 1024;

/// Most bytes of a parcel as it is spelled out: a file's largest piece, some 100 KiB of events, and the largest event
/// there can be.
pub const PARCEL_BODY_MAX_BYTES: usize = 512 * 1024;

/// How long `/readyz` waits for its write. A probe gives up after 3 s; this answers before.
pub const READY_WAIT: Duration = Duration::from_secs(2);

/// What a refused sender is asked to wait, in seconds: long enough to let a full queue drain.
pub const RETRY_AFTER_S: u64 = 2;

/// What a device is asked to wait whose last batch is still in work, in seconds: a commit takes a fraction of it.
pub const NEXT_BATCH_AFTER_S: u64 = 1;

/// The window over which devices with a backlog are spread while the queue is full, in ms. Their newest events came
/// first, so what waits is history; still, a person watches the number go down.
pub const RESUME_WINDOW_MS: u64 = 5_000;

/// Bytes of batches' bodies that may be on their way in or in work at once, as announced. With 2,000 devices coming back
/// in one second, what is past it is answered 503 before it is read.
pub const BODIES_MAX_BYTES: usize = 64 * 1024 * 1024;

/// The same for bodies that are [small](SMALL_WORK_BYTES), which must not be turned away because the others are many.
pub const SMALL_BODIES_MAX_BYTES: usize = 16 * 1024 * 1024;

/// Large bodies that are unpacked and read at once: more than there are processors only hold memory.
pub const BODIES_READ_AT_ONCE: usize = 4;

/// How much larger than announced a packed body is counted; JSON of events packs about so far.
pub const PACKED_COUNTS_TIMES: usize = 8;

/// Devices' tokens that are remembered at once, some 100 bytes each; past it they are looked up anew.
pub const TOKENS_KNOWN_MAX: usize = 10_000;

/// Most events that count in one visit; a stay has two to ten. The visit is folded, written and told whole with each of
/// them, so one that grew without end would hold up everybody's deliveries: a batch that brings a visit up to this holds
/// the writer for 70 ms where one of as many visits takes 20. What comes beyond is kept in quarantine.
pub const VISIT_MAX_EVENTS: usize = 200;

/// Most separate ranges that are held of one stream above its watermark. A device that sends its newest events first has
/// one or two; only a hostile one has more, and must not make its row and its receipts grow.
pub const STREAM_MAX_RANGES: usize = 1_000;

/// Most heads of one stream that are remembered while they are not met. One is the rule, and each time a store is set
/// back or copied adds one; only a hostile device has more.
pub const TOLD_HEADS_MAX: usize = 64;

/// Most slots that are linked anew to see whether a head that came late is met: some 50 ms of the writer. A device that
/// has sent more than this under one numbering, some years' worth, is told by its receipt what it has to know.
pub const TOLD_HEAD_MAX_SLOTS: u64 = 100_000;

/// Most slots between two heads that are linked to see whether the one leads to the other: those of a batch.
pub const TOLD_HEAD_FOLLOWED_SLOTS: u64 = vestibule_protocol::limits::BATCH_MAX_EVENTS as u64;

/// After how long what was acknowledged counts as settled where no backup is made, in ms: 30 days. A server that is lost
/// is missed within hours; a month covers the longest holiday of whoever has to notice.
pub const SETTLED_AFTER_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// Rows behind which a reader is given a snapshot instead of all the changes since: about ten pages, more than a busy
/// day holds.
pub const CATCH_UP_MAX_ROWS: usize = 5_000;

/// How long a visit stays in view after its last change, in ms: yesterday's late delivery is seen this morning.
pub const IN_VIEW_AFTER_CHANGE_MS: i64 = 48 * 60 * 60 * 1_000;

/// Pause between two looks of one live stream at the database: a person sees no difference, and a burst of commits
/// becomes one answer.
pub const STREAM_PACE: Duration = Duration::from_millis(100);

/// How often a live stream says that it is alive; a proxy that closes quiet connections waits 30 s or more.
pub const STREAM_HEARTBEAT: Duration = Duration::from_secs(15);

/// How often it is looked at whether the reader of a live stream still may read: who was shut out sees nothing new after
/// that, and hundreds of streams cost a hundred small reads a second.
pub const STREAM_ACCESS_LOOK: Duration = Duration::from_secs(5);

/// How long a live stream lasts before its reader comes anew: connections that nobody uses any more go away.
pub const STREAM_LIFE: Duration = Duration::from_secs(60 * 60);

/// How often the feed is looked at for what another process (the command line) has written.
pub const FEED_LOOK: Duration = Duration::from_secs(1);

/// How long the end of a server waits for its last traces to be taken: what ends with the process is no loss to anybody
/// but who looks into it.
pub const TRACES_LAST_SENT_WITHIN: Duration = Duration::from_secs(2);

/// How long requests in work may go on after the signal to stop.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// How long a pairing code holds, in ms: time to walk to the kiosk.
pub const PAIRING_CODE_MS: i64 = 10 * 60 * 1_000;

/// Pairing codes that hold at once. With it, the tries below and 45 bits, guessing one takes ten thousand years.
pub const PAIRING_CODES_MAX: i64 = 100;

/// How long a session lasts, in ms, used or not: 30 days, so that a desk signs in once a month and not in the middle of
/// an outage; its device goes on recording without one.
pub const SESSION_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// Window in which tries at passwords and codes are counted, in ms.
pub const TRIES_WINDOW_MS: i64 = 60 * 1_000;

/// Wrong tries in a window from one address: people mistype twice; an office behind one address signs in together.
pub const TRIES_MAX_PER_ADDRESS: u32 = 20;

/// Addresses and accounts whose tries are counted at once; past it the count starts anew for all, rather than memory grow.
pub const TRIES_MAX_KEYS: usize = 10_000;

/// Wrong passwords for one account from one address before each further one takes longer.
pub const TRIES_WITHOUT_WAIT: u32 = 5;

/// Longest wait between two passwords for one account from one address, in ms. A guesser gets 1,440 a day, a colleague
/// behind the same address loses a minute.
pub const TRIES_WAIT_MAX_MS: i64 = 60 * 1_000;

/// After how long without a try an address begins anew with an account, in ms.
pub const TRIES_FORGOTTEN_MS: i64 = 60 * 60 * 1_000;

/// Wrong passwords for one account, in a window, from all addresses together from which nobody has signed in to it.
pub const STRANGERS_TRIES_MAX: u32 = 50;

/// That window, in ms.
pub const STRANGERS_WINDOW_MS: i64 = 10 * 60 * 1_000;

/// How long a one-time link for a password holds, in ms: until tomorrow.
pub const PASSWORD_LINK_MS: i64 = 24 * 60 * 60 * 1_000;

/// Deliveries of one device in a minute. With a backlog it sends a full batch after each answer, some five a second; this
/// is four times that.
pub const INGEST_PER_MINUTE: NonZeroU32 = NonZeroU32::new(1_200).unwrap();

/// What else one device may ask in a minute: a dashboard asks once for each burst of changes, some ten a second at most.
pub const DEVICE_PER_MINUTE: NonZeroU32 = NonZeroU32::new(1_200).unwrap();

/// What one account may ask in a minute, from all its browsers.
pub const ACCOUNT_PER_MINUTE: NonZeroU32 = NonZeroU32::new(1_200).unwrap();

/// What one API key may ask in a minute.
pub const KEY_PER_MINUTE: NonZeroU32 = NonZeroU32::new(600).unwrap();

/// What one address may ask in a minute without showing who it is: a hundred kiosks behind one address that look every
/// few seconds whether the server can write, and load the app, are well within.
pub const ADDRESS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(6_000).unwrap();

/// Clients of one kind that are counted before those that have asked nothing lately are forgotten.
pub const RATES_MAX_KEYS: usize = 10_000;

/// How long a new connection may take to show that it speaks TLS, and to agree on how.
pub const GREETING_TIME: Duration = Duration::from_secs(10);

/// Connections that are being greeted at once, each some 20 KiB; past it new ones wait in the system's queue.
pub const GREETINGS_AT_ONCE: usize = 512;

/// How often the files of the certificate are looked at.
pub const CERTIFICATE_LOOK: Duration = Duration::from_secs(10);

/// Visits that are forgotten in one transaction: some tens of milliseconds in which nothing else is written.
pub const FORGOTTEN_AT_ONCE: usize = 100;

/// How often it is looked whose time has run out.
pub const RETENTION_LOOK: Duration = Duration::from_secs(60 * 60);

/// Passwords that are hashed at once, each in 19 MiB of memory and some 20 ms of a processor.
pub const PASSWORDS_AT_ONCE: usize = 2;

/// How long a device's earlier token holds after it took a fresh one, in ms: a day, in which a device whose answer was
/// lost is on again at least once.
pub const TOKEN_OVERLAP_MS: i64 = 24 * 60 * 60 * 1_000;

/// Lines of the audit trail in one page.
pub const AUDIT_PAGE_ROWS: usize = 500;

/// Doubts in one page: each is read from its text and looked up by its id, and nobody decides on more in one go.
pub const ATTENTION_PAGE_ROWS: usize = 50;

/// Most events that are looked through for the text which a slot held first, all of them received in one millisecond: ten
/// full batches.
pub const LOOKED_THROUGH_FOR_A_TEXT: usize = 5_000;

/// Most devices in one page: more than a site has, and some 100 KiB.
pub const DEVICES_PAGE_MAX_ROWS: usize = 200;

/// Devices, accounts or keys in one page of what admins keep: more than most installations have, and less than 100 KiB.
pub const ADMIN_PAGE_ROWS: usize = 200;

/// Hosts in one page: a large site's directory in a handful of answers of some 100 KiB.
pub const HOSTS_PAGE_ROWS: usize = 1_000;

/// Numbers up to which a stream that was left is looked through for what became of it: ten years of a busy kiosk. A
/// device that claims more says nothing that memory should be spent on.
pub const NUMBERING_JUDGED_MAX: u64 = 2_000_000;

/// How often the use of an API key is written down, in ms: "used a minute ago" is all that anybody asks.
pub const KEY_USE_NOTED_MS: i64 = 60 * 1_000;

/// How long a sign-in at the identity provider may take, in ms: a password, a second factor, a consent, and a colleague
/// who asks something in between.
pub const PROVIDER_SIGN_IN_MS: i64 = 10 * 60 * 1_000;

/// How long what the identity provider publishes of itself is taken as it was, in ms. Keys that are new before that are
/// noticed by the first token that names one.
pub const PROVIDER_KNOWN_MS: i64 = 60 * 60 * 1_000;

/// How long after it could not be asked the identity provider is asked again, in ms: those who wait meanwhile are told at
/// once.
pub const PROVIDER_RETRY_MS: i64 = 3_000;

/// How long one answer of the identity provider may take: somebody is waiting.
pub const PROVIDER_ANSWER_TIME: Duration = Duration::from_secs(5);

/// How long all of them together may, before a sign-in is given up: less than [`REQUEST_TIME`], so that the page can say
/// why.
pub const PROVIDER_SIGN_IN_TIME: Duration = Duration::from_secs(15);

/// Most bytes of one of its answers: a dozen keys with their certificates are some 40 KiB.
pub const PROVIDER_ANSWER_MAX_BYTES: usize = 256 * 1024;

/// Most bytes of its name for a person (OpenID Connect Core 1.0 §2).
pub const PROVIDER_SUBJECT_MAX_BYTES: usize = 255;

/// By how much its clock may be off ours, in ms.
pub const PROVIDER_CLOCK_MS: i64 = 60 * 1_000;
