//! What must hold after every step, and at the end.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_engine::outbox::{Row, State, StateName};
use vestibule_protocol::{
    chain::event_hash,
    event::Event,
    id::{EventId, StreamId, VisitId},
    visit::Visit,
};

use super::{fault::Fault, people, server::Entry, tables::Tables, world::World};

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A person was told "done", and no device and no server has it, although no accident destroyed it.
    Lost(EventId),
    /// A device takes an event for delivered that the server does not have.
    FalselyDelivered(EventId),
    /// A device takes an event for proven delivered that the server does not have.
    FalselyProven(EventId),
    /// The numbering of an outbox has a slot twice, a broken chain, or something unacknowledged in a stream that is left.
    UnsoundOutbox(StreamId),
    /// The server's watermark covers what it does not hold.
    UnsoundWatermark(StreamId),
    /// The server was told of an event that it does not hold, and does not know any more.
    GapUnknown(StreamId),
    /// The server calls missing what it holds, and nothing happened that could excuse it.
    FalseAlarm(StreamId),
    /// The ledger has what nobody captured.
    Invented,
    /// The ledger has one event twice.
    AppliedTwice(EventId),
    /// A confirmed event is kept apart for no reason.
    WronglyQuarantined(String),
    /// An event is set aside, although nothing ever refused one.
    WronglyParked(EventId),
    /// An event that a device could keep was refused.
    RefusedForNoReason,
    /// A device tried again by itself within a second after a failure.
    Hammered,
    /// Nothing goes wrong any more, and yet something waits.
    Stuck,
    /// A dashboard does not show what the confirmed events fold into.
    DashboardDiffers(VisitId),
    /// A device whose access was withdrawn still has something of people that nothing needs.
    PeopleKept,
}

impl Violation {
    /// The promise in a few words.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Lost(_) => "lost",
            Self::FalselyDelivered(_) => "falsely delivered",
            Self::FalselyProven(_) => "falsely proven",
            Self::UnsoundOutbox(_) => "unsound numbering",
            Self::UnsoundWatermark(_) => "unsound watermark",
            Self::GapUnknown(_) => "gap unknown",
            Self::FalseAlarm(_) => "false alarm",
            Self::Invented => "invented",
            Self::AppliedTwice(_) => "applied twice",
            Self::WronglyQuarantined(_) => "quarantined for no reason",
            Self::WronglyParked(_) => "parked for no reason",
            Self::RefusedForNoReason => "refused for no reason",
            Self::Hammered => "hammered",
            Self::Stuck => "stuck",
            Self::DashboardDiffers(_) => "dashboard differs",
            Self::PeopleKept => "people kept",
        }
    }
}

impl World {
    /// Checks what holds after every step: of everything that was confirmed, and of the devices named.
    pub(super) fn check(&self, devices: &[usize]) -> Result<(), Violation> {
        for confirmed in self.confirmed.iter().filter(|confirmed| !confirmed.destroyed) {
            if !self.is_somewhere(confirmed) {
                return Err(Violation::Lost(confirmed.event));
            }
        }
        devices.iter().try_for_each(|&at| self.check_outbox(&self.devices[at].storage.tables))
    }

    /// Checks what the server has just applied: each event once, and none that nobody captured.
    pub(super) fn check_applied(&mut self) -> Result<(), Violation> {
        for applied in self.server.take_newly_applied() {
            if !self.uttered.contains(&*applied.text) {
                return Err(Violation::Invented);
            }
            if applied.is_again {
                return Err(Violation::AppliedTwice(applied.event));
            }
        }
        Ok(())
    }

    fn check_outbox(&self, tables: &Tables) -> Result<(), Violation> {
        let Some(head) = tables.head else { return Ok(()) };
        let memory = tables.memory();
        if memory.history == Some(self.server.history()) {
            let proven = memory.proven_in(head.stream);
            for row in tables.rows.values().filter(|row| !self.server.holds(&row.text)) {
                if row.state.name() == StateName::Acknowledged {
                    return Err(Violation::FalselyDelivered(row.id));
                }
                if row.stream == head.stream && row.link.seq <= proven {
                    return Err(Violation::FalselyProven(row.id));
                }
            }
        }
        let mut slots: BTreeMap<(StreamId, u64), &Row> = BTreeMap::new();
        for row in tables.rows.values() {
            let is_left = row.stream != head.stream && row.state.name() != StateName::Acknowledged;
            let is_past = row.stream == head.stream && row.link.seq > head.link.seq;
            if is_left || is_past || slots.insert((row.stream, row.link.seq), row).is_some() {
                return Err(Violation::UnsoundOutbox(row.stream));
            }
        }
        for (&(stream, seq), row) in &slots {
            let follows = |next: &&Row| next.link.chain == row.link.chain.then(event_hash(&next.text));
            if slots.get(&(stream, seq + 1)).is_some_and(|next| !follows(next)) {
                return Err(Violation::UnsoundOutbox(stream));
            }
        }
        Ok(())
    }

