//! Real browsers, spoken to by WebDriver: Chromium, WebKit, which is Safari's engine, and Firefox.

use std::{
    fmt,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use clap::ValueEnum;
use fantoccini::{
    Client, ClientBuilder, Locator,
    elements::Element,
    wd::{Capabilities, WindowHandle},
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};

use crate::{wait, workspace};

/// How long a browser may take to start, on a machine that is busy.
const START_DEADLINE: Duration = Duration::from_secs(60);
/// How long an element may take to appear.
const ELEMENT_DEADLINE: Duration = Duration::from_secs(15);

/// How long a browser may take to end by itself.
const CLOSE_DEADLINE: Duration = Duration::from_secs(3);

/// How long a browser may take to hold a site to less room: it grants what it has granted for 30 s.
const STORE_DEADLINE: Duration = Duration::from_secs(60);

/// Where a browser saves files, in its profile.
const DOWNLOADS: &str = "Downloads";

/// One test drives browsers at a time: two at once on two cores would measure each other.
static TURN: Mutex<()> = Mutex::const_new(());

/// Waits for this test's turn to drive browsers, which lasts as long as the guard.
pub async fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().await
}

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Engine {
    /// Chromium, headless.
    Chromium,
    /// WebKit (MiniBrowser of WebKitGTK), in a virtual display.
    WebKit,
    /// Firefox, headless.
    Firefox,
}

impl Engine {
    /// Whether the engine can be driven on this system: WebKitGTK exists on Linux only.
    pub fn is_here(self) -> bool {
        match self {
            Self::Chromium | Self::Firefox => true,
            Self::WebKit => cfg!(target_os = "linux"),
        }
    }

    /// Whether a profile outlives its browser: MiniBrowser keeps nothing on disk while it is driven.
    pub fn keeps_its_profile(self) -> bool {
        self != Self::WebKit
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Chromium => "Chromium",
            Self::WebKit => "WebKit",
            Self::Firefox => "Firefox",
        })
    }
}

/// Which authorities WebKit and Firefox believe.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Certificates {
    UsualAuthorities,
    AnyAuthority,
}

/// A window of a browser of its own, with an empty profile.
pub struct Browser {
    engine: Engine,
    client: Client,
    /// Where its driver listens.
    driver: String,
    processes: Vec<Group>,
    profile: TempDir,
}

