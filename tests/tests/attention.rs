//! What the server can't count, as the desk sees it and decides on it.

use std::time::Duration;

use vestibule_protocol::visit::State;
use vestibule_tests::{
    browser::{self, Engine},
    lobby::{self, Lobby},
    people::{Desk, until_server_says},
    server::Server,
};

/// From a decision to what it changes on the screen.
const DECIDED_DEADLINE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_sets_right_merges_and_dismisses_until_the_statement_closes() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let witness = server.add_device("Lobby 2");
    lobby::bring_doubts(&server, &witness).await;
    let mut lobby = Lobby::new(server.add_device("Gate"));
    lobby.record_text("{\"cleaning\":1}".into());
    lobby.deliver(&server).await;

    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    let browser = &desk.browser;
    browser.until_count("#attention-badge .badge", 1, DECIDED_DEADLINE).await;
    desk.go("attention").await;
    browser.until_count(".doubt", 3, DECIDED_DEADLINE).await;

    browser.click("[data-action=merge]").await;
    browser.click(".merge-option:last-child input").await;
    browser.click("#confirm-decision").await;
    browser.until_count(".doubt", 2, DECIDED_DEADLINE).await;

    // The newest comes first: what is not even an event is set aside with a word on it.
    browser.click("[data-action=dismiss]").await;
    browser.click("#confirm-decision").await;
    browser.find(".wrong #note").await;
    browser.type_into("#note", "The cleaner tried the screen").await;
    browser.click("#confirm-decision").await;
    browser.until_count(".doubt", 1, DECIDED_DEADLINE).await;

    browser.click("[data-action=set-right]").await;
    browser.type_into("#visit-name", "Annie Easley").await;
    browser.click("#confirm-decision").await;
    browser.until_count(".attention .empty", 1, DECIDED_DEADLINE).await;
    browser.until_count("#attention-badge .badge", 0, DECIDED_DEADLINE).await;

    let truth = [("Annie Easley", State::OnSite), ("Dorothy Vaughan-Schmidt", State::OnSite)];
    until_server_says(&server, &witness, &truth, DECIDED_DEADLINE).await;
    browser.click("#attention-decided").await;
    browser.until_count(".doubt .decided", 3, DECIDED_DEADLINE).await;
    desk.go("statement").await;
    browser.click("#period-everything").await;
    browser.until_count("[data-term=delivered][data-count='4']", 1, DECIDED_DEADLINE).await;
    browser.until_count(".equation[data-open='0']", 1, DECIDED_DEADLINE).await;
    desk.browser.close().await;
}
