//! `make endurance MINUTES=…`: drills in an order that chance makes of one seed, on all engines, for as long as it is told
//! to. It goes on after a failure, leaves what there is to see of each under `target/failures/`, and ends with how to play
//! each of them again.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use vestibule_tests::{
    browser::Engine,
    drill::{Drill, Played},
    simulation::random::Random,
};

/// How many seeds a drill is given: few enough to read and to type.
const SEEDS: u64 = 1_000_000;

/// Plays drills in an order made by chance.
#[derive(Parser)]
struct Arguments {
    /// For how long drills are begun, in minutes.
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// What the order, the engines and all that varies in the drills is made of.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "how long it goes on is in real time")]
async fn main() -> ExitCode {
    let Arguments { minutes, seed } = Arguments::parse();
    let cells: Vec<(&'static Drill, Engine)> = Drill::ALL
        .iter()
        .filter(|drill| drill.stage.lacks().is_none())
        .flat_map(|drill| drill.engines.iter().filter(|engine| engine.is_here()).map(move |&engine| (drill, engine)))
        .collect();
    let mut random = Random::new(seed);
    let (began, mut played, mut failed) = (Instant::now(), 0_u32, Vec::new());
    println!("endurance: {minutes} min of {} drills × engines, seed {seed}", cells.len());
    while began.elapsed() < Duration::from_secs(minutes * 60) {
        let (drill, engine) = random.pick(&cells);
        let one = Played::once(drill, engine, random.bits() % SEEDS).await;
        played += 1;
        println!("{:>5.1} min  {one}", began.elapsed().as_secs_f64() / 60.0);
        if !one.is_clean() {
            failed.push(one);
        }
    }
    println!("\n{played} played, {} not kept or not played to the end", failed.len());
    for Played { drill, engine, seed, .. } in &failed {
        let engine = engine.to_string().to_lowercase();
        println!("again: make drills DRILLS='--seed {seed} --engine {engine} --only \"{}\"'", drill.name);
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