impl Browser {
    /// Starts a browser with the window of an iPad.
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[]).await
    }

    /// Starts a browser with command-line arguments of its own besides.
    pub async fn start_with(engine: Engine, arguments: &[&str]) -> Self {
        Self::start_on(engine, TempDir::new().expect("a directory for the profile"), arguments).await
    }

    /// Starts a browser on a profile that another one has left.
    pub async fn start_on(engine: Engine, profile: TempDir, arguments: &[&str]) -> Self {
        Self::start_as(engine, profile, arguments, Certificates::UsualAuthorities).await
    }

    /// Starts a browser on which somebody has installed the authority that vouches for a server. Chromium is told the hash
    /// of the server's key, SHA-256 in base64, and takes no other; WebKitGTK knows the system's authorities only, and Firefox
    /// its own, so they are told to take any.
    pub async fn start_trusting(engine: Engine, key_hash: &str) -> Self {
        let profile = TempDir::new().expect("a directory for the profile");
        let pin = format!("--ignore-certificate-errors-spki-list={key_hash}");
        Self::start_as(engine, profile, &[&pin], Certificates::AnyAuthority).await
    }

    async fn start_as(engine: Engine, profile: TempDir, arguments: &[&str], certificates: Certificates) -> Self {
        let (processes, port, capabilities) = match engine {
            Engine::Chromium => start_chromium(profile.path(), arguments),
            Engine::WebKit => start_webkit(profile.path(), certificates),
            Engine::Firefox => start_firefox(profile.path(), certificates),
        };
        let driver = format!("http://127.0.0.1:{port}");
        let connect = || {
            let (driver, capabilities) = (driver.clone(), capabilities.clone());
            async move { ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&driver).await.ok() }
        };
        let (client, _) = wait::until(format!("{engine} starts"), START_DEADLINE, connect).await;
        let browser = Self { engine, client, driver, processes, profile };
        browser.resize(1180, 820).await;
        browser
    }

    /// Makes the window so large, in CSS pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        self.client.set_window_size(width, height).await.expect("the window can be resized");
    }

    /// Opens a page.
    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.expect("the driver answers");
    }

    /// Opens a page that may not open.
    pub async fn try_open(&self, url: &str) {
        drop(self.client.goto(url).await);
    }

    /// Loads the page again, as a person would.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("the page loads again");
    }

    /// Waits for an element to be there and visible.
    pub async fn find(&self, css: &str) -> Element {
        let (element, _) = self.until(format!("{css} is shown"), ELEMENT_DEADLINE, || self.visible(css)).await;
        element
    }

    async fn visible(&self, css: &str) -> Option<Element> {
        let element = self.client.find(Locator::Css(css)).await.ok()?;
        element.is_displayed().await.ok()?.then_some(element)
    }

    /// Clicks an element as soon as it can be clicked.
    pub async fn click(&self, css: &str) {
        let click = || async { self.visible(css).await?.click().await.ok() };
        self.until(format!("{css} can be clicked"), ELEMENT_DEADLINE, click).await;
    }

    /// Types into a field, over what is in it.
    pub async fn type_into(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.expect("the field can be cleared");
        field.send_keys(text).await.expect("the field takes keys");
    }

    /// What an element says, as soon as it is there.
    pub async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.expect("the driver reads the text")
    }

    /// Waits until an element says something that begins so.
    pub async fn until_says(&self, css: &str, beginning: &str) {
        let says = || async {
            let text = self.client.find(Locator::Css(css)).await.ok()?.text().await.ok()?;
            text.starts_with(beginning).then_some(())
        };
        self.until(format!("{css} says {beginning}"), ELEMENT_DEADLINE, says).await;
    }

    /// Where the window is.
    pub async fn address(&self) -> String {
        self.client.current_url().await.expect("the driver says where it is").to_string()
    }

    /// Chooses a file of that name and text, as in the system's dialog.
    pub async fn choose_file(&self, css: &str, name: &str, text: &str) {
        // In a folder of its own, so that another of the same name is another file.
        let folder = tempfile::Builder::new().disable_cleanup(true).tempdir_in(self.profile.path());
        let path = folder.expect("the profile can be written").path().join(name);
        std::fs::write(&path, text).expect("the profile can be written");
        let path = path.to_str().expect("a temporary directory's path is UTF-8");
        self.find(css).await.send_keys(path).await.expect("the field takes a file");
    }

    /// Presses keys where the focus is, or on the page if it is nowhere.
    pub async fn press(&self, keys: &str) {
        let focused = self.client.active_element().await.expect("something has the focus");
        focused.send_keys(keys).await.expect("it takes keys");
    }

    /// How many elements match.
    pub async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.map_or(0, |found| found.len())
    }

    /// Waits until the element of this id has the focus.
    pub async fn until_focused(&self, id: &str) {
        self.until_count(&format!("#{id}:focus"), 1, ELEMENT_DEADLINE).await;
    }

    /// Clicks what has a file saved, and gives what is in the file of that name once it is there.
    pub async fn save(&self, css: &str, file: &str) -> String {
        let folder = self.profile.path().join(DOWNLOADS);
        std::fs::create_dir_all(&folder).expect("the profile can be written");
        if self.engine == Engine::Chromium {
            let parameters = json!({ "behavior": "allow", "downloadPath": folder });
            self.devtools("Browser.setDownloadBehavior", parameters).await;
        }
        self.click(css).await;
        // MiniBrowser saves into the home directory, where nobody has said otherwise.
        let places = [folder.join(file), self.profile.path().join(file)];
        let saved = || async {
            places.iter().find_map(|path| std::fs::read_to_string(path).ok().filter(|text| !text.is_empty()))
        };
        self.until(format!("{file} is saved"), ELEMENT_DEADLINE, saved).await.0
    }

    /// Runs JavaScript in the page and gives what it returns.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("the script runs")
    }

    /// Runs JavaScript that ends by calling its last argument with the result.
    pub async fn run_async(&self, script: &str) -> Value {
        self.client.execute_async(script, Vec::new()).await.expect("the script ends")
    }

    /// All that the device's database holds, by store.
    pub async fn database(&self) -> Value {
        self.run_async(DUMP).await
    }

    /// Waits until a service worker controls the page.
    pub async fn until_served_by_worker(&self) {
        let controlled = || async {
            let script = "return !!(navigator.serviceWorker && navigator.serviceWorker.controller)";
            self.client.execute(script, Vec::new()).await.ok()?.as_bool()?.then_some(())
        };
        self.until("a service worker controls the page", ELEMENT_DEADLINE, controlled).await;
    }

    /// Waits until `css` matches exactly `count` elements; gives how long it took.
    pub async fn until_count(&self, css: &str, count: usize, deadline: Duration) -> Duration {
        let counted = || async { (self.count(css).await == count).then_some(()) };
        self.until(format!("{count} of {css}"), deadline, counted).await.1
    }

    /// Waits until `condition` gives a value, and says how long that took.
    ///
    /// # Panics
    /// If it gives none within `deadline`. What the person would have seen is printed, and pictured under
    /// `target/failures/`.
    async fn until<T, F>(
        &self,
        what: impl fmt::Display,
        deadline: Duration,
        condition: impl FnMut() -> F,
    ) -> (T, Duration)
    where
        F: Future<Output = Option<T>>,
    {
        if let Some(came) = wait::within(deadline, condition).await {
            return came;
        }
        let picture = workspace().join(format!("target/failures/{}", std::process::id()));
        let page = self.leave(&picture).await;
        panic!("waited {deadline:?} in vain: {what}\nthe page: {page}\nthe picture: {}.png", picture.display());
    }

    /// Leaves what is seen as a picture and as text, in files of that name; gives the text. Of a browser that can't be
    /// driven any more, nothing is left.
    pub async fn leave(&self, path: &Path) -> Value {
        let page = self.client.execute_async(WHAT_IS_SEEN, Vec::new()).await.unwrap_or_default();
        std::fs::create_dir_all(path.parent().expect("it has a folder")).ok();
        if let Ok(png) = self.client.screenshot().await {
            std::fs::write(path.with_extension("png"), png).ok();
        }
        std::fs::write(path.with_extension("json"), format!("{page:#}\n")).ok();
        page
    }

    /// Shows the page as on a screen of this size, without the window's frame. Chromium only.
    pub async fn show_at(&self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Makes the page believe that the person prefers `light` or `dark`, and no motion, so that a picture is of no state
    /// in between. Chromium only.
    pub async fn prefer_color_scheme(&self, scheme: &str) {
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Runs JavaScript in every page that is loaded from now on, before its own. Chromium only.
    pub async fn run_before_pages(&self, script: &str) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// Sends a command of the Chrome DevTools protocol, which chromedriver passes on. Chromium only.
    pub async fn devtools(&self, command: &str, parameters: Value) {
        let session = self.client.session_id().await.ok().flatten().expect("the session is open");
        let url = format!("{}/session/{session}/goog/cdp/execute", self.driver);
        let body = json!({ "cmd": command, "params": parameters });
        let answer = reqwest::Client::new().post(url).json(&body).send().await.expect("chromedriver answers");
        assert!(answer.status().is_success(), "{command}: {answer:?}");
    }

    /// Stops every service worker, whatever it is doing; the next event starts another life of it. Chromium only.
    pub async fn stop_service_workers(&self) {
        self.devtools("ServiceWorker.enable", json!({})).await;
        self.devtools("ServiceWorker.stopAllWorkers", json!({})).await;
    }

    /// Leaves an origin no more room in the browser's store than it has taken already, and waits until the browser holds it
    /// to that: it remembers for half a minute what it granted before. Chromium only.
    pub async fn close_store(&self, origin: &str) {
        self.devtools("Storage.overrideQuotaForOrigin", json!({ "origin": origin, "quotaSize": 1 })).await;
        let refused = || async { (self.run_async(STORE_A_LITTLE).await == "QuotaExceededError").then_some(()) };
        self.until("nothing can be stored", STORE_DEADLINE, refused).await;
    }

    /// Gives it as much as it had.
    pub async fn open_store(&self, origin: &str) {
        self.devtools("Storage.overrideQuotaForOrigin", json!({ "origin": origin })).await;
    }

    /// Deletes all that an origin has stored, as its settings offer a person. Only Chromium's driver can do what those
    /// settings do; on the others a page of the origin deletes the same by itself: workers, caches and databases.
    pub async fn clear_store(&self, origin: &str) {
        self.open(&format!("{origin}/robots.txt")).await;
        if self.engine == Engine::Chromium {
            self.devtools("Storage.clearDataForOrigin", json!({ "origin": origin, "storageTypes": "all" })).await;
        } else {
            assert_eq!(self.run_async(DELETE_ALL).await, true);
        }
    }

    /// What the service worker that controls the page answers to this, as JSON.
    pub async fn ask_worker(&self, ask: &Value) -> Value {
        let script = format!("const ask = {:?};\n{ASK}", ask.to_string());
        let told = self.run_async(&script).await;
        serde_json::from_str(told.as_str().unwrap_or_default()).unwrap_or_default()
    }

    /// The tab that is shown.
    pub async fn tab(&self) -> WindowHandle {
        self.client.window().await.expect("the driver says which tab it is")
    }

    /// Opens another tab, and shows it.
    pub async fn open_tab(&self) {
        let tab = self.client.new_window(true).await.expect("another tab opens").handle;
        self.show_tab(tab).await;
    }

    /// Shows a tab.
    pub async fn show_tab(&self, tab: WindowHandle) {
        self.client.switch_to_window(tab).await.expect("the tab is there");
    }

    /// A picture of the window, as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.client.screenshot().await.expect("the driver takes a screenshot")
    }

    /// Ends the browser as a person would.
    pub async fn close(self) {
        // WebKitWebDriver does not always answer this; whatever is left ends with its process group.
        tokio::time::timeout(CLOSE_DEADLINE, self.client.clone().close()).await.ok();
    }

    /// Ends the browser as a crash would, SIGKILL to all its processes, and gives what it has left on the disk.
    pub fn kill(self) -> TempDir {
        drop(self.processes);
        unlock(self.profile.path());
        self.profile
    }

    /// What a power cut at this moment would leave on the disk, or less: the files of the profile, copied one after the
    /// other while the browser writes them.
    pub fn copy_profile(&self) -> TempDir {
        copy_of(&self.profile)
    }
}

