//! The program itself, as a process: what it prints, how it stops, and what is left when it is killed.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::header;
use serde_json::json;
use tokio::time::{sleep, timeout};
use vestibule_protocol::{
    account::Credentials,
    batch::{Receipt, SYNC_PATH},
    chain::{Digest, event_hash},
    settings::SiteSettings,
};

use crate::fixture::{DEADLINE, TestDevice, TestServer, client};

/// A server process; killed when dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) base: String,
    /// What it printed for people after its first line.
    said: Vec<String>,
}

impl Process {
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &["--listen", "127.0.0.1:0"])
    }

    pub(crate) fn start_with(data: &Path, options: &[&str]) -> Self {
        Self::of(vestibule(data, &[&["serve", "--demo-site"], options].concat()).stderr(Stdio::null()))
    }

    /// The same, which logs all that it has to say.
    pub(crate) fn start_logging(data: &Path, options: &[&str], log: File) -> Self {
        let mut command = vestibule(data, &[&["serve", "--demo-site"], options].concat());
        Self::of(command.env("RUST_LOG", "debug").stderr(log))
    }

    fn of(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let first = lines.next().expect("it says that it listens");
        let base = first.strip_prefix("listening on ").unwrap().to_owned();
        // The dashboard's is the last line that is always there; what else it prints comes with it.
        let said = lines.by_ref().take(2).collect();
        Self { child, base, said }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Has it read its certificate anew.
    #[cfg(unix)]
    pub(crate) fn hang_up(&self) {
        assert!(Command::new("kill").args(["-HUP", &self.child.id().to_string()]).status().unwrap().success());
    }

    /// The end of the power, as far as the process can tell.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    #[cfg(unix)]
    pub(crate) async fn terminate(&mut self) -> std::process::ExitStatus {
        self.ask_to_end();
        self.ended().await
    }

    /// Tells it that it should end, as whatever runs it would.
    #[cfg(unix)]
    pub(crate) fn ask_to_end(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Waits until it has ended.
    #[cfg(unix)]
    pub(crate) async fn ended(&mut self) -> std::process::ExitStatus {
        let ending = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(DEADLINE, ending).await.expect("it ends by itself")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn vestibule(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.args(arguments).arg("--data").arg(data).env_remove("VESTIBULE_DATA").current_dir(data.parent().unwrap());
    command
}

pub(crate) fn output(data: &Path, arguments: &[&str]) -> Output {
    vestibule(data, arguments).output().unwrap()
}

pub(crate) fn printed(data: &Path, arguments: &[&str]) -> String {
    let output = output(data, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

pub(crate) fn device(data: &Path, name: &str) -> TestDevice {
    let json = printed(data, &["device", "add", "--site", "Demo site", "--name", name, "--token"]);
    TestDevice::new(serde_json::from_str::<Credentials>(&json).unwrap())
}

#[tokio::test]
async fn a_gap_is_listed_until_it_is_settled() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(4);
    server.deliver(&kiosk, &events[..1]).await;
    let data = server.data.path();
    let listed = printed(data, &["gap", "list"]);
    assert!(listed.starts_with("1: Lobby, stream ") && listed.contains("some of the events 2 to 4"), "{listed}");
    printed(data, &["gap", "settle", "1"]);
    assert_eq!(printed(data, &["gap", "list"]), "everything that the devices told of is held");
    assert!(!output(data, &["gap", "settle", "1"]).status.success());
}

#[tokio::test]
async fn the_first_start_says_where_to_go_and_a_signal_ends_it() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut process = Process::start(&data);
    assert_eq!(process.said[0], format!("Kiosk      {}/kiosk", process.base));
    assert_eq!(process.said[1], format!("Dashboard  {}/dashboard", process.base));
    let ready = client().get(format!("{}/readyz", process.base)).send().await.unwrap();
    assert_eq!(ready.text().await.unwrap(), r#"{"status":"ready"}"#);
    assert!(process.terminate().await.success());
}

#[test]
fn a_day_of_the_demo_site_is_added_and_everything_in_it_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    assert!(printed(&data, &["demo", "--visits", "60"]).starts_with("60 visits in "));
    assert_eq!(printed(&data, &["verify"]), "everything is as the devices sent it");
}

#[tokio::test]
async fn a_code_of_the_command_line_pairs_a_kiosk_beside_a_running_server() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let process = Process::start(&data);
    let code = printed(&data, &["device", "add", "--site", "Demo site", "--name", "Lobby"]);
    let url = format!("{}/api/v1/devices/pair", process.base);
    let response = client().post(url).json(&json!({"code": code})).send().await.unwrap();
    assert!(response.json::<Credentials>().await.unwrap().token.starts_with("vd_"));
}

#[tokio::test]
async fn a_password_that_was_made_up_signs_in_and_an_address_has_one_account() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let process = Process::start(&data);
    let add = ["user", "add", "--name", "Grace Hopper", "--email", "grace@example.com", "--role", "admin"];
    let password = printed(&data, &add);
    let url = format!("{}/api/v1/session", process.base);
    let sign_in = json!({"email": "grace@example.com", "password": password});
    let response = client().post(url).json(&sign_in).send().await.unwrap();
    assert!(response.headers().contains_key(header::SET_COOKIE));
    let again = output(&data, &add);
    assert!(!again.status.success());
    let complaint = String::from_utf8(again.stderr).unwrap();
    assert_eq!(complaint, "vestibule: there is an account with this e-mail address already\n");
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let process = Process::start(&data);
    let complaint = |data: &Path, listen: &str| {
        let output = output(data, &["serve", "--listen", listen]);
        assert!(!output.status.success(), "it started all the same");
        String::from_utf8(output.stderr).unwrap()
    };
    let taken = process.base.strip_prefix("http://").unwrap();
    // On the address that is taken, so that it ends in any case.
    assert!(complaint(&data, taken).contains("another vestibule server is running"));
    assert!(complaint(&dir.path().join("other"), taken).contains("choose another with --listen"));
    std::fs::write(dir.path().join("file"), "").unwrap();
    assert!(complaint(&dir.path().join("file"), taken).contains("can't be used"));
}

#[tokio::test]
async fn upkeep_works_from_the_command_line_and_says_what_it_did() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let file = dir.path().join("backup.db");
    let mut process = Process::start(&data);
    let mut kiosk = device(&data, "Lobby");
    let events = kiosk.check_ins(2);
    let request = client().post(format!("{}{SYNC_PATH}", process.base)).bearer_auth(&kiosk.credentials.token);
    request.body(kiosk.batch(&events)).send().await.unwrap().json::<Receipt>().await.unwrap();
    let path = file.to_str().unwrap();
    let said = format!("{path}: 2 events of 1 streams, read back and whole");
    assert_eq!(printed(&data, &["backup", path]), said);
    assert_eq!(printed(&data, &["verify"]), "everything is as the devices sent it");
    let refused = output(&data, &["restore", path]);
    assert!(String::from_utf8(refused.stderr).unwrap().contains("another vestibule server is running"));
    process.kill();
    let said = printed(&data, &["restore", path]);
    assert!(said.starts_with("restored 2 events of 1 streams") && said.contains(".before-"), "{said}");
    let database = vestibule::store::connect(&data).unwrap();
    database.execute("UPDATE visits SET matters_until = 0", ()).unwrap();
    let found = output(&data, &["verify"]);
    assert!(!found.status.success());
    assert_eq!(String::from_utf8(found.stderr).unwrap(), "vestibule: 2 differences; see above\n");
    assert!(printed(&data, &["verify", "--repair"]).ends_with("2 visits rebuilt from the ledger"));
    assert_eq!(printed(&data, &["verify"]), "everything is as the devices sent it");
}

