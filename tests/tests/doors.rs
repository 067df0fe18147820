//! The doors of an account: the second factor, the one-time link, the identity provider, one's own password, signing out
//! of every browser, and the trail that all of it leaves.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};
use vestibule_tests::{
    browser::{self, Browser, Engine},
    people::code,
    provider::Provider,
    server::Server,
    wait,
};

const EMAIL: &str = "grace@example.com";
const PASSWORD: &str = "a long and quiet morning";
const ANOTHER_PASSWORD: &str = "an even longer afternoon";

/// How long signing out may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// Waits for the turn, and starts a server with an administrator and a browser at its dashboard.
macro_rules! at_the_desk {
    ($engine:ident, $server:ident, $browser:ident) => {
        if !$engine.is_here() {
            return;
        }
        let _turn = browser::turn().await;
        #[allow(unused_mut, reason = "some tests start it again")]
        let mut $server = Server::start().await;
        $server.add_admin(EMAIL, PASSWORD);
        let $browser = Browser::start($engine).await;
        $browser.open(&format!("{}/dashboard", $server.url())).await;
    };
}

async fn type_credentials(browser: &Browser, password: &str) {
    browser.type_into("#email", EMAIL).await;
    browser.type_into("#password", password).await;
    browser.click("#sign-in").await;
}

/// Signs in with the password alone, and waits for the desk.
async fn sign_in(browser: &Browser, password: &str) {
    type_credentials(browser, password).await;
    browser.find("#tab-on-site").await;
}

/// Tries to, and gives what is said of it. The cursor goes to the password then, from wherever it is.
async fn fail_to_sign_in(browser: &Browser, password: &str) -> String {
    type_credentials(browser, password).await;
    let said = browser.text(".notice").await;
    browser.until_focused("password").await;
    said
}

async fn sign_out(browser: &Browser) {
    browser.click("#sign-out").await;
    browser.find("#email").await;
}

async fn open_account(browser: &Browser) {
    browser.click("#account").await;
    browser.find("#second-factor").await;
}

/// Somebody signed in elsewhere: by a program, which sees what a browser would be answered.
struct Elsewhere {
    client: Client,
    url: String,
    cookie: String,
}