/// A copy of a profile.
pub fn copy_of(profile: &TempDir) -> TempDir {
    let copy = TempDir::new().expect("a directory for the copy");
    copy_folder(profile.path(), copy.path());
    unlock(copy.path());
    copy
}

/// Takes away what says that a browser still has the profile open.
fn unlock(profile: &Path) {
    for lock in ["SingletonLock", "SingletonSocket", "SingletonCookie", "lock", ".parentlock"] {
        std::fs::remove_file(profile.join(lock)).ok();
    }
}

/// Copies what is there. A file that goes away meanwhile is not missed, as after a power cut.
fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).into_iter().flatten().flatten() {
        let target = to.join(entry.file_name());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => {
                std::fs::create_dir_all(&target).ok();
                copy_folder(&entry.path(), &target);
            }
            Ok(kind) if kind.is_file() => {
                std::fs::copy(entry.path(), target).ok();
            }
            _ => {}
        }
    }
}

fn start_chromium(profile: &Path, arguments: &[&str]) -> (Vec<Group>, u16, Capabilities) {
    let mut driver = Command::new("chromedriver");
    driver.arg("--port=0").stdout(Stdio::piped());
    let mut driver = Group::spawn(driver);
    let port = driver
        .first_line_with("successfully on port ")
        .and_then(|line| line.rsplit("on port ").next()?.trim_end_matches('.').trim().parse().ok())
        .expect("chromedriver says its port");
    let mut args = vec![
        "--headless".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        format!("--user-data-dir={}", profile.display()),
    ];
    args.extend(arguments.iter().map(|&argument| argument.to_owned()));
    (vec![driver], port, capabilities(json!({ "goog:chromeOptions": { "args": args } })))
}

