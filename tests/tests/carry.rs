//! What a kiosk can't deliver, people carry: staff save it there as a file, and bring it in at the desk.

use std::time::Duration;

use rstest::rstest;
use vestibule_protocol::{
    account::Credentials,
    settings::{PinHash, SiteSettings},
    visit::State,
};
use vestibule_tests::{
    browser::{self, Browser, Engine},
    network::{Network, REFUSED_WORD, Weather},
    people::{Delivery, Desk, Kiosk, until_server_says},
    server::Server,
    wait,
};

/// From an act, with nothing in the way, to where it must be seen.
const ARRIVAL_DEADLINE: Duration = Duration::from_secs(20);

/// Within which a kiosk shows that its access was withdrawn, or does what its site has decided.
const HEARD_DEADLINE: Duration = Duration::from_secs(40);

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_that_is_carried_to_the_desk_is_there_and_counts_once_when_the_kiosk_delivers_after_all(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let witness = server.add_device("witness");
    let network = Network::before(server.url()).await;
    let kiosk = Kiosk::pair(engine, &server, &network.url()).await;
    kiosk.browser.until_count("#sync-pill[data-link=connected]", 1, ARRIVAL_DEADLINE).await;
    network.set(Weather::Dropped);
    for name in ["Ada Lovelace", "Grace Hopper", "Mary Somerville"] {
        assert_eq!(kiosk.check_in(name, "Engines", "a").await, Delivery::Saved);
    }

    kiosk.open_staff_panel().await;
    kiosk.browser.find("#staff[data-held='3']").await;
    kiosk.browser.until_count(".undelivered li", 3, ARRIVAL_DEADLINE).await;
    let page = kiosk.browser.text("#staff").await;
    assert!(!page.contains("Lovelace"), "a panel without a PIN names nobody: {page}");
    let file = kiosk.save_backlog().await;
    assert!(!file.contains("Lovelace"), "the file is sealed: {file}");
    assert_eq!(kiosk.browser.count("#keep-file").await, 0, "a kiosk that has its access lets go of nothing");

    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    bring_in(&desk, &file).await;
    desk.browser.find("#brought[data-all='3'][data-news='3']").await;
    let all = ["Ada Lovelace", "Grace Hopper", "Mary Somerville"].map(|name| (name, State::OnSite));
    until_server_says(&server, &witness, &all, ARRIVAL_DEADLINE).await;
    bring_in(&desk, &file).await;
    desk.browser.find("#brought[data-all='3'][data-news='0']").await;
    bring_in(&desk, "a guest list;of another program").await;
    desk.browser.find("[role=alert] .notice").await;
    desk.browser.close().await;

    network.set(Weather::Fair);
    kiosk.browser.until_count("#staff[data-held='0']", 1, ARRIVAL_DEADLINE).await;
    let visits = server.visits(&witness).await.expect("the server answers");
    assert_eq!(visits.iter().map(|visit| visit.timeline.len()).collect::<Vec<_>>(), [1, 1, 1]);
    kiosk.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_out_of_service_lets_go_of_what_staff_keep_in_a_file_once_they_have_said_so_twice(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let witness = server.add_device("witness");
    let network = Network::before(server.url()).await;
    let kiosk = Kiosk::pair(engine, &server, &network.url()).await;
    let browser = &kiosk.browser;
    browser.until_count("#sync-pill[data-link=connected]", 1, ARRIVAL_DEADLINE).await;
    network.set(Weather::Allergic);
    kiosk.check_in(&format!("Bobby {REFUSED_WORD}"), "Engines", "a").await;
    kiosk.open_staff_panel().await;
    browser.until_count(".undelivered .line-advice:not(:empty)", 1, ARRIVAL_DEADLINE).await;
    server.revoke(server.device_called("Lobby 1"));
    browser.until_count("#sync-pill[data-link=revoked]", 1, HEARD_DEADLINE).await;
    browser.click(".back").await;
    browser.find("#revoked").await;

    kiosk.open_staff_panel().await;
    browser.find("#staff[data-held='1']").await;
    let file = kiosk.save_backlog().await;
    browser.click("#keep-file").await;
    browser.until_focused("not-yet").await;
    browser.click("#not-yet").await;
    browser.find("#keep-file").await;
    assert!(browser.database().await.to_string().contains("Bobby"), "one word deletes nothing");
    browser.click("#keep-file").await;
    browser.click("#let-go").await;
    browser.until_count("#staff[data-held='0']", 1, ARRIVAL_DEADLINE).await;
    let left = browser.database().await.to_string();
    assert!(left.contains("revoked") && !left.contains("Bobby"), "{left}");

    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    bring_in(&desk, &file).await;
    desk.browser.find("#brought[data-all='1'][data-news='0']").await;
    assert_eq!(desk.browser.text("#brought .line-advice").await, "kept apart");
    assert_eq!(in_doubt(&desk.browser, &witness).await, [format!("Bobby {REFUSED_WORD}")]);
    desk.browser.close().await;
    assert_eq!(server.visits(&witness).await.expect("the server answers").len(), 0, "nobody has decided on it");
    kiosk.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_staff_panel_opens_by_a_long_press_and_the_sites_pin(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    server.decide(&settings_with_pin("482913"));
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    let browser = &kiosk.browser;
    browser.until_count("#sync-pill[data-link=connected]", 1, ARRIVAL_DEADLINE).await;
    server.kill();
    assert_eq!(kiosk.check_in("Ada Lovelace", "Engines", "a").await, Delivery::Saved);

    let press = "document.querySelector('#staff-door').dispatchEvent(new PointerEvent('pointerdown'))";
    browser.find("#staff-door").await;
    browser.run(press).await;
    browser.until_count("#staff-pin", 1, HEARD_DEADLINE).await;
    type_pin(browser, "111111").await;
    browser.find(".notice[role=alert]").await;
    type_pin(browser, "482913").await;
    browser.find("#sync-now").await;
    browser.until_count(".undelivered .line-about", 1, ARRIVAL_DEADLINE).await;
    assert_eq!(browser.text(".undelivered .line-about").await, "Ada Lovelace");
    browser.find("#staff-pair-again").await;

    browser.click(".back").await;
    kiosk.open_staff_panel().await;
    for _ in 0..5 {
        type_pin(browser, "000000").await;
    }
    browser.click(".back").await;
    kiosk.open_staff_panel().await;
    type_pin(browser, "482913").await;
    assert!(browser.text("[role=alert]").await.contains("Wait"), "who leaves and comes back waits all the same");
    assert_eq!(browser.count("#sync-now").await, 0);
    kiosk.browser.close().await;
}

async fn type_pin(browser: &Browser, pin: &str) {
    browser.type_into("#staff-pin", pin).await;
    browser.click("#open-panel").await;
    // What was typed is gone when the panel has looked at it.
    let looked_at = || async {
        let typed = browser.run("return document.querySelector('#staff-pin')?.value ?? ''").await;
        (typed == "").then_some(())
    };
    wait::until("the PIN was looked at", ARRIVAL_DEADLINE, looked_at).await;
}

/// Somebody at the desk brings in a file.
async fn bring_in(desk: &Desk, file: &str) {
    desk.go("devices").await;
    desk.browser.click("#bring-in").await;
    desk.browser.find("#carried-file").await;
    desk.browser.choose_file("#carried-file", "entries.txt", file).await;
    desk.browser.find("#brought, dialog [role=alert] .notice").await;
}

/// Of whom the texts tell that staff have to decide on.
async fn in_doubt(browser: &Browser, at: &Credentials) -> Vec<String> {
    let script = format!(
        "const done = arguments[arguments.length - 1];
         fetch('/api/v1/sites/{}/attention').then((answer) => answer.json())
             .then(({{ doubts }}) => done(doubts.map(({{ said }}) => said?.name ?? null)));",
        at.site
    );
    let names = browser.run_async(&script).await;
    names.as_array().expect("a list").iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// What a site has decided that has set that staff PIN.
fn settings_with_pin(pin: &str) -> String {
    let settings = SiteSettings { staff_pin: PinHash::new(pin, [7; 32]).ok(), ..SiteSettings::default() };
    serde_json::to_string(&settings).expect("settings are JSON")
}
