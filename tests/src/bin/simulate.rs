//! Plays one simulated history again, or proves that the simulation finds the known bugs.

use std::process::ExitCode;

use clap::Parser;
use vestibule_tests::simulation::{
    coverage::Coverage,
    fault::Faults,
    mutation::Mutation,
    plan::{Failure, Plan},
    small_world::{Budget, Explored, end_after_every_effect, explore},
};

/// Seeds that are tried for a known bug before it counts as not found.
const SEEDS_MAX: u64 = 5_000;

#[derive(Parser)]
struct Arguments {
    /// The seed of the history.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many histories, with this seed and those after it.
    #[arg(long, default_value_t = 1)]
    histories: u64,
    /// Its steps; by default what the seed says.
    #[arg(long)]
    steps: Option<usize>,
    /// What may go wrong, by name, with commas between; or "all", or "none". By default what the seed says.
    #[arg(long, value_parser = faults)]
    faults: Option<Faults>,
    /// Prints the table of the known bugs instead.
    #[arg(long)]
    mutations: bool,
    /// Of the known bugs only those whose name contains this.
    #[arg(long, requires = "mutations", default_value = "")]
    bug: String,
    /// Goes through every state of the small worlds instead.
    #[arg(long)]
    small_worlds: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.mutations {
        mutations(&arguments.bug)
    } else if arguments.small_worlds {
        small_worlds()
    } else {
        histories(&arguments)
    }
}

fn histories(arguments: &Arguments) -> ExitCode {
    let mut coverage = Coverage::default();
    for seed in (arguments.seed..).take(usize::try_from(arguments.histories).unwrap_or(usize::MAX)) {
        let plan = Plan::of(seed);
        let steps = arguments.steps.unwrap_or(plan.steps);
        let faults = arguments.faults.unwrap_or(plan.faults);
        if let Err(failure) = (Plan { steps, faults, ..plan }).run(&mut coverage) {
            println!("{failure}\n\nshrunk:\n{}", failure.clone().shrunk());
            return ExitCode::FAILURE;
        }
    }
    let (met, possible) = coverage.pairs();
    println!(
        "{coverage}\n{} histories, {} steps, {} events confirmed, {} faults, {met} of {possible} pairs of fault and state, \
         drained within {} ticks: no promise was broken",
        coverage.histories,
        coverage.steps,
        coverage.confirmed,
        coverage.faults(),
        coverage.ticks_to_drain
    );
    ExitCode::SUCCESS
}

fn small_worlds() -> ExitCode {
    println!("ended after every effect of every history of up to 4 operations: {} runs", end_after_every_effect(4));
    for (captures, ticks) in [([1, 1], 1), ([2, 1], 0), ([3, 3], 0)] {
        let budget = Budget { devices: 2, captures, ticks, crashes: 1, losses: 1, restores: 1 };
        let Explored { states, transitions } = explore(budget);
        println!("{budget:?}: {states} states, {transitions} transitions");
    }
    ExitCode::SUCCESS
}

fn mutations(bug: &str) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    println!("| known bug | caught as | seed | histories |\n|---|---|---|---|");
    for &mutation in Mutation::ALL.iter().filter(|mutation| mutation.name().contains(bug)) {
        let caught = (1..=SEEDS_MAX).find_map(|seed| Plan::of(seed).with(mutation).run(&mut Coverage::default()).err());
        if let Some(Failure { plan, violation, .. }) = caught {
            println!("| {} | {} | {} | {} |", mutation.name(), violation.name(), plan.seed, plan.seed);
        } else {
            println!("| {} | not caught | | {SEEDS_MAX} |", mutation.name());
            code = ExitCode::FAILURE;
        }
    }
    code
}

fn faults(text: &str) -> Result<Faults, String> {
    text.parse().map_err(|unknown: vestibule_tests::simulation::fault::UnknownFault| unknown.0)
}