fn start_webkit(profile: &Path, certificates: Certificates) -> (Vec<Group>, u16, Capabilities) {
    let mut display = Command::new("Xvfb");
    display.args(["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]).stdout(Stdio::piped());
    display.stderr(Stdio::null());
    let mut display = Group::spawn(display);
    let number = display.first_line_with("").expect("Xvfb says its display");
    let port = free_port();
    let mut driver = Command::new("WebKitWebDriver");
    driver
        .arg(format!("--port={port}"))
        .env("DISPLAY", format!(":{number}"))
        // Everything that WebKit keeps goes into the profile.
        .envs(["HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"].map(|name| (name, profile)))
        .stderr(Stdio::null());
    let driver = Group::spawn(driver);
    let options = json!({
        "webkitgtk:browserOptions": { "binary": mini_browser(), "args": ["--automation"] },
        "acceptInsecureCerts": certificates == Certificates::AnyAuthority,
    });
    (vec![driver, display], port, capabilities(options))
}

fn start_firefox(profile: &Path, certificates: Certificates) -> (Vec<Group>, u16, Capabilities) {
    let mut driver = Command::new("geckodriver");
    driver.args(["--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut driver = Group::spawn(driver);
    let port = driver
        .first_line_with("Listening on ")
        .and_then(|line| line.rsplit(':').next()?.trim().parse().ok())
        .expect("geckodriver says its port");
    let profile = profile.to_str().expect("a temporary directory's path is UTF-8");
    let options = json!({
        "moz:firefoxOptions": { "args": ["-headless", "-profile", profile], "prefs": firefox_preferences() },
        "acceptInsecureCerts": certificates == Certificates::AnyAuthority,
    });
    (vec![driver], port, capabilities(options))
}

/// Nothing is fetched but what a test opens.
fn firefox_preferences() -> Value {
    json!({
        "app.normandy.enabled": false,
        "app.update.disabledForTesting": true,
        "browser.safebrowsing.downloads.remote.enabled": false,
        "browser.safebrowsing.update.enabled": false,
        "datareporting.policy.dataSubmissionEnabled": false,
        "extensions.getAddons.cache.enabled": false,
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        "network.http.http3.enable": false,
        "services.settings.server": "data:,",
        "toolkit.telemetry.enabled": false,
    })
}

/// MiniBrowser lies where the library of its version does.
fn mini_browser() -> PathBuf {
    let architectures = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    architectures
        .flat_map(|architecture| {
            ["webkitgtk-6.0", "webkit2gtk-4.1", "webkit2gtk-4.0"]
                .map(|version| architecture.path().join(version).join("MiniBrowser"))
        })
        .find(|path| path.exists())
        .expect("scripts/setup installs MiniBrowser with webkit2gtk-driver")
}

/// A port that was free a moment ago: WebKitWebDriver can't choose one and say which.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    listener.local_addr().expect("a bound listener has an address").port()
}

fn capabilities(options: Value) -> Capabilities {
    match options {
        Value::Object(capabilities) => capabilities,
        other => unreachable!("capabilities are an object, not {other}"),
    }
}

/// Calls back all that is in the database, by store.
const DUMP: &str = r#"
    const done = arguments[arguments.length - 1];
    const request = indexedDB.open("vestibule");
    request.onerror = () => done(`${request.error}`);
    request.onsuccess = () => {
        const database = request.result;
        const names = Array.from(database.objectStoreNames);
        const transaction = database.transaction(names);
        const asked = names.map((name) => [name, transaction.objectStore(name).getAll()]);
        transaction.oncomplete = () => {
            database.close();
            done(Object.fromEntries(asked.map(([name, all]) => [name, all.result])));
        };
    };
"#;

/// Where the page is, what it says, and how its service worker says that things stand, if it answers within 5 s.
const WHAT_IS_SEEN: &str = r##"
    const done = arguments[arguments.length - 1];
    const pill = document.querySelector("#sync-pill");
    const tell = (worker) => done({
        at: location.href,
        text: document.body.innerText,
        fields: [...document.querySelectorAll("input")].map((field) => `${field.id}: ${field.value}`),
        delivery: pill && { ...pill.dataset },
        worker,
    });
    const controller = navigator.serviceWorker?.controller;
    if (!controller) return tell("none");
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => tell(event.data);
    setTimeout(() => tell("silent"), 5000);
    controller.postMessage('"tick"', [port2]);
"##;

/// What came of one more kilobyte in a database of its own.
const STORE_A_LITTLE: &str = r#"
    const done = arguments[arguments.length - 1];
    const request = indexedDB.open("filler", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("blocks", { autoIncrement: true });
    request.onerror = () => done(request.error.name);
    request.onsuccess = () => {
        const transaction = request.result.transaction("blocks", "readwrite");
        transaction.objectStore("blocks").put("x".repeat(1024));
        const end = (word) => { request.result.close(); done(word); };
        transaction.oncomplete = () => end("stored");
        transaction.onabort = () => end(transaction.error.name);
    };
"#;

const ASK: &str = r#"
    const done = arguments[arguments.length - 1];
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => done(data);
    setTimeout(() => done("silent"), 5000);
    navigator.serviceWorker.controller.postMessage(ask, [port2]);
"#;

const DELETE_ALL: &str = r#"
    const done = arguments[arguments.length - 1];
    const all = async () => {
        for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister();
        for (const name of await caches.keys()) await caches.delete(name);
        for (const { name } of await indexedDB.databases()) {
            await new Promise((resolve, reject) => {
                const request = indexedDB.deleteDatabase(name);
                request.onsuccess = resolve;
                request.onerror = () => reject(request.error);
            });
        }
        return true;
    };
    all().then(done, (error) => done(`${error}`));
"#;

/// A process and those that it starts; all end together.
struct Group(Child);

impl Group {
    fn spawn(mut command: Command) -> Self {
        let program = command.get_program().to_owned();
        let child = command.process_group(0).stdin(Stdio::null()).spawn();
        Self(child.unwrap_or_else(|error| panic!("scripts/setup installs {}: {error}", program.display())))
    }

    /// The first line of its output that contains `part`. Reads on to the end in the background, so that the process
    /// never waits for a full pipe.
    fn first_line_with(&mut self, part: &str) -> Option<String> {
        let mut lines = BufReader::new(self.0.stdout.take()?).lines();
        let found = lines.by_ref().map_while(Result::ok).find(|line| line.contains(part));
        std::thread::spawn(move || lines.for_each(drop));
        found
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        // Fails only if all of it has ended already.
        Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status().ok();
        self.0.wait().ok();
    }
}
