//! The desk, where it must not get in the way of who works there.

use std::time::Duration;

use vestibule::{
    access::device::{self, Kind},
    clock, store,
};
use vestibule_protocol::event::Name;
use vestibule_tests::{
    browser::{self, Browser, Engine},
    people::Desk,
    server::Server,
    wait,
};

/// More than the server tells of in one page.
const KIOSKS: usize = vestibule::limits::DEVICES_PAGE_MAX_ROWS + 10;
/// Long enough for a page of some hundred cards, on a busy machine.
const SHOWN_DEADLINE: Duration = Duration::from_secs(20);

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
