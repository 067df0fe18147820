//! What a device can open without a server: its half of the app, the other one once it was used, and after an update
//! whatever it could before.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use vestibule_tests::{
    browser::{self, Browser, Engine},
    people::Kiosk,
    server::Server,
    wait,
};

/// From the first use of a half to its being kept.
const KEEPING_DEADLINE: Duration = Duration::from_secs(15);

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_keeps_nothing_of_the_desk(#[values(Engine::Chromium, Engine::WebKit)] engine: Engine) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    assert_eq!(kept(&kiosk.browser).await, json!(["kiosk"]));
    kiosk.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_used_as_both_opens_both_without_a_server(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    kiosk.browser.open(&format!("{}/dashboard", server.url())).await;
    until_kept(&kiosk.browser, &["kiosk", "desk"]).await;

    server.kill();
    kiosk.browser.open(&format!("{}/dashboard", server.url())).await;
    kiosk.browser.find("#sign-in").await;
    kiosk.browser.open(&format!("{}/kiosk", server.url())).await;
    kiosk.browser.find("#check-in").await;
    kiosk.browser.close().await;
}

/// Also where the service worker answers for the pages of the app.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_answers_itself_is_not_taken_for_a_page_of_the_app(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    kiosk.browser.open(&format!("{}/trust/page.css", server.url())).await;
    let text = kiosk.browser.run("return document.body.innerText").await;
    assert!(text.as_str().is_some_and(|text| text.contains("{")), "{text}");
    kiosk.browser.close().await;
}

/// Versions before the app had halves kept one page, under `/`, which was kiosk and desk.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_update_from_the_version_that_was_one_page_keeps_both_halves(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let browser = Browser::start(engine).await;
    browser.open(&format!("{}/healthz", server.url())).await;
    browser.run_async(KEEP_AS_ONE_PAGE).await;
    browser.open(&format!("{}/kiosk", server.url())).await;
    browser.until_served_by_worker().await;
    until_kept(&browser, &["kiosk", "desk"]).await;

    server.kill();
    browser.open(&format!("{}/dashboard", server.url())).await;
    browser.find("#sign-in").await;
    browser.close().await;
}

const KEEP_AS_ONE_PAGE: &str = r#"
    const done = arguments[arguments.length - 1];
    const keep = async () => {
        const cache = await caches.open("vestibule-shell-0123456789abcdef");
        await cache.put("/", new Response("the page that was kiosk and desk"));
    };
    keep().then(done, done);
"#;

async fn until_kept(browser: &Browser, halves: &[&str]) {
    let all = || async { (kept(browser).await == json!(halves)).then_some(()) };
    wait::until(format!("{halves:?} are kept"), KEEPING_DEADLINE, all).await;
}

/// Which halves of the app are kept whole: page, style sheet, script and wasm.
async fn kept(browser: &Browser) -> serde_json::Value {
    browser.run_async(HALVES_KEPT).await
}

const HALVES_KEPT: &str = r#"
    const done = arguments[arguments.length - 1];
    const read = async () => {
        const paths = [];
        for (const name of await caches.keys()) {
            for (const { url } of await (await caches.open(name)).keys()) paths.push(new URL(url).pathname);
        }
        const parts = (half) => paths.filter((path) => path.startsWith(`/${half}`)).length;
        return ["kiosk", "desk"].filter((half) => parts(half) === 4);
    };
    read().then(done, done);
"#;
