//! What people do at a kiosk and at a desk, in their words.

use std::time::Duration;

use serde_json::json;
use totp_rs::{Builder, Secret};
use vestibule_protocol::{account::Credentials, id::DeviceId};

use crate::{
    browser::{Browser, Engine},
    server::Server,
    wait,
};

/// How long a confirmation may take to be shown, at the most.
const CONFIRMATION_DEADLINE: Duration = Duration::from_secs(10);

/// The desk's account.
const EMAIL: &str = "grace@example.com";
const PASSWORD: &str = "a long and quiet morning";

/// A kiosk in a browser.
pub struct Kiosk {
    /// The browser, for whatever else a test wants of it.
    pub browser: Browser,
    url: String,
}

/// A desk in a browser.
pub struct Desk {
    /// The browser, for whatever else a test wants of it.
    pub browser: Browser,
    url: String,
}

/// The office in a browser.
pub struct Office {
    /// The browser, for whatever else a test wants of it.
    pub browser: Browser,
    url: String,
}

/// What a confirmation says of the delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// On the device, not yet at reception.
    Saved,
    /// At reception.
    Delivered,
}

impl Kiosk {
    /// Pairs a new browser as a kiosk of the demo site, at `url`, and waits until it can work without the server.
    pub async fn pair(engine: Engine, server: &Server, url: &str) -> Self {
        let kiosk = Self { browser: Browser::start(engine).await, url: url.to_owned() };
        kiosk.pair_with(&server.pairing_code("Lobby 1")).await;
        kiosk.browser.until_served_by_worker().await;
        kiosk
    }

    /// The same in a browser that is already there, whether or not it has a service worker.
    pub async fn pair_in(browser: Browser, server: &Server, url: &str) -> Self {
        let kiosk = Self { browser, url: url.to_owned() };
        kiosk.pair_with(&server.pairing_code("Lobby 1")).await;
        kiosk
    }

    async fn pair_with(&self, code: &str) {
        self.browser.open(&format!("{}/kiosk", self.url)).await;
        self.browser.type_into("#pair-code", code).await;
        self.browser.click("#pair").await;
        self.browser.find("#check-in").await;
    }

    /// A visitor comes, for the first host whose name holds `host`, and reads the confirmation.
    pub async fn check_in(&self, name: &str, company: &str, host: &str) -> Delivery {
        self.browser.click("#check-in").await;
        self.browser.type_into("#visitor-name", name).await;
        self.browser.type_into("#visitor-company", company).await;
        self.browser.type_into("#host-search", host).await;
        self.browser.click("[data-host]").await;
        self.browser.click("#confirm").await;
        self.read_confirmation().await
    }

    /// A visitor tries, and is told that the kiosk keeps nothing.
    pub async fn fail_to_check_in(&self, name: &str, company: &str, host: &str) {
        self.browser.click("#check-in").await;
        self.browser.type_into("#visitor-name", name).await;
        self.browser.type_into("#visitor-company", company).await;
        self.browser.type_into("#host-search", host).await;
        self.browser.click("[data-host]").await;
        self.browser.click("#confirm").await;
        self.browser.find(".broken").await;
        self.browser.find("#sync-pill.stopped").await;
        assert_eq!(self.browser.count("#confirmation").await, 0, "nothing is confirmed that was not kept");
    }

    /// The server's clock minus the device's as the device last measured it, in s; `None` if it never has.
    pub async fn clock_offset_s(&self) -> Option<i64> {
        let told = self.browser.ask_worker(&json!("tick")).await;
        Some(told["status"]["clock_offset_ms"].as_i64()? / 1_000)
    }

    /// Waits until the kiosk keeps what people do again.
    pub async fn until_it_works(&self) {
        self.browser.until_count("#sync-pill:not(.stopped)", 1, Duration::from_secs(30)).await;
    }

    /// Staff pair a kiosk that knows nothing any more, for the first time or again.
    pub async fn pair_anew(&self, server: &Server, name: &str) {
        self.pair_with(&server.pairing_code(name)).await;
    }

    /// A visitor finds themselves by the beginning of their name, and goes.
    pub async fn check_out(&self, name: &str) -> Delivery {
        self.browser.click("#check-out").await;
        self.browser.type_into("#find-visitor", name).await;
        self.browser.click("[data-visit]").await;
        self.browser.click("#confirm").await;
        self.read_confirmation().await
    }

