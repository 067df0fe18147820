//! The desk, where it must not get in the way of who works there.

use std::time::Duration;

use vestibule::{
    access::device::{self, Kind},
    clock, store,
};
use vestibule_protocol::{event::Name, visit::State};
use vestibule_tests::{
    browser::{self, Browser, Engine},
    people::{Desk, until_server_says},
    server::Server,
    wait,
};

/// More than the server tells of in one page.
const KIOSKS: usize = vestibule::limits::DEVICES_PAGE_MAX_ROWS + 10;
/// Long enough for a page of some hundred cards, on a busy machine.
const SHOWN_DEADLINE: Duration = Duration::from_secs(20);

/// From an act at the desk to the server's list.
const DEADLINE: Duration = Duration::from_secs(15);

/// A device whose first frames come late, as on a loaded or old one: they come when the test says so.
const FRAMES_COME_WHEN_TOLD: &str = r#"
    const waiting = [];
    window.requestAnimationFrame = (draw) => waiting.push(draw);
    window.drawFrames = () => waiting.splice(0).forEach((draw) => draw(performance.now()));
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_late_first_frame_does_not_take_the_cursor_from_who_is_typing() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let browser = Browser::start(Engine::Chromium).await;
    browser.run_before_pages(FRAMES_COME_WHEN_TOLD).await;
    browser.open(&format!("{}/dashboard", server.url())).await;
    browser.type_into("#email", "grace@example.com").await;
    browser.type_into("#password", "a long").await;
    browser.run("drawFrames()").await;
    browser.run("drawFrames()").await;
    let focused = || async {
        let id = browser.run("return document.activeElement.id").await;
        (id == "password").then_some(())
    };
    wait::until("the cursor stays in the password", Duration::from_secs(1), focused).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_devices_shows_all_of_them_though_the_server_tells_of_them_by_pages() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let site = server.add_device("Lobby").site;
    let mut database = store::connect(server.data()).expect("the database opens beside the server");
    let transaction = database.transaction().expect("nobody else writes now");
    let name = Name::new("Gate").expect("it is a name");
    for _ in 1..KIOSKS {
        device::enrol(&transaction, site, &name, Kind::Kiosk, clock::now(), clock::entropy(), clock::entropy())
            .expect("the site is there");
    }
    transaction.commit().expect("the disk takes it");
    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    desk.go("devices").await;
    // The desk's browser is one, too.
    desk.browser.until_count("li.device", KIOSKS + 1, SHOWN_DEADLINE).await;
    desk.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_is_changed_and_cancelled_and_either_is_taken_back() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let witness = server.add_device("witness");
    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    let browser = &desk.browser;
    desk.expect_visitor("Ada Lovelace", "Analytical Engines").await;
    desk.show("expected").await;
    browser.click(".row-open").await;
    browser.click("#edit-visit").await;
    browser.type_into("#visit-name", "Augusta Ada King").await;
    browser.click("#save-changes").await;
    until_server_says(&server, &witness, &[("Augusta Ada King", State::Expected)], DEADLINE).await;
    browser.click(".sheet-top button").await;
    browser.click("#undo").await;
    until_server_says(&server, &witness, &[("Ada Lovelace", State::Expected)], DEADLINE).await;
    browser.click(".row-open").await;
    browser.click("#cancel-visit").await;
    until_server_says(&server, &witness, &[("Ada Lovelace", State::Cancelled)], DEADLINE).await;
    browser.click("#undo").await;
    until_server_says(&server, &witness, &[("Ada Lovelace", State::Expected)], DEADLINE).await;
    desk.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_visitors_are_announced_all_or_none_typed_or_from_a_file_also_in_an_outage() {
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let witness = server.add_device("witness");
    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    let browser = &desk.browser;
    browser.click("#new-visit").await;
    browser.type_into("#visit-host", "amara").await;
    browser.click("[data-host]:not([data-host=nobody])").await;
    desk.open().await;
    server.kill();
    desk.until_link("unreachable").await;
    desk.show("expected").await;
    browser.click("#new-visit").await;
    browser.click("#new-several").await;
    browser.type_into("#guests", "Mary Somerville, Royal Society\n, Göttingen").await;
    browser.find(".preview .field-error").await;
    browser.find("#save-visits:disabled").await;
    browser.type_into("#guests", "Mary Somerville, Royal Society\nEmmy Noether, Göttingen").await;
    browser.click("#party").await;
    browser.click("#save-visits:not(:disabled)").await;
    browser.until_count("[data-visit][data-waiting]", 2, DEADLINE).await;

    browser.click("#new-visit").await;
    browser.click("#new-several").await;
    browser.choose_file("#guests-file", "guests.csv", "name;host\nGrace Hopper;Nobody of this name\n").await;
    browser.find(".preview .field-error").await;
    browser.find("#save-visits:disabled").await;
    browser.choose_file("#guests-file", "guests.csv", "name;host\nGrace Hopper;amara okafor\n").await;
    browser.click("#save-visits:not(:disabled)").await;
    browser.until_count("[data-visit][data-waiting]", 3, DEADLINE).await;

    server.start_again().await;
    let truth = ["Mary Somerville", "Emmy Noether", "Grace Hopper"].map(|name| (name, State::Expected));
    until_server_says(&server, &witness, &truth, DEADLINE).await;
    let visits = server.visits(&witness).await.expect("the server tells its visits");
    let of_a_party = |name: &str| {
        let found =
            visits.iter().find(|visit| visit.visitor.as_ref().is_some_and(|one| one.value.name.as_str() == name));
        found.and_then(|visit| visit.details.as_ref()?.value.party)
    };
    assert!(of_a_party("Mary Somerville").is_some());
    assert_eq!(of_a_party("Mary Somerville"), of_a_party("Emmy Noether"));
    assert_eq!(of_a_party("Grace Hopper"), None);
    desk.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_is_announced_found_and_checked_in_without_a_mouse() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let witness = server.add_device("witness");
    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    let browser = &desk.browser;
    browser.press("n").await;
    browser.type_into("#visit-name", "Ada Lovelace").await;
    browser.press(ENTER).await;
    browser.until_count("dialog[open]", 0, DEADLINE).await;
    browser.press("1").await;
    browser.until_count("[data-visit]", 1, DEADLINE).await;
    browser.press(DOWN).await;
    browser.until_count(".row-open:focus", 1, DEADLINE).await;
    browser.press("c").await;
    until_server_says(&server, &witness, &[("Ada Lovelace", State::OnSite)], DEADLINE).await;
    browser.press("/").await;
    browser.until_focused("search").await;
    // A letter in a field is a letter.
    browser.press("n").await;
    assert_eq!(browser.count("dialog[open]").await, 0);
    // Who speaks to their computer has them off.
    browser.click("#keys").await;
    browser.click("#use-keys").await;
    browser.click(".sheet-top button").await;
    browser.until_count("dialog[open]", 0, DEADLINE).await;
    browser.press("n").await;
    assert_eq!(browser.count("dialog[open]").await, 0);
    desk.browser.close().await;
}

/// Keys as WebDriver writes them (<https://www.w3.org/TR/webdriver2/#keyboard-actions>).
const ENTER: &str = "\u{e007}";
const DOWN: &str = "\u{e015}";
