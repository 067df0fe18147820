//! How long a kiosk takes from a cold start to a screen that a visitor can use, with the server down: everything comes
//! out of the service worker's cache. Beside it, in turn, a form in React that vite-plugin-pwa keeps for offline
//! (`tests/peers/react-pwa`).
//!
//! In Chromium each start is one of the browser itself, on a profile that was used before. WebKit keeps no profile while
//! it is driven; there the page is left until the browser has ended its service worker, and opened again.
//!
//! Both pages leave a mark in the browser's timeline when they can be used: the kiosk when its welcome with both choices
//! is in the page, which it shows only once its worker has said that it is paired and its storage works; the form when
//! React has given it its listeners. Leave the machine alone meanwhile; only the ratio means anything elsewhere.
//!
//! `make cold-start`

use std::time::Duration;

use axum::Router;
use clap::Parser;
use serde_json::json;
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime};
use tower_http::services::ServeDir;
use vestibule_tests::{
    browser::{Browser, Engine},
    figures::Figures,
    people::Kiosk,
    server::Server,
    wait, workspace,
};

#[derive(Clone, Copy, Debug, Parser)]
struct Arguments {
    /// How many starts of each.
    #[arg(long, default_value_t = 20)]
    times: usize,
    /// In this browser only.
    #[arg(long)]
    engine: Option<Engine>,
    /// How many times slower than this machine; Chromium only.
    #[arg(long, default_value_t = 1)]
    slow_down: u32,
}

/// How long a start may take.
const START_DEADLINE: Duration = Duration::from_secs(60);

/// Visits before the first measured one: the browser compiles for keeps what it has seen more than once.
const VISITS_BEFORE: usize = 3;

/// WebKit ends a service worker ten seconds after its last page; with some more for a busy machine.
const WORKER_ENDS_WITHIN: Duration = Duration::from_secs(14);

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    println!("ms from the navigation to a usable page, server down: median / 99th percentile / worst");
    for engine in [Engine::Chromium, Engine::WebKit] {
        if engine.is_here() && arguments.engine.is_none_or(|only| only == engine) {
            let (kiosk, form) = match engine {
                Engine::WebKit => in_one_browser(engine, arguments).await,
                Engine::Chromium | Engine::Firefox => in_new_browsers(engine, arguments).await,
            };
            let ratio = kiosk.median() / form.median();
            println!("{engine}, {} times: kiosk {kiosk}, React form {form}, ratio {ratio:.2}", arguments.times);
        }
    }
}

/// Both, installed in a browser of their own each, and their servers gone.
struct Installed {
    browsers: [(Browser, String); 2],
}

async fn install(engine: Engine) -> Installed {
    let mut server = Server::start().await;
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    let kiosk_page = format!("{}/kiosk", server.url());
    let form_server = FormServer::start();
    let form = Browser::start(engine).await;
    form.open(&form_server.url).await;
    form.until_served_by_worker().await;
    let browsers = [(kiosk.browser, kiosk_page), (form, form_server.url.clone())];
    for (browser, page) in &browsers {
        for _ in 0..VISITS_BEFORE {
            start(browser, page).await;
        }
    }
    server.kill();
    form_server.stop();
    for (browser, page) in &browsers {
        start(browser, page).await;
    }
    Installed { browsers }
}

async fn in_new_browsers(engine: Engine, Arguments { times, slow_down, .. }: Arguments) -> (Figures, Figures) {
    let [(kiosk, kiosk_page), (form, form_page)] = install(engine).await.browsers;
    let pages = [kiosk_page, form_page];
    let mut profiles = [kiosk.leave().await, form.leave().await];
    let mut measured = [Vec::new(), Vec::new()];
    for _ in 0..times {
        for (number, page) in pages.iter().enumerate() {
            let profile = std::mem::replace(&mut profiles[number], TempDir::new().expect("a directory"));
            let browser = Browser::start_on(engine, profile, &[]).await;
            if slow_down > 1 {
                browser.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": slow_down })).await;
            }
            measured[number].push(start(&browser, page).await);
            profiles[number] = browser.leave().await;
        }
    }
    let [kiosk, form] = measured;
    (Figures::of(kiosk), Figures::of(form))
}

async fn in_one_browser(engine: Engine, Arguments { times, .. }: Arguments) -> (Figures, Figures) {
    let installed = install(engine).await;
    let mut measured = [Vec::new(), Vec::new()];
    for _ in 0..times {
        for (browser, _) in &installed.browsers {
            browser.open("about:blank").await;
        }
        // Nothing tells from outside when a worker has ended.
        tokio::time::sleep(WORKER_ENDS_WITHIN).await;
        for (number, (browser, page)) in installed.browsers.iter().enumerate() {
            measured[number].push(start(browser, page).await);
        }
    }
    for (browser, _) in installed.browsers {
        browser.close().await;
    }
    let [kiosk, form] = measured;
    (Figures::of(kiosk), Figures::of(form))
}

/// Opens the page, and gives the ms until it could be used.
async fn start(browser: &Browser, page: &str) -> f64 {
    browser.open(page).await;
    let marked = || async { browser.run(MARKED).await.as_f64() };
    wait::until(format!("{page} can be used"), START_DEADLINE, marked).await.0
}

const MARKED: &str = r#"return performance.getEntriesByName("usable")[0]?.startTime"#;

/// What the form is installed from. Its runtime is its own, so that it can end with all its connections.
struct FormServer {
    url: String,
    runtime: runtime::Runtime,
}

impl FormServer {
    fn start() -> Self {
        let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a thread");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        listener.set_nonblocking(true).expect("a socket of ours");
        let url = format!("http://{}/", listener.local_addr().expect("a bound listener has an address"));
        let files = ServeDir::new(workspace().join("tests/peers/react-pwa/dist"));
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("a socket of ours");
            axum::serve(listener, Router::new().fallback_service(files)).await.expect("it serves to its end");
        });
        Self { url, runtime }
    }

    /// Ends as a server that is killed does.
    fn stop(self) {
        self.runtime.shutdown_background();
    }
}
