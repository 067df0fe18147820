//! How `dist/` is built.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use vestibule_tests::{wait, workspace};

/// Until a shell has begun its work, on a machine that is busy.
const BEGIN_DEADLINE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn two_builds_in_one_checkout_come_one_after_the_other() {
    const BUILD: &str = "echo begin >>log; until [ -e go ]; do sleep 0.05; done; echo end >>log";
    let checkout = TempDir::new().expect("a directory");
    let log = checkout.path().join("log");
    let mut first = alone(checkout.path(), BUILD);
    wait::until("the first begins", BEGIN_DEADLINE, || async { log.exists().then_some(()) }).await;

    let mut second = alone(checkout.path(), BUILD);
    let mut said = String::new();
    BufReader::new(second.stderr.take().expect("it is piped")).read_line(&mut said).expect("it says something");
    assert!(said.starts_with(&format!("Waiting for process {},", first.id())), "{said}");
    fs::write(checkout.path().join("go"), "").expect("a file");
    assert!(first.wait().expect("it ends").success());
    assert!(second.wait().expect("it ends").success());
    assert_eq!(fs::read_to_string(log).expect("a log"), "begin\nend\nbegin\nend\n");
}

#[test]
fn a_build_that_was_cut_short_holds_up_nobody() {
    let checkout = TempDir::new().expect("a directory");
    let mut ended = Command::new("true").spawn().expect("a process");
    ended.wait().expect("it ends");
    fs::create_dir(checkout.path().join("target")).expect("a directory");
    fs::write(checkout.path().join("target/dist-build.pid"), ended.id().to_string()).expect("a file");
    assert!(alone(checkout.path(), "true").wait().expect("it ends").success());
    assert!(!checkout.path().join("target/dist-build.pid").exists());
}

/// Starts a build that is nothing but `commands`, as the Makefile starts Trunk.
fn alone(checkout: &Path, commands: &str) -> Child {
    Command::new(workspace().join("worker/alone"))
        .args(["sh", "-c", commands])
        .current_dir(checkout)
        .stderr(Stdio::piped())
        .spawn()
        .expect("worker/alone runs")
}
