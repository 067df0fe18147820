//! Known bugs of the field, re-introduced one at a time at the seams of the simulation: in the driver, the outbox's
//! storage, the network or the server's edge. The code under test stays as it is. A simulation that finds none of them
//! would prove nothing by finding nothing else.

use super::fault::Fault;

macro_rules! mutations {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $seed:literal;)*) => {
        /// A known bug.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mutation {
            $($(#[$doc])* $name,)*
        }

        impl Mutation {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// What it is, in a few words.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The first seed whose history meets it, as `simulate --mutations` prints; where to begin to look.
            pub const fn known_seed(self) -> u64 {
                match self { $(Self::$name => $seed,)* }
            }
        }
    };
}

mutations! {
    /// The batch is deleted when it is read, before it is answered.
    DeletedBeforeAnswer = "delete before the send is answered", 1;
    /// Whatever comes back over HTTP counts as delivered.
    AnyAnswerIsSuccess = "any resolved fetch counts as success", 1;
    /// Only the oldest event is sent, until it is delivered.
    HeadBlocks = "head of queue blocks the rest", 13;
    /// A batch that was answered 401 counts as done.
    DroppedOn401 = "dropped on 401", 17;
    /// A batch that was answered 400 counts as done.
    DroppedOn400 = "dropped on 400", 18;
    /// What was captured a week ago by the device's clock is deleted, delivered or not.
    WallClockRetention = "retention by wall clock deletes unsent", 2;
    /// The number is read in one transaction and used in another.
    SeqOutsideTransaction = "seq allocated outside the append's transaction", 1;
    /// A cursor in the store says how far the events are sent, and moves on when they are read.
    SharedCursor = "two tabs share a cursor", 1;
    /// The server knows a batch by its id alone: what comes again in another batch is new.
    AppliedTwice = "response lost after commit applied twice", 1;
    /// The server knows an event by its id alone.
    DuplicateById = "duplicate by id alone swallows other content", 4;
    /// The device takes no notice of a new history, nor of what is missing in it.
    HistoryIgnored = "server restore leaves a hole", 1;
    /// After an error nothing is sent until the next capture.
    NeverRescheduled = "backlog never rescheduled after an error", 2;
    /// The server answers before it commits.
    AnsweredBeforeCommit = "checkpoint advanced before the write", 1;
    /// A receipt counts for all events of its batch.
    PartialIsWhole = "a batch's partial failure treated as whole success", 41;
    /// A full disk is told as "done".
    QuotaSwallowed = "quota error swallowed", 1;
    /// What was received last happened last.
    ArrivalOrder = "clock jump reorders the fold", 1;
    /// A context of another version begins with an empty store.
    UpgradeDropsStore = "schema upgrade drops the store", 33;
    /// A context that starts anew waits for nothing.
    BackoffForgotten = "worker restart forgets the backoff and hammers", 1;
    /// The watermark is the newest slot that is held.
    WatermarkOverHole = "watermark moves past a hole", 1;
    /// Of the heads that a device tells, the server remembers the last.
    HeadForgotten = "the evidence of a gap is overwritten", 13;
    /// A firewall's page in place of an answer is an outage, whatever was sent.
    FirewallIsOutage = "a firewalled event blocks the rest", 8;
    /// A portal's page is taken for the server's word, and nobody asks whether anything gets through.
    PortalParks = "a portal parks events", 18;
    /// The device does not look whether it still has what the server misses.
    HolesAwaited = "a hole that nobody can fill is waited for", 549;
    /// A device whose access was withdrawn is emptied, whatever waits on it.
    RevokedWipesAll = "a revoked device is wiped with what it has not delivered", 5;
    /// Delivered events are let go whatever the backups hold.
    PrunedBeforeFloor = "prune before the backup floor", 108;
}

impl Mutation {
    /// What must be able to go wrong for it to show, as far as that is known.
    pub const fn needs(self) -> &'static [Fault] {
        match self {
            Self::DroppedOn401 => &[Fault::Unauthorized],
            Self::DroppedOn400 => &[Fault::Refused],
            Self::PrunedBeforeFloor => &[Fault::Restored, Fault::Away],
            Self::HolesAwaited => &[Fault::RestoredOld, Fault::Away],
            Self::RevokedWipesAll => &[Fault::Revoked],
            Self::FirewallIsOutage => &[Fault::Firewalled],
            Self::PortalParks => &[Fault::Walled],
            _ => &[],
        }
    }
}
