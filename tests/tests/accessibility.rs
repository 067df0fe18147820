//! No barriers that a program can find: axe-core looks at every screen, in every language, by day and by night.

use std::{fs, time::Duration};

use vestibule_tests::{
    browser::{self, Browser, Engine},
    lobby,
    people::{self, Desk, Kiosk, Office},
    provider::Provider,
    server::Server,
    workspace,
};

/// How long a screen may take to appear.
const SCREEN_DEADLINE: Duration = Duration::from_secs(10);

/// The languages of the kiosk, its own first.
const LANGUAGES: [&str; 6] = ["en", "fr", "nl", "de", "es", "ar"];

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_screens_of_the_kiosk() {
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let browser = Browser::start(Engine::Chromium).await;
    let mut look = Look::new();
    browser.run_before_pages("navigator.standalone = !location.search").await;
    browser.open(&format!("{}/kiosk?tab", server.url())).await;
    browser.find("#install").await;
    look.at(&browser, "how to install").await;
    browser.open(&server.url()).await;
    browser.find("a.choice").await;
    look.at(&browser, "the chooser").await;
    browser.open(&format!("{}/kiosk", server.url())).await;
    browser.click("#pair").await;
    browser.find(".wrong #pair-code").await;
    look.at(&browser, "pairing without a code").await;

    let kiosk = Kiosk::pair_in(browser, &server, &server.url()).await;
    let browser = &kiosk.browser;
    browser.until_served_by_worker().await;
    kiosk.check_in("Mary Somerville", "Royal Society", "a").await;
    for language in LANGUAGES {
        speak(browser, language).await;
        look.at(browser, &format!("{language}: the welcome")).await;
        browser.click("#check-in").await;
        browser.click("#confirm").await;
        browser.find(".wrong #visitor-name").await;
        look.at(browser, &format!("{language}: checking in without a name")).await;
        browser.type_into("#visitor-name", "Ada Lovelace").await;
        browser.type_into("#host-search", "a").await;
        browser.find("[data-host]").await;
        look.at(browser, &format!("{language}: choosing a host")).await;
        browser.click("[data-host]").await;
        look.at(browser, &format!("{language}: a host is chosen")).await;
        browser.click("#confirm").await;
        kiosk.until_delivered().await;
        look.at(browser, &format!("{language}: the confirmation")).await;
        browser.click("#done").await;

        speak(browser, language).await;
        browser.click("#check-out").await;
        browser.type_into("#find-visitor", "Somer").await;
        browser.find("[data-visit]").await;
        look.at(browser, &format!("{language}: finding oneself")).await;
        browser.click("[data-visit]").await;
        browser.find("#confirm").await;
        look.at(browser, &format!("{language}: the question before leaving")).await;
        browser.open(&format!("{}/kiosk", server.url())).await;
        browser.find("#check-in").await;
    }
    server.decide(r#"{"look_up":"code_or_email"}"#);
    browser.click("#check-in").await;
    browser.until_count("#invitation", 1, Duration::from_secs(40)).await;
    browser.click(".back").await;
    for language in LANGUAGES {
        speak(browser, language).await;
        browser.click("#check-in").await;
        browser.find("#invitation").await;
        look.at(browser, &format!("{language}: checking in by invitation")).await;
        browser.click(".back").await;
        browser.click("#check-out").await;
        browser.find("#find-visitor").await;
        look.at(browser, &format!("{language}: finding one's visit by its code")).await;
        browser.click(".back").await;
    }
    server.kill();
    browser.until_count("#sync-pill[data-link=unreachable]", 1, Duration::from_secs(30)).await;
    look.at(browser, "the welcome in an outage").await;
    kiosk.check_in("Sophie Germain", "École Polytechnique", "a").await;
    kiosk.open_staff_panel().await;
    browser.find(".undelivered li").await;
    look.at(browser, "the staff panel").await;
    browser.click(".back").await;
    server.start_again().await;
    server.revoke(server.device_called("Lobby 1"));
    browser.until_count("#revoked", 1, Duration::from_secs(40)).await;
    for language in LANGUAGES {
        speak(browser, language).await;
        look.at(browser, &format!("{language}: taken out of service")).await;
    }
    kiosk.open_staff_panel().await;
    look.at(browser, "the staff panel of a kiosk out of service").await;
    kiosk.browser.close().await;
    look.found_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_screens_of_the_desk() {
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let mut look = Look::new();
    let browser = Browser::start(Engine::Chromium).await;
    browser.open(&format!("{}/setup#token", server.url())).await;
    browser.click("#create-account").await;
    browser.find(".wrong #name").await;
    look.at(&browser, "the first account without a name").await;
    browser.open(&format!("{}/password#token", server.url())).await;
    browser.click("#keep-password").await;
    browser.find(".wrong #password").await;
    look.at(&browser, "no password chosen by a link").await;
    browser.type_into("#password", "a long and quiet evening").await;
    browser.click("#keep-password").await;
    browser.find("#to-sign-in").await;
    look.at(&browser, "a link that holds no more").await;
    let provider = Provider::start_for(&mut server).await;
    browser.open(&format!("{}/dashboard", server.url())).await;
    browser.find("#sign-in-with-provider").await;
    look.at(&browser, "signing in").await;
    drop(provider);
    browser.close().await;

    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    look_at_account(&mut look, &desk).await;
    look.at(&desk.browser, "nobody on site").await;
    desk.browser.click("#new-visit").await;
    desk.browser.find("#save-visit").await;
    look.at(&desk.browser, "a new visit").await;
    desk.browser.click("#new-several").await;
    desk.browser.type_into("#guests", "Ada Lovelace\n, Navy").await;
    desk.browser.find(".preview .field-error").await;
    look.at(&desk.browser, "several visitors, of whom one has no name").await;
    desk.open().await;
    desk.browser.click("#keys").await;
    desk.browser.find("#use-keys").await;
    look.at(&desk.browser, "what the keys do").await;
    desk.go("attention").await;
    desk.browser.until_count(".attention .empty", 1, SCREEN_DEADLINE).await;
    look.at(&desk.browser, "nothing needs attention").await;
    lobby::bring_doubts(&server, &server.add_device("Lobby 2")).await;
    desk.browser.reload().await;
    desk.browser.until_count(".doubt", 2, SCREEN_DEADLINE).await;
    look.at(&desk.browser, "what needs attention").await;
    desk.browser.click("[data-action=merge]").await;
    desk.browser.find("#confirm-decision").await;
    look.at(&desk.browser, "the sheet to merge").await;
    for (action, wrong) in [("set-right", "#visit-name"), ("dismiss", "#note")] {
        desk.browser.reload().await;
        desk.browser.click(&format!("[data-action={action}]")).await;
        desk.browser.click("#confirm-decision").await;
        desk.browser.find(&format!(".wrong {wrong}")).await;
        look.at(&desk.browser, &format!("the sheet to {action}, with something missing")).await;
    }
    desk.open().await;
    desk.go("devices").await;
    desk.browser.click("#bring-in").await;
    desk.browser.find("#carried-file").await;
    look.at(&desk.browser, "bringing in entries").await;
    desk.open().await;
    server.kill();
    desk.expect_visitor("Emmy Noether", "Göttingen").await;
    desk.until_link("unreachable").await;
    desk.show("expected").await;
    desk.browser.find("[data-visit][data-waiting]").await;
    look.at(&desk.browser, "who is expected, in an outage").await;
    desk.browser.click("#sync-pill").await;
    desk.browser.until_count(".undelivered li", 1, SCREEN_DEADLINE).await;
    look.at(&desk.browser, "the sheet of the delivery").await;
    desk.browser.close().await;
    look.found_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_pages_of_the_office() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    server.decide(SETTINGS);
    let mut look = Look::new();
    let office = Office::sign_in(Engine::Chromium, &server, &server.url()).await;
    let browser = &office.browser;
    browser.find("[data-host]").await;
    look.at(browser, "the hosts").await;
    browser.click("#add-host").await;
    browser.click("#save-host").await;
    browser.find(".wrong #host-name").await;
    look.at(browser, "a host without a name").await;
    browser.click(".sheet-top button").await;
    browser.click("#import-hosts").await;
    browser.choose_file("#hosts-file", "hosts.csv", "name\n\"\",\n").await;
    browser.find("#preview .field-error").await;
    look.at(browser, "hosts from a file, of which one has no name").await;
    office.go("/settings").await;
    browser.find("#save-settings").await;
    browser.find(".item").await;
    browser.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })").await;
    look.at(browser, "the settings, all unfolded").await;
    office.go("/colleagues").await;
    browser.find("[data-colleague]").await;
    look.at(browser, "the colleagues").await;
    browser.click("[data-colleague] [data-action=change]").await;
    browser.find("#save-colleague").await;
    look.at(browser, "a colleague").await;
    browser.click(".sheet-top button").await;
    browser.click("#add-colleague").await;
    browser.click("#save-colleague").await;
    browser.find(".wrong #colleague-name").await;
    look.at(browser, "a colleague without a name").await;
    office.go("/keys").await;
    browser.click("#make-key").await;
    browser.type_into("#key-name", "Access control").await;
    look.at(browser, "a new key").await;
    browser.click("#save-key").await;
    browser.find("#key").await;
    look.at(browser, "the new key").await;
    browser.click(".sheet-top button").await;
    browser.find("[data-key]").await;
    look.at(browser, "the keys").await;
    office.browser.close().await;
    look.found_nothing();
}

