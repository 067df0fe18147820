//! The delivery statement after the outage of 20 March 2019: the server could be read, and took nothing.

use std::time::Duration;

use vestibule_protocol::visit::State;
use vestibule_tests::{
    browser::{self, Engine},
    network::{Network, Weather},
    people::{Delivery, Desk, Kiosk, until_server_says},
    server::Server,
};

/// From the end of the outage to a statement that closes.
const CATCH_UP_DEADLINE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn after_an_outage_at_two_kiosks_and_two_desks_the_statement_closes_and_the_list_is_the_truth() {
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let network = Network::before(server.url()).await;
    let lobby = Kiosk::pair(Engine::Chromium, &server, &network.url()).await;
    let gate = Kiosk::pair(Engine::Chromium, &server, &network.url()).await;
    let first = Desk::sign_in(Engine::Chromium, &server, &network.url()).await;
    let second = Desk::join(Engine::Chromium, &network.url()).await;
    let witness = server.add_device("witness");
    assert_eq!(lobby.check_in("Grace Hopper", "Navy", "a").await, Delivery::Delivered);

    network.set(Weather::WritesRefused);
    assert_eq!(lobby.check_in("Ada Lovelace", "Analytical Engines", "a").await, Delivery::Saved);
    assert_eq!(gate.check_in("Mary Somerville", "Royal Society", "a").await, Delivery::Saved);
    assert_eq!(lobby.check_out("Grace").await, Delivery::Saved);
    first.expect_visitor("Emmy Noether", "Göttingen").await;
    second.expect_visitor("Hedy Lamarr", "").await;
    second.show("expected").await;
    second.browser.click("[data-visit][data-waiting] [data-action=check-in]").await;
    second.show("on-site").await;
    second.browser.find("[data-visit][data-waiting]").await;

    network.set(Weather::Fair);
    let truth = [
        ("Grace Hopper", State::Left),
        ("Ada Lovelace", State::OnSite),
        ("Mary Somerville", State::OnSite),
        ("Emmy Noether", State::Expected),
        ("Hedy Lamarr", State::OnSite),
    ];
    until_server_says(&server, &witness, &truth, CATCH_UP_DEADLINE).await;
    for desk in [&first, &second] {
        desk.go("statement").await;
        desk.browser.click("#period-everything").await;
        desk.browser.until_count("[data-term=captured][data-count='7']", 1, CATCH_UP_DEADLINE).await;
        desk.browser.until_count("[data-term=delivered][data-count='7']", 1, CATCH_UP_DEADLINE).await;
        desk.browser.until_count(".equation[data-open='0']", 1, CATCH_UP_DEADLINE).await;
        desk.browser.until_count(".account .account-proof:not(.unproven)", 4, CATCH_UP_DEADLINE).await;
    }
    // Each device says the same of itself: lobby, second desk, gate and first desk, and one that only watched.
    first.go("devices").await;
    for (captured, devices) in [("3", 1), ("2", 1), ("1", 2), ("0", 1)] {
        let css = format!("li.device[data-captured='{captured}']");
        first.browser.until_count(&css, devices, CATCH_UP_DEADLINE).await;
    }
    first.go("statement").await;
    first.browser.click("#period-everything").await;
    first.browser.until_count(".equation[data-open='0']", 1, CATCH_UP_DEADLINE).await;

    // What was read is there when the server is not, and says that it is a copy.
    server.kill();
    first.browser.reload().await;
    first.browser.click("#period-everything").await;
    first.browser.until_count("[data-term=delivered][data-count='7']", 1, CATCH_UP_DEADLINE).await;
    first.browser.until_count(".copy-notice", 1, CATCH_UP_DEADLINE).await;
    for browser in [lobby.browser, gate.browser, first.browser, second.browser] {
        browser.close().await;
    }
}
