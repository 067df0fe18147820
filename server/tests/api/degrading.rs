//! A disk that fails while the server runs: really, and not by a switch in the server.
//!
//! Each time: writes are answered 503 with the reason, reads go on, `/readyz` fails; and once the cause is gone the same
//! process writes again, with nobody's help, and holds everything that it answered for.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
    process::{Command, Stdio},
};

use reqwest::{Response, StatusCode};
use tokio::time::{sleep, timeout};
use vestibule_protocol::batch::{Outcome, SYNC_PATH};

use crate::{
    command_line::{Process, device, printed},
    fixture::{DEADLINE, Slotted, TestDevice, client, outcomes, problem, receipt},
};

/// Room for the database and little else.
const SMALL_DISK: &str = "size=12m";

/// Where a file system of the test's own is mounted; unmounted when dropped.
struct Mounted<'a>(&'a Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        // Lazily: the server that has files on it is killed by its own drop, in whatever order.
        drop(Command::new("umount").arg("-l").arg(self.0).status());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk() {
    let dir = tempfile::tempdir().unwrap();
    let disk = dir.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let is_mounted = done(Command::new("mount").args(["-t", "tmpfs", "-o", SMALL_DISK, "vestibule-test"]).arg(&disk));
    if !is_mounted {
        // `a_disk_that_fails` goes the same way without rights, and `store::writer` fills a database up to its limit.
        return not_tried("mounting a small file system needs rights that this user has not");
    }
    let _mounted = Mounted(&disk);
    let filler = disk.join("filler");
    let fill = || {
        let mut file = File::create(&filler).unwrap();
        while file.write_all(&[0; 4_096]).is_ok() {}
    };
    stands_it(&disk.join("data"), |_| fill(), |_| fs::remove_file(&filler).unwrap(), "disk_full").await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails() {
    let dir = tempfile::tempdir().unwrap();
    // The system fails every write beyond the limit, as a broken disk would.
    let limit = |process: &Process, bytes: &str| {
        let arguments = [format!("--pid={}", process.id()), format!("--fsize={bytes}:unlimited")];
        assert!(done(Command::new("prlimit").args(arguments)), "prlimit is part of every Linux");
    };
    let data = dir.path().join("data");
    stands_it(&data, |process| limit(process, "1"), |process| limit(process, "unlimited"), "disk_failed").await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn files_that_nobody_may_write() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let probe = dir.path().join("probe");
    File::create(&probe).unwrap();
    let attribute = |sign: &str, path: &Path| done(Command::new("chattr").arg(format!("{sign}i")).arg(path));
    if !(attribute("+", &probe) && File::options().append(true).open(&probe).is_err()) {
        eprintln!(
            "not tried: making files immutable needs rights that this user, or a file system that this one, has not"
        );
        return;
    }
    assert!(attribute("-", &probe));
    let set = |sign: &'static str| {
        let data = &data;
        move |_: &Process| {
            for file in ["vestibule.db", "vestibule.db-wal"] {
                assert!(attribute(sign, &data.join(file)));
            }
        }
    };
    stands_it(&data, set("+"), set("-"), "disk_failed").await;
}

/// Breaks a server that has answered for something, and mends it.
async fn stands_it(data: &Path, break_it: impl FnOnce(&Process), mend: impl FnOnce(&Process), code: &str) {
    let mut process = Process::start(data);
    let mut kiosk = device(data, "Lobby");
    let before = kiosk.check_ins(3);
    assert_eq!(outcomes(&receipt(send(&process, &kiosk, &before).await).await), [Outcome::Accepted; 3]);
    break_it(&process);
    let meanwhile = kiosk.check_ins(2);
    let refused = send(&process, &kiosk, &meanwhile).await;
    assert_eq!(refused.headers()["retry-after"], "2");
    assert_eq!(problem(refused).await, (503, code.to_owned()));
    assert_eq!(problem(get(&process, "/readyz", &kiosk).await).await, (503, code.to_owned()));
    assert_eq!(get(&process, "/healthz", &kiosk).await.status(), StatusCode::OK);
    let changes = get(&process, &format!("/api/v1/sites/{}/changes", kiosk.credentials.site), &kiosk).await;
    let changes: vestibule_protocol::changes::Changes = changes.json().await.unwrap();
    assert_eq!(changes.visits.len(), 3, "reads go on, and tell only what was answered for");
    mend(&process);
    let ready = async {
        while get(&process, "/readyz", &kiosk).await.status() != StatusCode::OK {
            sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    timeout(DEADLINE, ready).await.expect("ready again, with nobody's help");
    assert_eq!(outcomes(&receipt(send(&process, &kiosk, &meanwhile).await).await), [Outcome::Accepted; 2]);
    assert!(process.terminate().await.success(), "it is the same process, and ends in order");
    assert_eq!(printed(data, &["verify"]), "everything is as the devices sent it");
}

async fn send(process: &Process, device: &TestDevice, events: &[Slotted]) -> Response {
    let request = client().post(format!("{}{SYNC_PATH}", process.base)).bearer_auth(&device.credentials.token);
    request.body(device.batch(events)).send().await.unwrap()
}

async fn get(process: &Process, path: &str, device: &TestDevice) -> Response {
    client().get(format!("{}{path}", process.base)).bearer_auth(&device.credentials.token).send().await.unwrap()
}

/// Says so where it is seen, although the test passes.
fn not_tried(why: &str) {
    drop(writeln!(io::stderr(), "not tried: {why}"));
}

fn done(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
