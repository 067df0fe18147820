//! What a run has tried: how often each fault struck, and in which state it found a worker.

use std::fmt;

use super::fault::Fault;

/// What a context is at when a fault strikes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Doing {
    /// Nothing: its engine rests.
    #[default]
    Resting,
    /// It captures an event.
    Capturing,
    /// It reads the outbox.
    Loading,
    /// A batch is on its way.
    Sending,
    /// It writes what an answer means.
    Recording,
    /// It asks whether the server is back.
    Probing,
}

const STATES: usize = Doing::ALL.len();
/// From so many histories on it is told which pairs were not met.
const NAMED_FROM_HISTORIES: u64 = 100;

impl Doing {
    /// All of them, as they come.
    pub const ALL: [Self; 6] =
        [Self::Resting, Self::Capturing, Self::Loading, Self::Sending, Self::Recording, Self::Probing];

    /// In a word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Resting => "resting",
            Self::Capturing => "capturing",
            Self::Loading => "loading",
            Self::Sending => "sending",
            Self::Recording => "recording",
            Self::Probing => "probing",
        }
    }
}

/// Counts of one history or of many.
#[derive(Clone)]
pub struct Coverage {
    /// Histories.
    pub histories: u64,
    /// Steps: one effect of one context, one message, one act of a person, one fault.
    pub steps: u64,
    /// Events that were confirmed to a person.
    pub confirmed: u64,
    /// Confirmed events of which accidents destroyed every copy.
    pub destroyed: u64,
    /// Those of them of which the server knows in the end that they are missing.
    pub destroyed_known: u64,
    /// Most ticks that a fleet took to drain once nothing went wrong any more.
    pub ticks_to_drain: u64,
    /// What the context that is about to be struck is at.
    pub doing: Doing,
    struck: Vec<[u64; STATES]>,
}

impl Default for Coverage {
    fn default() -> Self {
        Self {
            histories: 0,
            steps: 0,
            confirmed: 0,
            destroyed: 0,
            destroyed_known: 0,
            ticks_to_drain: 0,
            doing: Doing::default(),
            struck: vec![[0; STATES]; Fault::ALL.len()],
        }
    }
}

impl Coverage {
    /// Counts a fault that struck.
    pub fn strike(&mut self, fault: Fault) {
        self.struck[fault as usize][self.doing as usize] += 1;
    }

    /// How often a fault struck.
    pub fn of(&self, fault: Fault) -> u64 {
        self.struck[fault as usize].iter().sum()
    }

    /// Adds what another run has tried.
    pub fn add(&mut self, other: &Self) {
        self.histories += other.histories;
        self.steps += other.steps;
        self.confirmed += other.confirmed;
        self.destroyed += other.destroyed;
        self.destroyed_known += other.destroyed_known;
        self.ticks_to_drain = self.ticks_to_drain.max(other.ticks_to_drain);
        for (mine, others) in self.struck.iter_mut().zip(&other.struck) {
            mine.iter_mut().zip(others).for_each(|(mine, other)| *mine += other);
        }
    }

    /// How many faults struck in all.
    pub fn faults(&self) -> u64 {
        self.struck.iter().flatten().sum()
    }

    /// How many pairs of a fault and a state were met, and how many there can be.
    pub fn pairs(&self) -> (usize, usize) {
        let possible = || Fault::ALL.iter().flat_map(|fault| fault.can_strike());
        (possible().count() - self.unmet().count(), possible().count())
    }

    /// The pairs that were not met.
    pub fn unmet(&self) -> impl Iterator<Item = (Fault, Doing)> {
        let pairs = Fault::ALL.iter().flat_map(|&fault| fault.can_strike().iter().map(move |&doing| (fault, doing)));
        pairs.filter(|&(fault, doing)| self.struck[fault as usize][doing as usize] == 0)
    }

    /// The pairs that were met and should not be possible.
    pub fn unforeseen(&self) -> impl Iterator<Item = (Fault, Doing)> {
        let pairs = Fault::ALL.iter().flat_map(|&fault| Doing::ALL.iter().map(move |&doing| (fault, doing)));
        pairs.filter(|&(fault, doing)| {
            self.struck[fault as usize][doing as usize] > 0 && !fault.can_strike().contains(&doing)
        })
    }

    /// How often each fault struck, in one line.
    pub fn strikes(&self) -> String {
        let counts: Vec<String> =
            Fault::ALL.iter().map(|&fault| format!("{} {}", fault.name(), self.of(fault))).collect();
        counts.join(", ")
    }

    /// What was tried, in one line, in so many seconds.
    pub fn summary(&self, seconds: u64) -> String {
        let ((met, possible), per_second) = (self.pairs(), |count| count / seconds.max(1));
        format!(
            "{seconds} s: {} histories ({} a second), {} steps ({} a second), {} events confirmed, {} of them destroyed \
             ({} known to be missing), {} faults, {met} of {possible} pairs of fault and state, drained within {} ticks",
            self.histories,
            per_second(self.histories),
            self.steps,
            per_second(self.steps),
            self.confirmed,
            self.destroyed,
            self.destroyed_known,
            self.faults(),
            self.ticks_to_drain,
        )
    }
}

/// The table, as it stands in docs/simulation.md: faults down, states across, a dash where the two can't meet; and which
/// pairs were not met.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {:<20} |", "fault")?;
        Doing::ALL.iter().try_for_each(|doing| write!(f, " {:>9} |", doing.name()))?;
        writeln!(f, " {:>9} |", "all")?;
        writeln!(f, "|---|{}", "---:|".repeat(STATES + 1))?;
        for &fault in Fault::ALL {
            write!(f, "| {:<20} |", fault.name())?;
            for doing in Doing::ALL {
                if fault.can_strike().contains(&doing) {
                    write!(f, " {:>9} |", self.struck[fault as usize][doing as usize])?;
                } else {
                    write!(f, " {:>9} |", "–")?;
                }
            }
            writeln!(f, " {:>9} |", self.of(fault))?;
        }
        let unmet: Vec<String> =
            self.unmet().map(|(fault, doing)| format!("{} while {}", fault.name(), doing.name())).collect();
        // Of a few histories it would be most of them.
        if unmet.is_empty() || self.histories < NAMED_FROM_HISTORIES {
            Ok(())
        } else {
            writeln!(f, "\nnot met: {}", unmet.join(", "))
        }
    }
}