/// Several rounds, for a kill hits another moment each time.
#[tokio::test(flavor = "multi_thread")]
async fn killed_under_load_it_holds_everything_that_it_answered_for() {
    const ROUNDS: usize = 3;
    const DEVICES: usize = 6;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let acknowledged: Arc<Mutex<BTreeMap<String, Digest>>> = Arc::default();
    for round in 0..ROUNDS {
        let mut process = Process::start(&data);
        let stop = Arc::new(AtomicBool::new(false));
        let already = acknowledged.lock().unwrap().len();
        let delivering: Vec<_> = (0..DEVICES)
            .map(|number| {
                let mut kiosk = device(&data, &format!("Kiosk {round}.{number}"));
                let (acknowledged, stop) = (Arc::clone(&acknowledged), Arc::clone(&stop));
                let url = format!("{}{SYNC_PATH}", process.base);
                tokio::spawn(async move {
                    let client = client();
                    while !stop.load(Ordering::Relaxed) {
                        let events = kiosk.check_ins(3);
                        let request = client.post(&url).bearer_auth(&kiosk.credentials.token);
                        let Ok(response) = request.body(kiosk.batch(&events)).send().await else { return };
                        let Ok(receipt) = response.json::<Receipt>().await else { return };
                        assert!(receipt.results.iter().all(|result| result.outcome.is_kept()));
                        let texts = events.into_iter().map(|event| (event.text.clone(), event_hash(&event.text)));
                        acknowledged.lock().unwrap().extend(texts);
                    }
                })
            })
            .collect();
        let loaded = async {
            while acknowledged.lock().unwrap().len() < already + 150 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(DEADLINE, loaded).await.expect("some deliveries before the kill");
        process.kill();
        stop.store(true, Ordering::Relaxed);
        for delivery in delivering {
            delivery.await.unwrap();
        }
    }
    let mut survivor = Process::start(&data);
    assert!(survivor.terminate().await.success());
    let database = vestibule::store::connect(&data).unwrap();
    let mut held = database.prepare("SELECT text, hash FROM events").unwrap();
    let held: BTreeMap<String, Digest> =
        held.query_map((), |row| Ok((row.get(0)?, Digest(row.get(1)?)))).unwrap().collect::<Result<_, _>>().unwrap();
    for (text, hash) in acknowledged.lock().unwrap().iter() {
        assert_eq!(held.get(text), Some(hash), "answered for, and not held");
    }
    let unfolded: i64 = database
        .query_row("SELECT count(*) FROM events WHERE visit NOT IN (SELECT id FROM visits)", (), |row| row.get(0))
        .unwrap();
    assert_eq!(unfolded, 0, "the projection is committed with the ledger");
}

#[test]
fn devices_are_listed_renamed_moved_and_revoked() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let added = printed(&data, &["device", "add", "--site", "Head office", "--name", "Lobby", "--token"]);
    let device = serde_json::from_str::<Credentials>(&added).unwrap().device.to_string();
    printed(&data, &["device", "rename", &device, "--name", "Door"]);
    printed(&data, &["device", "move", &device, "--site", "Harbour"]);
    let listed = printed(&data, &["device", "list"]);
    assert!(listed.contains("Harbour  Door  holds; never heard of"), "{listed}");
    assert!(printed(&data, &["device", "revoke", &device]).starts_with("revoked "));
    let listed: serde_json::Value = serde_json::from_str(&printed(&data, &["device", "list", "--json"])).unwrap();
    assert_eq!((&listed[0]["id"], &listed[0]["name"]), (&json!(device), &json!("Door")));
    assert!(listed[0]["revoked_at"].is_string());
    let nobody = output(&data, &["device", "revoke", "01a20675-0000-7000-8000-000000000000"]);
    assert!(!nobody.status.success());
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("vestibule device list"));
}

