//! SIGKILL under load, again and again: whatever was acknowledged is there afterwards, once.

use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    future::ready,
    rc::Rc,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use tokio::{
    task::{LocalSet, spawn_local},
    time::sleep,
};
use vestibule::{access::device, clock, site, store};
use vestibule_protocol::{account::Credentials, event::Name, id::EventId};

use crate::{
    fleet::{Device, Heard},
    server::{DEMO_SITE, Server},
    wait,
};

/// The load under which the server is killed.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Devices that deliver all the time.
    pub devices: usize,
    /// Events that wait on each of them at first.
    pub events: usize,
}

/// What happened; it only returns if what was acknowledged is there.
#[derive(Clone, Copy, Debug)]
pub struct Drilled {
    /// Events that receipts had named.
    pub acknowledged: usize,
    /// Tries that a kill, or the time without a server, left without an answer.
    pub unanswered: u64,
}

/// Events that must have been acknowledged since the last kill: there is something to lose.
const AT_STAKE: usize = 100;

/// How much later the kill comes at most, at random: each hits another moment.
const KILLED_WITHIN_MS: u16 = 400;

/// Events that a device goes on with that has delivered everything.
const REFILL: usize = 5;

/// Long enough for a whole fleet to come back, on a busy machine.
const DEADLINE: Duration = Duration::from_secs(120);

/// Kills the server so often while it is loaded, and looks each time for what it had acknowledged.
///
/// # Panics
/// If something is missing, or there twice, or the devices don't get everything delivered in the end.
pub async fn kill_under_load(load: Load, kills: usize) -> Drilled {
    LocalSet::new().run_until(drill(load, kills)).await
}

async fn drill(load: Load, kills: usize) -> Drilled {
    let mut server = Server::start().await;
    let heard: Rc<RefCell<Heard>> = Rc::default();
    let (stop, captured) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(0)));
    let delivering: Vec<_> = enrol(&server, load.devices)
        .into_iter()
        .map(|credentials| {
            let mut device = Device::new(credentials, server.address(), &heard);
            let (stop, captured) = (Rc::clone(&stop), Rc::clone(&captured));
            (0..load.events).for_each(|_| device.check_in());
            captured.set(captured.get() + load.events);
            spawn_local(async move {
                device.drain().await;
                while !stop.get() {
                    (0..REFILL).for_each(|_| device.check_in());
                    captured.set(captured.get() + REFILL);
                    device.drain().await;
                }
            })
        })
        .collect();
    let mut seen = 0;
    for _ in 0..kills {
        let enough = seen + AT_STAKE;
        let at_stake = || ready((heard.borrow().acknowledged.len() >= enough).then_some(()));
        wait::until("deliveries go on", DEADLINE, at_stake).await;
        sleep(Duration::from_millis(u64::from(u16::from_le_bytes(clock::entropy()) % KILLED_WITHIN_MS))).await;
        server.kill();
        server.start_again().await;
        let acknowledged = heard.borrow().acknowledged[seen..].to_vec();
        assert_all_held(&server, &acknowledged);
        seen += acknowledged.len();
    }
    stop.set(true);
    for delivery in delivering {
        tokio::time::timeout(DEADLINE, delivery).await.expect("everything is delivered in the end").expect("no panic");
    }
    let acknowledged = &heard.borrow().acknowledged;
    assert_all_held(&server, acknowledged);
    let each_once: HashSet<&EventId> = acknowledged.iter().collect();
    let held: usize =
        database(&server).query_row("SELECT count(*) FROM events", (), |row| row.get(0)).expect("a count");
    assert_eq!((each_once.len(), held), (captured.get(), captured.get()), "acknowledged and held, of those captured");
    Drilled { acknowledged: each_once.len(), unanswered: heard.borrow().unanswered }
}

/// Devices of the demo site, all in one transaction.
fn enrol(server: &Server, count: usize) -> Vec<Credentials> {
    let mut connection = store::connect(server.data()).expect("the server's data");
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).expect("a turn");
    let name = Name::new(DEMO_SITE).expect("a name");
    let site = site::find_or_add(&transaction, &name, clock::now(), clock::entropy()).expect("the demo site");
    let enrol = |_| {
        let kind = device::Kind::Kiosk;
        device::enrol(&transaction, site, &name, kind, clock::now(), clock::entropy(), clock::entropy())
    };
    let devices = (0..count).map(enrol).collect::<Result<_, _>>().expect("devices");
    transaction.commit().expect("the disk takes it");
    devices
}

fn assert_all_held(server: &Server, acknowledged: &[EventId]) {
    let database = database(server);
    let mut statement = database.prepare("SELECT 1 FROM events WHERE id = ?1").expect("the schema");
    let lost = acknowledged.iter().filter(|event| !statement.exists([event.0]).expect("a look")).count();
    assert_eq!(lost, 0, "of {} acknowledged events were lost", acknowledged.len());
}

/// As another process sees it that changes nothing.
fn database(server: &Server) -> Connection {
    Connection::open_with_flags(server.data().join("vestibule.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the data")
}
