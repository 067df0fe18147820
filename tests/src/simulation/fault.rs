//! What can go wrong, how often, and whether it does in this history.

use std::{fmt, str::FromStr};

use super::{
    coverage::{Coverage, Doing},
    random::Random,
};
use vestibule_protocol::timestamp::Timestamp;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $rate:literal;)*) => {
        /// A way in which something goes wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $($(#[$doc])* $name,)*
        }

        impl Fault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As it is written on a command line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// In how many of ten thousand places where it could strike it does.
            const fn rate(self) -> u64 {
                match self { $(Self::$name => $rate,)* }
            }
        }
    };
}

faults! {
    /// A transaction aborts at its commit.
    Abort = "abort", 300;
    /// A transaction never answers; whether it commits is open.
    Hang = "hang", 200;
    /// The connection to the database is lost before the transaction.
    ConnectionLost = "connection-lost", 200;
    /// The disk of the device is full.
    Quota = "quota", 200;
    /// Another context holds up the opening of the database for a while.
    Blocked = "blocked", 60;
    /// A commit is reported before it is on the disk, although it was asked to be strict.
    LyingDisk = "lying-disk", 400;
    /// The power fails: what is not on the disk is gone, and so are all contexts.
    PowerCut = "power-cut", 40;
    /// The browser evicts the database.
    Wipe = "wipe", 10;
    /// The device goes back to an earlier state of its database.
    Rollback = "rollback", 25;
    /// Another device is set up with a copy of the database, identity and all.
    Clone = "clone", 15;
    /// The same, and is then paired as a device of its own.
    ClonedAndPaired = "cloned-and-paired", 15;

    /// A context is ended between two effects.
    Killed = "killed", 250;
    /// A context is suspended for minutes or hours.
    Suspended = "suspended", 80;
    /// The clock of a device is set, by up to a month.
    ClockJump = "clock-jump", 40;
    /// Nobody is there for days.
    Away = "away", 40;
    /// A context runs the version before this one.
    OldVersion = "old-version", 300;

    /// A request is lost.
    RequestLost = "request-lost", 400;
    /// An answer is lost.
    AnswerLost = "answer-lost", 400;
    /// A request arrives twice.
    Duplicated = "duplicated", 300;
    /// A portal answers everything with a 4xx and a page of HTML.
    Walled = "walled", 40;
    /// Messages overtake each other.
    Reordered = "reordered", 3_000;
    /// A message takes longer than its sender waits.
    Delayed = "delayed", 200;
    /// An answer breaks off.
    Truncated = "truncated", 200;
    /// A portal answers 200 with a page of HTML.
    Portal = "portal", 200;
    /// A redirect.
    Redirected = "redirected", 100;
    /// 400 or 422.
    Refused = "refused", 80;
    /// 401.
    Unauthorized = "401", 150;
    /// 403.
    Forbidden = "403", 60;
    /// 408.
    Timeout = "408", 60;
    /// 413.
    TooLarge = "413", 80;
    /// 429, with or without `Retry-After`.
    Busy = "429", 60;
    /// 500.
    ServerError = "500", 100;
    /// 502.
    BadGateway = "502", 100;
    /// 503, with or without `Retry-After`.
    Unavailable = "503", 100;
    /// Something on the way refuses, for ever and with a 400, any batch with a certain event.
    Poison = "poison", 60;

    /// A firewall refuses, for ever and with a page of HTML, any batch with a certain event.
    Firewalled = "firewalled", 80;

    /// The server ends before its commit.
    CrashBeforeCommit = "crash-before-commit", 200;
    /// The server ends after its commit, before its answer.
    CrashAfterCommit = "crash-after-commit", 200;
    /// The server is restored from a backup.
    Restored = "restored", 40;
    /// The server is restored from a backup of the first day.
    RestoredOld = "restored-old", 10;
    /// The server's disk is full.
    DiskFull = "disk-full", 150;
    /// The server's database can't be written.
    ReadOnly = "read-only", 150;
    /// The server's clock is set, by up to an hour.
    ServerClock = "server-clock", 30;
    /// A device's access is withdrawn for a while.
    Revoked = "revoked", 20;
    /// The server keeps only some of a batch and says so, or says nothing of the rest.
    Postponed = "postponed", 300;
    /// Two devices give the same id to different events.
    SameId = "same-id", 300;
    /// The server takes up to two minutes for what it was sent: longer than its sender waits.
    Slow = "slow", 150;
    /// Staff export what waits on a device whose access was withdrawn; or say of the file that they keep it.
    HandedOver = "handed-over", 2_000;
}

/// A set of faults.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Faults(u64);

/// A name that is no fault's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFault(pub String);

impl Faults {
    /// Nothing goes wrong.
    pub const NONE: Self = Self(0);

    /// Everything may.
    pub fn all() -> Self {
        Fault::ALL.iter().fold(Self::NONE, |set, &fault| set.with(fault))
    }

    /// Each one with an even chance: histories differ in kind, not only in detail, and a fault that would end most
    /// histories early leaves the others alone in half of them (swarm testing: Groce et al., 2012).
    pub fn some(random: &mut Random) -> Self {
        Self(Self::all().0 & random.bits())
    }

    /// This one as well.
    #[must_use]
    pub const fn with(self, fault: Fault) -> Self {
        Self(self.0 | 1 << fault as u8)
    }

    /// This one not.
    #[must_use]
    pub const fn without(self, fault: Fault) -> Self {
        Self(self.0 & !(1 << fault as u8))
    }

    /// Whether this one may strike.
    pub const fn has(self, fault: Fault) -> bool {
        self.0 & (1 << fault as u8) != 0
    }