    /// Opens a kiosk in a browser whose profile was paired before.
    pub async fn reopen(browser: Browser, url: &str) -> Self {
        let kiosk = Self { browser, url: url.to_owned() };
        kiosk.open().await;
        kiosk
    }

    /// Opens the kiosk, again or anew, and waits for its welcome.
    pub async fn open(&self) {
        self.browser.open(&format!("{}/kiosk", self.url)).await;
        self.browser.find("#check-in").await;
    }

    /// Opens the kiosk in another tab besides, and goes back to this one.
    pub async fn open_another_tab(&self) {
        let back = self.browser.tab().await;
        self.browser.open_tab().await;
        self.open().await;
        self.browser.show_tab(back).await;
    }

    /// Staff pair a kiosk anew whose token is refused.
    pub async fn pair_again(&self, server: &Server) {
        self.browser.click("#pair-again").await;
        self.browser.type_into("#pair-code", &server.pairing_code("Lobby 1, again")).await;
        self.browser.click("#pair").await;
        self.browser.find("#check-in").await;
    }

    /// Staff open their panel, by keyboard, from the welcome or from the screen of a kiosk out of service.
    pub async fn open_staff_panel(&self) {
        self.browser.find("#staff-door").await;
        self.browser.run("document.querySelector('#staff-door').click()").await;
        self.browser.find("#staff").await;
    }

    /// Staff save what is not delivered; gives what is in the file.
    pub async fn save_backlog(&self) -> String {
        self.browser.save("#save-backlog", "vestibule-entries.txt").await
    }

    async fn read_confirmation(&self) -> Delivery {
        let delivery = self.confirmation().await;
        self.browser.click("#done").await;
        self.browser.find("#check-in").await;
        delivery
    }

    /// What the confirmation on the screen says, once it no longer waits for the receipt.
    pub async fn confirmation(&self) -> Delivery {
        let confirmation = self.browser.find("#confirmation:not([data-delivery=sending])").await;
        // In one look: between two, what was saved may have been delivered.
        match confirmation.attr("data-delivery").await.expect("the confirmation is there").as_deref() {
            Some("delivered") => Delivery::Delivered,
            Some("saved") => Delivery::Saved,
            other => panic!("the confirmation says {other:?}"),
        }
    }

    /// Waits until the confirmation on the screen says that reception has it.
    pub async fn until_delivered(&self) {
        self.browser.until_count("#confirmation[data-delivery=delivered]", 1, CONFIRMATION_DEADLINE).await;
    }
}

impl Desk {
    /// Signs in as an administrator in a new browser, and waits until it can work without the server.
    pub async fn sign_in(engine: Engine, server: &Server, url: &str) -> Self {
        server.add_admin(EMAIL, PASSWORD);
        Self::join(engine, url).await
    }

    /// Signs in as the administrator that [`Self::sign_in`] made, in yet another browser.
    pub async fn join(engine: Engine, url: &str) -> Self {
        let desk = Self { browser: Browser::start(engine).await, url: url.to_owned() };
        desk.open().await;
        desk.type_credentials().await;
        desk.browser.find("#tab-on-site").await;
        desk.browser.until_served_by_worker().await;
        desk.until_link("connected").await;
        desk
    }

    /// Signs in with address and password, whatever comes of it.
    pub async fn type_credentials(&self) {
        self.browser.type_into("#email", EMAIL).await;
        self.browser.type_into("#password", PASSWORD).await;
        self.browser.click("#sign-in").await;
    }

    /// Opens the dashboard.
    pub async fn open(&self) {
        self.browser.open(&format!("{}/dashboard", self.url)).await;
    }

    /// Opens one of its pages: `statement`, `devices`, `roll-call`.
    pub async fn go(&self, page: &str) {
        self.browser.open(&format!("{}/dashboard/{page}", self.url)).await;
    }

    /// Waits until the devices' page says this of a device.
    pub async fn until_it_says_of(&self, device: DeviceId, what: &str) {
        let script = format!("return document.querySelector(\"li.device[data-device='{device}']\")?.textContent ?? ''");
        let says = || async {
            let said = self.browser.run(&script).await;
            said.as_str().is_some_and(|said| said.contains(what)).then_some(())
        };
        wait::until(format!("the devices' page says {what:?}"), Duration::from_secs(15), says).await;
    }

    /// Announces a visitor.
    pub async fn expect_visitor(&self, name: &str, company: &str) {
        self.browser.click("#new-visit").await;
        self.browser.type_into("#visit-name", name).await;
        self.browser.type_into("#visit-company", company).await;
        self.browser.click("#save-visit").await;
    }

