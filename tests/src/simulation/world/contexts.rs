//! What the contexts of the devices do: the driver's loop, one effect at a time, and their ends.

use std::cell::RefCell;

use vestibule_engine::{Action, Input, Memory, Probed, policy};
use vestibule_protocol::{id::StreamId, limits, timestamp::Timestamp};

use super::World;
use crate::simulation::{
    check::Violation,
    coverage::Doing,
    device::Turn,
    fault::Fault,
    mutated,
    mutation::Mutation,
    network::Cargo,
    storage::{Access, StorageFailure},
    tables::Tables,
    versions,
};

impl World {
    pub(super) fn some_context_goes_on(&mut self) -> Result<(), Violation> {
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

    pub(super) fn give_up_waiting(&mut self, device: usize, context: usize) {
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
    pub(super) fn go_on(&mut self, at: usize, context: usize) -> Result<(), Violation> {
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
                let is_old = self.devices[at].contexts[context].is_old;
                let is_fresh = std::mem::take(&mut self.devices[at].contexts[context].is_fresh);
                let loaded = self.transact(at, context, Doing::Loading, Access::Relaxed, |tables| {
                    mutated::before_load(mutation, tables, is_fresh);
                    let mut loaded = tables.load(&load, fresh);
                    mutated::after_load(mutation, tables, &mut loaded);
                    if is_old {
                        versions::load_as_old(&mut loaded);
                    }
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
                let acknowledged = RefCell::new(self.devices[at].storage.tables.acknowledged());
                let recorded = self.transact(at, context, Doing::Recording, Access::Relaxed, |tables| {
                    let named = if mutation == Some(Mutation::HolesAwaited) {
                        tables.record_knowing(&record, &[], fresh)
                    } else {
                        tables.record(&record, fresh)
                    };
                    // A device whose access was withdrawn may let go at once of what this very receipt names.
                    acknowledged.borrow_mut().extend(named);
                    mutated::after_record(mutation, tables, clock);
                });
                let acknowledged = acknowledged.into_inner();
                self.note_destroyed(|confirmed| confirmed.may_be_let_go && acknowledged.contains(&confirmed.event));
                let memory = self.devices[at].storage.tables.memory();
                if memory.failures == 0 || memory.hold.is_none() {
                    // A receipt came: whoever goes on next, the context that heard it or its next life, need not wait.
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
            Action::Wipe(wipe) => {
                let wiped = self.transact(at, context, Doing::Recording, Access::Relaxed, |tables| tables.wipe(wipe));
                wiped.map_or(Input::OutboxFailed, |()| Input::Wiped)
            }
            Action::Rest { .. } => {
                self.devices[at].storage.tables.pull();
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
    pub(super) fn ends(&mut self, at: usize, context: usize) -> bool {
        let ends = self.fate.strikes(Fault::Killed, self.now);
        if ends {
            self.end(at, context);
        }
        ends
    }

    pub(super) fn end(&mut self, at: usize, context: usize) {
        let is_old = self.fate.strikes(Fault::OldVersion, self.now);
        let device = &mut self.devices[at];
        let changes_version = device.contexts[context].is_old != is_old;
        device.contexts[context].end(is_old);
        if changes_version && self.mutation == Some(Mutation::UpgradeDropsStore) {
            device.storage.tables.rows.clear();
        }
    }

    pub(super) fn transact<T>(
        &mut self,
        at: usize,
        context: usize,
        doing: Doing,
        access: Access,
        work: impl Fn(&mut Tables) -> T,
    ) -> Result<T, StorageFailure> {
        self.fate.coverage.doing = doing;
        let device = &mut self.devices[at];
        let can_open = versions::opens(self.schemas, device, context, self.now);
        if device.contexts[context].blocked_until > self.now || !can_open {
            return Err(StorageFailure::Failed);
        }
        if !device.contexts[context].is_old {
            return device.storage.transact(&mut self.fate, self.now, access, work);
        }
        let garbles = self.fate.random.chance(versions::GARBLES);
        if garbles {
            // With the memory a wait is forgotten: that is known, and once.
            device.claimed_at = None;
        }
        device.storage.transact(&mut self.fate, self.now, access, |tables| {
            let before = tables.rows.clone();
            let outcome = work(tables);
            versions::write_as_old(tables, &before);
            if garbles {
                tables.memory = versions::UNREADABLE.to_owned();
            }
            outcome
        })
    }

    /// Notes that a try was claimed; and if nobody asked for it, that it did not come too soon after the last one.
    pub(super) fn note_claim(
        &mut self,
        at: usize,
        context: usize,
        before: &Memory,
        clock: Timestamp,
    ) -> Result<(), Violation> {
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
}