#[tokio::test]
async fn a_key_that_the_command_line_made_opens_the_api_and_its_list_says_until_when_and_when_it_was_used() {
    let server = TestServer::start().await;
    server.site("Head office");
    let data = server.data.path();
    let key = printed(
        data,
        &["key", "add", "--name", "Wallboard", "--scope", "read", "--site", "Head office", "--days", "30"],
    );
    let listed = printed(data, &["key", "list"]);
    assert!(listed.contains("Wallboard  read, Head office; holds until ") && !listed.contains(&key), "{listed}");
    assert!(listed.ends_with("never used"), "{listed}");
    let look = || server.get("/api/v1/visits").bearer_auth(&key).send();
    assert_eq!(look().await.unwrap().status(), 200);
    let listed = printed(data, &["key", "list"]);
    assert!(listed.contains("; used last 2"), "{listed}");
    let id = listed.split(' ').next().unwrap();
    assert!(printed(data, &["key", "revoke", id]).starts_with("revoked "));
    assert_eq!(look().await.unwrap().status(), 401);
    for (unfit, says) in [
        (["key", "revoke", "01a20675-0000-7000-8000-000000000000"].as_slice(), "vestibule key list"),
        (&["key", "add", "--name", "Wallboard", "--scope", "read", "--days", "367"], "367"),
        (&["key", "add", "--name", "Wallboard", "--scope", "read", "--site", "Nowhere", "--days", "1"], "no such site"),
    ] {
        let refused = output(data, unfit);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && said.contains(says), "{said}");
    }
}

