//! A fleet, its server, the people and the network between them: one step at a time.

mod accidents;
mod acts;
mod contexts;
mod exchange;

use std::collections::BTreeSet;

use vestibule_engine::Input;
use vestibule_protocol::{event::Source, id::SiteId, message::Capture, timestamp::Timestamp};

use super::{
    check::Violation,
    dashboard::Dashboard,
    device::{CONTEXTS, Device, Turn},
    fault::Fate,
    gaps::Lineages,
    mutation::Mutation,
    network::Network,
    people::Confirmed,
    server::{self, Medium, Server},
    storage::Storage,
    tables::Tables,
    versions::Schemas,
};

/// Devices at the beginning.
const FLEET: usize = 2;
/// Time between two ticks of a page while something waits, in ms.
pub const TICK_MS: i64 = 5_000;

/// Everything there is.
pub struct World {
    /// The true time.
    pub now: Timestamp,
    /// What goes wrong.
    pub fate: Fate,
    /// The fleet.
    pub devices: Vec<Device>,
    /// The server.
    pub server: Server,
    /// A dashboard.
    pub dashboard: Dashboard,
    /// What people were told.
    pub confirmed: Vec<Confirmed>,
    /// Every text that was ever captured, confirmed or not.
    pub uttered: BTreeSet<String>,
    /// The site.
    pub site: SiteId,
    /// The bug that is being looked for.
    pub mutation: Option<Mutation>,
    /// Texts in files of which staff have said that they keep them.
    pub handed_over: BTreeSet<String>,
    /// Texts that something refused which were alone in their batch.
    pub refused_alone: BTreeSet<String>,
    /// Which events the heads stand for that the devices tell.
    pub lineages: Lineages,
    /// How the schemas of the two versions compare that run at once.
    pub schemas: Schemas,
    network: Network,
    /// What people have not seen confirmed, and may ask for again.
    unconfirmed: Vec<(usize, Capture, Timestamp)>,
    captures: usize,
    bad_names: usize,
    enrolled: u8,
    revoked: Vec<Source>,
}

impl World {
    /// A fleet that has not done anything yet.
    pub fn new(mut fate: Fate, medium: Medium, mutation: Option<Mutation>) -> Self {
        let now = "2026-03-20T15:04:05.123Z".parse().expect("a time");
        let server = Server::new(medium, now, mutation);
        let schemas = Schemas::of_a_history(&mut fate.random);
        let mut world = Self {
            now,
            fate,
            devices: Vec::new(),
            site: server.source(0).site,
            server,
            dashboard: Dashboard::default(),
            confirmed: Vec::new(),
            uttered: BTreeSet::new(),
            mutation,
            handed_over: BTreeSet::new(),
            refused_alone: BTreeSet::new(),
            lineages: Lineages::default(),
            schemas,
            network: Network::default(),
            unconfirmed: Vec::new(),
            captures: 0,
            bad_names: 0,
            enrolled: 0,
            revoked: Vec::new(),
        };
        for _ in 0..FLEET {
            let tables = Tables { source: Some(world.pair()), ..Tables::default() };
            let skew_ms = world.fate.random.between(-3_000, 3_000);
            let storage = Storage { disk: tables.clone(), snapshot: tables.clone(), tables, ..Storage::default() };
            world.devices.push(Device::new(storage, skew_ms, now));
        }
        world
    }

    /// Something happens.
    ///
    /// # Errors
    /// The [`Violation`] that it led to.
    pub fn step(&mut self) -> Result<(), Violation> {
        self.fate.coverage.steps += 1;
        self.now = self.now.plus_ms(self.fate.random.between(0, 300));
        let device = self.fate.random.below(self.devices.len());
        let context = self.fate.random.below(CONTEXTS);
        match self.fate.random.below(100) {
            0..14 => self.person_acts(device, context)?,
            14..17 => self.person_asks_again(context)?,
            17..57 => self.some_context_goes_on()?,
            57..80 => {
                if let Some(message) = self.next_message() {
                    self.arrive(message)?;
                }
            }
            80..90 => self.tell(device, context, || Input::Ticked),
            90..92 => {
                self.devices[device].contexts[context].urges += 1;
                self.tell(device, context, || Input::Nudged);
            }
            92..96 => self.now = self.now.plus_ms(self.fate.random.between(1_000, 120_000)),
            96..98 => {
                self.dashboard.poll(&self.server, self.site, self.now, self.mutation);
            }
            98 => self.server.back_up(),
            _ => self.time_passes_until_something_is_due(),
        }
        self.accidents(device, context);
        self.check(&[device])
    }