    /// Those in it.
    pub fn iter(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.iter().copied().filter(move |&fault| self.has(fault))
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NONE {
            return f.write_str("none");
        }
        for (at, fault) in self.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { "," }, fault.name())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Faults {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        match text {
            "all" => return Ok(Self::all()),
            "none" => return Ok(Self::NONE),
            _ => {}
        }
        text.split(',').try_fold(Self::NONE, |set, name| {
            let fault = Fault::ALL.iter().find(|fault| fault.name() == name);
            fault.map(|&fault| set.with(fault)).ok_or_else(|| UnknownFault(name.to_owned()))
        })
    }
}

/// How likely it is, in ten thousand, that a fault which strikes goes on striking for a while: outages come in spells.
const SPELL: u64 = 1_500;
/// Longest spell, in ms.
const SPELL_MAX_MS: i64 = 20 * 60_000;
/// Longest that a slow server takes, in ms.
const SLOW_MAX_MS: i64 = 120_000;

/// Decides what goes wrong, and counts it.
pub struct Fate {
    /// Where chance comes from.
    pub random: Random,
    /// Where it comes from for faults that were added after histories had become regression tests: where such a fault may
    /// not strike, the history of a seed stays what it was.
    aside: Random,
    /// What was struck.
    pub coverage: Coverage,
    faults: Faults,
    spells: Vec<(Fault, Timestamp)>,
}

impl Fate {
    /// Lets `faults` strike.
    pub fn new(random: Random, faults: Faults) -> Self {
        let aside = Random::new(random.clone().bits());
        Self { random, aside, coverage: Coverage::default(), faults, spells: Vec::new() }
    }

    /// Whether `fault` strikes here and now. Chance is asked whether or not it may, so that a history without one of its
    /// faults stays like itself in the rest.
    pub fn strikes(&mut self, fault: Fault, now: Timestamp) -> bool {
        let random = if matches!(fault, Fault::Slow | Fault::HandedOver) { &mut self.aside } else { &mut self.random };
        let (strikes, lasts) = (random.chance(fault.rate()), random.chance(SPELL));
        let until = now.plus_ms(random.between(1, SPELL_MAX_MS));
        self.spells.retain(|spell| spell.1 > now);
        let in_spell = self.spells.iter().any(|spell| spell.0 == fault);
        if !self.faults.has(fault) || !(strikes || in_spell) {
            return false;
        }
        // Nobody signs a kiosk in at a portal for a single request.
        if (lasts || fault == Fault::Walled) && fault.comes_in_spells() && !in_spell {
            self.spells.push((fault, until));
        }
        self.coverage.strike(fault);
        true
    }

    /// How long the server takes for what it has just been sent, in ms, if [`Fault::Slow`] strikes.
    pub fn slowness(&mut self, now: Timestamp) -> Option<i64> {
        self.strikes(Fault::Slow, now).then(|| self.aside.between(1_000, SLOW_MAX_MS))
    }

    /// Whether `fault` may strike at all.
    pub const fn allows(&self, fault: Fault) -> bool {
        self.faults.has(fault)
    }

    /// Nothing goes wrong any more.
    pub fn end(&mut self) {
        self.faults = Faults::NONE;
        self.spells.clear();
    }
}

impl Fault {
    /// In which states of a context it can strike: the pairs that a run can cover.
    pub const fn can_strike(self) -> &'static [Doing] {
        use Doing::{Capturing, Loading, Probing, Recording, Resting, Sending};
        match self {
            // A transaction.
            Self::Abort | Self::Hang | Self::ConnectionLost | Self::Quota => &[Capturing, Loading, Recording],
            Self::LyingDisk => &[Capturing],
            // A context, before and after anything that it does.
            Self::Killed | Self::OldVersion => &[Resting, Capturing, Loading, Sending, Recording, Probing],
            // What a person does.
            Self::Poison | Self::Firewalled | Self::SameId => &[Capturing],
            // A request that sets out.
            Self::RequestLost | Self::Duplicated => &[Sending, Probing],
            // Between two effects, and on the way: a message may be late, its sender at something else or at nothing.
            Self::Blocked
            | Self::PowerCut
            | Self::Wipe
            | Self::Rollback
            | Self::Clone
            | Self::ClonedAndPaired
            | Self::Suspended
            | Self::ClockJump
            | Self::Away
            | Self::AnswerLost
            | Self::Walled
            | Self::Reordered
            | Self::Delayed
            | Self::Truncated
            | Self::Portal
            | Self::Redirected
            | Self::Refused
            | Self::Unauthorized
            | Self::Forbidden
            | Self::Timeout
            | Self::TooLarge
            | Self::Busy
            | Self::ServerError
            | Self::BadGateway
            | Self::Unavailable
            | Self::CrashBeforeCommit
            | Self::CrashAfterCommit
            | Self::Restored
            | Self::RestoredOld
            | Self::DiskFull
            | Self::ReadOnly
            | Self::ServerClock
            | Self::Revoked
            | Self::Postponed
            | Self::Slow
            | Self::HandedOver => &[Resting, Sending, Probing],
        }
    }

    /// Whether it is a state of the network, the server or the storage, rather than an accident.
    const fn comes_in_spells(self) -> bool {
        matches!(
            self,
            Self::Quota
                | Self::RequestLost
                | Self::AnswerLost
                | Self::Portal
                | Self::Walled
                | Self::Redirected
                | Self::Refused
                | Self::Unauthorized
                | Self::Forbidden
                | Self::TooLarge
                | Self::Busy
                | Self::ServerError
                | Self::BadGateway
                | Self::Unavailable
                | Self::DiskFull
                | Self::ReadOnly
                | Self::LyingDisk
                | Self::Slow
        )
    }
}