impl Elsewhere {
    async fn sign_in(server: &Server) -> Self {
        let client = Client::new();
        let url = format!("{}/api/v1/session", server.url());
        let answer = client.post(url).json(&json!({ "email": EMAIL, "password": PASSWORD })).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status).expect("the password is right");
        let cookie = answer.headers()[header::SET_COOKIE].to_str().expect("a cookie is ASCII");
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Self { client, url: server.url(), cookie }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url)).header(header::COOKIE, &self.cookie)
    }

    async fn is_signed_in(&self) -> bool {
        let answer = self.request(Method::GET, "/api/v1/session").send().await.expect("the server answers");
        answer.status() == StatusCode::OK
    }

    /// Gives the account a second factor, and gives its key.
    async fn add_second_factor(&self) -> String {
        let path = "/api/v1/session/second-factor";
        let offered = self.request(Method::POST, path).send().await.expect("the server answers");
        let offered: Value = offered.json().await.expect("an offer is JSON");
        let key = offered["secret"].as_str().expect("an offer has a secret").to_owned();
        let confirmed = self.request(Method::PUT, path).json(&json!({ "code": code(&key, 0) })).send().await;
        confirmed.and_then(reqwest::Response::error_for_status).expect("the code is right");
        key
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn with_a_second_factor_the_desk_asks_for_a_code_and_lets_only_a_right_one_in(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    at_the_desk!(engine, server, browser);
    let key = Elsewhere::sign_in(&server).await.add_second_factor().await;
    type_credentials(&browser, PASSWORD).await;
    browser.until_focused("code").await;
    browser.type_into("#code", "000000").await;
    browser.click("#sign-in").await;
    assert!(browser.text(".notice").await.starts_with("That code does not hold."));
    // That of the next step: the one of this step was used when it was set up.
    browser.type_into("#code", &code(&key, 1)).await;
    browser.click("#sign-in").await;
    browser.find("#tab-on-site").await;
    browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_is_set_up_by_a_square_or_a_key_opens_by_a_recovery_code_and_is_given_up(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    at_the_desk!(engine, server, browser);
    sign_in(&browser, PASSWORD).await;
    open_account(&browser).await;
    browser.click("#set-up-second-factor").await;
    let key = browser.text("#second-factor-key").await;
    browser.find("#second-factor .qr").await;
    let link = browser.run("return document.querySelector('#open-in-app').href").await;
    let link = link.as_str().expect("it is a link").to_owned();
    assert!(link.starts_with("otpauth://totp/") && link.contains(&key.replace(' ', "")), "{link}");
    browser.type_into("#first-code", "000000").await;
    browser.click("#confirm-second-factor").await;
    assert!(browser.text("#second-factor .notice").await.starts_with("That code does not hold."));
    browser.type_into("#first-code", &code(&key, 0)).await;
    browser.click("#confirm-second-factor").await;
    let recovery_code = browser.text("#recovery-codes li").await;
    assert_eq!(browser.count("#recovery-codes li").await, 10);
    browser.click(".sheet-top button").await;
    sign_out(&browser).await;

    type_credentials(&browser, PASSWORD).await;
    browser.type_into("#code", &recovery_code).await;
    browser.click("#sign-in").await;
    browser.find("#tab-on-site").await;
    open_account(&browser).await;
    browser.type_into("#proof", "a borrowed screen").await;
    browser.click("#give-up-second-factor").await;
    assert_eq!(browser.text("#second-factor .notice").await, "That is not your current password.");
    browser.type_into("#proof", PASSWORD).await;
    browser.click("#give-up-second-factor").await;
    browser.find("#set-up-second-factor").await;
    browser.click(".sheet-top button").await;
    sign_out(&browser).await;
    sign_in(&browser, PASSWORD).await;
    browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_link_leads_to_a_new_password_and_to_the_desk_and_says_so_when_it_was_used(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    at_the_desk!(engine, server, browser);
    let link = server.password_link(EMAIL);
    browser.open(&link).await;
    browser.type_into("#password", "short").await;
    browser.click("#keep-password").await;
    browser.find(".wrong #password").await;
    browser.type_into("#password", ANOTHER_PASSWORD).await;
    browser.click("#keep-password").await;
    browser.until_focused("to-sign-in").await;
    assert!(!browser.address().await.contains('#'), "the secret is gone from the address");
    browser.click("#to-sign-in").await;
    let said = fail_to_sign_in(&browser, PASSWORD).await;
    assert!(said.contains("don’t fit together"), "the old one is no more: {said}");
    sign_in(&browser, ANOTHER_PASSWORD).await;

    // Not the page that is open, of which only the fragment would change.
    browser.open(&format!("{}/dashboard", server.url())).await;
    browser.open(&link).await;
    browser.type_into("#password", PASSWORD).await;
    browser.click("#keep-password").await;
    assert!(browser.text(".notice").await.contains("it was used"));
    assert_eq!(browser.count("#password").await, 0, "nothing that is typed would help");
    browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_has_an_account_comes_in_by_the_identity_providers_button_and_who_has_none_reads_why_not(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    at_the_desk!(engine, server, browser);
    let provider = Provider::start_for(&mut server).await;
    browser.reload().await;
    assert_eq!(browser.text("#sign-in-with-provider").await, "Sign in with Example");
    provider.sign_in(&browser, "mallory").await;
    assert!(browser.text(".notice").await.contains("verified"));
    assert!(!browser.address().await.contains('#'), "it is said once");
    provider.sign_in(&browser, "grace").await;
    browser.find("#tab-on-site").await;
    // Also where the service worker answers for the pages.
    browser.until_served_by_worker().await;
    sign_out(&browser).await;
    provider.sign_in(&browser, "grace").await;
    browser.find("#tab-on-site").await;
    browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn signing_out_everywhere_ends_this_session_and_every_other(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    at_the_desk!(engine, server, browser);
    let elsewhere = Elsewhere::sign_in(&server).await;
    sign_in(&browser, PASSWORD).await;
    open_account(&browser).await;
    browser.click("#sign-out-everywhere").await;
    browser.find("#email").await;
    assert!(!elsewhere.is_signed_in().await);
    browser.reload().await;
    browser.find("#email").await;
    browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_by_who_knows_it_and_ends_every_session_but_this_one(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    at_the_desk!(engine, server, browser);
    let elsewhere = Elsewhere::sign_in(&server).await;
    sign_in(&browser, PASSWORD).await;
    open_account(&browser).await;
    browser.type_into("#current-password", "a borrowed screen").await;
    browser.type_into("#new-password", ANOTHER_PASSWORD).await;
    browser.click("#change-password").await;
    assert_eq!(browser.text("#password-part .notice").await, "That is not your current password.");
    browser.type_into("#current-password", PASSWORD).await;
    browser.click("#change-password").await;
    browser.find("#password-changed").await;
    assert!(!elsewhere.is_signed_in().await);
    browser.reload().await;
    browser.find("#tab-on-site").await;
    sign_out(&browser).await;
    sign_in(&browser, ANOTHER_PASSWORD).await;
    browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_takes_the_audit_trail_away_as_a_file(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    at_the_desk!(engine, server, browser);
    fail_to_sign_in(&browser, "not it").await;
    sign_in(&browser, PASSWORD).await;
    open_account(&browser).await;
    let trail = browser.save("#export-trail", "audit.csv").await;
    for action in ["staff.sign_in_failed", "staff.signed_in", "device.enrolled"] {
        assert!(trail.contains(action), "{action} is in the trail: {trail}");
    }
    browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_signs_out_leaves_no_copy_of_what_the_server_said_on_the_page_or_in_its_storage(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    at_the_desk!(engine, server, browser);
    sign_in(&browser, PASSWORD).await;
    browser.open(&format!("{}/dashboard/devices", server.url())).await;
    browser.find(".device").await;
    let keys = "return Object.keys(localStorage).filter((key) => key.startsWith('vestibule.')).length";
    assert!(browser.run(keys).await.as_u64() > Some(1), "who it is, and what the page shows");
    sign_out(&browser).await;
    // The server has heard it once nobody is remembered as leaving.
    let none = || async { (browser.run(keys).await == 0).then_some(()) };
    wait::until("nothing is left", DEADLINE, none).await;
    assert_eq!(browser.count(".device").await, 0);
    browser.close().await;
}
