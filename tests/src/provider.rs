//! An identity provider as an office has one: `oidc-provider` of npm, with its forms, from `tests/peers/oidc`.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use vestibule::access::provider::CALLBACK_PATH;

use crate::{browser::Browser, server::Server, wait, workspace};

/// What it calls Vestibule, and the secret that it gave it.
const CLIENT_ID: &str = "vestibule";
const CLIENT_SECRET: &str = "a secret + of Vestibule's";

/// What people call it.
const NAME: &str = "Example";

/// Its second form's button.
const CONSENT: &str = "form:not(:has(input[name=login])) button[type=submit]";

/// How long the way through its forms may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// The provider, as a process.
pub struct Provider {
    process: Child,
    issuer: String,
}

impl Provider {
    /// Starts one, and the server again, which has people sign in by it from now on.
    ///
    /// # Panics
    /// If `scripts/setup tests` has not installed it.
    pub async fn start_for(server: &mut Server) -> Self {
        let mut process = Command::new("node")
            .arg("server.js")
            .args(["0", &format!("{}{CALLBACK_PATH}", server.url())])
            .env("CLAIMS_IN_TOKEN", "yes")
            .current_dir(workspace().join("tests/peers/oidc"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("scripts/setup tests installs node");
        let mut lines = BufReader::new(process.stdout.take().expect("stdout is piped")).lines();
        let said = lines.by_ref().map_while(Result::ok);
        let issuer = said.filter_map(|line| Some(line.split("listening on ").nth(1)?.to_owned())).next();
        let provider = Self { process, issuer: issuer.unwrap_or_default() };
        assert!(!provider.issuer.is_empty(), "scripts/setup tests installs the provider");
        // Reads on to the end, so that the provider never waits for a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let secret = secret_file(server);
        let told = [
            ("--oidc-issuer", provider.issuer.as_str()),
            ("--oidc-client-id", CLIENT_ID),
            ("--oidc-client-secret-file", secret.to_str().expect("a path in UTF-8")),
            ("--oidc-name", NAME),
            ("--public-url", &server.url()),
        ];
        server.tell(told.iter().flat_map(|(name, value)| [(*name).to_owned(), (*value).to_owned()]).collect());
        server.kill();
        server.start_again().await;
        provider
    }

    /// Goes through its forms as one of the people of `tests/peers/oidc/server.js`, from the click on the button to
    /// wherever the browser is sent.
    pub async fn sign_in(&self, browser: &Browser, person: &str) {
        browser.click("#sign-in-with-provider").await;
        browser.type_into("input[name=login]", person).await;
        browser.type_into("input[name=password]", "anything").await;
        browser.click("button[type=submit]").await;
        // A second form asks whether Vestibule may know who it is, unless it has asked that person before.
        let there = || async {
            if browser.count(CONSENT).await > 0 {
                browser.run(&format!("document.querySelector({CONSENT:?})?.click()")).await;
            }
            (!browser.address().await.starts_with(&self.issuer)).then_some(())
        };
        wait::until("the provider sends the browser back", DEADLINE, there).await;
    }
}

fn secret_file(server: &Server) -> PathBuf {
    let path = server.data().join("provider.secret");
    fs::write(&path, CLIENT_SECRET).expect("the data directory can be written");
    path
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
