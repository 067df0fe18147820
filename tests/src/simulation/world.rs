//! A fleet, its server, the people and the network between them: one step at a time.

use std::collections::BTreeSet;

use vestibule_engine::{Action, Input, Memory, Probed, policy};
use vestibule_protocol::{
    event::Source,
    id::{EventId, SiteId, StreamId},
    limits,
    message::Capture,
    timestamp::Timestamp,
};

use super::{
    check::Violation,
    coverage::Doing,
    dashboard::Dashboard,
    device::{CONTEXTS, Device, Turn},
    fault::{Fate, Fault},
    gaps::Lineages,
    mutated,
    mutation::Mutation,
    network::{Cargo, Message, Network, Reply},
    people::{self, Confirmed},
    server::{self, Medium, Served, Server},
    storage::{Access, Storage, StorageFailure},
    tables::Tables,
};

/// Devices at the beginning.
const FLEET: usize = 2;
/// Devices with the copies that are made of them.
const FLEET_MAX: usize = 4;
/// Events that people try to capture in one history.
const CAPTURES_MAX: usize = 40;
/// Events with a name that something on the way refuses for ever.
const POISON_MAX: usize = 2;
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
    /// Which events the heads stand for that the devices tell.
    pub lineages: Lineages,
    network: Network,
    /// What people have not seen confirmed, and may ask for again.
    unconfirmed: Vec<(usize, Capture)>,
    captures: usize,
    poisons: usize,
    enrolled: u8,
    revoked: Vec<Source>,
}

