//! What real browsers make of the server's rules: the content security policy lets the whole app through, and nothing
//! that was put into a page; and with an authority of one's own, a kiosk works over https.

use std::{fs, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use rcgen::{KeyPair, PublicKeyData};
use rstest::rstest;
use serde_json::json;
use sha2::{Digest, Sha256};
use vestibule_tests::{
    browser::{self, Browser, Engine},
    lan::{self, Entry},
    people::{Delivery, Kiosk},
    server::Server,
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_app_breaks_no_rule_of_its_own_policy_and_a_script_put_into_a_page_does_not_run(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    server.add_admin("grace@example.com", "correct horse battery");
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    // The worker begins anew as the page does, under the policy of its own script.
    kiosk.browser.reload().await;
    kiosk.browser.find("#check-in").await;
    listen(&kiosk.browser).await;
    kiosk.check_in("Ada Lovelace", "Analytical Engines", "a").await;
    assert_eq!(broken(&kiosk.browser).await, json!([]));
    inject(&kiosk.browser).await;

    kiosk.browser.open(&format!("{}/dashboard", server.url())).await;
    listen(&kiosk.browser).await;
    kiosk.browser.type_into("#email", "grace@example.com").await;
    kiosk.browser.type_into("#password", "correct horse battery").await;
    kiosk.browser.click("#sign-in").await;
    kiosk.browser.find("#tab-on-site").await;
    assert_eq!(broken(&kiosk.browser).await, json!([]));

    kiosk.browser.open(&format!("{}/api/v1/docs", server.url())).await;
    kiosk.browser.find("details").await;
    kiosk.browser.close().await;
}

#[tokio::test]
async fn no_page_has_anything_inline() {
    let server = Server::start().await;
    for path in ["/kiosk", "/dashboard", "/office", "/api/v1/docs"] {
        let page = reqwest::get(format!("{}{path}", server.url())).await.expect("an answer").text().await;
        let page = page.expect("a page");
        assert!(page.contains("<script "), "{path} starts a program");
        for inline in ["<script>", "<style", " style=", " onload=", " onclick=", "javascript:"] {
            assert!(!page.contains(inline), "{path} has {inline}");
        }
        let scripts = page.matches("<script ").count();
        assert_eq!(page.matches(" src=\"").count(), scripts, "{path}: every script is a file");
    }
}

/// On a network with an address as an office's has, by the authority that was installed, and by no exception.
async fn work_on_the_lan(engine: Engine, test: &str) {
    if !engine.is_here() || lan::enter(test) == Entry::Over {
        return;
    }
    let mut server = Server::start_with_tls(lan::ADDRESS).await;
    let browser = Browser::start(engine).await;
    browser.try_open(&format!("{}/kiosk", server.url())).await;
    assert_eq!(browser.count("#pair-code").await, 0, "nobody trusts it yet");
    browser.close().await;

    let _trusted = lan::trust(&server.authority());
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    let at = kiosk.browser.run("return [location.protocol, location.hostname, isSecureContext];").await;
    assert_eq!(at, json!(["https:", lan::ADDRESS, true]));
    assert_eq!(kiosk.check_in("Ada Lovelace", "Analytical Engines", "a").await, Delivery::Delivered);

    server.kill();
    kiosk.browser.reload().await;
    assert_eq!(kiosk.check_in("Grace Hopper", "Navy", "a").await, Delivery::Saved);
    server.start_again().await;
    kiosk.browser.until_count(r##"#sync-pill[data-pending="0"]"##, 1, DELIVERED).await;
    kiosk.browser.close().await;
}

/// How long what was saved may take to be delivered once the server is back.
const DELIVERED: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread")]
async fn chromium_is_paired_over_https_at_a_lan_address_by_the_authority_of_the_house() {
    let _turn = browser::turn().await;
    let test = "chromium_is_paired_over_https_at_a_lan_address_by_the_authority_of_the_house";
    work_on_the_lan(Engine::Chromium, test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webkit_is_paired_over_https_at_a_lan_address_by_the_authority_of_the_house() {
    let _turn = browser::turn().await;
    let test = "webkit_is_paired_over_https_at_a_lan_address_by_the_authority_of_the_house";
    work_on_the_lan(Engine::WebKit, test).await;
}

/// As on an office's network: not loopback's usual address, no public authority, and the server away afterwards.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_that_trusts_the_authority_is_paired_over_https_and_opens_without_the_server(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let mut server = Server::start_with_tls("127.0.0.2").await;
    let key = fs::read_to_string(server.tls_key()).expect("`tls init` made a key");
    let key = KeyPair::from_pem(&key).expect("it is a key");
    let hash = BASE64.encode(Sha256::digest(key.subject_public_key_info()));
    let browser = Browser::start_trusting(engine, &hash).await;
    let kiosk = Kiosk::pair_in(browser, &server, &server.url()).await;
    kiosk.browser.until_served_by_worker().await;
    assert_eq!(kiosk.browser.run("return [location.protocol, isSecureContext];").await, json!(["https:", true]));
    assert_eq!(kiosk.check_in("Ada Lovelace", "Analytical Engines", "a").await, Delivery::Delivered);

    server.kill();
    kiosk.browser.reload().await;
    assert_eq!(kiosk.check_in("Grace Hopper", "Navy", "a").await, Delivery::Saved);
    kiosk.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_trust_the_authority_is_shown_no_kiosk() {
    let _turn = browser::turn().await;
    let server = Server::start_with_tls("127.0.0.2").await;
    let browser = Browser::start(Engine::Chromium).await;
    browser.try_open(&format!("{}/kiosk", server.url())).await;
    assert_eq!(browser.count("#pair-code").await, 0);
    browser.close().await;
}

/// Collects what the policy refuses from now on.
async fn listen(browser: &Browser) {
    browser.run(LISTEN).await;
}

const LISTEN: &str = r#"
    window.broken = [];
    document.addEventListener("securitypolicyviolation", (event) =>
        window.broken.push(`${event.effectiveDirective} ${event.blockedURI}`));
"#;

async fn broken(browser: &Browser) -> serde_json::Value {
    browser.run("return window.broken;").await
}

/// What a hole in the app would let somebody do.
async fn inject(browser: &Browser) {
    let found = browser.run_async(INJECT).await;
    assert_eq!(found, json!({"ran": false, "refused": true}));
}

const INJECT: &str = r#"
    const done = arguments[arguments.length - 1];
    document.addEventListener("securitypolicyviolation", () => done({ ran: window.ran === true, refused: true }));
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
"#;
