//! What happens at the entrance on an ordinary day, in each browser engine: somebody is expected, taps twice, types a
//! code wrongly, has a long name.

use std::time::Duration;

use rstest::rstest;
use vestibule_protocol::visit::{Kind, State};
use vestibule_tests::{
    browser::{self, Browser, Engine},
    network::{Network, Weather},
    people::{Delivery, Desk, Kiosk, until_server_says},
    server::{DEMO_SITE, Server},
    wait,
};

/// From an act, with nothing in the way, to where it must be seen.
const ARRIVAL_DEADLINE: Duration = Duration::from_secs(10);

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_expected_visitor_who_types_their_name_arrives_in_the_visit_that_the_desk_announced(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let witness = server.add_device("witness");
    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    desk.expect_visitor("Sophie Germain", "École Polytechnique").await;
    until_server_says(&server, &witness, &[("Sophie Germain", State::Expected)], ARRIVAL_DEADLINE).await;
    desk.browser.close().await;

    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    kiosk.browser.click("#check-in").await;
    kiosk.browser.type_into("#visitor-name", "sophie").await;
    kiosk.browser.click("[data-expected]").await;
    kiosk.browser.click("#confirm").await;
    kiosk.until_delivered().await;

    let visits = server.visits(&witness).await.expect("the server answers");
    let kinds: Vec<_> =
        visits.iter().map(|visit| visit.timeline.iter().map(|entry| entry.kind).collect::<Vec<_>>()).collect();
    assert_eq!(kinds, [vec![Kind::Registered, Kind::CheckedIn]]);
    kiosk.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn confirming_twice_is_one_arrival(#[values(Engine::Chromium, Engine::WebKit)] engine: Engine) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let witness = server.add_device("witness");
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;

    kiosk.browser.click("#check-in").await;
    kiosk.browser.type_into("#visitor-name", "Ada Lovelace").await;
    kiosk.browser.run("const button = document.querySelector('#confirm'); button.click(); button.click();").await;
    kiosk.until_delivered().await;
    kiosk.browser.until_count("#sync-pill[data-pending='0']", 1, ARRIVAL_DEADLINE).await;

    let visits = server.visits(&witness).await.expect("the server answers");
    assert_eq!(visits.iter().map(|visit| visit.timeline.len()).collect::<Vec<_>>(), [1]);
    kiosk.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_pairing_code_says_what_to_do_and_the_right_one_then_works(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let browser = Browser::start(engine).await;
    browser.open(&format!("{}/kiosk", server.url())).await;

    browser.type_into("#pair-code", "WRNG-C0DE").await;
    browser.click("#pair").await;
    let advice = browser.find("[role=alert] .notice").await.text().await.expect("the advice has words");
    assert!(advice.contains("check it, or make a new one"), "{advice}");
    browser.until_focused("pair-code").await;

    browser.type_into("#pair-code", &server.pairing_code("Lobby 1").to_lowercase()).await;
    browser.click("#pair").await;
    browser.find("#check-in").await;
    browser.close().await;
}

/// The server refuses the numbering of another device; the kiosk begins its own, and sends again what it holds.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_that_is_paired_anew_delivers_what_it_held_once(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let network = Network::before(server.url()).await;
    let witness = server.add_device("witness");
    let kiosk = Kiosk::pair(engine, &server, &network.url()).await;
    kiosk.check_in("Grace Hopper", "Navy", "a").await;
    kiosk.browser.until_count("#sync-pill[data-pending='0']", 1, ARRIVAL_DEADLINE).await;
    network.set(Weather::BatchesRefused);
    assert_eq!(kiosk.check_in("Ada Lovelace", "Analytical Engines", "a").await, Delivery::Saved);

    let code = server.pairing_code("Lobby 1, again");
    kiosk.browser.open(&format!("{}/kiosk#pair={code}", network.url())).await;
    let is_taken = || async { (kiosk.browser.run("return location.hash").await == "").then_some(()) };
    wait::until("the code is gone from the address", ARRIVAL_DEADLINE, is_taken).await;
    kiosk.browser.until_count("#pair-code", 0, ARRIVAL_DEADLINE).await;
    kiosk.browser.find("#check-in").await;
    network.set(Weather::Fair);

    let expected = [("Grace Hopper", State::OnSite), ("Ada Lovelace", State::OnSite)];
    until_server_says(&server, &witness, &expected, ARRIVAL_DEADLINE).await;
    kiosk.browser.until_count("#sync-pill[data-pending='0'][data-link=connected]", 1, ARRIVAL_DEADLINE).await;
    kiosk.check_out("Ada").await;
    let expected = [("Grace Hopper", State::OnSite), ("Ada Lovelace", State::Left)];
    until_server_says(&server, &witness, &expected, ARRIVAL_DEADLINE).await;
    let visits = server.visits(&witness).await.expect("the server answers");
    let mut events: Vec<_> = visits.iter().map(|visit| visit.timeline.len()).collect();
    events.sort_unstable();
    assert_eq!(events, [1, 2]);
    kiosk.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_opens_the_printed_link_has_an_account_and_pairs_a_kiosk(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let browser = Browser::start(engine).await;
    browser.open(&server.setup_link().await).await;
    browser.type_into("#name", "Grace Hopper").await;
    browser.type_into("#email", "grace@example.com").await;
    browser.type_into("#password", "short").await;
    browser.click("#create-account").await;
    browser.until_focused("password").await;
    browser.type_into("#password", "a long and quiet morning").await;
    browser.click("#create-account").await;
    browser.until_count("#sync-pill[data-link=connected]", 1, ARRIVAL_DEADLINE).await;

    browser.click("#pair-kiosk").await;
    browser.type_into("#kiosk-name", "Lobby 3").await;
    browser.click("#make-code").await;
    let link = browser.find("#pairing-link").await.attr("href").await.ok().flatten().expect("the link leads somewhere");
    browser.close().await;

    let kiosk = Browser::start(engine).await;
    kiosk.open(&link).await;
    kiosk.find("#check-in").await;
    kiosk.until_count("#sync-pill[data-link=connected]", 1, ARRIVAL_DEADLINE).await;
    kiosk.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_chooses_a_language_and_the_next_one_is_greeted_in_the_kiosks_own(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    server.kill();
    let page = "return [document.documentElement.lang, document.documentElement.dir]";
    let greeting = "return document.querySelector('#confirmation h1').innerText.replace(/[\\u2068\\u2069]/g, '')";
    for (language, direction, greeted) in [
        ("fr", "ltr", "Votre arrivée est enregistrée, Ada Lovelace."),
        ("nl", "ltr", "U bent aangemeld, Ada Lovelace."),
        ("de", "ltr", "Sie sind angemeldet, Ada Lovelace."),
        ("es", "ltr", "Su entrada está registrada, Ada Lovelace."),
        ("ar", "rtl", "تم تسجيل وصولك، Ada Lovelace."),
    ] {
        kiosk.browser.click(&format!("[data-language={language}]")).await;
        kiosk.browser.until_count(&format!("[data-language={language}][aria-pressed=true]"), 1, ARRIVAL_DEADLINE).await;
        assert_eq!(kiosk.browser.run(page).await, serde_json::json!([language, direction]));
        kiosk.browser.click("#check-in").await;
        kiosk.browser.type_into("#visitor-name", "Ada Lovelace").await;
        kiosk.browser.click("#confirm").await;
        kiosk.browser.find("#confirmation").await;
        assert_eq!(kiosk.browser.run(greeting).await, greeted);
        kiosk.browser.click("#done").await;
        kiosk.browser.until_count("[data-language=en][aria-pressed=true]", 1, ARRIVAL_DEADLINE).await;
    }
    kiosk.browser.close().await;
}

/// A tablet runs no timers while it sleeps; the next visitor wakes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_that_slept_forgets_what_was_typed_when_it_wakes() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let browser = Browser::start(Engine::Chromium).await;
    browser.run_before_pages(CLOCK_TO_SET).await;
    let kiosk = Kiosk::pair_in(browser, &server, &server.url()).await;
    kiosk.browser.click("#check-in").await;
    kiosk.browser.type_into("#visitor-name", "Ada Lovelace").await;
    kiosk.browser.run("window.sleptMs = 10 * 60 * 1000").await;
    kiosk.browser.until_count("#visitor-name", 0, WAKING_DEADLINE).await;
    kiosk.browser.click("#check-in").await;
    kiosk.browser.find("#visitor-name").await;
    assert_eq!(kiosk.browser.run("return document.querySelector('#visitor-name').value").await, "");
    kiosk.browser.close().await;
}

/// From waking to the wiped screen: less than a visitor needs to step up.
const WAKING_DEADLINE: Duration = Duration::from_secs(3);

/// A clock that the test can set forward, which is all that a page sees of a sleep.
const CLOCK_TO_SET: &str = "
    window.sleptMs = 0;
    const now = Date.now.bind(Date);
    Date.now = () => now() + window.sleptMs;
";

/// What a browser tells a page when a newer service worker has taken over.
const NEWER_WORKER: &str = "
    window.isOldPage = true;
    navigator.serviceWorker.dispatchEvent(new Event('controllerchange'));
";

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_waits_until_nobody_is_at_the_kiosk() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let browser = Browser::start(Engine::Chromium).await;
    browser.run_before_pages(CLOCK_TO_SET).await;
    let kiosk = Kiosk::pair_in(browser, &server, &server.url()).await;
    kiosk.browser.until_served_by_worker().await;
    kiosk.browser.reload().await;
    kiosk.browser.click("#check-in").await;
    kiosk.browser.type_into("#visitor-name", "Ada Lovelace").await;
    kiosk.browser.run(NEWER_WORKER).await;
    // Past what the welcome waits for, and before the form is wiped.
    kiosk.browser.run("window.sleptMs = 65 * 1000").await;
    kiosk.browser.click("#confirm").await;
    kiosk.until_delivered().await;
    assert_eq!(kiosk.browser.run("return window.isOldPage").await, true);

    kiosk.browser.click("#done").await;
    kiosk.browser.find("#check-in").await;
    kiosk.browser.run("window.sleptMs += 65 * 1000").await;
    let is_new = || async { (kiosk.browser.run("return window.isOldPage").await.is_null()).then_some(()) };
    wait::until("the page is loaded anew", ARRIVAL_DEADLINE, is_new).await;
    kiosk.browser.find("#check-in").await;
    kiosk.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_whose_access_is_withdrawn_says_where_to_go_and_shows_nobody(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    kiosk.check_in("Ada Lovelace", "Analytical Engines", "a").await;
    kiosk.browser.until_count("#sync-pill[data-pending='0'][data-link=connected]", 1, ARRIVAL_DEADLINE).await;
    // Somebody is in the midst of it.
    kiosk.browser.click("#check-out").await;
    kiosk.browser.type_into("#find-visitor", "Ada").await;
    kiosk.browser.find("[data-visit]").await;

    server.revoke(server.device_called("Lobby 1"));
    kiosk.browser.until_count("#revoked", 1, REVOKED_DEADLINE).await;
    let page = kiosk.browser.find("body").await.text().await.expect("the page has words");
    assert!(page.contains(DEMO_SITE) && page.contains("see reception"), "{page}");
    assert!(!page.contains("Ada"), "{page}");
    kiosk.browser.find("#sync-pill[data-link=revoked]").await;
    // It does so too when it is started anew.
    kiosk.browser.reload().await;
    kiosk.browser.find("#revoked").await;

    kiosk.pair_again(&server).await;
    kiosk.browser.until_count("#sync-pill[data-link=connected]", 1, ARRIVAL_DEADLINE).await;
    kiosk.check_out("Ada").await;
    kiosk.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn where_the_site_says_so_one_is_found_by_the_whole_name_only(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    kiosk.check_in("Ada Lovelace", "Analytical Engines", "a").await;
    server.decide(r#"{"look_up":"full_name"}"#);
    kiosk.browser.click("#check-out").await;
    let told = || async {
        let hint = kiosk.browser.find("#find-visitor-hint").await.text().await.expect("the hint has words");
        hint.contains("whole name").then_some(())
    };
    wait::until("the kiosk hears what the site has decided", DECIDED_DEADLINE, told).await;
    for part in ["Ada", "Ada Lovelac", "Lovelace"] {
        kiosk.browser.type_into("#find-visitor", part).await;
        assert_nobody(&kiosk.browser, part).await;
    }
    kiosk.browser.type_into("#find-visitor", "ada lovelace").await;
    kiosk.browser.click("[data-visit]").await;
    kiosk.browser.click("#confirm").await;
    kiosk.until_delivered().await;
    kiosk.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn where_the_site_says_so_nobody_is_found_by_a_name_and_everybody_by_code_or_address_without_a_server_too(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let witness = server.add_device("witness");
    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    desk.browser.click("#new-visit").await;
    desk.browser.type_into("#visit-name", "Sophie Germain").await;
    desk.browser.type_into("#visit-company", "École Polytechnique").await;
    desk.browser.type_into("#visit-email", "sophie@example.com").await;
    desk.browser.click("#save-visit").await;
    until_server_says(&server, &witness, &[("Sophie Germain", State::Expected)], ARRIVAL_DEADLINE).await;
    desk.browser.close().await;
    server.decide(r#"{"look_up":"code_or_email"}"#);
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    let browser = &kiosk.browser;

    // Who was not invited, and gets a code.
    browser.click("#check-in").await;
    browser.until_count("#invitation", 1, DECIDED_DEADLINE).await;
    for typed in ["Sophie", "Sophie Germain", "sophie@example.com"] {
        browser.type_into("#visitor-name", typed).await;
        assert_nobody(browser, typed).await;
    }
    for part in ["Sophie Germain", "sophie@example", "sophie@example.co"] {
        browser.type_into("#invitation", part).await;
        assert_nobody(browser, part).await;
    }
    browser.type_into("#invitation", " ").await;
    browser.type_into("#visitor-name", "Ada Lovelace").await;
    browser.click("#confirm").await;
    kiosk.until_delivered().await;
    let code = browser.find(".reference strong").await.text().await.expect("the code has letters");
    browser.click("#done").await;

    // From here on without a server.
    browser.until_count("#sync-pill[data-pending='0'][data-link=connected]", 1, ARRIVAL_DEADLINE).await;
    server.kill();
    browser.click("#check-in").await;
    browser.type_into("#invitation", "Sophie@Example.com").await;
    browser.click("[data-expected]").await;
    browser.click("#confirm").await;
    assert_eq!(kiosk.confirmation().await, Delivery::Saved);
    browser.click("#done").await;
    browser.click("#check-out").await;
    for typed in ["Ada", "Ada Lovelace", "So", "sophie@", &code[..code.len() - 1]] {
        browser.type_into("#find-visitor", typed).await;
        assert_nobody(browser, typed).await;
    }
    browser.type_into("#find-visitor", &code.to_lowercase()).await;
    browser.until_count("[data-visit]", 1, ARRIVAL_DEADLINE).await;
    let found = browser.find("[data-visit]").await.text().await.expect("the visit has words");
    assert!(found.contains("Ada Lovelace"), "{found}");
    browser.click("[data-visit]").await;
    browser.click("#confirm").await;
    assert_eq!(kiosk.confirmation().await, Delivery::Saved);

    server.start_again().await;
    let expected = [("Sophie Germain", State::OnSite), ("", State::Left)];
    until_server_says(&server, &witness, &expected, CATCH_UP_DEADLINE).await;
    kiosk.browser.close().await;
}

/// Nobody is offered for what was typed; the page is given a moment in which it could.
async fn assert_nobody(browser: &Browser, typed: &str) {
    browser.run_async(TWO_FRAMES).await;
    assert_eq!(browser.count("[data-visit], [data-expected]").await, 0, "{typed}");
}

/// Calls back when what was typed has been drawn.
const TWO_FRAMES: &str = "requestAnimationFrame(() => requestAnimationFrame(arguments[arguments.length - 1]))";

/// From the server's return after a long story without it to what was done in it. `outage.rs` holds it to ten seconds;
/// here it only must come.
const CATCH_UP_DEADLINE: Duration = Duration::from_secs(30);

/// From a change of the site's settings to where a kiosk heeds it: a look at the server every ten seconds, and a tick.
const DECIDED_DEADLINE: Duration = Duration::from_secs(40);

/// From the withdrawal of a kiosk's access to where it must show: a calm page's tick, a look at the server, a receipt.
const REVOKED_DEADLINE: Duration = Duration::from_secs(40);

/// What Safari on an iPad says in a tab.
const IN_A_TAB_OF_SAFARI: &str = "Object.defineProperty(navigator, 'standalone', { value: false })";

/// There the browser would delete what waits after seven days.
#[tokio::test(flavor = "multi_thread")]
async fn an_ipad_is_paired_from_its_home_screen_and_not_in_a_tab() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let browser = Browser::start(Engine::Chromium).await;
    browser.run_before_pages(IN_A_TAB_OF_SAFARI).await;
    browser.show_at(TELEPHONE_PX, 844).await;
    browser.open(&format!("{}/kiosk#pair={}", server.url(), server.pairing_code("Lobby 1"))).await;
    browser.find("#install").await;
    assert_eq!(browser.count("#pair-code").await, 0);
    assert_fits(&browser, "installing").await;
    browser.close().await;
}

/// German words are the longest, Arabic ones run the other way.
#[tokio::test(flavor = "multi_thread")]
async fn in_no_language_is_a_screen_of_the_kiosk_wider_than_a_telephone() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let browser = Browser::start(Engine::Chromium).await;
    browser.show_at(TELEPHONE_PX, 844).await;
    let kiosk = Kiosk::pair_in(browser, &server, &server.url()).await;
    for language in ["en", "fr", "nl", "de", "es", "ar"] {
        kiosk.browser.click(&format!("[data-language={language}]")).await;
        kiosk.browser.until_count(&format!("[data-language={language}][aria-pressed=true]"), 1, ARRIVAL_DEADLINE).await;
        assert_fits(&kiosk.browser, language).await;
        for screen in ["check-in", "check-out"] {
            kiosk.browser.click(&format!("#{screen}")).await;
            kiosk.browser.find(".back").await;
            assert_fits(&kiosk.browser, &format!("{screen} in {language}")).await;
            kiosk.browser.click(".back").await;
        }
    }
    kiosk.browser.close().await;
}

/// On a telephone, in either direction of writing, with the longest words that people bring.
#[tokio::test(flavor = "multi_thread")]
async fn no_screen_is_wider_than_a_telephone() {
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let browser = Browser::start(Engine::Chromium).await;
    browser.show_at(TELEPHONE_PX, 844).await;
    browser.open(&server.url()).await;
    browser.find("a.choice").await;
    assert_fits(&browser, "the chooser").await;
    browser.open(&format!("{}/setup#token", server.url())).await;
    browser.find("#create-account").await;
    assert_fits(&browser, "setting up").await;
    browser.open(&format!("{}/kiosk", server.url())).await;
    browser.find("#pair-code").await;
    assert_fits(&browser, "pairing").await;

    let kiosk = Kiosk::pair_in(browser, &server, &server.url()).await;
    assert_fits(&kiosk.browser, "the welcome").await;
    kiosk.browser.click("#check-in").await;
    kiosk.browser.type_into("#visitor-name", LONG_NAME).await;
    kiosk.browser.type_into("#visitor-company", LONG_COMPANY).await;
    kiosk.browser.type_into("#host-search", "a").await;
    kiosk.browser.find("[data-host]").await;
    assert_fits(&kiosk.browser, "choosing a host").await;
    kiosk.browser.click("[data-host]").await;
    kiosk.browser.click("#confirm").await;
    kiosk.until_delivered().await;
    assert_fits(&kiosk.browser, "the confirmation").await;
    kiosk.browser.click("#done").await;
    kiosk.browser.click("#check-out").await;
    kiosk.browser.type_into("#find-visitor", "Bundes").await;
    kiosk.browser.find("[data-visit]").await;
    assert_fits(&kiosk.browser, "finding oneself").await;
    kiosk.browser.click("[data-visit]").await;
    kiosk.browser.find("#confirm").await;
    assert_fits(&kiosk.browser, "the question before leaving").await;
    kiosk.browser.close().await;

    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    desk.browser.show_at(TELEPHONE_PX, 844).await;
    desk.browser.find("[data-visit]").await;
    assert_fits(&desk.browser, "who is on site").await;
    server.kill();
    desk.expect_visitor(LONG_NAME, LONG_COMPANY).await;
    desk.until_link("unreachable").await;
    desk.show("expected").await;
    desk.browser.find("[data-visit][data-waiting]").await;
    assert_fits(&desk.browser, "who is expected").await;
    desk.browser.click("#sync-pill").await;
    desk.browser.until_count(".undelivered li", 1, ARRIVAL_DEADLINE).await;
    assert_fits(&desk.browser, "the sheet of the delivery").await;
    desk.open().await;
    desk.browser.click("#new-visit").await;
    desk.browser.find("#save-visit").await;
    assert_fits(&desk.browser, "a new visit").await;
    desk.browser.close().await;
}

/// The width of the telephones that most people have, in CSS pixels.
const TELEPHONE_PX: u32 = 390;

/// No space to break at, as in German.
const LONG_NAME: &str = "Bundesausbildungsförderungsgesetz-Donaudampfschifffahrtsgesellschaftskapitän";
const LONG_COMPANY: &str = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesellschaft";

async fn assert_fits(browser: &Browser, screen: &str) {
    let usual = browser.run("return document.documentElement.dir").await;
    for direction in ["ltr", "rtl"] {
        let script = format!(
            "document.documentElement.dir = '{direction}';
             const boxes = [document.scrollingElement, ...document.querySelectorAll('dialog')];
             return [innerWidth, boxes.some((box) => box.scrollWidth > box.clientWidth)];"
        );
        let measured = browser.run(&script).await;
        assert_eq!(measured, serde_json::json!([TELEPHONE_PX, false]), "{screen}, {direction}: it scrolls sideways");
    }
    browser.run(&format!("document.documentElement.dir = {usual}")).await;
}
