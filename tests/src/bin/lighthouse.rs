//! What Lighthouse says of the kiosk: of its first visit, as over a slow telephone network (Lighthouse's own default), and
//! of the screens of one that is paired. Ends with an error if a goal is missed; the reports are in `target/lighthouse/`.
//!
//! `make lighthouse`

use std::{fs, path::Path, process::ExitCode};

use serde_json::Value;
use tokio::process::Command;
use vestibule_tests::{
    browser::{Browser, Engine},
    people::Kiosk,
    server::Server,
    workspace,
};

/// What is judged, and the least score of 100.
const GOALS: [(&str, f64); 3] = [("performance", 95.0), ("accessibility", 100.0), ("best-practices", 100.0)];

/// What Lighthouse finds in the browser that it is given.
#[derive(Clone, Copy)]
enum Storage {
    /// Nothing: it clears it.
    Cleared,
    /// What a paired kiosk keeps.
    Kept,
}

#[tokio::main]
async fn main() -> ExitCode {
    let folder = workspace().join("target/lighthouse");
    fs::create_dir_all(&folder).expect("target/ can be written");
    let server = Server::start().await;
    let port = free_port();
    let browser =
        Browser::start_with(Engine::Chromium, &[&format!("--remote-debugging-port={port}"), "--lang=en"]).await;
    let kiosk = Kiosk::pair_in(browser, &server, &server.url()).await;
    kiosk.browser.until_served_by_worker().await;

    let mut missed = false;
    for (screen, path, storage) in [
        ("welcome", "/kiosk", Storage::Kept),
        ("check-in", "/kiosk/check-in", Storage::Kept),
        ("check-out", "/kiosk/check-out", Storage::Kept),
        // Last: it clears what the others need.
        ("first visit", "/kiosk", Storage::Cleared),
    ] {
        let report = folder.join(format!("{}.json", screen.replace(' ', "-")));
        run(&format!("{}{path}", server.url()), port, storage, &report).await;
        missed |= !judge(screen, &report);
    }
    kiosk.browser.close().await;
    if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn run(url: &str, port: u16, storage: Storage, report: &Path) {
    let mut command = Command::new("node");
    command
        .arg(workspace().join("tests/peers/lighthouse/node_modules/lighthouse/cli/index.js"))
        .arg(url)
        .arg(format!("--port={port}"))
        .args(["--quiet", "--no-enable-error-reporting", "--output=json", "--throttling-method=simulate"])
        .arg(format!("--output-path={}", report.display()))
        .arg(format!("--only-categories={}", GOALS.map(|(category, _)| category).join(",")));
    if matches!(storage, Storage::Kept) {
        command.arg("--disable-storage-reset");
    }
    let status = command.status().await.expect("Node runs");
    assert!(status.success(), "Lighthouse failed at {url}");
}

/// Prints the scores and what cost points; whether all goals are reached.
fn judge(screen: &str, report: &Path) -> bool {
    let text = fs::read_to_string(report).expect("Lighthouse wrote its report");
    let report: Value = serde_json::from_str(&text).expect("a report in JSON");
    GOALS.iter().fold(true, |all_reached, &(category, least)| {
        let judged = &report["categories"][category];
        // As people are shown it: Lighthouse rounds to whole points.
        let score = (judged["score"].as_f64().expect("a score") * 100.0).round();
        println!("{screen}: {category} {score}");
        for audit in judged["auditRefs"].as_array().into_iter().flatten() {
            let result = &report["audits"][audit["id"].as_str().unwrap_or_default()];
            let counts = audit["weight"].as_f64().is_some_and(|weight| weight > 0.0);
            if counts && result["score"].as_f64().is_some_and(|score| score < 0.9) {
                println!("    {}: {} {}", result["id"], result["title"], result["displayValue"]);
            }
        }
        all_reached && score >= least
    })
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    listener.local_addr().expect("a bound listener has an address").port()
}