impl World {
    /// A fleet that has not done anything yet.
    pub fn new(fate: Fate, medium: Medium, mutation: Option<Mutation>) -> Self {
        let now = "2026-03-20T15:04:05.123Z".parse().expect("a time");
        let server = Server::new(medium, now, mutation);
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
            lineages: Lineages::default(),
            network: Network::default(),
            unconfirmed: Vec::new(),
            captures: 0,
            poisons: 0,
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
                if let Some(message) = self.network.next(&mut self.fate, self.now) {
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

    fn run_until_all_rest(&mut self) -> Result<(), Violation> {
        const EFFECTS_MAX: usize = 20_000;
        for _ in 0..EFFECTS_MAX {
            if let Some(message) = self.network.next(&mut self.fate, self.now) {
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

    fn some_context_goes_on(&mut self) -> Result<(), Violation> {
        let now = self.now;
        let able: Vec<_> = self
            .contexts()
            .filter(|&(device, context)| {
                self.devices[device].contexts[context].asleep_until <= now
                    && match self.turn(device, context) {
                        Turn::Resting => false,
                        Turn::Running => true,
                        Turn::Waiting { deadline, .. } => deadline <= now,
                    }
            })
            .collect();
        if able.is_empty() {
            return Ok(());
        }
        let (device, context) = self.fate.random.pick(&able);
        if self.turn(device, context) == Turn::Running {
            self.go_on(device, context)
        } else {
            self.give_up_waiting(device, context);
            Ok(())
        }
    }

    fn time_passes_until_something_is_due(&mut self) {
        let deadlines = self.contexts().filter_map(|(device, context)| match self.turn(device, context) {
            Turn::Waiting { deadline, .. } => Some(deadline),
            Turn::Resting | Turn::Running => None,
        });
        let next = deadlines.chain(self.network.next_due()).min();
        self.now = next.map_or(self.now, |next| next.max(self.now));
    }

    fn give_up_waiting(&mut self, device: usize, context: usize) {
        let clock = self.devices[device].clock(self.now);
        let context = &mut self.devices[device].contexts[context];
        if let Turn::Waiting { doing, .. } = context.turn {
            context.turn = Turn::Running;
            let input = match doing {
                Doing::Probing => Input::Probed(Probed::NotReady),
                _ => Input::Answered(vestibule_engine::Answer::None),
            };
            context.engine.handle(input, clock);
            context.is_deaf = self.mutation == Some(Mutation::NeverRescheduled);
        }
    }

    /// One effect of a context's loop, before or after which it may be ended.
    fn go_on(&mut self, at: usize, context: usize) -> Result<(), Violation> {
        self.fate.coverage.doing = self.devices[at].contexts[context].doing();
        if self.ends(at, context) {
            return Ok(());
        }
        let entropy = self.fate.random.bytes();
        let clock = self.devices[at].clock(self.now);
        let action = self.devices[at].contexts[context].engine.next(clock, entropy);
        let input = match action {
            Action::Load(load) => {
                let fresh = StreamId::new(clock, self.fate.random.bytes());
                let before = self.devices[at].storage.tables.memory();
                let mutation = self.mutation;
                let is_fresh = std::mem::take(&mut self.devices[at].contexts[context].is_fresh);
                let loaded = self.transact(at, context, Doing::Loading, Access::Relaxed, |tables| {
                    mutated::before_load(mutation, tables, is_fresh);
                    let mut loaded = tables.load(&load, fresh);
                    mutated::after_load(mutation, tables, &mut loaded);
                    loaded
                });
                if let Ok(loaded) = &loaded {
                    self.lineages.note(&loaded.standing, &self.devices[at].storage.tables);
                }
                self.note_claim(at, context, &before, clock)?;
                loaded.map_or(Input::OutboxFailed, Input::Loaded)
            }
            Action::Record(record) => {
                let fresh = StreamId::new(clock, self.fate.random.bytes());
                let mutation = self.mutation;
                let recorded = self.transact(at, context, Doing::Recording, Access::Relaxed, |tables| {
                    tables.record(&record, fresh);
                    mutated::after_record(mutation, tables, clock);
                });
                if self.devices[at].storage.tables.memory().failures == 0 {
                    self.devices[at].claimed_at = None;
                }
                recorded.map_or(Input::OutboxFailed, |()| Input::Recorded)
            }
            Action::Send(post) => {
                let deadline = self.now.plus_ms(i64::from(limits::ANSWER_TIMEOUT_MS));
                let source = self.devices[at].storage.tables.source.expect("every device is paired");
                self.devices[at].contexts[context].sent.clone_from(&post.body);
                self.send(at, context, Cargo::Batch { source, body: post.body }, deadline, Doing::Sending);
                return Ok(());
            }
            Action::Probe => {
                let deadline = self.now.plus_ms(i64::from(policy::PROBE_TIMEOUT_MS));
                self.send(at, context, Cargo::Probe, deadline, Doing::Probing);
                return Ok(());
            }
            Action::Rest { .. } => {
                let context = &mut self.devices[at].contexts[context];
                (context.turn, context.urges) = (Turn::Resting, 0);
                return Ok(());
            }
        };
        // The effect has happened; it may not live to hear of it.
        if !self.ends(at, context) {
            self.devices[at].contexts[context].engine.handle(input, clock);
        }
        self.check(&[at])
    }

    /// Whether the context is ended here.
    fn ends(&mut self, at: usize, context: usize) -> bool {
        let ends = self.fate.strikes(Fault::Killed, self.now);
        if ends {
            self.end(at, context);
        }
        ends
    }

    fn end(&mut self, at: usize, context: usize) {
        let is_old = self.fate.strikes(Fault::OldVersion, self.now);
        let device = &mut self.devices[at];
        let changes_version = device.contexts[context].is_old != is_old;
        device.contexts[context].end(is_old);
        if changes_version && self.mutation == Some(Mutation::UpgradeDropsStore) {
            device.storage.tables.rows.clear();
        }
    }

    fn transact<T>(
        &mut self,
        at: usize,
        context: usize,
        doing: Doing,
        access: Access,
        work: impl Fn(&mut Tables) -> T,
    ) -> Result<T, StorageFailure> {
        self.fate.coverage.doing = doing;
        let device = &mut self.devices[at];
        if device.contexts[context].blocked_until > self.now {
            return Err(StorageFailure::Failed);
        }
        let is_old = device.contexts[context].is_old;
        device.storage.transact(&mut self.fate, self.now, access, |tables| {
            let outcome = work(tables);
            if is_old {
                tables.memory = as_the_old_version_writes_it(&tables.memory);
            }
            outcome
        })
    }

    /// Notes that a try was claimed; and if nobody asked for it, that it did not come too soon after the last one.
    fn note_claim(&mut self, at: usize, context: usize, before: &Memory, clock: Timestamp) -> Result<(), Violation> {
        let device = &mut self.devices[at];
        if device.storage.tables.memory().failures <= before.failures {
            return Ok(());
        }
        let urges = &mut device.contexts[context].urges;
        let is_urged = *urges > 0;
        *urges = urges.saturating_sub(1);
        let too_soon =
            device.claimed_at.is_some_and(|last| (0..policy::BACKOFF_MIN_MS).contains(&clock.ms_since(last)));
        device.claimed_at = Some(clock);
        if too_soon && !is_urged { Err(Violation::Hammered) } else { Ok(()) }
    }

    fn send(&mut self, at: usize, context: usize, cargo: Cargo, deadline: Timestamp, doing: Doing) {
        let number = self.network.number();
        let starts = self.devices[at].contexts[context].starts;
        self.devices[at].contexts[context].turn = Turn::Waiting { message: number, deadline, doing };
        self.fate.coverage.doing = doing;
        let message = Message { number, device: at, context, starts, due: self.now, cargo };
        self.network.send(&mut self.fate, self.now, message);
    }

    fn arrive(&mut self, message: Message) -> Result<(), Violation> {
        let Message { number, device, context, starts, cargo, .. } = message;
        self.fate.coverage.doing = self.devices[device].contexts[context].doing();
        let answer = match cargo {
            Cargo::Batch { source, body } => {
                let reply = match Network::interfere(&mut self.fate, self.now, &body, people::POISON) {
                    Some(reply) => reply,
                    None => match self.server.sync(&mut self.fate, source, &body, self.now) {
                        Served::Answered(answer) => answer.into(),
                        Served::Crashed => Reply::Nothing,
                    },
                };
                self.check_gaps()?;
                Cargo::Answer(reply.travelled(&mut self.fate, self.now))
            }
            Cargo::Probe => {
                let reply = Network::interfere(&mut self.fate, self.now, "", people::POISON);
                let is_ready = reply.is_none() && self.server.is_ready(&mut self.fate, self.now);
                Cargo::Probed(if is_ready { Probed::Ready } else { Probed::NotReady })
            }
            Cargo::Answer(reply) => return self.hear(device, context, number, starts, &reply, None),
            Cargo::Probed(probed) => return self.hear(device, context, number, starts, &Reply::Nothing, Some(probed)),
        };
        let message = Message { number, device, context, starts, due: self.now, cargo: answer };
        self.network.send(&mut self.fate, self.now, message);
        self.check(&[])
    }

    /// A context hears what came of a request, if it still waits for that.
    fn hear(
        &mut self,
        at: usize,
        context: usize,
        number: u64,
        starts: u32,
        reply: &Reply,
        probed: Option<Probed>,
    ) -> Result<(), Violation> {
        let now = self.now;
        let device = &mut self.devices[at];
        let clock = device.clock(now);
        let hearer = &mut device.contexts[context];
        let waits = matches!(hearer.turn, Turn::Waiting { message, .. } if message == number);
        if !waits || hearer.starts != starts {
            return Ok(());
        }
        if hearer.asleep_until > now {
            // It waits in the context's own queue.
            let cargo = probed.map_or_else(|| Cargo::Answer(reply.clone()), Cargo::Probed);
            let due = hearer.asleep_until;
            self.network.messages.push(Message { number, device: at, context, starts, due, cargo });
            return Ok(());
        }
        hearer.turn = Turn::Running;
        let input = if let Some(probed) = probed {
            hearer.urges += u32::from(probed == Probed::Ready);
            Input::Probed(probed)
        } else {
            let memory = device.storage.tables.memory();
            let reply = mutated::reply(self.mutation, reply, &hearer.sent, &memory);
            if reply.tells_how_to_go_on(&hearer.sent) {
                hearer.urges += 1;
                device.claimed_at = None;
            } else if self.mutation == Some(Mutation::NeverRescheduled) {
                hearer.is_deaf = true;
            }
            Input::Answered(reply.into_answer())
        };
        hearer.engine.handle(input, clock);
        Ok(())
    }

    fn tell(&mut self, at: usize, context: usize, input: impl FnOnce() -> Input) {
        let clock = self.devices[at].clock(self.now);
        let context = &mut self.devices[at].contexts[context];
        if context.asleep_until <= self.now {
            context.tell(input(), clock);
        }
    }

    /// A person does something new.
    fn person_acts(&mut self, at: usize, context: usize) -> Result<(), Violation> {
        if self.captures >= CAPTURES_MAX {
            return Ok(());
        }
        self.captures += 1;
        let clock = self.devices[at].clock(self.now);
        let is_poison = self.fate.strikes(Fault::Poison, self.now) && self.poisons < POISON_MAX;
        self.poisons += usize::from(is_poison);
        let mut capture = people::act(&mut self.fate.random, clock, is_poison);
        if self.fate.strikes(Fault::SameId, self.now) && !self.confirmed.is_empty() {
            let other = self.confirmed[self.fate.random.below(self.confirmed.len())].event;
            if !self.devices[at].storage.tables.rows.contains_key(&other) {
                capture.event = other;
            }
        }
        self.capture(at, context, capture)
    }

    /// A person who saw no "done" presses again; the page asks with the same event.
    fn person_asks_again(&mut self, context: usize) -> Result<(), Violation> {
        if self.unconfirmed.is_empty() {
            return Ok(());
        }
        let (at, capture) = self.unconfirmed.swap_remove(self.fate.random.below(self.unconfirmed.len()));
        self.capture(at, context, capture)
    }

    fn capture(&mut self, at: usize, context: usize, capture: Capture) -> Result<(), Violation> {
        if self.devices[at].contexts[context].asleep_until > self.now {
            return Ok(());
        }
        let clock = self.devices[at].clock(self.now);
        let fresh = StreamId::new(clock, self.fate.random.bytes());
        let head = self.devices[at].storage.tables.head;
        let is_stale = self.mutation == Some(Mutation::SeqOutsideTransaction) && self.fate.random.chance(2_500);
        if is_stale {
            // Another context appends between the reading of the number and its use.
            let other = people::act(&mut self.fate.random, clock, false);
            let _not_confirmed = self.keep(at, 1 - context, &other, |tables| tables.append(&other, fresh));
        }
        let kept = self.keep(at, context, &capture, |tables| {
            if is_stale { tables.append_after(&capture, head, fresh) } else { tables.append(&capture, fresh) }
        });
        match kept {
            Ok(Ok(())) if !self.ends(at, context) => self.confirm(at, &capture, fresh),
            Err(StorageFailure::Full) if self.mutation == Some(Mutation::QuotaSwallowed) => {
                self.confirm(at, &capture, fresh);
            }
            Ok(Ok(())) | Err(_) => self.unconfirmed.push((at, capture)),
            Ok(Err(_)) => return Err(Violation::RefusedForNoReason),
        }
        self.check(&[at])?;
        self.devices[at].contexts[context].urges += 1;
        self.tell(at, context, || Input::Captured);
        Ok(())
    }

    fn keep<T>(
        &mut self,
        at: usize,
        context: usize,
        capture: &Capture,
        append: impl Fn(&mut Tables) -> T,
    ) -> Result<T, StorageFailure> {
        let kept = self.transact(at, context, Doing::Capturing, Access::Strict, append);
        if let Some(row) = self.devices[at].storage.tables.rows.get(&capture.event) {
            self.uttered.insert(row.text.to_string());
        }
        kept
    }

    /// The person is told "done".
    fn confirm(&mut self, at: usize, capture: &Capture, fresh: StreamId) {
        let mut tables = self.devices[at].storage.tables.clone();
        // Where it was not kept, a bug says "done" of what would have been.
        let _refused = tables.append(capture, fresh);
        let Some(row) = tables.rows.get(&capture.event) else { return };
        let text = row.text.to_string();
        if self.confirmed.iter().all(|confirmed| confirmed.text != text) {
            self.fate.coverage.confirmed += 1;
            self.confirmed.push(Confirmed { event: capture.event, text, copy_destroyed: false, destroyed: false });
        }
    }

    /// What strikes no matter what anybody is at.
    fn accidents(&mut self, at: usize, context: usize) {
        let now = self.now;
        self.fate.coverage.doing = self.devices[at].contexts[context].doing();
        if self.fate.strikes(Fault::Suspended, now) {
            let longest_ms = self.fate.random.pick(&[60_000, 600_000, 6 * 3_600_000]);
            let until = now.plus_ms(self.fate.random.between(1_000, longest_ms));
            self.devices[at].contexts[context].asleep_until = until;
        }
        if self.fate.strikes(Fault::Blocked, now) {
            let until = now.plus_ms(self.fate.random.between(1_000, 120_000));
            self.devices[at].contexts[context].blocked_until = until;
        }
        if self.fate.strikes(Fault::ClockJump, now) {
            let farthest_ms = self.fate.random.pick(&[60_000, 86_400_000, 30 * 86_400_000]);
            self.devices[at].skew_ms += self.fate.random.between(-farthest_ms, farthest_ms);
            self.devices[at].claimed_at = None;
        }
        if self.fate.strikes(Fault::PowerCut, now) {
            let lied_about = std::mem::take(&mut self.devices[at].storage.lied_about);
            let disk = self.devices[at].storage.disk.clone();
            self.set_back(at, disk, |event| lied_about.contains(&event));
        }
        if self.fate.strikes(Fault::Rollback, now) {
            let snapshot = self.devices[at].storage.snapshot.clone();
            self.set_back(at, snapshot, |_| true);
        }
        if self.fate.strikes(Fault::Wipe, now) {
            let source = self.devices[at].storage.tables.source;
            self.set_back(at, Tables { source, ..Tables::default() }, |_| true);
        }
        let (copied, paired) = (self.fate.strikes(Fault::Clone, now), self.fate.strikes(Fault::ClonedAndPaired, now));
        if (copied || paired) && self.devices.len() < FLEET_MAX {
            let mut storage = self.devices[at].storage.clone();
            if paired {
                storage.tables.source = Some(self.pair());
            }
            (storage.disk, storage.snapshot) = (storage.tables.clone(), storage.tables.clone());
            storage.lied_about.clear();
            self.devices.push(Device::new(storage, self.devices[at].skew_ms, now));
        }
        if self.fate.strikes(Fault::Restored, now) {
            self.server.restore(&mut self.fate, now);
            self.note_destroyed(|confirmed| confirmed.copy_destroyed);
        }
        if self.fate.strikes(Fault::ServerClock, now) {
            self.server.skew(self.fate.random.between(-3_600_000, 3_600_000));
        }
        if self.fate.strikes(Fault::Revoked, now)
            && let Some(source) = self.devices[at].storage.tables.source
        {
            self.server.revoke(source, Some(now));
            self.revoked.push(source);
        } else if let Some(source) = self.revoked.pop_if(|_| self.fate.random.chance(500)) {
            self.server.revoke(source, None);
        }
    }

    /// Puts a device's database into another state; what that `excuses` may be lost by it.
    fn set_back(&mut self, at: usize, tables: Tables, excuses: impl Fn(EventId) -> bool) {
        let device = &mut self.devices[at];
        for confirmed in &mut self.confirmed {
            let is =
                |tables: &Tables| tables.rows.get(&confirmed.event).is_some_and(|row| *row.text == *confirmed.text);
            if is(&device.storage.tables) && !is(&tables) && excuses(confirmed.event) {
                confirmed.copy_destroyed = true;
            }
        }
        device.storage = Storage { disk: tables.clone(), snapshot: tables.clone(), tables, lied_about: Vec::new() };
        device.claimed_at = None;
        for context in 0..CONTEXTS {
            self.end(at, context);
        }
        self.note_destroyed(|confirmed| confirmed.copy_destroyed);
    }

    /// What is nowhere any more, and by no fault of anybody's, is written off.
    fn note_destroyed(&mut self, is_excused: impl Fn(&Confirmed) -> bool) {
        for at in 0..self.confirmed.len() {
            if is_excused(&self.confirmed[at]) && !self.is_somewhere(&self.confirmed[at]) {
                self.confirmed[at].destroyed = true;
            }
        }
    }

    /// Whether a device or the server has the event.
    pub fn is_somewhere(&self, confirmed: &Confirmed) -> bool {
        self.server.holds(&confirmed.text)
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

/// What the version before this one makes of a memory: it does not know all of it.
fn as_the_old_version_writes_it(memory: &str) -> String {
    let Ok(mut memory) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(memory) else {
        return memory.to_owned();
    };
    ["false_starts", "foreign_streams", "probe_from", "forgot_at"].iter().for_each(|name| drop(memory.remove(*name)));
    serde_json::Value::Object(memory).to_string()
}
