//! `make bench`: what the server promises, measured beside what it is measured by, all in one run.
//!
//! - `ingest`: durable events a second, in rounds, the contestants in turn, each on a fresh database: this server; a bare
//!   loop of rusqlite that inserts the same rows; a server of Fastify and better-sqlite3; and the disk itself. One batch
//!   in ten is sent twice; only new events count.
//! - `growth`: memory, and what a desk reads, with years behind it.
//! - `herd`: a whole fleet that comes back in one second.
//! - `kill`: SIGKILL under that load, again and again.
//!
//! Without a word, all of them. Load, server and database share the machine, so only ratios of one run say anything; how
//! busy others kept the machine is printed along with them. Ends with an error if a goal was missed.

mod contestant;
mod disk;
mod goal;
mod growth;
mod herd;
mod ingest;
mod load;
mod machine;
mod raw;
mod running;

use std::process::ExitCode;

use clap::{Args, FromArgMatches, Parser, Subcommand};
use vestibule_tests::kills::{Load, kill_under_load};

use self::{goal::Goal, growth::Growth, herd::Herd, ingest::Ingest};

/// What the server promises, measured beside its peers.
#[derive(Parser)]
struct Arguments {
    /// One of them; without it all, as they are by default.
    #[command(subcommand)]
    bench: Option<Bench>,
}

#[derive(Subcommand)]
enum Bench {
    /// Durable events a second, beside the raw disk, a bare SQLite loop and a Fastify server.
    Ingest(Ingest),
    /// Memory and reads as the ledger grows to millions of events.
    Growth(Growth),
    /// A fleet that comes back in one second.
    Herd(Herd),
    /// SIGKILL under the load of a fleet, again and again.
    Kill(Kill),
}

#[derive(Args, Clone, Copy)]
struct Kill {
    /// How often.
    #[arg(long, default_value_t = 50)]
    times: usize,
    /// Devices that deliver.
    #[arg(long, default_value_t = 2_000)]
    devices: usize,
    /// Events that wait on each at first.
    #[arg(long, default_value_t = 500)]
    events: usize,
}

fn main() -> ExitCode {
    let benches = match Arguments::parse().bench {
        Some(bench) => vec![bench],
        None => {
            vec![Bench::Ingest(defaults()), Bench::Herd(defaults()), Bench::Kill(defaults()), Bench::Growth(defaults())]
        }
    };
    let mut goals = Vec::new();
    for bench in benches {
        let (reached, foreign_cores) = machine::watch(|| bench.run());
        println!("  others kept {foreign_cores:.2} cores busy meanwhile\n");
        goals.extend(reached.into_iter().filter(Goal::is_measured));
    }
    goals.iter().for_each(|goal| println!("{goal}"));
    if goals.iter().any(Goal::is_missed) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

impl Bench {
    fn run(&self) -> Vec<Goal> {
        match self {
            Self::Ingest(ingest) => ingest.measure(),
            Self::Growth(growth) => growth.measure(),
            Self::Herd(herd) => herd.measure(),
            Self::Kill(kill) => kill.run(),
        }
    }
}

impl Kill {
    fn run(self) -> Vec<Goal> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let load = Load { devices: self.devices, events: self.events };
        // Ends here if anything that was acknowledged is not there.
        let drilled = runtime.block_on(kill_under_load(load, self.times));
        println!(
            "killed {} times under the load of {} devices: {} events acknowledged, all of them there, each once; {} tries \
             went without an answer and were made again",
            self.times, self.devices, drilled.acknowledged, drilled.unanswered
        );
        vec![Goal::at_least(
            "kills after which all that was acknowledged was there, at least",
            Some(self.times as f64),
            1.0,
        )]
    }
}

/// A bench as it is without arguments.
fn defaults<T: Args + FromArgMatches>() -> T {
    let matches = T::augment_args(clap::Command::new("bench").no_binary_name(true)).get_matches_from([""; 0]);
    T::from_arg_matches(&matches).expect("every argument has a default")
}
