//! The way back to a backup while the devices go on: they know nothing of it, capture, and try again.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use rusqlite::Connection;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use vestibule_protocol::{
    batch::{Receipt, SYNC_PATH, Seq},
    limits::BATCH_MAX_EVENTS,
};

use crate::{
    command_line::{Process, device, printed},
    fixture::{DEADLINE, Slotted, TestDevice, client},
};

const KIOSKS: usize = 6;
/// What each captures between two deliveries.
const CAPTURED_AT_ONCE: usize = 3;

/// What all of them share.
struct Fleet {
    /// Where the server is now.
    base: watch::Sender<String>,
    /// Events for which it has answered.
    acknowledged: AtomicUsize,
    /// Whether the restored server is there.
    is_restored: AtomicBool,
}

/// Captures and delivers until there is the restored server, and then delivers until that holds all of it. Gives the
/// texts.
async fn work(mut kiosk: TestDevice, fleet: Arc<Fleet>) -> Vec<String> {
    let client = client();
    let mut outbox: Vec<Slotted> = Vec::new();
    let mut held: Seq = 0;
    loop {
        let is_last = fleet.is_restored.load(Ordering::Relaxed);
        if !is_last {
            outbox.extend(kiosk.check_ins(CAPTURED_AT_ONCE));
        }
        let waiting = &outbox[usize::try_from(held).unwrap()..];
        let waiting = &waiting[..waiting.len().min(BATCH_MAX_EVENTS)];
        let url = format!("{}{SYNC_PATH}", *fleet.base.borrow());
        let request = client.post(url).bearer_auth(&kiosk.credentials.token).body(kiosk.batch(waiting));
        let answer = match request.send().await {
            Ok(answer) if answer.status().is_success() => answer.json::<Receipt>().await.ok(),
            Ok(_) | Err(_) => None,
        };
        let Some(receipt) = answer else {
            sleep(Duration::from_millis(20)).await;
            continue;
        };
        fleet.acknowledged.fetch_add(waiting.len(), Ordering::Relaxed);
        held = receipt.watermark.seq;
        if is_last && receipt.watermark == kiosk.head {
            return outbox.into_iter().map(|event| event.text).collect();
        }
    }
}

/// Waits until the server has answered for so many.
async fn acknowledged(fleet: &Fleet, events: usize) {
    let loading = async {
        while fleet.acknowledged.load(Ordering::Relaxed) < events {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(DEADLINE, loading).await.expect("deliveries are answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_a_restored_server_gets_back_from_its_devices_what_the_backup_lacks() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("backup.db"));
    let options = ["--listen", "127.0.0.1:0", "--no-rate-limits"];
    let mut process = Process::start_with(&data, &options);
    let fleet = Arc::new(Fleet {
        base: watch::Sender::new(process.base.clone()),
        acknowledged: AtomicUsize::new(0),
        is_restored: AtomicBool::new(false),
    });
    let mut working = JoinSet::new();
    for number in 0..KIOSKS {
        working.spawn(work(device(&data, &format!("Kiosk {number}")), Arc::clone(&fleet)));
    }
    acknowledged(&fleet, 50).await;
    printed(&data, &["backup", file.to_str().unwrap()]);
    let backed_up: usize =
        Connection::open(&file).unwrap().query_row("SELECT count(*) FROM events", (), |row| row.get(0)).unwrap();
    acknowledged(&fleet, backed_up + 200).await;
    process.kill();
    printed(&data, &["restore", file.to_str().unwrap()]);
    let mut process = Process::start_with(&data, &options);
    fleet.base.send_replace(process.base.clone());
    fleet.is_restored.store(true, Ordering::Relaxed);

    let mut captured = BTreeSet::new();
    while let Some(of_one) = timeout(DEADLINE, working.join_next()).await.expect("all is delivered again") {
        captured.extend(of_one.unwrap());
    }
    process.kill();
    let database = vestibule::store::connect(&data).unwrap();
    let mut texts = database.prepare("SELECT text FROM events").unwrap();
    let held: BTreeSet<String> = texts.query_map((), |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    assert!(held == captured, "{} are held of {} that were captured", held.len(), captured.len());
    assert_eq!(printed(&data, &["verify"]), "everything is as the devices sent it");
}
