//! What strikes no matter what anybody is at.

use vestibule_protocol::id::EventId;

use super::World;
use crate::simulation::{
    coverage::Doing,
    device::{CONTEXTS, Device},
    fault::Fault,
    people::Confirmed,
    server,
    storage::{Access, Storage},
    tables::Tables,
};

/// Devices with the copies that are made of them.
const FLEET_MAX: usize = 4;

impl World {
    /// What strikes no matter what anybody is at.
    pub(super) fn accidents(&mut self, at: usize, context: usize) {
        let now = self.now;
        self.fate.coverage.doing = self.devices[at].contexts[context].doing();
        if self.fate.strikes(Fault::Killed, now) {
            self.end(at, context);
        }
        if self.fate.strikes(Fault::Away, now) {
            self.now = now.plus_ms(self.fate.random.between(86_400_000, 10 * 86_400_000));
        }
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
        if self.fate.strikes(Fault::RestoredOld, now) {
            let held: Vec<bool> = self.confirmed.iter().map(|confirmed| self.server.holds(&confirmed.text)).collect();
            self.server.restore_first_day(&mut self.fate, now);
            // Its devices were right to let go of what newer backups held; and are, until they hear of it.
            self.note_destroyed(|_| true);
            for (confirmed, was_held) in self.confirmed.iter_mut().zip(held) {
                confirmed.may_be_let_go |= was_held && !self.server.holds(&confirmed.text);
            }
        }
        if self.fate.strikes(Fault::ServerClock, now) {
            self.server.skew(self.fate.random.between(-server::SKEW_MAX_MS, server::SKEW_MAX_MS));
        }
        if self.fate.strikes(Fault::Revoked, now)
            && let Some(source) = self.devices[at].storage.tables.source
        {
            self.server.revoke(source, Some(now));
            self.revoked.push(source);
        } else if let Some(source) = self.revoked.pop_if(|_| self.fate.random.chance(500)) {
            self.server.revoke(source, None);
        }
        let tables = &self.devices[at].storage.tables;
        let may_be_handed_over = tables.memory().revoked.is_some() && tables.waiting().next().is_some();
        if may_be_handed_over && self.fate.strikes(Fault::HandedOver, now) {
            self.hand_over(at, context);
        }
    }

    /// Staff export what waits; or, if they have done so, say that they keep the file.
    fn hand_over(&mut self, at: usize, context: usize) {
        let exported = std::mem::take(&mut self.devices[at].exported);
        let mut tables = self.devices[at].storage.tables.clone();
        if exported.is_empty() {
            self.devices[at].exported = tables.waiting().map(|row| row.id).collect();
            self.handed_over.extend(tables.waiting().map(|row| row.text.to_string()));
            return;
        }
        if let Some(head) = tables.head {
            // What the head stands for that the device tells next, it will not have any more.
            let standing = tables.standing(head.stream);
            self.lineages.note(&standing, &tables);
        }
        let _failed =
            self.transact(at, context, Doing::Recording, Access::Relaxed, |tables| tables.hand_over(&exported));
    }

    /// Puts a device's database into another state; what that `excuses` may be lost by it.
    pub(super) fn set_back(&mut self, at: usize, tables: Tables, excuses: impl Fn(EventId) -> bool) {
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
        device.exported.clear();
        for context in 0..CONTEXTS {
            self.end(at, context);
        }
        self.note_destroyed(|confirmed| confirmed.copy_destroyed);
    }

    /// What is nowhere any more, and by no fault of anybody's, is written off.
    pub(super) fn note_destroyed(&mut self, is_excused: impl Fn(&Confirmed) -> bool) {
        for at in 0..self.confirmed.len() {
            if is_excused(&self.confirmed[at]) && !self.is_somewhere(&self.confirmed[at]) {
                self.confirmed[at].destroyed = true;
            }
        }
    }
}
