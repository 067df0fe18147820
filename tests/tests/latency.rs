//! How long a visitor waits between the tap and the confirmation, the strict commit to IndexedDB included.
//!
//! `cargo test -p vestibule-tests --test latency -- --nocapture` prints the figures.

use rstest::rstest;
use vestibule_tests::{
    browser::{self, Engine},
    people::Kiosk,
    server::Server,
};

/// Check-ins that are measured.
const TAPS: usize = 50;

/// What a person takes for "at once" (Nielsen, Usability Engineering, 1993, §5.5), in ms; the measured times are far
/// below, so that a busy machine does not make the test fail.
const AT_ONCE_MS: f64 = 1_000.0;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_tap_is_confirmed_at_once_while_the_server_is_down(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    server.kill();

    let mut times = Vec::new();
    for _ in 0..TAPS {
        kiosk.browser.click("#check-in").await;
        kiosk.browser.type_into("#visitor-name", "Ada Lovelace").await;
        kiosk.browser.type_into("#host-search", "a").await;
        kiosk.browser.click("[data-host]").await;
        kiosk.browser.find("#confirm").await;
        times.push(kiosk.browser.run_async(TAP_AND_WAIT).await.as_f64().expect("the page measured"));
        kiosk.browser.click("#done").await;
    }
    times.sort_by(f64::total_cmp);
    let (median, worst) = (times[TAPS / 2], times[TAPS - 1]);
    println!("{engine}: tap to confirmation, {TAPS} times: median {median:.1} ms, worst {worst:.1} ms");
    assert!(median < AT_ONCE_MS);
    kiosk.browser.close().await;
}

/// Taps, and calls back with the ms until the confirmation is in the page.
const TAP_AND_WAIT: &str = r##"
    const done = arguments[arguments.length - 1];
    const tapped = performance.now();
    new MutationObserver((_, observer) => {
        if (document.querySelector("#confirmation")) {
            observer.disconnect();
            done(performance.now() - tapped);
        }
    }).observe(document.body, { childList: true, subtree: true });
    document.querySelector("#confirm").click();
"##;
