//! What the server has been told of, and so must know to be missing for as long as it does not hold it.
//!
//! A head stands for all events that the device had under that numbering when it told it. The server can't see which:
//! it has a number and a chain. The simulation can, and holds the server to it.

use std::collections::HashMap;

use vestibule_engine::outbox::Standing;
use vestibule_protocol::{chain::Digest, id::StreamId};

use super::{check::Violation, fault::Fault, tables::Tables, world::World};

/// A head: a numbering, and the chain there.
pub type Head = (StreamId, Digest);

/// Which events each head stands for that was ever going to be told.
#[derive(Default)]
pub struct Lineages(HashMap<Head, Vec<Box<str>>>);

impl Lineages {
    /// Notes what the head of `standing` stands for, which a batch is about to tell.
    pub fn note(&mut self, standing: &Standing, tables: &Tables) {
        self.0.entry((standing.stream, standing.head.chain)).or_insert_with(|| {
            let rows = tables.rows.values().filter(|row| row.stream == standing.stream);
            rows.filter(|row| row.link.seq <= standing.head.seq).map(|row| row.text.clone()).collect()
        });
    }

    /// The texts that a head stands for, as far as its device still had them.
    pub fn of(&self, head: Head) -> &[Box<str>] {
        self.0.get(&head).map_or(&[], Vec::as_slice)
    }
}

impl World {
    /// Of whatever the server was told and does not hold, it knows that it is missing.
    pub(super) fn check_gaps(&mut self) -> Result<(), Violation> {
        let Self { server, lineages, .. } = self;
        server.forget_told(|server, head| lineages.of(head).iter().all(|text| server.holds(text)));
        if server.told().is_empty() {
            return Ok(());
        }
        let known = server.unmet_heads();
        for &head in server.told() {
            let stands_for = |text: &str| {
                known.iter().any(|&other| other.0 == head.0 && lineages.of(other).iter().any(|other| **other == *text))
            };
            if lineages.of(head).iter().any(|text| !server.holds(text) && !stands_for(text)) {
                return Err(Violation::GapUnknown(head.0));
            }
        }
        Ok(())
    }

    /// Counts the events that accidents have destroyed, and of how many of them the server knows.
    pub(super) fn count_destroyed(&mut self) {
        let known = self.server.unmet_heads();
        for confirmed in self.confirmed.iter().filter(|confirmed| confirmed.destroyed) {
            let is_known =
                known.iter().any(|&head| self.lineages.of(head).iter().any(|text| **text == *confirmed.text));
            self.fate.coverage.destroyed += 1;
            self.fate.coverage.destroyed_known += u64::from(is_known);
        }
    }

    /// Nothing is called missing that is there, unless a store was set back or copied, or the server was.
    pub(super) fn check_false_alarms(&self) -> Result<(), Violation> {
        const EXCUSES: [Fault; 8] = [
            Fault::PowerCut,
            Fault::Rollback,
            Fault::Wipe,
            Fault::Clone,
            Fault::ClonedAndPaired,
            Fault::SameId,
            Fault::Restored,
            Fault::RestoredOld,
        ];
        if EXCUSES.iter().any(|&fault| self.fate.coverage.of(fault) > 0) {
            return Ok(());
        }
        let is_there = |head: &&Head| self.lineages.of(**head).iter().all(|text| self.server.holds(text));
        match self.server.unmet_heads().iter().find(is_there) {
            Some(head) => Err(Violation::FalseAlarm(head.0)),
            None => Ok(()),
        }
    }
}
