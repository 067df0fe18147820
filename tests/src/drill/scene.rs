//! Where a drill is played: a server, a network in front of it, kiosks in browsers, and what people were told.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use vestibule_protocol::account::Credentials;

use super::{Deed, History, Outcome, Stage, Verdict, stage::Set};
use crate::{
    browser::{Browser, Engine},
    clock,
    lobby::Lobby,
    network::{Network, Tls, Weather},
    people::{Delivery, Kiosk, now},
    release::Release,
    server::Server,
    simulation::random::Random,
    wait,
};

/// How long everything may take to come right when the trouble is over: the longest wait that a device takes by itself
/// is a minute, and a probe ends it earlier.
pub(super) const CONVERGENCE_DEADLINE: Duration = Duration::from_secs(90);

/// How long the truth must stand still before it is believed: a second copy of an event would come with the next tick.
const STANDS_STILL: Duration = Duration::from_secs(6);

/// A stage with nothing on it but a server, until kiosks are added.
pub struct Scene {
    /// Which engine the kiosks run in.
    pub engine: Engine,
    /// The server.
    pub server: Server,
    /// What lies between.
    pub network: Network,
    tls: Option<Tls>,
    /// The release that the server began with, on [`Stage::EarlierRelease`].
    pub earlier: Option<Release>,
    /// What varies from one run to the next.
    pub random: Random,
    kiosks: Vec<Kiosk>,
    history: History,
    witness: Credentials,
    visitors: usize,
    over_at: Option<Instant>,
}

/// One of the scene's kiosks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(usize);

impl Scene {
    pub(super) async fn set(stage: Stage, engine: Engine, seed: u64) -> Self {
        let Set { server, network, tls, earlier } = stage.set().await;
        let witness = server.add_device("witness");
        let random = Random::new(seed);
        let (kiosks, history) = (Vec::new(), History::default());
        Self { engine, server, network, tls, earlier, random, kiosks, history, witness, visitors: 0, over_at: None }
    }

    /// Pairs a kiosk, which can work without the server from now on.
    pub async fn kiosk(&mut self) -> Place {
        let browser = match &self.tls {
            None => Browser::start(self.engine).await,
            Some(tls) => Browser::start_trusting(self.engine, tls.key_hash()).await,
        };
        let place = self.kiosk_at(browser, &self.network.url()).await;
        self.at(place).browser.until_served_by_worker().await;
        place
    }

    /// The same in a browser that is there already, which knows the network by another name.
    pub async fn kiosk_at(&mut self, browser: Browser, url: &str) -> Place {
        let kiosk = Kiosk::pair_in(browser, &self.server, url).await;
        self.add(kiosk)
    }

    fn add(&mut self, kiosk: Kiosk) -> Place {
        self.kiosks.push(kiosk);
        Place(self.kiosks.len() - 1)
    }

    /// The kiosk itself.
    pub fn at(&self, place: Place) -> &Kiosk {
        &self.kiosks[place.0]
    }

    /// A visitor comes, and reads that they are checked in. Gives their name.
    pub async fn check_in(&mut self, place: Place) -> String {
        let name = self.new_visitor();
        let act = self.history.begin(&name, Deed::CheckIn);
        self.kiosks[place.0].check_in(&name, "Analytical Engines", "a").await;
        self.history.confirm(act, now());
        name
    }

    /// A visitor tries, and is told that it can't be done here.
    pub async fn fail_to_check_in(&mut self, place: Place) {
        let name = self.new_visitor();
        self.history.begin(&name, Deed::CheckIn);
        self.kiosks[place.0].fail_to_check_in(&name, "Analytical Engines", "a").await;
    }

    /// As if these had come and read that they are checked in: a test has put their events where the kiosk keeps them.
    pub fn have_come(&mut self, names: impl Iterator<Item = String>) {
        for name in names {
            let act = self.history.begin(&name, Deed::CheckIn);
            self.history.confirm(act, now());
        }
    }

    /// Several come, one after the other; between `least` and `most`.
    pub async fn check_in_some(&mut self, place: Place, least: i64, most: i64) -> Vec<String> {
        let mut names = Vec::new();
        for _ in 0..self.random.between(least, most) {
            names.push(self.check_in(place).await);
        }
        names
    }

    /// A visitor goes.
    pub async fn check_out(&mut self, place: Place, name: &str) -> Delivery {
        let act = self.history.begin(name, Deed::CheckOut);
        let delivery = self.kiosks[place.0].check_out(name).await;
        self.history.confirm(act, now());
        delivery
    }

