//! `make bench`: how fast deliveries become durable, beside what they are measured by, all in one run.
//!
//! Each cell (events a batch × clients) is measured in rounds, the contestants in turn, each on a fresh database: this
//! server; a bare loop of rusqlite that inserts the same rows; a server of Fastify and better-sqlite3; and the disk itself,
//! to which the same bytes are appended and synced. One batch in
//! ten is sent twice; only new events count. Load, server and database share the machine, so only ratios of one run say
//! anything; how busy others kept the machine is printed along with them.

mod contestant;
mod disk;
mod load;
mod machine;
mod raw;

use std::{collections::BTreeMap, time::Duration};

use clap::Parser;

use self::{contestant::Contestant, load::Measured};

/// How fast deliveries become durable, beside a bare SQLite loop and a Fastify server.
#[derive(Parser)]
struct Arguments {
    /// Rounds; medians are taken over them.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds that a contestant is measured for in each round of a cell.
    #[arg(long, default_value_t = 2)]
    seconds: u64,
    /// Events in a batch.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 10, 100, 500])]
    batch: Vec<usize>,
    /// Clients at once, each a device with one batch in work.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 64])]
    clients: Vec<usize>,
}

/// Events a batch, clients.
type Cell = (usize, usize);

/// The medians of all rounds.
type Table = BTreeMap<(Cell, Contestant), Measured>;

fn main() {
    let arguments = Arguments::parse();
    let window = Duration::from_secs(arguments.seconds);
    let mut table = Table::new();
    let mut busy = Vec::new();
    println!("batch×clients  contestant       events/s     p50 ms     p99 ms  CPU s/100k   events/sync   RSS MB");
    for &batch in &arguments.batch {
        for &clients in &arguments.clients {
            let mut rounds: BTreeMap<Contestant, Vec<Measured>> = BTreeMap::new();
            for _ in 0..arguments.rounds.max(1) {
                for contestant in Contestant::ALL {
                    let (measured, foreign_cores) = machine::watch(|| contestant.measure(batch, clients, window));
                    rounds.entry(contestant).or_default().push(measured);
                    busy.push(foreign_cores);
                }
            }
            for (contestant, rounds) in rounds {
                let median = Measured::median(&rounds);
                println!("{:<14} {:<14} {median}", format!("{batch}×{clients}"), contestant.name());
                table.insert(((batch, clients), contestant), median);
            }
        }
    }
    busy.sort_by(f64::total_cmp);
    println!("\nothers kept {:.2} cores busy (median), {:.2} at most", median(&busy), busy.last().unwrap_or(&0.0));
    judge(&table);
}

/// Prints the ratios that are to be reached, where their cells were measured.
fn judge(table: &Table) {
    let rate = |cell, contestant| table.get(&(cell, contestant)).map(|measured| measured.events_per_s);
    let p99 = |cell, contestant| table.get(&(cell, contestant)).map(|measured| measured.p99_ms);
    let ratio = |one: Option<f64>, other: Option<f64>| Some(one? / other?);
    let (ours, raw, peer) = (Contestant::Vestibule, Contestant::Raw, Contestant::Fastify);
    let (bulk, single) = ((100, 8), (1, 64));
    let goals = [
        ("100×8: events/s ÷ bare SQLite, at least", ratio(rate(bulk, ours), rate(bulk, raw)), 0.6, Goal::AtLeast),
        ("100×8: events/s ÷ Fastify, at least", ratio(rate(bulk, ours), rate(bulk, peer)), 2.5, Goal::AtLeast),
        ("100×8: p99 ÷ Fastify's, at most", ratio(p99(bulk, ours), p99(bulk, peer)), 0.5, Goal::AtMost),
        ("1×64: events/s ÷ Fastify, at least", ratio(rate(single, ours), rate(single, peer)), 8.0, Goal::AtLeast),
        (
            "1×64: events a sync, at least",
            table.get(&(single, ours)).and_then(|measured| measured.events_per_sync),
            20.0,
            Goal::AtLeast,
        ),
    ];
    for (what, reached, goal, side) in goals {
        let Some(reached) = reached else { continue };
        let is_reached = match side {
            Goal::AtLeast => reached >= goal,
            Goal::AtMost => reached <= goal,
        };
        println!("{} {what} {goal}: {reached:.2}", if is_reached { "reached " } else { "MISSED  " });
    }
}

enum Goal {
    AtLeast,
    AtMost,
}

/// The middle one of numbers in order; 0 of none.
fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
