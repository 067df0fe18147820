//! The desk, where it must not get in the way of who works there.

use std::time::Duration;

use vestibule_tests::{
    browser::{self, Browser, Engine},
    server::Server,
    wait,
};

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
