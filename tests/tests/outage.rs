//! The story that Vestibule exists for, in each browser engine: what people did while the server could not take it is
//! on the dashboard when it can, once, with nobody pressing anything, and nobody was told more than was true.

use std::time::Duration;

use rstest::rstest;
use vestibule_protocol::visit::{Kind, State};
use vestibule_tests::{
    browser::{self, Browser, Engine},
    network::{Network, Weather},
    people::{Delivery, Desk, Kiosk, now, until_server_says},
    server::Server,
    wait,
};

/// From the server's return to the visits on every dashboard.
const CATCH_UP_DEADLINE: Duration = Duration::from_secs(10);

/// How far a recorded moment may lie from the tap, in ms: driving a browser takes that long.
const TAP_TOLERANCE_MS: i64 = 3_000;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_kiosk_recorded_while_the_server_was_down_reaches_the_dashboard(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    let witness = server.add_device("witness");

    server.kill();
    kiosk.browser.reload().await;
    let mut tapped = Vec::new();
    for name in ["Ada Lovelace", "Łukasz Wałęsa-Żółkiewski", "محمد الخوارزمي"] {
        assert_eq!(kiosk.check_in(name, "Analytical Engines", "a").await, Delivery::Saved);
        tapped.push(now());
    }
    assert_eq!(kiosk.check_out("Ada").await, Delivery::Saved);
    let left_at = now();
    kiosk.browser.reload().await;
    kiosk.browser.find("#check-in").await;

    server.start_again().await;
    desk.show("on-site").await;
    desk.browser.until_count("[data-visit]", 2, CATCH_UP_DEADLINE).await;
    desk.show("left").await;
    desk.browser.until_count("[data-visit]", 1, CATCH_UP_DEADLINE).await;
    let expected =
        [("Ada Lovelace", State::Left), ("Łukasz Wałęsa-Żółkiewski", State::OnSite), ("محمد الخوارزمي", State::OnSite)];
    until_server_says(&server, &witness, &expected, CATCH_UP_DEADLINE).await;

    let visits = server.visits(&witness).await.expect("the server answers");
    let mut arrivals: Vec<_> = visits.iter().filter_map(vestibule_protocol::visit::Visit::arrived_at).collect();
    arrivals.sort();
    for (arrived, tapped) in arrivals.iter().zip(&tapped) {
        assert!(tapped.ms_since(*arrived).abs() < TAP_TOLERANCE_MS, "arrived {arrived}, tapped {tapped}");
    }
    let ada = visits.iter().find(|visit| visit.state(now()) == State::Left).expect("Ada left");
    assert!(left_at.ms_since(ada.left_at().expect("she left")).abs() < TAP_TOLERANCE_MS);
    assert_eq!(ada.timeline.iter().map(|entry| entry.kind).collect::<Vec<_>>(), [Kind::CheckedIn, Kind::CheckedOut]);
    kiosk.browser.close().await;
    desk.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_desk_did_while_the_server_was_down_is_there_when_it_is_back(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let desk = Desk::sign_in(engine, &server, &server.url()).await;
    let witness = server.add_device("witness");

    server.kill();
    desk.expect_visitor("Ada Lovelace", "Analytical Engines").await;
    desk.show("expected").await;
    desk.browser.find("[data-visit][data-waiting]").await;
    desk.browser.reload().await;
    desk.show("expected").await;
    desk.browser.click("[data-visit] [data-action=check-in]").await;
    desk.show("on-site").await;
    desk.browser.find("[data-visit][data-waiting]").await;

    server.start_again().await;
    until_server_says(&server, &witness, &[("Ada Lovelace", State::OnSite)], CATCH_UP_DEADLINE).await;
    desk.browser.until_count("[data-visit]:not([data-waiting])", 1, CATCH_UP_DEADLINE).await;
    let visits = server.visits(&witness).await.expect("the server answers");
    let kinds: Vec<_> = visits[0].timeline.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [Kind::Registered, Kind::CheckedIn]);
    desk.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_claimed_when_the_server_answers_but_does_not_keep(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
    #[values(Weather::WritesRefused, Weather::CaptivePortal)] weather: Weather,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let network = Network::before(server.url()).await;
    let kiosk = Kiosk::pair(engine, &server, &network.url()).await;
    let witness = server.add_device("witness");
    assert_eq!(kiosk.check_in("Grace Hopper", "Navy", "a").await, Delivery::Delivered);

    network.set(weather);
    assert_eq!(kiosk.check_in("Ada Lovelace", "Analytical Engines", "a").await, Delivery::Saved);
    kiosk.browser.reload().await;
    assert_eq!(kiosk.check_out("Ada").await, Delivery::Saved);
    assert_eq!(kiosk.browser.count("[data-delivery=delivered]").await, 0);
    let before = server.visits(&witness).await.expect("the server answers the witness");
    assert_eq!(before.len(), 1, "only what came before the outage is there");

    network.set(Weather::Fair);
    let expected = [("Grace Hopper", State::OnSite), ("Ada Lovelace", State::Left)];
    until_server_says(&server, &witness, &expected, CATCH_UP_DEADLINE).await;
    kiosk.browser.close().await;
}

/// Over plain http a name that is not local is no secure context, so there is no service worker: the page runs the same
/// worker itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_without_a_service_worker_keeps_and_delivers_all_the_same() {
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let browser = Browser::start_with(Engine::Chromium, &["--host-resolver-rules=MAP kiosk.test 127.0.0.1"]).await;
    let url = server.url().replace("127.0.0.1", "kiosk.test");
    let kiosk = Kiosk::pair_in(browser, &server, &url).await;
    let witness = server.add_device("witness");
    assert_eq!(kiosk.browser.run("return window.isSecureContext").await, false);

    server.kill();
    assert_eq!(kiosk.check_in("Ada Lovelace", "Analytical Engines", "a").await, Delivery::Saved);
    server.start_again().await;
    until_server_says(&server, &witness, &[("Ada Lovelace", State::OnSite)], CATCH_UP_DEADLINE).await;
    kiosk.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_says_delivered_only_when_it_is(#[values(Engine::Chromium, Engine::WebKit)] engine: Engine) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    let witness = server.add_device("witness");

    assert_eq!(kiosk.check_in("Grace Hopper", "Navy", "a").await, Delivery::Delivered);
    let visits = server.visits(&witness).await.expect("the server answers");
    assert_eq!(visits.len(), 1, "delivered means that the server has it");

    server.kill();
    kiosk.browser.click("#check-out").await;
    kiosk.browser.type_into("#find-visitor", "Gra").await;
    kiosk.browser.click("[data-visit]").await;
    kiosk.browser.click("#confirm").await;
    assert_eq!(kiosk.confirmation().await, Delivery::Saved);
    server.start_again().await;
    kiosk.until_delivered().await;
    let left = || async {
        let visits = server.visits(&witness).await?;
        (visits.len() == 1 && visits[0].state(now()) == State::Left).then_some(())
    };
    wait::until("she left", CATCH_UP_DEADLINE, left).await;
    kiosk.browser.close().await;
}

/// As when the browser is slow to start it, or its wasm is broken: it serves the page and answers nothing.
const SERVICE_WORKER_FALLS_SILENT: &str = "ServiceWorker.prototype.postMessage = () => {};";

#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_whose_service_worker_falls_silent_while_the_server_is_down_runs_the_worker_itself() {
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let kiosk = Kiosk::pair(Engine::Chromium, &server, &server.url()).await;
    let witness = server.add_device("witness");

    server.kill();
    kiosk.browser.run_before_pages(SERVICE_WORKER_FALLS_SILENT).await;
    kiosk.browser.reload().await;
    assert_eq!(kiosk.check_in("Ada Lovelace", "Analytical Engines", "a").await, Delivery::Saved);
    server.start_again().await;
    until_server_says(&server, &witness, &[("Ada Lovelace", State::OnSite)], CATCH_UP_DEADLINE).await;
    kiosk.browser.close().await;
}