    /// Waits until the sync pill says so: `connected`, `unreachable`, `unauthorized`.
    pub async fn until_link(&self, link: &str) {
        let css = format!("#sync-pill[data-link={link}]");
        self.browser.until_count(&css, 1, Duration::from_secs(30)).await;
    }

    /// Shows a list: `expected`, `on-site`, `left`.
    pub async fn show(&self, list: &str) {
        self.browser.click(&format!("#tab-{list}")).await;
    }
}

impl Office {
    /// Signs in as an administrator in a new browser.
    pub async fn sign_in(engine: Engine, server: &Server, url: &str) -> Self {
        server.add_admin(EMAIL, PASSWORD);
        Self::join(engine, url).await
    }

    /// Signs in as the administrator that [`Self::sign_in`] made, in yet another browser.
    pub async fn join(engine: Engine, url: &str) -> Self {
        let office = Self { browser: Browser::start(engine).await, url: url.to_owned() };
        office.go("").await;
        office.browser.type_into("#email", EMAIL).await;
        office.browser.type_into("#password", PASSWORD).await;
        office.browser.click("#sign-in").await;
        office.browser.find("#site").await;
        office
    }

    /// Opens one of its pages: nothing for the hosts, `/settings`.
    pub async fn go(&self, page: &str) {
        self.browser.open(&format!("{}/office{page}", self.url)).await;
    }

    /// Chooses from the list under that label.
    pub async fn choose(&self, label: &str, words: &str) {
        let [label, words] = [label, words].map(serde_json::Value::from);
        let chosen = self
            .browser
            .run(&format!(
                "const field = [...document.querySelectorAll('label.field')] \
                     .find((one) => one.querySelector('.texts-label').textContent === {label}).querySelector('select'); \
                 field.value = [...field.options].find((one) => one.textContent === {words}).value; \
                 return field.dispatchEvent(new Event('change', {{ bubbles: true }}));"
            ))
            .await;
        assert_eq!(chosen, true);
    }

    /// Clicks what may lie beneath the bar that saves.
    pub async fn reach(&self, css: &str) {
        self.browser.find(css).await;
        let quoted = serde_json::Value::from(css);
        self.browser.run(&format!("document.querySelector({quoted}).scrollIntoView({{ block: 'center' }});")).await;
        self.browser.click(css).await;
    }

    /// Saves the settings, and waits until the page says so.
    pub async fn save(&self) {
        self.browser.click("#save-settings").await;
        self.browser.until_says(".save-said [role=status]", "Saved").await;
    }
}

/// The code that an app shows which was given that key for a second factor, so many steps of 30 s from now (RFC 6238).
pub fn code(key: &str, steps: u64) -> String {
    let secret = Secret::try_from_base32(key.replace(' ', "")).expect("the key is base32");
    let app = Builder::new().with_secret(secret).build().expect("it is long enough");
    let seconds = u64::try_from(now().unix_ms() / 1_000).expect("a clock after 1970");
    app.generate(seconds + steps * 30).to_string()
}

/// Waits until the server tells the devices of the site that these visitors stand so; each must be told once.
pub async fn until_server_says(
    server: &Server,
    device: &Credentials,
    expected: &[(&str, vestibule_protocol::visit::State)],
    deadline: Duration,
) -> Duration {
    let mut expected: Vec<_> = expected.iter().map(|&(name, state)| (name.to_owned(), state)).collect();
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    let matches = || async {
        let visits = server.visits(device).await?;
        let mut told: Vec<_> = visits
            .iter()
            .map(|visit| {
                let name = visit.visitor.as_ref().map(|visitor| visitor.value.name.to_string());
                (name.unwrap_or_default(), visit.state(now()))
            })
            .collect();
        told.sort_by(|a, b| a.0.cmp(&b.0));
        (told == expected).then_some(())
    };
    wait::until(format!("the server says {expected:?}"), deadline, matches).await.1
}

/// This machine's clock, which the browsers and the server here share.
#[expect(clippy::disallowed_methods, reason = "tests compare what was recorded with when they did it")]
pub fn now() -> vestibule_protocol::timestamp::Timestamp {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock after 1970");
    let millis = i64::try_from(since_1970.as_millis()).expect("a clock before the year 292 million");
    vestibule_protocol::timestamp::Timestamp::from_unix_ms(millis)
}
