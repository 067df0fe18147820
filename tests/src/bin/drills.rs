//! `make drills`: plays every drill on every engine that can, RUNS times, and prints the table of `docs/reliability.md`.

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use clap::Parser;
use vestibule_tests::{
    browser::Engine,
    drill::{Drill, Outcome, Played},
};

/// Plays troubles against the built product, and judges what came of them.
#[derive(Parser)]
struct Arguments {
    /// How often each drill is played on each engine.
    #[arg(long, default_value_t = 1)]
    runs: u64,
    /// What varies in the first run of each; those after it follow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only drills whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Only on this engine.
    #[arg(long)]
    engine: Option<Engine>,
}

/// What came of all runs of one drill on one engine.
#[derive(Default)]
struct Cell {
    runs: usize,
    confirmed: usize,
    lost: usize,
    doubled: usize,
    invented: usize,
    open: usize,
    /// Runs in which a browser or the server could not be driven to the end.
    undone: usize,
    converged_in: Vec<Duration>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut cells: BTreeMap<(usize, Engine), Cell> = BTreeMap::new();
    for run in 0..arguments.runs {
        for (number, drill) in Drill::ALL.iter().enumerate().filter(|(_, drill)| drill.name.contains(&arguments.only)) {
            if let Some(lacking) = drill.stage.lacks() {
                println!("NOT TRIED                               {}: {lacking}", drill.name);
                continue;
            }
            let asked_for = |engine: Engine| arguments.engine.is_none_or(|only| only == engine);
            for engine in drill.engines.iter().copied().filter(|&engine| engine.is_here() && asked_for(engine)) {
                let played = Played::once(drill, engine, arguments.seed + run).await;
                println!("{played}");
                cells.entry((number, engine)).or_default().add(played.outcome.as_ref());
            }
        }
    }
    print_table(&cells);
    if cells.values().all(Cell::is_clean) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print_table(cells: &BTreeMap<(usize, Engine), Cell>) {
    println!(
        "\n| trouble | engine | runs | confirmed | lost | doubled | invented | open | undone | seconds to converge, median (worst) |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    for ((number, engine), cell) in cells {
        let Cell { runs, confirmed, lost, doubled, invented, open, undone, .. } = cell;
        let (median, worst) = cell.seconds();
        let name = Drill::ALL[*number].name;
        println!(
            "| {name} | {engine} | {runs} | {confirmed} | {lost} | {doubled} | {invented} | {open} | {undone} | {median:.1} ({worst:.1}) |"
        );
    }
    for drill in Drill::ALL.iter().filter(|drill| !drill.not_elsewhere.is_empty()) {
        println!("\nNot on every engine: {}: {}.", drill.name, drill.not_elsewhere);
    }
}

impl Cell {
    fn add(&mut self, outcome: Option<&Outcome>) {
        let Some(outcome) = outcome else {
            self.undone += 1;
            return;
        };
        self.runs += 1;
        self.confirmed += outcome.verdict.confirmed;
        self.lost += outcome.verdict.lost.len();
        self.doubled += outcome.verdict.doubled.len();
        self.invented += outcome.verdict.invented.len();
        self.open += outcome.verdict.open.len();
        self.converged_in.push(outcome.converged_in);
    }

    fn is_clean(&self) -> bool {
        self.lost + self.doubled + self.invented + self.open + self.undone == 0
    }

    /// The median and the worst time to converge.
    fn seconds(&self) -> (f64, f64) {
        let mut times: Vec<_> = self.converged_in.iter().map(Duration::as_secs_f64).collect();
        times.sort_by(f64::total_cmp);
        (times.get(times.len() / 2).copied().unwrap_or(f64::NAN), times.last().copied().unwrap_or(f64::NAN))
    }
}
