//! A history: from a seed to a verdict; and from a failure to the smallest history that still fails.

use std::fmt;

use super::{
    check::Violation,
    coverage::Coverage,
    fault::{Fate, Faults},
    mutation::Mutation,
    random::Random,
    server::Medium,
    world::World,
};

/// Ticks within which a fleet must have drained once nothing goes wrong any more: half an hour of them, because a
/// server's `Retry-After` of up to ten minutes, half as much again for the spread, and the clock's own doubts about it
/// (`policy::HOLD_MAX_MS`) are honoured, and the heartbeats that prove the last of it come after that.
pub const DRAIN_MAX_TICKS: u64 = 360;

/// Ticks within which a fleet that is drained and taken out of service must have nothing of people left: a wait that a
/// server asked for, as above, and the heartbeats after it.
pub const RETIRE_MAX_TICKS: u64 = DRAIN_MAX_TICKS;

/// One in so many histories has its database in a file.
const FILES: u64 = 50;

/// All that a history depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Where chance begins.
    pub seed: u64,
    /// What may go wrong.
    pub faults: Faults,
    /// Steps before the recovery.
    pub steps: usize,
    /// A bug that is put in.
    pub mutation: Option<Mutation>,
}

/// A history that broke a promise.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which.
    pub plan: Plan,
    /// The promise.
    pub violation: Violation,
    /// The step at which it was found; past the plan's steps, in the recovery.
    pub step: u64,
}

impl Plan {
    /// The history of a seed: some of the faults, some hundred steps.
    pub fn of(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0x5eed);
        let faults = Faults::some(&mut random);
        Self { seed, faults, steps: 100 + random.below(300), mutation: None }
    }

    /// The same with a bug put in, and with what it needs to show.
    #[must_use]
    pub fn with(self, mutation: Mutation) -> Self {
        let faults = mutation.needs().iter().fold(self.faults, |faults, &fault| faults.with(fault));
        Self { mutation: Some(mutation), faults, ..self }
    }

    /// Plays it through. What was tried is counted in `coverage`.
    ///
    /// # Errors
    /// The [`Failure`], not shrunk.
    pub fn run(self, coverage: &mut Coverage) -> Result<(), Failure> {
        let fate = Fate::new(Random::new(self.seed), self.faults);
        let medium = if self.seed.is_multiple_of(FILES) { Medium::File } else { Medium::Memory };
        let mut world = World::new(fate, medium, self.mutation);
        let outcome = self.play(&mut world);
        world.fate.coverage.histories = 1;
        coverage.add(&world.fate.coverage);
        outcome.map_err(|violation| Failure { plan: self, violation, step: world.fate.coverage.steps })
    }

    fn play(self, world: &mut World) -> Result<(), Violation> {
        for _ in 0..self.steps {
            world.step()?;
        }
        world.fate.coverage.ticks_to_drain = world.recover(DRAIN_MAX_TICKS)?;
        world.check_end()?;
        world.retire(RETIRE_MAX_TICKS)
    }
}

impl Failure {
    /// A smaller history that breaks a promise too: fewer steps, fewer faults.
    #[must_use]
    pub fn shrunk(self) -> Self {
        let mut smallest = self;
        loop {
            let plan = smallest.plan;
            let last = usize::try_from(smallest.step).unwrap_or(plan.steps);
            let fewer_steps = [last, plan.steps / 2, plan.steps * 9 / 10, plan.steps.saturating_sub(1)];
            let shorter =
                fewer_steps.into_iter().filter(|&steps| steps < plan.steps).map(|steps| Plan { steps, ..plan });
            let calmer = plan.faults.iter().map(|fault| Plan { faults: plan.faults.without(fault), ..plan });
            let Some(failure) = shorter.chain(calmer).find_map(|plan| plan.run(&mut Coverage::default()).err()) else {
                return smallest;
            };
            smallest = failure;
        }
    }
}

/// What happened, and how to see it again.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan: Plan { seed, faults, steps, mutation }, violation, step } = self;
        writeln!(f, "{violation:?} at step {step}")?;
        if let Some(mutation) = mutation {
            writeln!(f, "with the bug: {}", mutation.name())?;
        }
        write!(f, "make simulate SEED={seed} STEPS={steps} FAULTS={faults}")
    }
}
