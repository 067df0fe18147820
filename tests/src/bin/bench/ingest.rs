//! Deliveries beside their peers, cell by cell.

use std::{collections::BTreeMap, time::Duration};

use clap::Args;

use crate::{contestant::Contestant, goal::Goal, load::Measured};

/// What is measured, and how long.
#[derive(Args, Clone)]
pub(crate) struct Ingest {
    /// Rounds, in each of which every contestant is measured once; medians are taken over them. Cells with a goal have
    /// five at least.
    #[arg(long, default_value_t = 2)]
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

/// The cells that have goals.
const BULK: Cell = (100, 8);
const SINGLE: Cell = (1, 64);

/// Rounds that a goal is judged by.
const ROUNDS_FOR_GOALS: usize = 5;

impl Ingest {
    /// Measures the cells, and prints each beside its peers.
    pub(crate) fn measure(&self) -> Vec<Goal> {
        let window = Duration::from_secs(self.seconds);
        let mut table = Table::new();
        println!(
            "batch×clients  contestant       events/s  ÷ SQLite     p50 ms     p99 ms  CPU s/100k   events/sync   RSS MB"
        );
        for &batch in &self.batch {
            for &clients in &self.clients {
                let cell = (batch, clients);
                let at_least = if [BULK, SINGLE].contains(&cell) { ROUNDS_FOR_GOALS } else { 1 };
                let mut rounds: BTreeMap<Contestant, Vec<Measured>> = BTreeMap::new();
                for _ in 0..self.rounds.max(at_least) {
                    for contestant in Contestant::ALL {
                        rounds.entry(contestant).or_default().push(contestant.measure(batch, clients, window));
                    }
                }
                for (contestant, rounds) in rounds {
                    table.insert((cell, contestant), Measured::median(&rounds));
                }
                print_cell(&table, cell);
            }
        }
        goals(&table)
    }
}

fn print_cell(table: &Table, cell: Cell) {
    let bare = table.get(&(cell, Contestant::Raw)).map(|measured| measured.events_per_s);
    for contestant in Contestant::ALL {
        let Some(measured) = table.get(&(cell, contestant)) else { continue };
        let ratio = bare.map_or(0.0, |bare| measured.events_per_s / bare);
        let name = format!("{}×{}", cell.0, cell.1);
        println!("{name:<14} {:<14} {:>10.0} {ratio:>9.2} {measured}", contestant.name(), measured.events_per_s);
    }
}

fn goals(table: &Table) -> Vec<Goal> {
    let rate = |cell, contestant| table.get(&(cell, contestant)).map(|measured| measured.events_per_s);
    let p99 = |cell, contestant| table.get(&(cell, contestant)).map(|measured| measured.p99_ms);
    let ratio = |one: Option<f64>, other: Option<f64>| Some(one? / other?);
    let (ours, bare, peer) = (Contestant::Vestibule, Contestant::Raw, Contestant::Fastify);
    let events_per_sync = table.get(&(SINGLE, ours)).and_then(|measured| measured.events_per_sync);
    vec![
        Goal::at_least("100×8: events/s ÷ bare SQLite, at least", ratio(rate(BULK, ours), rate(BULK, bare)), 0.6),
        Goal::at_least("100×8: events/s ÷ Fastify, at least", ratio(rate(BULK, ours), rate(BULK, peer)), 2.5),
        Goal::at_most("100×8: p99 ÷ Fastify's, at most", ratio(p99(BULK, ours), p99(BULK, peer)), 0.5),
        Goal::at_least("1×64: events/s ÷ Fastify, at least", ratio(rate(SINGLE, ours), rate(SINGLE, peer)), 8.0),
        Goal::at_least("1×64: events a sync, at least", events_per_sync, 20.0),
    ]
}
