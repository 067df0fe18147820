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

const STATES: usize = 6;
const STATE_NAMES: [&str; STATES] = ["resting", "capturing", "loading", "sending", "recording", "probing"];

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

    /// How many faults struck in all, and how many pairs of a fault and a state there were.
    pub fn totals(&self) -> (u64, usize) {
        let cells = self.struck.iter().flatten();
        (cells.clone().sum(), cells.filter(|&&count| count > 0).count())
    }
}

/// The table: faults down, states across.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<20}", "fault")?;
        STATE_NAMES.iter().try_for_each(|name| write!(f, "{name:>12}"))?;
        writeln!(f, "{:>12}", "all")?;
        for &fault in Fault::ALL {
            write!(f, "{:<20}", fault.name())?;
            self.struck[fault as usize].iter().try_for_each(|count| write!(f, "{count:>12}"))?;
            writeln!(f, "{:>12}", self.of(fault))?;
        }
        Ok(())
    }
}
