//! How long an append takes, from the page's message to the worker's answer, beside a bare strict `put` of the same
//! text from JavaScript, in the same browser, in turn: with nothing waiting, with a long backlog, and while that backlog
//! goes out. Leave the machine alone meanwhile; where that can't be, only the comparison says something.
//!
//! `make build && cargo run -p vestibule-tests --bin append`

use clap::Parser;
use vestibule_tests::{
    browser::Engine,
    measured::{Figures, Page},
    network::{Network, Weather},
    server::Server,
};

/// What to measure.
#[derive(Clone, Copy, Debug, Parser)]
struct Arguments {
    /// How many events wait in the long backlog.
    #[arg(long, default_value_t = 10_000)]
    waiting: usize,
    /// How many appends, and how many bare puts, for each figure.
    #[arg(long, default_value_t = 400)]
    times: usize,
    /// Only in this browser.
    #[arg(long)]
    engine: Option<Engine>,
}

/// The last of a backlog is gone too fast to be measured in.
const LEFT_EVENTS: u64 = 250;

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    println!("ms, median / 99th percentile / worst");
    let engines = [Engine::Chromium, Engine::WebKit].into_iter().filter(|engine| engine.is_here());
    for engine in engines.filter(|engine| arguments.engine.is_none_or(|only| only == *engine)) {
        measure(engine, arguments).await;
    }
}

async fn measure(engine: Engine, Arguments { waiting, times, .. }: Arguments) {
    let server = Server::start().await;
    let network = Network::before(server.url()).await;
    let page = Page::open(engine, &format!("{}/robots.txt", network.url()), &server.add_device("Lobby 1")).await;

    in_turn(&page, times, &format!("{engine}, nothing waits")).await;

    network.set(Weather::BatchesRefused);
    page.append_many(waiting).await;
    let before = page.pending().await;
    in_turn(&page, times, &format!("{engine}, {before} wait")).await;

    network.set(Weather::Fair);
    page.run(r#"ask("sync_now")"#).await;
    let mut during = Vec::new();
    while page.pending().await > LEFT_EVENTS {
        during.extend(page.measure("several(append, 10, 0)").await);
    }
    println!("{engine}, while {before} go out: append {}, {} times", Figures::of(&during), during.len());
    page.close().await;
}

/// Appends and bare puts in turn, ten at a time.
async fn in_turn(page: &Page, times: usize, what: &str) {
    const AT_A_TIME: usize = 10;
    let (mut appends, mut puts) = (Vec::new(), Vec::new());
    for _ in 0..times.div_ceil(AT_A_TIME) {
        puts.extend(page.measure(&format!("several(put, {AT_A_TIME}, PAUSE_MS)")).await);
        appends.extend(page.measure(&format!("several(append, {AT_A_TIME}, PAUSE_MS)")).await);
    }
    println!("{what}: append {}, bare put {}", Figures::of(&appends), Figures::of(&puts));
}
