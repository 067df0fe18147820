//! Takes pictures of every screen, on a morning at the demo site: `make screens` puts them into `target/screens/`.

use std::{fs, path::PathBuf, time::Duration};

use serde_json::json;
use vestibule_protocol::settings::PinHash;
use vestibule_tests::{
    browser::{Browser, Engine},
    lobby,
    morning::spend_a_morning,
    network::{Network, REFUSED_WORD, Weather},
    people::{self, Desk, Kiosk, Office},
    provider::Provider,
    server::Server,
    workspace,
};

/// Name, width and height of the windows: iPad both ways, phone, desktop.
const WINDOWS: [(&str, u32, u32); 4] =
    [("landscape", 1180, 820), ("portrait", 820, 1180), ("phone", 390, 844), ("desktop", 1440, 900)];

/// Within which a kiosk shows that its access was withdrawn, or does what its site has decided.
const REVOKED_DEADLINE: Duration = Duration::from_secs(40);

#[tokio::main]
async fn main() {
    let folder = std::env::args().nth(1).map_or_else(|| workspace().join("target/screens"), PathBuf::from);
    fs::create_dir_all(&folder).expect("the folder can be made");
    let mut server = Server::start().await;
    spend_a_morning(&server, &server.add_device("Lobby 2")).await;
    lobby::bring_doubts(&server, &server.add_device("Gate")).await;
    let album = Album { folder };
    photograph_kiosk(&album, &server).await;
    photograph_what_is_carried(&album).await;
    photograph_office(&album, &server).await;
    photograph_desk(&album, &mut server).await;
}

/// A list of guests, one line of which is not right.
const GUESTS: &str = "name,company,host,date,time\nAda Lovelace,Analytical Engines,,2030-03-20,14:30\n\
    Maximiliane Wolfeschlegelsteinhausenbergerdorff,Donaudampfschifffahrtsgesellschaft mbH,Nobody,3/4/2030,\n";

struct Album {
    folder: PathBuf,
}

impl Album {
    /// Takes the screen in every window, light and dark.
    async fn take(&self, browser: &Browser, screen: &str) {
        for (window, width, height) in WINDOWS {
            browser.show_at(width, height).await;
            for scheme in ["light", "dark"] {
                browser.prefer_color_scheme(scheme).await;
                let file = self.folder.join(format!("{screen}-{window}-{scheme}.png"));
                fs::write(file, browser.screenshot().await).expect("the folder can be written");
            }
        }
        browser.show_at(1180, 820).await;
        browser.prefer_color_scheme("light").await;
    }
}

