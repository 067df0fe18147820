//! How long it takes from a key press to the names that fit, among ten thousand hosts, on a device four times slower than
//! this one.
//!
//! `cargo test -p vestibule-tests --test typing -- --nocapture` prints the figures.

use std::time::Duration;

use serde_json::{Value, json};
use vestibule_tests::{
    browser::{self, Browser},
    directory::add_hosts,
    figures::Figures,
    people::Kiosk,
    server::Server,
};

/// Hosts in the directory, beside those of the demo site.
const HOSTS: usize = 10_000;

/// How much slower the browser is made to run: an iPad of some years beside a workstation.
const SLOW_DOWN: u32 = 4;

/// One frame at 60 Hz, in ms.
const FRAME_MS: f64 = 1_000.0 / 60.0;

/// What people type: beginnings, last names first, slips of the finger, and what fits nobody.
const TYPED: [&str; 8] =
    ["anna kow", "zukowski soren", "siobhon", "van den ber", "lukas nowka", "muller dieter", "xyzzyx", "e"];

/// The directory comes in pages, each folded into a database on a slowed-down browser.
const DIRECTORY_DEADLINE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_key_press_brings_the_names_of_ten_thousand_hosts_within_a_frame() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    add_hosts(&server, HOSTS);
    let browser = Browser::start_traced("devtools.timeline,disabled-by-default-devtools.timeline").await;
    let kiosk = Kiosk::pair_in(browser, &server, &server.url()).await;
    let browser = &kiosk.browser;
    browser.click("#check-in").await;
    // Whom the directory lists last.
    browser.type_into("#host-search", "zoe zukowski").await;
    browser.until_count("[data-host]:not([data-host=nobody])", 4, DIRECTORY_DEADLINE).await;
    browser.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": SLOW_DOWN })).await;

    let (mut work, mut until_shown) = (Vec::new(), Vec::new());
    for words in TYPED {
        let field = browser.find("#host-search").await;
        field.clear().await.expect("the field can be cleared");
        for key in words.chars() {
            browser.trace().await;
            field.send_keys(&key.to_string()).await.expect("the field takes keys");
            browser.run_async(UNTIL_DRAWN).await;
            let press = KeyPress::read(&browser.trace().await);
            work.push(press.work_ms);
            until_shown.extend(press.until_shown_ms);
        }
    }
    let work = Figures::of(work);
    println!(
        "{HOSTS} hosts, {SLOW_DOWN} times slower, ms, median / 99th percentile / worst: work from key press to results \
         {work}, until they are on the screen, which waits for its next refresh, {}",
        Figures::of(until_shown)
    );
    assert!(work.p99() < FRAME_MS, "{} ms from a key press to the results", work.p99());
    kiosk.browser.close().await;
}

const UNTIL_DRAWN: &str = "
    const done = arguments[arguments.length - 1];
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
";

/// What Chromium's trace says of one key press.
struct KeyPress {
    /// CPU time of the page's thread from the key press to the frame with the results, handed over whole to be shown, in
    /// ms. Not the time that passed: others keep this machine busy.
    work_ms: f64,
    /// From the key press until the screen showed what came of it, in ms.
    until_shown_ms: Option<f64>,
}

impl KeyPress {
    fn read(trace: &[Value]) -> Self {
        let dispatched = |kind: &str| {
            trace.iter().find(|event| event["name"] == "EventDispatch" && event["args"]["data"]["type"] == kind)
        };
        let key = dispatched("keydown").expect("the trace holds the key press");
        let input = dispatched("input").expect("the trace holds what it did to the field");
        let on_page = |event: &&Value| event["pid"] == key["pid"] && event["tid"] == key["tid"];
        let began = number(&key["ts"]);
        let ended = trace
            .iter()
            .filter(on_page)
            .filter(|event| event["name"] == "Commit" && number(&event["ts"]) > number(&input["ts"]))
            .map(|event| number(&event["ts"]) + number(&event["dur"]))
            .reduce(f64::min)
            .expect("the trace holds the frame that followed");
        let tasks = trace
            .iter()
            .filter(on_page)
            .filter(|event| event["name"] == "RunTask")
            .filter(|task| number(&task["ts"]) < ended && number(&task["ts"]) + number(&task["dur"]) > began);
        let shown = trace.iter().find(|event| {
            event["name"] == "EventTiming" && event["ph"] == "b" && event["args"]["data"]["type"] == "keydown"
        });
        Self {
            work_ms: tasks.map(|task| number(&task["tdur"])).sum::<f64>() / 1_000.0,
            until_shown_ms: shown.and_then(|event| event["args"]["data"]["duration"].as_f64()),
        }
    }
}

/// In µs, as all of a trace.
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}
