//! The built server, as a process that can be killed.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::StatusCode;
use tempfile::TempDir;
use vestibule_protocol::{account::Credentials, admin::Device, changes::Changes, id::DeviceId, visit::Visit};

use crate::{clock::Clock, disk::Disk, wait, workspace};

/// How long a start may take: the first one makes the database.
const START_DEADLINE: Duration = Duration::from_secs(20);

/// How many lines of its log are remembered: of a drill, all.
const LOG_LINES: usize = 5_000;

/// A server on a data directory of its own. It keeps its address from one start to the next.
pub struct Server {
    data: Disk,
    clock: Option<Clock>,
    /// The app that it serves.
    dist: PathBuf,
    address: String,
    scheme: &'static str,
    /// What it has printed since its last start.
    said: Arc<Mutex<Vec<String>>>,
    process: Option<Child>,
    /// The end of its log, over all its lives.
    log: Arc<Mutex<VecDeque<String>>>,
    /// What `serve` is told besides.
    arguments: Vec<String>,
}

impl Server {
    /// Starts a server with a demo site that has decided nothing, on a port that the system chooses.
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0", "http", &[]).await
    }

    /// The same, on this disk, and by this clock if there is one.
    pub async fn start_on(data: Disk, clock: Option<Clock>) -> Self {
        Self::begin("127.0.0.1:0", "http", &[], data, clock).await
    }

    /// The same, with arguments of its own.
    pub async fn start_with(arguments: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", "http", arguments).await
    }

    /// What it is told from its next start on.
    pub fn tell(&mut self, arguments: Vec<String>) {
        self.arguments = arguments;
    }

    /// The same with TLS, at an address of its own, with an authority of its own.
    pub async fn start_with_tls(ip: &str) -> Self {
        Self::start_at(&format!("{ip}:0"), "https", &[]).await
    }

    /// What it serves as the app from its next start on.
    pub fn serve(&mut self, dist: &Path) {
        dist.clone_into(&mut self.dist);
    }

    async fn start_at(address: &str, scheme: &'static str, arguments: &[&str]) -> Self {
        Self::begin(address, scheme, arguments, Disk::of_the_system(), None).await
    }

    async fn begin(address: &str, scheme: &'static str, arguments: &[&str], data: Disk, clock: Option<Clock>) -> Self {
        let mut server = Self {
            data,
            clock,
            dist: workspace().join("dist"),
            address: address.to_owned(),
            scheme,
            said: Arc::default(),
            process: None,
            log: Arc::default(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
        };
        if scheme == "https" {
            let ip = address.split(':').next().unwrap_or_default();
            server.run(&["tls", "init", "--name", ip], "");
        }
        server.start_again().await;
        server.decide("{}");
        server
    }

    /// The certificate of its own authority, in PEM.
    pub fn authority(&self) -> PathBuf {
        self.data.path().join("tls/authority.crt")
    }

    /// The file of the key that its certificate is for.
    pub fn tls_key(&self) -> PathBuf {
        self.data.path().join("tls/server.key")
    }

    /// Starts it again, on the same data and the same port. Harmless if it runs.
    pub async fn start_again(&mut self) {
        if self.process.is_some() {
            return;
        }
        let mut process = Command::new(binary())
            .args(["serve", "--listen", &self.address, "--demo-site"])
            .args((self.scheme == "https").then_some("--tls"))
            .args(&self.arguments)
            .arg("--data")
            .arg(self.data.path())
            .arg("--dist")
            .arg(&self.dist)
            .envs(self.clock.iter().flat_map(Clock::environment))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("`make build` leaves target/release/vestibule");
        let log = BufReader::new(process.stderr.take().expect("stderr is piped"));
        let remembered = Arc::clone(&self.log);
        std::thread::spawn(move || log.lines().map_while(Result::ok).for_each(|line| note(&remembered, line)));
        let lines = BufReader::new(process.stdout.take().expect("stdout is piped"));
        self.process = Some(process);
        let said = Arc::new(Mutex::new(Vec::new()));
        self.said = Arc::clone(&said);
        // Reads on to the end, so that the server never waits for a full pipe.
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                said.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        self.address = self.says(&format!("listening on {}://", self.scheme)).await;
    }

    /// The end of its log, over all its lives.
    pub fn log(&self) -> String {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.iter().fold(String::new(), |all, line| all + line + "\n")
    }

    /// The rest of the line that it prints, from the end of `beginning`.
    async fn says(&self, beginning: &str) -> String {
        let hear = || {
            let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            std::future::ready(said.iter().find_map(|line| line.strip_prefix(beginning).map(str::to_owned)))
        };
        wait::until(format!("the server says {beginning:?}"), START_DEADLINE, hear).await.0
    }

    /// The link by which the first account is made.
    pub async fn setup_link(&self) -> String {
        self.says("First account (one-time link)  ").await
    }

    /// Ends it as a power cut would: SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("the server is ours to kill");
            process.wait().expect("a killed process ends");
        }
    }

    /// Copies the database beside the running server.
    pub fn backup(&self) -> TempDir {
        let backup = TempDir::new().expect("a directory for the backup");
        self.run(&["backup", backup.path().join(BACKUP).to_str().expect("a path in UTF-8")], "");
        backup
    }

    /// Goes back to a backup. The server must not run.
    pub fn restore(&self, backup: &TempDir) {
        self.run(&["restore", backup.path().join(BACKUP).to_str().expect("a path in UTF-8")], "");
    }

    /// `http://127.0.0.1:…`
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// `127.0.0.1:…`
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its data directory.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The disk that it writes on.
    pub fn disk(&mut self) -> &mut Disk {
        &mut self.data
    }

    /// The clock that it goes by.
    ///
    /// # Panics
    /// If it was not started with one.
    pub fn clock(&self) -> &Clock {
        self.clock.as_ref().expect("the server was started with a clock of its own")
    }

    /// Whether it says that it can write, and if not, why: the code of its problem.
    pub async fn readiness(&self) -> Result<(), String> {
        let answer = reqwest::get(format!("{}/readyz", self.url())).await.map_err(|error| error.to_string())?;
        if answer.status() == StatusCode::OK {
            return Ok(());
        }
        let problem: serde_json::Value = answer.json().await.map_err(|error| error.to_string())?;
        Err(problem["code"].as_str().unwrap_or_default().to_owned())
    }

    /// What it tells Prometheus of a device, under this name; `None` if it tells nothing.
    pub async fn metric(&self, name: &str, device: DeviceId) -> Option<u64> {
        let told = reqwest::get(format!("{}/metrics", self.url())).await.ok()?.text().await.ok()?;
        let beginning = format!("{name}{{device=\"{device}\"}} ");
        told.lines().find_map(|line| line.strip_prefix(&beginning)?.parse().ok())
    }

    /// How many changes it has told so far: each event that it keeps is one.
    ///
    /// # Panics
    /// If it does not say.
    pub async fn feed_position(&self) -> u64 {
        let told = reqwest::get(format!("{}/metrics", self.url())).await.expect("the server answers");
        let told = told.text().await.expect("metrics are text");
        let position = told.lines().find_map(|line| line.strip_prefix("vestibule_feed_position "));
        position.and_then(|position| position.parse().ok()).expect("the server says it")
    }

    /// Enrols a device, and gives what it needs to speak for itself.
    pub fn add_device(&self, name: &str) -> Credentials {
        let json = self.run(&["device", "add", "--site", DEMO_SITE, "--name", name, "--token"], "");
        serde_json::from_str(&json).expect("`device add --token` prints credentials")
    }

    /// Withdraws a device's access.
    pub fn revoke(&self, device: DeviceId) {
        self.run(&["device", "revoke", &device.to_string()], "");
    }

    /// The device that staff call so. There must be one.
    pub fn device_called(&self, name: &str) -> DeviceId {
        let listed = self.run(&["device", "list", "--json"], "");
        let devices: Vec<Device> = serde_json::from_str(&listed).expect("`device list --json` prints devices");
        devices.iter().find(|device| device.name.as_str() == name).expect("a device of that name").id
    }

    /// A pairing code for a kiosk.
    pub fn pairing_code(&self, name: &str) -> String {
        self.run(&["device", "add", "--site", DEMO_SITE, "--name", name], "").trim().to_owned()
    }

    /// Decides for the demo site: settings as JSON, whole.
    pub fn decide(&self, settings: &str) {
        self.run(&["site", "settings", "--site", DEMO_SITE, "--set", "-"], settings);
    }

    /// What the demo site has decided.
    pub fn decided(&self) -> serde_json::Value {
        let told = self.run(&["site", "settings", "--site", DEMO_SITE], "");
        serde_json::from_str(&told).expect("settings are JSON")
    }

    /// An administrator who can sign in.
    pub fn add_admin(&self, email: &str, password: &str) {
        self.add_user("Grace Hopper", "admin", email, password);
    }

    /// A receptionist who can sign in.
    pub fn add_receptionist(&self, email: &str, password: &str) {
        self.add_user("Ada Lovelace", "receptionist", email, password);
    }

    fn add_user(&self, name: &str, role: &str, email: &str, password: &str) {
        let arguments = ["user", "add", "--name", name, "--email", email, "--role", role, "--password-stdin"];
        self.run(&arguments, password);
    }

    /// Where somebody chooses a new password, once.
    pub fn password_link(&self, email: &str) -> String {
        format!("{}{}", self.url(), self.run(&["user", "link", "--email", email], "").trim())
    }

    /// A day of visits at the demo site.
    pub fn add_demo_day(&self) {
        self.run(&["demo"], "");
    }

    /// Every visit that the server tells the devices of the site, as of now; `None` if it does not answer.
    pub async fn visits(&self, device: &Credentials) -> Option<Vec<Visit>> {
        let mut visits = Vec::new();
        let mut after = None;
        loop {
            let changes = self.changes(device, after.as_deref()).await?;
            visits.extend(changes.visits);
            if !changes.more {
                return Some(visits);
            }
            after = Some(changes.cursor);
        }
    }

    async fn changes(&self, device: &Credentials, after: Option<&str>) -> Option<Changes> {
        let query = after.map(|cursor| format!("?after={cursor}")).unwrap_or_default();
        let url = format!("{}/api/v1/sites/{}/changes{query}", self.url(), device.site);
        let answer = reqwest::Client::new().get(url).bearer_auth(&device.token).send().await.ok()?;
        answer.error_for_status().ok()?.json().await.ok()
    }

    /// Runs the command line beside the running server and gives what it printed.
    fn run(&self, arguments: &[&str], input: &str) -> String {
        let mut process = Command::new(binary())
            .args(arguments)
            .envs(self.clock.iter().flat_map(Clock::environment))
            .arg("--data")
            .arg(self.data.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`make build` leaves target/release/vestibule");
        process.stdin.take().expect("stdin is piped").write_all(input.as_bytes()).expect("the command reads its input");
        let output = process.wait_with_output().expect("the command ends");
        assert!(output.status.success(), "vestibule {arguments:?} failed: {output:?}");
        String::from_utf8(output.stdout).expect("the command prints UTF-8")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Remembers a line of the log, and shows it, as if the server wrote it there itself.
fn note(log: &Mutex<VecDeque<String>>, line: String) {
    eprintln!("{line}");
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    if log.len() == LOG_LINES {
        log.pop_front();
    }
    log.push_back(line);
}

/// What a backup is called in its directory.
const BACKUP: &str = "vestibule.backup";

/// The site that `--demo-site` makes.
pub const DEMO_SITE: &str = "Demo site";

fn binary() -> PathBuf {
    let built = Path::new("target/release/vestibule");
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace().join(built), |target| PathBuf::from(target).join("release/vestibule"))
}