/// Something of each kind that a site decides.
const SETTINGS: &str = r##"{"welcome":{"en":"Please check in.","de":"Bitte melden Sie sich an."},"accent":"#0f5c52",
    "visitor_types":[{"id":"contractor","label":{"en":"Contractor"},"fields":[
        {"id":"area","label":{"en":"Where?"},"kind":{"choice":[{"id":"roof","label":{"en":"Roof"}}]}}]}],
    "agreements":[{"id":"nda","version":3,"title":{"en":"Secrets"},"text":{"en":"Keep them."},"for_types":["contractor"]}]}"##;

/// One's own account, while its second factor is turned on; and signing in with a code.
async fn look_at_account(look: &mut Look, desk: &Desk) {
    let browser = &desk.browser;
    browser.click("#account").await;
    browser.click("#change-password").await;
    browser.find(".wrong #current-password").await;
    look.at(browser, "one's own account").await;
    browser.click("#set-up-second-factor").await;
    let key = browser.text("#second-factor-key").await;
    look.at(browser, "the key of a second factor").await;
    browser.type_into("#first-code", &people::code(&key, 0)).await;
    browser.click("#confirm-second-factor").await;
    browser.find("#recovery-codes").await;
    look.at(browser, "recovery codes").await;
    browser.click(".sheet-top button").await;
    browser.click("#sign-out").await;
    desk.type_credentials().await;
    browser.find("#code").await;
    browser.click("#sign-in").await;
    browser.find(".wrong #code").await;
    look.at(browser, "signing in with a code").await;
    browser.type_into("#code", &people::code(&key, 1)).await;
    browser.click("#sign-in").await;
    browser.click("#account").await;
    browser.find("#give-up-second-factor").await;
    look.at(browser, "an account with a second factor").await;
    desk.open().await;
    desk.until_link("connected").await;
    browser.click("#pair-kiosk").await;
    browser.click("#make-code").await;
    browser.find("#pairing-code").await;
    look.at(browser, "a code to pair a kiosk with").await;
    desk.open().await;
}

