//! How long a kiosk takes to deliver a long backlog once its server is back, beside the shortest loop that can be written
//! by hand (`getAll` of 500, `fetch`, delete, which believes any answer and keeps no proof), and in Chromium beside what
//! many would take instead: PouchDB, RxDB, Workbox. All in one page, in turn, into the same server.
//!
//! `make drain`

mod sink;

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
    /// How many events wait.
    #[arg(long, default_value_t = 10_000)]
    waiting: u32,
    /// How often each is measured; Workbox once.
    #[arg(long, default_value_t = 3)]
    times: usize,
    /// Only in this browser.
    #[arg(long)]
    engine: Option<Engine>,
}

/// What is measured in Chromium beside, how often, and how many times faster the worker is to be.
const PEERS: [(&str, usize, f64); 3] = [("pouchdb", usize::MAX, 4.0), ("rxdb", usize::MAX, 4.0), ("workbox", 1, 100.0)];

/// How many times slower than the bare loop the worker may be.
const BARE_AT_MOST: f64 = 2.0;

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    println!("| engine | what drains {} events | ms, median | worker's time ÷ this | goal |", arguments.waiting);
    println!("|---|---|--:|--:|---|");
    let engines = [Engine::Chromium, Engine::WebKit, Engine::Firefox].into_iter().filter(|engine| engine.is_here());
    for engine in engines.filter(|engine| arguments.engine.is_none_or(|only| only == *engine)) {
        measure(engine, arguments).await;
    }
}

async fn measure(engine: Engine, Arguments { waiting, times, .. }: Arguments) {
    let server = Server::start().await;
    let network = Network::before(server.url()).await;
    let url = sink::start(network.url(), &server.add_device("Lobby 2")).await;
    let page = Page::open(engine, &format!("{url}{}", sink::PAGE), &server.add_device("Lobby 1")).await;
    let (mut worker, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..times {
        network.set(Weather::BatchesRefused);
        page.fill_outbox(waiting).await;
        network.set(Weather::Fair);
        worker.push(arrived(&server, waiting, page.measure_long("drained()")).await);
        page.run(&format!("fill({waiting})")).await;
        bare.push(arrived(&server, waiting, page.measure_long("bareDrain()")).await);
    }
    let (worker, bare) = (Figures::of(&worker).median, Figures::of(&bare).median);
    println!("| {engine} | worker | {worker:.0} | | |");
    println!("| {engine} | bare loop | {bare:.0} | {:.2} | at most {BARE_AT_MOST} |", worker / bare);
    if engine == Engine::Chromium {
        page.load(sink::PEERS).await;
        for (peer, at_most, faster) in PEERS {
            let mut took = Vec::new();
            for _ in 0..times.min(at_most) {
                page.measure_long(&format!("filled({waiting}, peers.{peer})")).await;
                took.push(arrived(&server, waiting, page.measure_long(&format!("peers.{peer}.drain()"))).await);
            }
            let took = Figures::of(&took).median;
            let (factor, goal) = (worker / took, 1.0 / faster);
            println!(
                "| {engine} | {peer} | {took:.0} | {factor:.4} | at most {goal}, {:.1} times faster |",
                took / worker
            );
        }
    }
    page.close().await;
}

/// What is measured; each time as many events more must be in the ledger as were to be drained.
async fn arrived(server: &Server, events: u32, measured: impl Future<Output = f64>) -> f64 {
    let before = server.feed_position().await;
    let took = measured.await;
    let more = server.feed_position().await - before;
    assert!(more >= u64::from(events), "{more} events came of {events}");
    took
}
