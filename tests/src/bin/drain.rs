//! How long a kiosk takes to deliver a long backlog once its server is back, beside the shortest loop that can be written
//! by hand: `getAll` of 500, `fetch`, delete, which believes any answer and keeps no proof. Both post to the same server,
//! through the same proxy, from the same page, in turn.
//!
//! `make build && cargo run -p vestibule-tests --bin drain`

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
    waiting: usize,
    /// How often each is measured.
    #[arg(long, default_value_t = 3)]
    times: usize,
    /// Only in this browser.
    #[arg(long)]
    engine: Option<Engine>,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let engines = [Engine::Chromium, Engine::WebKit, Engine::Firefox].into_iter().filter(|engine| engine.is_here());
    for engine in engines.filter(|engine| arguments.engine.is_none_or(|only| only == *engine)) {
        measure(engine, arguments).await;
    }
}

async fn measure(engine: Engine, Arguments { waiting, times, .. }: Arguments) {
    let server = Server::start().await;
    let network = Network::before(server.url()).await;
    let page = Page::open(engine, &network.url(), &server.add_device("Lobby 1")).await;
    let (mut worker, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..times {
        network.set(Weather::BatchesRefused);
        page.append_many(waiting).await;
        network.set(Weather::Fair);
        worker.push(page.measure_long("drained()").await);
        page.run(&format!("fill({waiting})")).await;
        bare.push(page.measure_long("bareDrain()").await);
    }
    let (worker, bare) = (Figures::of(&worker), Figures::of(&bare));
    println!(
        "{engine}, {waiting} events: worker {:.0} ms, bare loop {:.0} ms (medians of {times}); {:.2} times",
        worker.median,
        bare.median,
        worker.median / bare.median
    );
    page.close().await;
}
