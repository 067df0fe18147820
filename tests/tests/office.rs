//! What admins decide and keep, and that the kiosks hear of it.

use std::time::Duration;

use vestibule_tests::{
    browser::{self, Engine},
    people::{Kiosk, Office},
    server::Server,
};

/// From a decision in the office to what it changes on a kiosk.
const HEARD_DEADLINE: Duration = Duration::from_secs(30);

/// From a press to what it changes on the page.
const DONE_DEADLINE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn hosts_are_added_by_form_and_by_file_all_or_none_and_a_kiosk_offers_them_until_they_leave() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let kiosk = Kiosk::pair(Engine::Chromium, &server, &server.url()).await;
    let office = Office::sign_in(Engine::Chromium, &server, &server.url()).await;
    let browser = &office.browser;
    browser.find("[data-host]").await;
    let before = browser.count("[data-host]").await;

    browser.click("#add-host").await;
    browser.click("#save-host").await;
    browser.find(".wrong #host-name").await;
    browser.type_into("#host-name", "Annie Easley").await;
    browser.type_into("#host-department", "Computing").await;
    browser.click("#save-host").await;
    browser.until_count("[data-host]", before + 1, DONE_DEADLINE).await;

    browser.click("#import-hosts").await;
    browser.choose_file("#hosts-file", "hosts.csv", "name;team\nDorothy Vaughan;Computing\n;Computing\n").await;
    browser.find("#preview .field-error").await;
    browser.find("#save-hosts:disabled").await;
    browser.choose_file("#hosts-file", "hosts.csv", "name;team\nDorothy Vaughan;Computing\n").await;
    browser.click("#save-hosts:not(:disabled)").await;
    browser.until_says(".told", "1 added").await;
    browser.until_count("[data-host]", before + 2, DONE_DEADLINE).await;

    let at_kiosk = &kiosk.browser;
    at_kiosk.click("#check-in").await;
    at_kiosk.type_into("#host-search", "Dorothy V").await;
    at_kiosk.until_count("[data-host]:not([data-host=nobody])", 1, HEARD_DEADLINE).await;
    browser.type_into("#find-host", "Dorothy").await;
    browser.until_count("[data-host]", 1, DONE_DEADLINE).await;
    browser.click("[data-host] [data-action=leave]").await;
    browser.until_count(".host.gone", 1, DONE_DEADLINE).await;
    at_kiosk.until_count("[data-host]:not([data-host=nobody])", 0, HEARD_DEADLINE).await;
    office.browser.close().await;
    kiosk.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_follows_what_is_saved_and_of_two_who_save_at_once_neither_undoes_the_other() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let kiosk = Kiosk::pair(Engine::Chromium, &server, &server.url()).await;
    let office = Office::sign_in(Engine::Chromium, &server, &server.url()).await;
    office.go("/settings").await;
    office.browser.find("#save-settings").await;
    let other = Office::join(Engine::Chromium, &server.url()).await;
    other.go("/settings").await;
    other.browser.find("#save-settings").await;

    office.choose("Visitors find themselves", "by their code or e-mail address only").await;
    office.save().await;
    kiosk.browser.click("#check-in").await;
    kiosk.browser.until_count("#invitation", 1, HEARD_DEADLINE).await;

    other.browser.type_into("#pin", "12").await;
    other.browser.click("#save-settings").await;
    other.browser.find(".wrong #pin").await;
    other.browser.type_into("#pin", "1234").await;
    other.browser.click("#save-settings").await;
    other.browser.until_says(".save-said .notice", "Somebody else saved meanwhile").await;
    other.save().await;
    let decided = server.decided();
    assert_eq!(decided["look_up"], "code_or_email");
    assert!(decided["staff_pin"]["hash"].is_string(), "{decided}");
    office.browser.close().await;
    other.browser.close().await;
    kiosk.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_with_a_question_is_made_and_another_text_of_an_agreement_is_another_version() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    server.decide(r#"{"agreements":[{"id":"nda","version":3,"title":{"en":"Secrets"},"text":{"en":"Keep them."}}]}"#);
    let office = Office::sign_in(Engine::Chromium, &server, &server.url()).await;
    office.go("/settings").await;
    let browser = &office.browser;
    office.reach("[data-add='What visitors can be']").await;
    browser.click("#save-settings").await;
    browser.find(".wrong [aria-label='What it is called, English']").await;
    browser.type_into("[aria-label='What it is called, English']", "Contractor").await;
    office.reach("[data-add='Questions of your own']").await;
    browser.type_into("[aria-label='The question, English']", "Hot work?").await;
    office.choose("It is answered", "by yes or no").await;
    let agreement = ".item:has([aria-label='Text, English'])";
    office.reach(&format!("{agreement} > summary")).await;
    browser.type_into("[aria-label='Text, English']", "Keep them well.").await;
    office.save().await;
    let decided = server.decided();
    let contractor = &decided["visitor_types"][0];
    assert_eq!(contractor["label"]["en"], "Contractor");
    assert_eq!(contractor["fields"][0]["kind"], "yes_no");
    let agreement = &decided["agreements"][0];
    assert_eq!((&agreement["id"], &agreement["version"]), (&"nda".into(), &4.into()));
    assert_eq!(agreement["text"]["en"], "Keep them well.");
    office.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_is_given_an_account_and_chooses_the_password_and_a_program_is_given_a_key_until_it_is_withdrawn() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let office = Office::sign_in(Engine::Chromium, &server, &server.url()).await;
    let browser = &office.browser;
    office.go("/keys").await;
    browser.click("#make-key").await;
    browser.type_into("#key-name", "Access control").await;
    browser.click("#save-key").await;
    let key = browser.text("#key").await;
    let asked = || async {
        let asked = reqwest::Client::new().get(format!("{}/api/v1/visits", server.url())).bearer_auth(&key);
        asked.send().await.expect("the server answers").status().as_u16()
    };
    assert_eq!(asked().await, 200);
    browser.click(".sheet-top button").await;
    browser.click("[data-key] [data-action=withdraw]").await;
    browser.click("#confirm-withdrawal").await;
    browser.until_count(".key.gone", 1, DONE_DEADLINE).await;
    assert_eq!(asked().await, 401);

    office.go("/colleagues").await;
    browser.until_count("[data-colleague]", 1, DONE_DEADLINE).await;
    // The last who can let others in stays.
    browser.click("[data-colleague] [data-action=change]").await;
    browser.click("[data-action=close]").await;
    browser.until_says("dialog .notice", "This is the last administrator").await;
    browser.click(".sheet-top button").await;
    browser.click("#add-colleague").await;
    browser.type_into("#colleague-name", "Annie Easley").await;
    browser.type_into("#colleague-email", "annie@example.com").await;
    browser.click("#save-colleague").await;
    let link = browser.text("#password-link").await;
    browser.open(&link).await;
    browser.type_into("#password", "a long and quiet evening").await;
    browser.click("#keep-password").await;
    browser.find("#to-sign-in").await;
    office.go("/colleagues").await;
    browser.until_count("[data-colleague]", 2, DONE_DEADLINE).await;
    office.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_front_desk_that_opens_the_office_is_told_whose_it_is() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    server.add_receptionist("ada@example.com", "a long and quiet evening");
    let browser = browser::Browser::start(Engine::Chromium).await;
    browser.open(&format!("{}/office", server.url())).await;
    browser.type_into("#email", "ada@example.com").await;
    browser.type_into("#password", "a long and quiet evening").await;
    browser.click("#sign-in").await;
    browser.until_says("h1", "For administrators").await;
    browser.close().await;
}
