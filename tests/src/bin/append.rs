//! How long an append takes, from the page's message to the worker's answer, beside a bare strict `put` of the same
//! text from JavaScript, in the same browser, in turn: with nothing waiting, with a long backlog, and while that backlog
//! goes out. Leave the machine alone meanwhile; where that can't be, only the comparison says something.
//!
//! `make build && cargo run -p vestibule-tests --bin append`

use clap::Parser;
use serde_json::{Value, json};
use vestibule_protocol::account::Credentials;
use vestibule_tests::{
    browser::{Browser, Engine},
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
}

/// Appends that one script makes: a driver waits half a minute for a script's end.
const APPENDS_A_SCRIPT: usize = 250;

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    println!("ms, median / 99th percentile / worst");
    for engine in [Engine::Chromium, Engine::WebKit].into_iter().filter(|engine| engine.is_here()) {
        measure(engine, arguments).await;
    }
}

async fn measure(engine: Engine, Arguments { waiting, times }: Arguments) {
    let server = Server::start().await;
    let network = Network::before(server.url()).await;
    let browser = Browser::start(engine).await;
    browser.open(&format!("{}/robots.txt", network.url())).await;
    begin(&browser, &server.add_device("Lobby 1")).await;

    in_turn(&browser, times, &format!("{engine}, nothing waits")).await;

    network.set(Weather::BatchesRefused);
    for _ in 0..waiting.div_ceil(APPENDS_A_SCRIPT) {
        run(&browser, &format!("Promise.all(Array.from({{ length: {APPENDS_A_SCRIPT} }}, append))")).await;
    }
    let before = pending(&browser).await;
    in_turn(&browser, times, &format!("{engine}, {before} wait")).await;

    network.set(Weather::Fair);
    run(&browser, r#"ask("sync_now")"#).await;
    let mut during = Vec::new();
    while pending(&browser).await > APPENDS_A_SCRIPT as u64 {
        during.extend(numbers(&run(&browser, "several(append, 10, 0)").await));
    }
    println!("{engine}, while {before} go out: append {}, {} times", Figures::of(&during), during.len());
    browser.close().await;
}

/// Appends and bare puts in turn, ten at a time.
async fn in_turn(browser: &Browser, times: usize, what: &str) {
    const AT_A_TIME: usize = 10;
    let (mut appends, mut puts) = (Vec::new(), Vec::new());
    for _ in 0..times.div_ceil(AT_A_TIME) {
        puts.extend(numbers(&run(browser, &format!("several(put, {AT_A_TIME}, PAUSE_MS)")).await));
        appends.extend(numbers(&run(browser, &format!("several(append, {AT_A_TIME}, PAUSE_MS)")).await));
    }
    println!("{what}: append {}, bare put {}", Figures::of(&appends), Figures::of(&puts));
}

struct Figures {
    median: f64,
    p99: f64,
    worst: f64,
}

impl Figures {
    fn of(times: &[f64]) -> Self {
        let mut times = times.to_vec();
        times.sort_by(f64::total_cmp);
        let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
        Self { median: at(0.5), p99: at(0.99), worst: at(1.0) }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1} / {:.1} / {:.1}", self.median, self.p99, self.worst)
    }
}

/// Starts the worker and opens the database of the bare puts.
async fn begin(browser: &Browser, credentials: &Credentials) {
    let script = format!("{BEGIN}\nbegin({}).then(() => done(true), fail);", json!(credentials));
    assert_eq!(browser.run_async(&script).await, true);
}

async fn pending(browser: &Browser) -> u64 {
    run(browser, r#"ask("tick")"#).await["status"]["pending"].as_u64().expect("a status")
}

async fn run(browser: &Browser, script: &str) -> Value {
    let script =
        format!("const done = arguments[arguments.length - 1]; {script}.then(done, (error) => done(`${{error}}`));");
    browser.run_async(&script).await
}

fn numbers(told: &Value) -> Vec<f64> {
    let numbers = told.as_array().unwrap_or_else(|| panic!("not measured: {told}"));
    numbers.iter().map(|number| number.as_f64().expect("ms")).collect()
}

const BEGIN: &str = r#"
    const done = arguments[arguments.length - 1];
    const fail = (error) => done(`${error}`);
    const worker = new Worker("/sw.js");
    let database;

    window.ask = (what) => new Promise((resolve, reject) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => { port1.close(); resolve(JSON.parse(data)); };
        setTimeout(reject, 20000, "not answered");
        worker.postMessage(JSON.stringify(what), [port2]);
    });

    const data = { visitor: { name: "Ada Lovelace", company: "Analytical Engines" } };
    const type = "vestibule.visit.checked_in.v1";

    // The ms until the worker says that it is kept.
    window.append = async () => {
        const began = performance.now();
        const time = new Date().toISOString();
        const what = { event: uuid(), visit: uuid(), time, what: { type, data } };
        const told = await ask({ capture: what });
        if (!told.captured) throw JSON.stringify(told);
        return performance.now() - began;
    };

    // The ms until a transaction with nothing but a text of the same length has completed.
    window.put = () => new Promise((resolve, reject) => {
        const began = performance.now();
        const text = JSON.stringify({ id: uuid(), source: "s".repeat(93), type, time: new Date().toISOString(), data });
        const transaction = database.transaction("texts", "readwrite", { durability: "strict" });
        transaction.objectStore("texts").put(text.padEnd(430), uuid());
        transaction.oncomplete = () => resolve(performance.now() - began);
        transaction.onabort = () => reject(transaction.error);
    });

    // Visitors don't come in the same instant: the worker has sent the last one meanwhile, or found that it can't.
    window.PAUSE_MS = 50;

    window.several = async (what, times, pauseMs) => {
        const took = [];
        while (took.length < times) {
            if (pauseMs) await new Promise((resolve) => setTimeout(resolve, pauseMs));
            took.push(await what());
        }
        return took;
    };

    // Version 7, as the page makes them; crypto.randomUUID makes version 4.
    const uuid = () => {
        const time = Date.now().toString(16).padStart(12, "0");
        return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
    };

    const begin = async (credentials) => {
        database = await new Promise((resolve, reject) => {
            const request = indexedDB.open("bare", 1);
            request.onupgradeneeded = () => request.result.createObjectStore("texts");
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
        });
        const told = await ask({ enrol: credentials });
        if (!told.status.source) throw "not enrolled";
    };
"#;