    /// Nothing goes wrong any more; says after how many ticks everything is delivered, up to `limit`.
    ///
    /// # Errors
    /// The [`Violation`] on the way, or that it does not get there.
    pub fn recover(&mut self, limit: u64) -> Result<u64, Violation> {
        self.fate.end();
        for source in std::mem::take(&mut self.revoked) {
            self.server.revoke(source, None);
        }
        for context in self.devices.iter_mut().flat_map(|device| &mut device.contexts) {
            (context.asleep_until, context.blocked_until) = (self.now, self.now);
        }
        // Whoever shows an old page reloads it.
        for (device, context) in self.contexts() {
            if self.devices[device].contexts[context].is_old {
                self.end(device, context);
            }
        }
        for tick in 1..=limit {
            self.now = self.now.plus_ms(TICK_MS);
            for device in 0..self.devices.len() {
                for context in 0..CONTEXTS {
                    self.tell(device, context, || Input::Ticked);
                }
            }
            self.run_until_all_rest()?;
            let history = self.server.history();
            if self.devices.iter().all(|device| device.storage.tables.is_drained(history)) {
                return Ok(tick);
            }
        }
        Err(Violation::Stuck)
    }

    /// Everything is delivered; now all devices are taken out of service. Says whether each is empty of people in the
    /// end.
    ///
    /// # Errors
    /// The [`Violation`] on the way, or that something of people is left on one that nothing needs.
    pub fn retire(&mut self, limit: u64) -> Result<(), Violation> {
        let sources: Vec<Source> = self.devices.iter().filter_map(|device| device.storage.tables.source).collect();
        for source in sources {
            self.server.revoke(source, Some(self.now));
        }
        self.server.back_up_everywhere();
        for _ in 1..=limit {
            self.now = self.now.plus_ms(TICK_MS);
            for (device, context) in self.contexts() {
                self.tell(device, context, || Input::Ticked);
            }
            self.run_until_all_rest()?;
            if self.devices.iter().all(|device| device.storage.tables.is_retired()) {
                return Ok(());
            }
        }
        Err(Violation::PeopleKept)
    }

    fn run_until_all_rest(&mut self) -> Result<(), Violation> {
        const EFFECTS_MAX: usize = 20_000;
        for _ in 0..EFFECTS_MAX {
            if let Some(message) = self.next_message() {
                self.arrive(message)?;
                continue;
            }
            let running = self.contexts().find(|&(device, context)| self.turn(device, context) == Turn::Running);
            if let Some((device, context)) = running {
                self.go_on(device, context)?;
                continue;
            }
            let deadlines = self.contexts().filter_map(|(device, context)| match self.turn(device, context) {
                Turn::Waiting { deadline, .. } => Some((deadline, device, context)),
                Turn::Resting | Turn::Running => None,
            });
            let Some((deadline, device, context)) = deadlines.min() else {
                return self.check(&Vec::from_iter(0..self.devices.len()));
            };
            let due = self.network.next_due().filter(|&due| due <= deadline);
            self.now = due.unwrap_or(deadline).max(self.now);
            if due.is_none() {
                self.give_up_waiting(device, context);
            }
        }
        Err(Violation::Stuck)
    }

    fn time_passes_until_something_is_due(&mut self) {
        let deadlines = self.contexts().filter_map(|(device, context)| match self.turn(device, context) {
            Turn::Waiting { deadline, .. } => Some(deadline),
            Turn::Resting | Turn::Running => None,
        });
        let next = deadlines.chain(self.network.next_due()).min();
        self.now = next.map_or(self.now, |next| next.max(self.now));
    }

    fn tell(&mut self, at: usize, context: usize, input: impl FnOnce() -> Input) {
        let clock = self.devices[at].clock(self.now);
        let context = &mut self.devices[at].contexts[context];
        if context.asleep_until <= self.now {
            context.tell(input(), clock);
        }
    }

    /// Whether a device or the server has the event, or staff have it in a file.
    pub fn is_somewhere(&self, confirmed: &Confirmed) -> bool {
        self.server.holds(&confirmed.text)
            || self.handed_over.contains(&confirmed.text)
            || self.devices.iter().any(|device| {
                device.storage.tables.rows.get(&confirmed.event).is_some_and(|row| *row.text == *confirmed.text)
            })
    }

    fn pair(&mut self) -> Source {
        let source = self.server.source(self.enrolled);
        self.enrolled = (self.enrolled + 1).min(server::ENROLLED - 1);
        source
    }

    fn contexts(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let devices = self.devices.len();
        (0..devices).flat_map(|device| (0..CONTEXTS).map(move |context| (device, context)))
    }

    fn turn(&self, device: usize, context: usize) -> Turn {
        self.devices[device].contexts[context].turn
    }
}