    /// Letters only: the kiosk looks people up by the beginning of their name.
    fn new_visitor(&mut self) -> String {
        const LETTERS: [&str; 10] = ["Ada", "Bea", "Cleo", "Dora", "Ella", "Fay", "Gus", "Hal", "Ida", "Jon"];
        let number = self.visitors;
        self.visitors += 1;
        format!("{}{} Lovelace", LETTERS[number / 10 % 10], LETTERS[number % 10].to_lowercase())
    }

    /// Ends a kiosk's browser with SIGKILL. Gives what is left on the disk.
    pub fn kill(&mut self, place: Place) -> TempDir {
        self.kiosks.remove(place.0).browser.kill()
    }

    /// Opens a kiosk on what another one left on the disk.
    pub async fn reopen(&mut self, profile: TempDir) -> Place {
        let browser = Browser::start_on(self.engine, profile, &[]).await;
        let kiosk = Kiosk::reopen(browser, &self.network.url()).await;
        self.add(kiosk)
    }

    /// How many of the deeds that were confirmed have not reached the server.
    pub async fn waiting(&self) -> usize {
        self.verdict().await.map_or(0, |verdict| verdict.lost.len())
    }

    /// Somebody has deleted what a device held: what the server lacks now is gone, and nobody can ask for it. Gives how
    /// many deeds that were.
    pub async fn give_up_what_is_missing(&mut self) -> usize {
        let visits = || self.server.visits(&self.witness);
        let (visits, _) = wait::until("the server answers", CONVERGENCE_DEADLINE, visits).await;
        self.history.give_up(&visits)
    }

    /// A device that nobody does anything at, and no network is in front of.
    pub fn witness(&self) -> Lobby {
        Lobby::new(self.witness.clone())
    }

    /// Sets a device's clock, on [`Stage::SetClocks`].
    pub async fn set_device_clock(&self, place: Place, ahead_s: i64) {
        clock::set_device(&self.at(place).browser, ahead_s).await;
    }

    /// The trouble is over: from now on the time to converge counts.
    #[expect(clippy::disallowed_methods, reason = "a drill's time is real time")]
    pub fn is_over(&mut self) {
        self.network.set(Weather::Fair);
        self.over_at = Some(Instant::now());
    }

    #[expect(clippy::disallowed_methods, reason = "a drill's time is real time")]
    pub(super) async fn judge(&self) -> Outcome {
        let over_at = self.over_at.unwrap_or_else(Instant::now);
        let converged = || async { self.verdict().await.filter(Verdict::is_clean) };
        let came = wait::within(CONVERGENCE_DEADLINE, converged).await;
        let converged_in = over_at.elapsed();
        // Whether or not it has: what is said is what stands at the end.
        if came.is_some() {
            let spoiled = || async { self.verdict().await.filter(|verdict| !verdict.is_clean()) };
            wait::within(STANDS_STILL, spoiled).await;
        }
        let mut verdict = wait::until("the server answers", CONVERGENCE_DEADLINE, || self.verdict()).await.0;
        for (number, kiosk) in self.kiosks.iter().enumerate() {
            let closed = || async { (kiosk.browser.count("#sync-pill[data-pending='0']").await == 1).then_some(()) };
            if wait::within(CONVERGENCE_DEADLINE, closed).await.is_none() {
                verdict.open.push(format!("kiosk {number} says that something still waits"));
            }
        }
        Outcome { verdict, converged_in }
    }

    pub(super) async fn end(self) {
        for kiosk in self.kiosks {
            kiosk.browser.close().await;
        }
    }

    /// Leaves what there is to see of a promise that was not kept: what people did and were told, what the server says,
    /// its log, and the kiosks' screens. Who is named in it was made up.
    pub(super) async fn leave(&self, evidence: &Path) {
        let history = format!("{:#?}\n\n{:#?}\n", self.verdict().await, self.history);
        let written = fs::create_dir_all(evidence)
            .and_then(|()| fs::write(evidence.join("history.txt"), history))
            .and_then(|()| fs::write(evidence.join("server.log"), self.server.log()));
        for (number, kiosk) in self.kiosks.iter().enumerate() {
            kiosk.browser.leave(&evidence.join(format!("kiosk-{number}"))).await;
        }
        match written {
            Ok(()) => eprintln!("what there is to see of it: {}", evidence.display()),
            Err(error) => eprintln!("{} can't be written: {error}", evidence.display()),
        }
    }

    async fn verdict(&self) -> Option<Verdict> {
        Some(self.history.judge(&self.server.visits(&self.witness).await?))
    }
}