async fn photograph_kiosk(album: &Album, server: &Server) {
    let browser = Browser::start(Engine::Chromium).await;
    browser.open(&server.url()).await;
    browser.find("a").await;
    album.take(&browser, "chooser").await;
    browser.open(&format!("{}/kiosk", server.url())).await;
    browser.find("#pair-code").await;
    album.take(&browser, "kiosk-pair").await;
    let kiosk = Kiosk::pair_in(browser, server, &server.url()).await;
    let browser = &kiosk.browser;
    album.take(browser, "kiosk-welcome").await;
    browser.click("#check-in").await;
    browser.find("#visitor-name").await;
    album.take(browser, "kiosk-check-in").await;
    browser.type_into("#visitor-name", "Wolfeschlegelsteinhausenbergerdorff-Łukaszewiczówna").await;
    browser.type_into("#visitor-company", "Donaudampfschifffahrtsgesellschaft").await;
    browser.type_into("#host-search", "a").await;
    browser.find("[data-host]").await;
    album.take(browser, "kiosk-host").await;
    browser.click("[data-host]").await;
    album.take(browser, "kiosk-chosen").await;
    browser.click("#confirm").await;
    kiosk.until_delivered().await;
    album.take(browser, "kiosk-delivered").await;
    browser.open(&format!("{}/kiosk", server.url())).await;
    browser.click("#check-out").await;
    browser.type_into("#find-visitor", "a").await;
    album.take(browser, "kiosk-check-out").await;
    browser.type_into("#find-visitor", "Mary").await;
    browser.find("[data-visit]").await;
    album.take(browser, "kiosk-check-out-found").await;
    for language in ["de", "ar"] {
        browser.open(&format!("{}/kiosk", server.url())).await;
        browser.click(&format!("[data-language={language}]")).await;
        browser.find(&format!("[data-language={language}][aria-pressed=true]")).await;
        album.take(browser, &format!("kiosk-welcome-{language}")).await;
        browser.click("#check-in").await;
        browser.find("#visitor-name").await;
        album.take(browser, &format!("kiosk-check-in-{language}")).await;
        browser.type_into("#visitor-name", "محمد Wolfeschlegelsteinhausenbergerdorff").await;
        browser.click("#confirm").await;
        kiosk.until_delivered().await;
        album.take(browser, &format!("kiosk-delivered-{language}")).await;
        browser.click("#done").await;
    }
    server.decide(r#"{"look_up":"code_or_email"}"#);
    browser.open(&format!("{}/kiosk", server.url())).await;
    browser.click("[data-language=en]").await;
    browser.click("#check-in").await;
    browser.until_count("#invitation", 1, REVOKED_DEADLINE).await;
    album.take(browser, "kiosk-invitation").await;
    browser.open(&format!("{}/kiosk", server.url())).await;
    browser.click("#check-out").await;
    browser.find("#find-visitor").await;
    album.take(browser, "kiosk-check-out-code").await;
    browser.open(&format!("{}/kiosk", server.url())).await;
    browser.click("[data-language=de]").await;
    browser.click("#check-out").await;
    browser.find("#find-visitor").await;
    album.take(browser, "kiosk-check-out-code-de").await;
    browser.open(&format!("{}/kiosk", server.url())).await;
    browser.find("#check-in").await;
    server.revoke(server.device_called("Lobby 1"));
    browser.until_count("#revoked", 1, REVOKED_DEADLINE).await;
    album.take(browser, "kiosk-revoked").await;
    browser.click("[data-language=ar]").await;
    browser.find("[data-language=ar][aria-pressed=true]").await;
    album.take(browser, "kiosk-revoked-ar").await;
    kiosk.browser.close().await;
}

/// The staff panel of a kiosk that can't deliver, until it was taken out of service; and at the desk what it held.
async fn photograph_what_is_carried(album: &Album) {
    let server = Server::start().await;
    let network = Network::before(server.url()).await;
    let kiosk = Kiosk::pair_in(Browser::start(Engine::Chromium).await, &server, &network.url()).await;
    let browser = &kiosk.browser;
    network.set(Weather::Allergic);
    kiosk.check_in(&format!("Bobby {REFUSED_WORD}"), "Engines", "a").await;
    kiosk.open_staff_panel().await;
    browser.until_count(".undelivered .line-advice:not(:empty)", 1, REVOKED_DEADLINE).await;
    browser.click(".back").await;
    network.set(Weather::Dropped);
    kiosk.check_in("Wolfeschlegelsteinhausenbergerdorff-Łukaszewiczówna", "Engines", "a").await;
    kiosk.check_in("Mary Somerville", "Royal Society", "a").await;
    browser.until_count("#sync-pill[data-link=unreachable]", 1, REVOKED_DEADLINE).await;
    kiosk.open_staff_panel().await;
    browser.until_count(".undelivered li", 3, REVOKED_DEADLINE).await;
    album.take(browser, "kiosk-staff-no-pin").await;
    let file = kiosk.save_backlog().await;
    network.set(Weather::Fair);
    let pin = PinHash::new("482913", [7; 32]).expect("it is of digits");
    server.decide(&json!({ "staff_pin": pin }).to_string());
    browser.until_count("#staff-pin", 1, REVOKED_DEADLINE).await;
    album.take(browser, "kiosk-staff-pin").await;
    network.set(Weather::Allergic);
    browser.type_into("#staff-pin", "482913").await;
    browser.click("#open-panel").await;
    browser.find("#send-again").await;
    album.take(browser, "kiosk-staff").await;
    server.revoke(server.device_called("Lobby 1"));
    browser.until_count("#sync-pill[data-link=revoked]", 1, REVOKED_DEADLINE).await;
    kiosk.save_backlog().await;
    browser.click("#keep-file").await;
    browser.find("#let-go").await;
    album.take(browser, "kiosk-staff-retired").await;
    kiosk.browser.close().await;

    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    desk.go("devices").await;
    desk.browser.click("#bring-in").await;
    desk.browser.find("#carried-file").await;
    desk.browser.choose_file("#carried-file", "entries.txt", &file).await;
    desk.browser.find("#brought").await;
    album.take(&desk.browser, "dashboard-bring-in").await;
    desk.browser.close().await;
}

async fn photograph_desk(album: &Album, server: &mut Server) {
    let browser = Browser::start(Engine::Chromium).await;
    browser.open(&format!("{}/setup#0123456789", server.url())).await;
    browser.find("#create-account").await;
    album.take(&browser, "setup").await;
    browser.open(&format!("{}/password#0123456789", server.url())).await;
    browser.find("#keep-password").await;
    album.take(&browser, "password-link").await;
    browser.type_into("#password", "a long and quiet evening").await;
    browser.click("#keep-password").await;
    browser.find("#to-sign-in").await;
    album.take(&browser, "password-link-over").await;
    let provider = Provider::start_for(server).await;
    browser.open(&format!("{}/dashboard", server.url())).await;
    browser.find("#sign-in-with-provider").await;
    album.take(&browser, "sign-in").await;
    drop(provider);
    browser.close().await;
    let desk = Desk::join(Engine::Chromium, &server.url()).await;
    photograph_account(album, &desk).await;
    for list in ["expected", "on-site", "left"] {
        desk.show(list).await;
        desk.browser.find("[data-visit]").await;
        album.take(&desk.browser, &format!("dashboard-{list}")).await;
    }
    desk.browser.click(".row-open").await;
    desk.browser.find("#visit-sheet").await;
    album.take(&desk.browser, "dashboard-visit").await;
    desk.browser.click("#edit-visit").await;
    desk.browser.find("#save-changes").await;
    album.take(&desk.browser, "dashboard-visit-edit").await;
    for (page, sign) in
        [("attention", ".doubt"), ("statement", ".equation"), ("devices", ".device"), ("roll-call", "#start-roll-call")]
    {
        desk.go(page).await;
        desk.browser.find(sign).await;
        album.take(&desk.browser, &format!("dashboard-{page}")).await;
    }
    desk.browser.click("#start-roll-call").await;
    desk.browser.click(".person [data-action=safe]").await;
    desk.browser.find(".person[data-state=safe]").await;
    album.take(&desk.browser, "dashboard-roll-call-under-way").await;
    desk.open().await;
    desk.browser.click("#new-visit").await;
    desk.browser.find("#visit-name").await;
    album.take(&desk.browser, "dashboard-new-visit").await;
    desk.browser.click("#new-several").await;
    desk.browser.type_into("#guests", GUESTS).await;
    desk.browser.find(".preview .field-error").await;
    album.take(&desk.browser, "dashboard-new-visits").await;
    desk.go("attention").await;
    for action in ["merge", "set-right", "dismiss"] {
        desk.browser.click(&format!("[data-action={action}]")).await;
        desk.browser.find("#decision #note").await;
        album.take(&desk.browser, &format!("dashboard-attention-{action}")).await;
        desk.browser.click(".sheet-top button").await;
    }
    desk.open().await;
    desk.browser.click("#sync-pill").await;
    album.take(&desk.browser, "dashboard-sync").await;
    server.kill();
    desk.open().await;
    desk.expect_visitor("Emmy Noether", "Göttingen").await;
    desk.until_link("unreachable").await;
    desk.show("expected").await;
    desk.browser.find("[data-waiting]").await;
    album.take(&desk.browser, "dashboard-outage").await;
    desk.browser.close().await;
}

async fn photograph_office(album: &Album, server: &Server) {
    server.decide(DECIDED);
    let office = Office::sign_in(Engine::Chromium, server, &server.url()).await;
    let browser = &office.browser;
    browser.find("[data-host]").await;
    album.take(browser, "office-hosts").await;
    browser.click("#import-hosts").await;
    browser.choose_file("#hosts-file", "hosts.csv", "name,team\nAnnie Easley,Computing\n,Computing\n").await;
    browser.find("#preview .field-error").await;
    album.take(browser, "office-hosts-import").await;
    office.go("/settings").await;
    browser.find(".item").await;
    album.take(browser, "office-settings").await;
    for item in ["Contractor", "House rules"] {
        browser
            .run(&format!(
                "const one = [...document.querySelectorAll('.item > summary')].find((one) => one.textContent.startsWith('{item}')); \
                 one.parentElement.open = true; one.scrollIntoView();"
            ))
            .await;
        album.take(browser, &format!("office-settings-{}", &item[..5].to_lowercase())).await;
    }
    office.go("/colleagues").await;
    browser.find("[data-colleague]").await;
    album.take(browser, "office-colleagues").await;
    browser.click("[data-colleague] [data-action=change]").await;
    browser.find("#save-colleague").await;
    album.take(browser, "office-colleague").await;
    office.go("/keys").await;
    browser.click("#make-key").await;
    browser.type_into("#key-name", "Access control").await;
    album.take(browser, "office-key").await;
    browser.click("#save-key").await;
    browser.find("#key").await;
    album.take(browser, "office-key-made").await;
    browser.click(".sheet-top button").await;
    browser.find("[data-key]").await;
    album.take(browser, "office-keys").await;
    office.browser.close().await;
}

/// What the demo site's settings are, in short.
const DECIDED: &str = include_str!("../../../server/src/demo_site/settings.json");

/// One's own account, while its second factor is turned on; and signing in with a code.
async fn photograph_account(album: &Album, desk: &Desk) {
    let browser = &desk.browser;
    browser.click("#account").await;
    browser.find("#set-up-second-factor").await;
    album.take(browser, "account").await;
    browser.click("#set-up-second-factor").await;
    let key = browser.text("#second-factor-key").await;
    album.take(browser, "account-key").await;
    browser.type_into("#first-code", &people::code(&key, 0)).await;
    browser.click("#confirm-second-factor").await;
    browser.find("#recovery-codes").await;
    album.take(browser, "account-recovery-codes").await;
    browser.click(".sheet-top button").await;
    browser.click("#sign-out").await;
    desk.type_credentials().await;
    browser.find("#code").await;
    album.take(browser, "sign-in-code").await;
    browser.type_into("#code", &people::code(&key, 1)).await;
    browser.click("#sign-in").await;
    browser.click("#account").await;
    browser.find("#give-up-second-factor").await;
    album.take(browser, "account-second-factor").await;
    desk.open().await;
    desk.until_link("connected").await;
    browser.click("#pair-kiosk").await;
    browser.click("#make-code").await;
    browser.find("#pairing-code").await;
    album.take(browser, "pair-a-kiosk").await;
    desk.open().await;
}