#[tokio::test]
async fn who_can_write_the_data_can_let_an_admin_in_again() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let add = ["user", "add", "--name", "Grace Hopper", "--email", "grace@example.com", "--role", "admin"];
    printed(&data, &add);
    assert!(printed(&data, &["user", "list"]).contains("grace@example.com  Grace Hopper  admin, every site"));
    let link = printed(&data, &["user", "link", "--email", "Grace@example.com"]);
    let token = link.trim().strip_prefix("/password#").unwrap();
    let server = Process::start(&data);
    let body = json!({"token": token, "password": "chosen by link"});
    let chosen = client().post(format!("{}/api/v1/password", server.base)).json(&body).send().await.unwrap();
    assert_eq!(chosen.status(), 204);
    let sign_in = json!({"email": "grace@example.com", "password": "chosen by link"});
    let signed_in = client().post(format!("{}/api/v1/session", server.base)).json(&sign_in).send().await.unwrap();
    assert_eq!(signed_in.status(), 200);
    assert!(!output(&data, &["user", "link", "--email", "nobody@example.com"]).status.success());
}

#[test]
fn what_a_site_has_decided_is_printed_so_that_it_can_be_set_again() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    printed(&data, &["device", "add", "--site", "Head office", "--name", "Lobby"]);
    let site = ["site", "settings", "--site", "Head office"];
    assert_eq!(printed(&data, &site), "{}");
    let file = dir.path().join("settings.json");
    std::fs::write(&file, r#"{"party_max":4,"visitor_types":[{"id":"guest","label":{"en":"Guest"}}]}"#).unwrap();
    let set = [&site[..], &["--set", file.to_str().unwrap()]].concat();
    printed(&data, &set);
    let printed_once = printed(&data, &site);
    assert!(printed_once.contains("\"party_max\": 4") && printed_once.contains("Guest"), "{printed_once}");
    std::fs::write(&file, &printed_once).unwrap();
    printed(&data, &set);
    assert_eq!(printed(&data, &site), printed_once);

    std::fs::write(&file, r#"{"party_max":1}"#).unwrap();
    let refused = output(&data, &set);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("a party is of 2 to 12 visitors"));
    assert!(!output(&data, &["site", "settings", "--site", "Nowhere"]).status.success());
    assert_eq!(printed(&data, &site), printed_once);
}

#[test]
fn what_was_decided_since_somebody_looked_is_not_undone() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    printed(&data, &["device", "add", "--site", "Head office", "--name", "Lobby"]);
    let site = ["site", "settings", "--site", "Head office"];
    let [was, new] = ["was.json", "new.json"].map(|file| dir.path().join(file));
    std::fs::write(&was, printed(&data, &site)).unwrap();
    std::fs::write(&new, r#"{"party_max":4}"#).unwrap();
    let set = [&site[..], &["--set", new.to_str().unwrap(), "--was", was.to_str().unwrap()]].concat();
    printed(&data, &set);
    let decided = printed(&data, &site);
    let refused = output(&data, &set);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("read them again"), "{refused:?}");
    std::fs::write(&was, &decided).unwrap();
    std::fs::write(&new, r#"{"party_max":5}"#).unwrap();
    printed(&data, &set);
    assert!(printed(&data, &site).contains('5'));
}

#[test]
fn a_pin_is_set_from_standard_input_and_kept_as_its_hash() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    printed(&data, &["device", "add", "--site", "Head office", "--name", "Lobby"]);
    let set = |pin: &str| {
        let mut process = vestibule(&data, &["site", "pin", "--site", "Head office"])
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut process.stdin.take().unwrap(), pin.as_bytes()).unwrap();
        process.wait().unwrap().success()
    };
    let settings = || -> SiteSettings {
        serde_json::from_str(&printed(&data, &["site", "settings", "--site", "Head office"])).unwrap()
    };
    assert!(set("482913\n"));
    assert!(settings().staff_pin.is_some_and(|pin| pin.fits("482913") && !pin.fits("482914")));
    assert!(!set("12\n"), "too short a one");
    assert!(settings().staff_pin.is_some());
    assert!(set("\n"));
    assert_eq!(settings().staff_pin, None);
}
