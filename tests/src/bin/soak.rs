//! Plays one simulated history after the other on all processors, and stops at the first that breaks a promise.

use std::{
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use clap::Parser;
use vestibule_tests::simulation::{
    coverage::Coverage,
    plan::{Failure, Plan},
};

/// How often it says how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(10);

#[derive(Parser)]
struct Arguments {
    /// How long.
    #[arg(long, default_value_t = 1)]
    minutes: u64,
    /// Where to begin; those after it follow.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What the threads share.
struct Soak {
    next_seed: AtomicU64,
    stops: AtomicBool,
    coverage: Mutex<Coverage>,
    failure: Mutex<Option<Failure>>,
}

fn main() -> ExitCode {
    let Arguments { minutes, seed } = Arguments::parse();
    let begin = now();
    let soak = Soak {
        next_seed: AtomicU64::new(seed),
        stops: AtomicBool::new(false),
        coverage: Mutex::default(),
        failure: Mutex::default(),
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| soak.play());
        }
        let mut told = begin;
        while !soak.stops.load(Ordering::Relaxed) {
            thread::park_timeout(Duration::from_millis(200));
            if now() - told >= PROGRESS_EVERY {
                told = now();
                println!("{}\n  {}", soak.progress(told - begin), lock(&soak.coverage).strikes());
            }
            if now() - begin >= Duration::from_secs(60 * minutes) {
                soak.stops.store(true, Ordering::Relaxed);
            }
        }
    });
    let progress = soak.progress(now() - begin);
    println!("{}\n{progress}", lock(&soak.coverage));
    match lock(&soak.failure).take() {
        Some(failure) => {
            println!("\n{failure}\n\nshrunk:\n{}", failure.clone().shrunk());
            ExitCode::FAILURE
        }
        None => {
            println!("no promise was broken");
            ExitCode::SUCCESS
        }
    }
}

impl Soak {
    /// Plays until it is time to stop.
    fn play(&self) {
        while !self.stops.load(Ordering::Relaxed) {
            let mut coverage = Coverage::default();
            let outcome = Plan::of(self.next_seed.fetch_add(1, Ordering::Relaxed)).run(&mut coverage);
            lock(&self.coverage).add(&coverage);
            if let Err(failure) = outcome {
                lock(&self.failure).get_or_insert(failure);
                self.stops.store(true, Ordering::Relaxed);
            }
        }
    }

    fn progress(&self, elapsed: Duration) -> String {
        lock(&self.coverage).summary(elapsed.as_secs())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a soak lasts as long as it was asked to; the histories have a time of their own"
)]
fn now() -> Instant {
    Instant::now()
}
