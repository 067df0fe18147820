//! SIGTERM: what is in work is committed and answered, nothing new is taken, and the process ends in time.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use reqwest::{Response, StatusCode};
use rusqlite::TransactionBehavior;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};
use vestibule::{
    access::device::{self, Kind},
    clock,
    limits::{SHUTDOWN_GRACE, SMALL_WORK_BYTES},
    site, store,
};
use vestibule_protocol::{
    batch::{Outcome, SYNC_PATH},
    event::Event,
    id::EventId,
};

use crate::{
    command_line::{Process, printed},
    fixture::{DEADLINE, Slotted, TestDevice, client, name, outcomes, receipt},
};

/// Bodies that are on their way when the signal comes.
const ARRIVING: usize = 6;
/// Deliveries that wait for the disk then.
const QUEUED: usize = 20;

/// A delivery of which the server has asked for the body.
struct Arriving {
    connection: BufReader<TcpStream>,
    /// What is still to be sent.
    rest: Vec<u8>,
}

impl Arriving {
    /// Sends half of a batch, and holds the rest back.
    async fn begin(process: &Process, kiosk: &TestDevice, events: &[Slotted]) -> Self {
        let body = kiosk.batch(events);
        let address = process.base.strip_prefix("http://").unwrap();
        let mut connection = BufReader::new(TcpStream::connect(address).await.unwrap());
        let head = format!(
            "POST {SYNC_PATH} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            kiosk.credentials.token,
            body.len()
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        assert_eq!(line(&mut connection).await, "HTTP/1.1 100 Continue");
        assert_eq!(line(&mut connection).await, "");
        let (first, rest) = body.as_bytes().split_at(body.len() / 2);
        connection.write_all(first).await.unwrap();
        Self { connection, rest: rest.to_owned() }
    }

    /// Sends the rest, and gives the first line of the answer once all of it has come.
    async fn finish(mut self) -> String {
        self.connection.write_all(&self.rest).await.unwrap();
        let status = line(&mut self.connection).await;
        let end = timeout(DEADLINE, self.connection.read_to_end(&mut Vec::new())).await;
        end.expect("the connection is closed after it").unwrap();
        status
    }
}

/// A kiosk of the demo site.
fn kiosk(data: &Path) -> TestDevice {
    let database = store::connect(data).unwrap();
    let site = site::find(&database, &name("Demo site")).unwrap().unwrap();
    let (now, id, token) = (clock::now(), clock::entropy(), clock::entropy());
    TestDevice::new(device::enrol(&database, site, &name("Lobby"), Kind::Kiosk, now, id, token).unwrap())
}

async fn line(connection: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    timeout(DEADLINE, connection.read_line(&mut line)).await.expect("answered").unwrap();
    line.trim_end().to_owned()
}

async fn send(base: &str, kiosk: &TestDevice, events: &[Slotted]) -> reqwest::Result<Response> {
    let request = client().post(format!("{base}{SYNC_PATH}")).bearer_auth(&kiosk.credentials.token);
    request.body(kiosk.batch(events)).send().await
}

/// Waits until nobody is let in any more.
async fn closed(process: &Process) {
    let address = process.base.strip_prefix("http://").unwrap();
    let closing = async {
        while TcpStream::connect(address).await.is_ok() {
            sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    timeout(DEADLINE, closing).await.expect("new connections are refused");
}

/// Waits until that many deliveries wait for the disk.
async fn queued(process: &Process, jobs: usize) {
    let expected = format!("vestibule_write_queue_jobs {jobs}");
    let queueing = async {
        loop {
            let metrics = client().get(format!("{}/metrics", process.base)).send().await.unwrap();
            if metrics.text().await.unwrap().lines().any(|line| line == expected) {
                return;
            }
        }
    };
    timeout(DEADLINE, queueing).await.expect("they are queued");
}

fn ids(events: &[Slotted]) -> impl Iterator<Item = EventId> {
    events.iter().map(|event| Event::parse(&event.text).unwrap().id)
}

/// The ids of the ledger.
fn held(data: &Path) -> BTreeSet<EventId> {
    let database = store::connect(data).unwrap();
    let mut statement = database.prepare("SELECT id FROM events").unwrap();
    statement.query_map((), |row| row.get(0).map(EventId)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_work_is_committed_and_answered_and_nobody_else_let_in() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut process = Process::start_with(&data, &["--listen", "127.0.0.1:0", "--no-rate-limits"]);
    let desk = kiosk(&data);
    let path = format!("{}/api/v1/sites/{}/stream", process.base, desk.credentials.site);
    let mut stream = client().get(path).bearer_auth(&desk.credentials.token).send().await.unwrap();
    assert!(stream.chunk().await.unwrap().is_some(), "the stream stands");
    let mut expected = BTreeSet::new();
    let mut arriving = Vec::new();
    for _ in 0..ARRIVING {
        let mut kiosk = kiosk(&data);
        let events = kiosk.check_ins(SMALL_WORK_BYTES / 300);
        expected.extend(ids(&events));
        arriving.push(Arriving::begin(&process, &kiosk, &events).await);
    }
    let kiosks: Vec<TestDevice> = (0..QUEUED).map(|_| kiosk(&data)).collect();

    // The disk takes nothing for a moment, so that a group gathers.
    let mut other = store::connect(&data).unwrap();
    let holding = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let mut queueing = JoinSet::new();
    for mut kiosk in kiosks {
        let (base, events) = (process.base.clone(), kiosk.check_ins(3));
        expected.extend(ids(&events));
        queueing.spawn(async move { receipt(send(&base, &kiosk, &events).await.unwrap()).await });
    }
    queued(&process, QUEUED).await;
    process.ask_to_end();
    let asked = clock::instant();
    closed(&process).await;
    drop(holding);

    while let Some(receipt) = queueing.join_next().await {
        assert_eq!(outcomes(&receipt.unwrap()), [Outcome::Accepted; 3]);
    }
    for arriving in arriving {
        assert_eq!(arriving.finish().await, "HTTP/1.1 200 OK");
    }
    while stream.chunk().await.expect("the stream ends in order").is_some() {}
    assert!(process.ended().await.success());
    assert!(asked.elapsed() < SHUTDOWN_GRACE, "nothing was left to wait for: {:?}", asked.elapsed());
    assert_eq!(held(&data), expected);
    assert_eq!(printed(&data, &["verify"]), "everything is as the devices sent it");
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_exactly_what_was_answered_for_is_in_the_ledger() {
    const KIOSKS: usize = 16;
    const ANSWERED_BEFORE: usize = 10 * KIOSKS;
    static ANSWERED: AtomicUsize = AtomicUsize::new(0);
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut process = Process::start_with(&data, &["--listen", "127.0.0.1:0", "--no-rate-limits"]);
    let mut delivering = JoinSet::new();
    for _ in 0..KIOSKS {
        let (base, mut kiosk, client) = (process.base.clone(), kiosk(&data), client());
        delivering.spawn(async move {
            let mut acknowledged = BTreeSet::new();
            loop {
                let events = kiosk.check_ins(5);
                let request = client.post(format!("{base}{SYNC_PATH}")).bearer_auth(&kiosk.credentials.token);
                match request.body(kiosk.batch(&events)).send().await {
                    Ok(answer) if answer.status() == StatusCode::OK => {
                        assert_eq!(outcomes(&receipt(answer).await), [Outcome::Accepted; 5]);
                        acknowledged.extend(ids(&events));
                        ANSWERED.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(refused) => assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE),
                    // Nobody is there any more.
                    Err(_) => return acknowledged,
                }
            }
        });
    }
    let loading = async {
        while ANSWERED.load(Ordering::Relaxed) < ANSWERED_BEFORE {
            sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    timeout(DEADLINE, loading).await.expect("deliveries are answered");
    assert!(process.terminate().await.success());
    let mut acknowledged = BTreeSet::new();
    while let Some(of_one) = delivering.join_next().await {
        acknowledged.append(&mut of_one.unwrap());
    }
    assert_eq!(held(&data), acknowledged);
    assert_eq!(printed(&data, &["verify"]), "everything is as the devices sent it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_never_comes_holds_up_the_end_for_no_longer_than_the_grace() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut process = Process::start(&data);
    let (mut kiosk, mut stalled) = (kiosk(&data), kiosk(&data));
    let (events, never) = (kiosk.check_ins(2), stalled.check_ins(2));
    assert_eq!(outcomes(&receipt(send(&process.base, &kiosk, &events).await.unwrap()).await), [Outcome::Accepted; 2]);
    let stalled = Arriving::begin(&process, &stalled, &never).await;
    let asked = clock::instant();
    assert!(process.terminate().await.success());
    assert!(asked.elapsed() < 2 * SHUTDOWN_GRACE, "{:?}", asked.elapsed());
    drop(stalled);
    assert_eq!(held(&data), ids(&events).collect());
}