    /// Checks what holds in the end, once everything is drained.
    pub(super) fn check_end(&mut self) -> Result<(), Violation> {
        self.check(&Vec::from_iter(0..self.devices.len()))?;
        if let Some(stream) = self.server.unsound_stream() {
            return Err(Violation::UnsoundWatermark(stream));
        }
        self.check_gaps()?;
        self.check_false_alarms()?;
        self.count_destroyed();
        let ledger = self.server.ledger();
        let mut ids = BTreeSet::new();
        for entry in &ledger {
            let event = Event::parse(&entry.text).map_err(|_| Violation::Invented)?;
            if !self.uttered.contains(&entry.text) {
                return Err(Violation::Invented);
            }
            if !ids.insert(event.id) {
                return Err(Violation::AppliedTwice(event.id));
            }
        }
        self.check_set_aside(&ledger)?;
        self.check_dashboard(&ledger)
    }

    /// Everything confirmed is in the ledger; or it is set aside, on either side, for a reason that there was.
    fn check_set_aside(&self, ledger: &[Entry]) -> Result<(), Violation> {
        let counted: BTreeSet<&str> = ledger.iter().map(|entry| entry.text.as_str()).collect();
        let quarantine: BTreeMap<String, String> = self.server.quarantine().into_iter().collect();
        for confirmed in self.confirmed.iter().filter(|confirmed| !confirmed.destroyed) {
            if counted.contains(confirmed.text.as_str()) || self.handed_over.contains(&confirmed.text) {
                continue;
            }
            if let Some(reason) = quarantine.get(&confirmed.text) {
                let faults: &[Fault] = match reason.as_str() {
                    "device_revoked" => &[Fault::Revoked],
                    // Who presses again after the database was set back, or after staff took the event out of it with a
                    // file, says the same thing under the same id anew.
                    "id_conflict" => &[Fault::SameId, Fault::Wipe, Fault::Rollback, Fault::PowerCut, Fault::HandedOver],
                    _ => &[],
                };
                if faults.iter().any(|&fault| self.fate.coverage.of(fault) > 0) {
                    continue;
                }
                return Err(Violation::WronglyQuarantined(reason.clone()));
            }
            let rows = self.devices.iter().filter_map(|device| device.storage.tables.rows.get(&confirmed.event));
            let is_parked = rows.clone().any(|row| matches!(row.state, State::Parked(_)));
            let is_firewalled = confirmed.text.contains(people::FIREWALLED);
            let waits_for_ever = is_firewalled && rows.clone().any(|row| row.state == State::Pending);
            if !is_parked && !waits_for_ever {
                return Err(Violation::Lost(confirmed.event));
            }
            if !waits_for_ever && !self.refused_alone.contains(&confirmed.text) {
                return Err(Violation::WronglyParked(confirmed.event));
            }
        }
        Ok(())
    }

    /// The dashboard shows what the ledger's events fold into, folded here in another order.
    fn check_dashboard(&mut self, ledger: &[Entry]) -> Result<(), Violation> {
        const PAGES_MAX: usize = 1_000;
        let pages =
            (0..PAGES_MAX).take_while(|_| self.dashboard.poll(&self.server, self.site, self.now, self.mutation));
        let _polled = pages.count();
        let mut visits: BTreeMap<VisitId, Visit> = BTreeMap::new();
        let mut order: Vec<&Entry> = ledger.iter().collect();
        for at in (1..order.len()).rev() {
            order.swap(at, self.fate.random.below(at + 1));
        }
        for entry in order {
            let Ok(event) = Event::parse(&entry.text) else { continue };
            let visit = visits.entry(event.visit).or_insert_with(|| Visit::new(event.visit, self.site));
            visit.apply(&event, Some(entry.received_at));
        }
        let differs = |id: &&VisitId| match (visits.get(*id), self.dashboard.visits.get(*id)) {
            // What is long over is not in a snapshot any more.
            (Some(_), None) => self.server.is_in_view(**id, self.now),
            (folded, shown) => folded != shown,
        };
        match visits.keys().chain(self.dashboard.visits.keys()).find(differs) {
            Some(&visit) => Err(Violation::DashboardDiffers(visit)),
            None => Ok(()),
        }
    }
}
