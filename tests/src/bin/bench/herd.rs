//! A whole fleet that comes back in one second after a long outage.

use std::{cell::RefCell, rc::Rc, time::Duration};

use clap::Args;
use tempfile::TempDir;
use tokio::{
    task::{LocalSet, spawn_local},
    time::{sleep, timeout},
};
use vestibule_protocol::account::Credentials;
use vestibule_tests::{
    fleet::{Device, Heard},
    workspace,
};

use crate::{
    goal::Goal,
    load::percentile_ms,
    machine::{self, now},
    raw,
    running::{Running, enrol},
};

/// The fleet.
#[derive(Args, Clone, Copy)]
pub(crate) struct Herd {
    /// Devices that come back.
    #[arg(long, default_value_t = 2_000)]
    devices: usize,
    /// Events that wait on each.
    #[arg(long, default_value_t = 500)]
    events: usize,
}

/// All of them come back within it.
const WITHIN: Duration = Duration::from_secs(1);

/// A person somewhere else checks in every so often.
const CHECK_IN_EVERY: Duration = Duration::from_millis(50);

/// Check-ins before the herd comes, for comparison.
const CHECK_INS_ALONE: usize = 40;

/// Long enough for a disk a hundred times as slow.
const DEADLINE: Duration = Duration::from_secs(600);

/// What is measured.
struct Drained {
    took: Duration,
    alone: Vec<Duration>,
    meanwhile: Vec<Duration>,
    /// Check-ins in all, one that the end of the herd cut short included.
    checked_in: usize,
    put_off: u64,
    unanswered: u64,
}

impl Herd {
    /// Measures it, and says how it went.
    pub(crate) fn measure(self) -> Vec<Goal> {
        let target = workspace().join("target");
        let dir = TempDir::with_prefix_in("bench-", target).expect("a directory under target/");
        let data = dir.path().join("data");
        let mut devices = enrol(&data, self.devices + 1);
        let person = devices.pop().expect("one more than the fleet");
        let server = Running::vestibule(&data);
        let idle_mb = machine::rss_mb(server.pid());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let drained = LocalSet::new().block_on(&runtime, self.come_back(&server.address, devices, person));
        let all = self.devices * self.events;
        assert_eq!(server.rows(), (all + drained.checked_in) as u64, "what was acknowledged is held, once");
        let peak_mb = machine::peak_mb(server.pid());
        drop(server);
        let bare = TempDir::with_prefix_in("bench-", workspace().join("target")).expect("a directory under target/");
        let one = enrol(&bare.path().join("data"), 1);
        let bare = raw::measure(&bare.path().join("data"), &one[0], self.events, Duration::from_secs(2));
        let rate = all as f64 / drained.took.as_secs_f64();
        let [alone_p50, p50, p99, most] = [
            percentile_ms(&drained.alone, 50),
            percentile_ms(&drained.meanwhile, 50),
            percentile_ms(&drained.meanwhile, 99),
            percentile_ms(&drained.meanwhile, 100),
        ];
        println!("{} devices × {} events, all back within {WITHIN:?}:", self.devices, self.events);
        println!(
            "  drained in {:.1} s: {rate:.0} events/s, {:.2} of the bare SQLite loop's {:.0}",
            drained.took.as_secs_f64(),
            rate / bare.events_per_s,
            bare.events_per_s
        );
        println!("  asked to come back later {} times, left without an answer {}", drained.put_off, drained.unanswered);
        println!(
            "  {} check-ins by a person elsewhere meanwhile: p50 {p50:.1} ms, p99 {p99:.1} ms, most {most:.1} ms; alone \
             p50 {alone_p50:.1} ms",
            drained.meanwhile.len()
        );
        println!("  memory at most {peak_mb:.0} MB, {:.1} times that of the idle server", peak_mb / idle_mb);
        vec![Goal::at_most("herd: p99 of a check-in meanwhile, in ms, at most", Some(p99), 2_000.0)]
    }

    async fn come_back(self, address: &str, devices: Vec<Credentials>, person: Credentials) -> Drained {
        let heard: Rc<RefCell<Heard>> = Rc::default();
        let mut fleet: Vec<Device> =
            devices.into_iter().map(|credentials| Device::new(credentials, address, &heard)).collect();
        fleet.iter_mut().for_each(|device| (0..self.events).for_each(|_| device.check_in()));
        let of_person: Rc<RefCell<Heard>> = Rc::default();
        let mut person = Device::new(person, address, &of_person);
        let mut alone = Vec::new();
        for _ in 0..CHECK_INS_ALONE {
            alone.push(check_in(&mut person).await);
        }
        let began = now();
        let count = fleet.len().max(1);
        let coming: Vec<_> = fleet
            .into_iter()
            .enumerate()
            .map(|(number, mut device)| {
                spawn_local(async move {
                    sleep(WITHIN.mul_f64(number as f64 / count as f64)).await;
                    device.drain().await;
                })
            })
            .collect();
        let mut meanwhile = Vec::new();
        let herd = async {
            for device in coming {
                device.await.expect("a device ends by itself");
            }
        };
        tokio::pin!(herd);
        loop {
            tokio::select! {
                done = timeout(DEADLINE, &mut herd) => break done.expect("drained in time"),
                took = check_in(&mut person) => meanwhile.push(took),
            }
        }
        let took = began.elapsed();
        person.drain().await;
        let heard = heard.borrow();
        assert_eq!(heard.acknowledged.len(), self.events * count, "every device has its receipts");
        let checked_in = of_person.borrow().acknowledged.len();
        Drained { took, alone, meanwhile, checked_in, put_off: heard.put_off, unanswered: heard.unanswered }
    }
}

/// From the tap to the receipt; then a pause.
async fn check_in(person: &mut Device) -> Duration {
    let began = now();
    person.check_in();
    person.drain().await;
    let took = began.elapsed();
    sleep(CHECK_IN_EVERY).await;
    took
}
