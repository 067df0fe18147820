//! Everything that a visitor does at a kiosk can be done without touching the screen, and at each step one sees where the
//! focus is (WCAG 2.2, 2.1.1, 2.4.3 and 2.4.7).

use std::time::Duration;

use rstest::rstest;
use vestibule_tests::{
    browser::{self, Browser, Engine},
    people::Kiosk,
    server::Server,
};

/// As WebDriver writes them.
const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const DOWN: &str = "\u{E015}";

/// Presses of Tab within which anything on a screen must be reached.
const TABS_MAX: usize = 20;

/// How long a screen may take to put the focus where it begins.
const FOCUS_DEADLINE: Duration = Duration::from_secs(10);

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_checks_in_and_out_with_the_keyboard_alone(
    #[values(Engine::Chromium, Engine::Firefox)] engine: Engine,
) {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    let browser = &kiosk.browser;

    reach(browser, "[data-language=fr]").await;
    browser.press(ENTER).await;
    browser.find("[data-language=fr][aria-pressed=true]").await;
    reach(browser, "[data-language=en]").await;
    browser.press(ENTER).await;
    browser.find("[data-language=en][aria-pressed=true]").await;
    reach(browser, "#check-in").await;
    browser.press(ENTER).await;

    // Confirming too early leads to what is missing.
    browser.until_focused("visitor-name").await;
    reach(browser, "#confirm").await;
    browser.press(ENTER).await;
    browser.find(".wrong #visitor-name").await;
    browser.until_focused("visitor-name").await;
    browser.press("Ada Lovelace").await;
    browser.press(ENTER).await;
    browser.until_focused("visitor-company").await;
    browser.press("Analytical Engines").await;
    browser.press(ENTER).await;
    browser.until_focused("host-search").await;
    browser.press("a").await;
    browser.find("[data-host].marked").await;
    browser.press(DOWN).await;
    browser.press(ENTER).await;
    browser.until_count(".chosen button:focus", 1, FOCUS_DEADLINE).await;
    reach(browser, "#confirm").await;
    browser.press(ENTER).await;
    kiosk.until_delivered().await;
    reach(browser, "#done").await;
    browser.press(ENTER).await;

    reach(browser, "#check-out").await;
    browser.press(ENTER).await;
    browser.until_focused("find-visitor").await;
    browser.press("Ada").await;
    browser.find("[data-visit]").await;
    reach(browser, "[data-visit]").await;
    browser.press(ENTER).await;
    browser.find("#confirm").await;
    reach(browser, "#confirm").await;
    browser.press(ENTER).await;
    kiosk.until_delivered().await;
    reach(browser, "#done").await;
    browser.press(ENTER).await;
    browser.find("#check-in").await;
    kiosk.browser.close().await;
}

/// Goes on with Tab until `css` has the focus, which must be seen wherever it comes by.
async fn reach(browser: &Browser, css: &str) {
    browser.find(css).await;
    let mut passed = Vec::new();
    for _ in 0..TABS_MAX {
        let seen = browser.run(WHERE_THE_FOCUS_IS).await;
        assert_eq!(seen["is_seen"], true, "nobody sees that the focus is on {}", seen["what"]);
        if browser.count(&format!("{css}:focus")).await == 1 {
            return;
        }
        passed.push(seen["what"].to_string());
        browser.press(TAB).await;
    }
    panic!("{css} was not reached with Tab, only {passed:#?}");
}

/// What has the focus, and whether one sees it: by an outline, or a shadow in its place. Headings and the page itself
/// are no stops of the keyboard, and need none.
const WHERE_THE_FOCUS_IS: &str = "
    const focused = document.activeElement;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(focused);
    const is_stop = focused !== document.body && focused.tabIndex >= 0;
    const is_seen = (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none';
    return { what: focused.outerHTML.slice(0, 120), is_seen: !is_stop || is_seen };
";