async fn speak(browser: &Browser, language: &str) {
    browser.click(&format!("[data-language={language}]")).await;
    browser.until_count(&format!("[data-language={language}][aria-pressed=true]"), 1, SCREEN_DEADLINE).await;
}

/// axe-core, and what it found so far.
struct Look {
    axe: String,
    found: Vec<String>,
}

impl Look {
    fn new() -> Self {
        let path = workspace().join("tests/peers/axe/node_modules/axe-core/axe.min.js");
        let axe = fs::read_to_string(path).expect("`scripts/setup tests` installs axe-core");
        Self { axe, found: Vec::new() }
    }

    /// Looks at the screen that is open, in both colour schemes.
    async fn at(&mut self, browser: &Browser, screen: &str) {
        if browser.run("return typeof axe").await == "undefined" {
            browser.run(&self.axe).await;
        }
        for scheme in ["light", "dark"] {
            browser.prefer_color_scheme(scheme).await;
            let barriers = browser.run_async(LOOK).await;
            let barriers = barriers.as_array().unwrap_or_else(|| panic!("{screen}: axe failed: {barriers}"));
            self.found.extend(barriers.iter().map(|barrier| format!("{screen}, {scheme}: {barrier}")));
        }
    }

    fn found_nothing(self) {
        assert!(self.found.is_empty(), "{} barriers:\n{}", self.found.len(), self.found.join("\n"));
    }
}

/// Every rule of axe, and with them the size of what one touches (WCAG 2.2, 2.5.8), which it leaves out by default.
const LOOK: &str = "
    const done = arguments[arguments.length - 1];
    const rules = { 'target-size': { enabled: true } };
    axe.run(document, { rules, resultTypes: ['violations'] }).then(
        ({ violations }) => done(violations.flatMap(({ id, nodes }) =>
            nodes.map(({ html, any }) => `${id}: ${html.slice(0, 200)} ${any.map(({ message }) => message).join(' ')}`))),
        (error) => done(String(error)),
    );
";
