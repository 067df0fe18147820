//! What the server has been told of, and so must know to be missing for as long as it does not hold it.
//!
//! A head stands for all events that the device had under that numbering when it told it. The server can't see which:
//! it has a number and a chain. The simulation can, and holds the server to it.

use std::collections::{HashMap, HashSet};

use vestibule_engine::outbox::{Row, Standing};
use vestibule_protocol::{
    batch::Link,
    chain::{Digest, event_hash},
    id::StreamId,
};

use super::{check::Violation, fault::Fault, tables::Tables, world::World};

/// A head: a numbering, and the chain there.
pub type Head = (StreamId, Digest);

/// Which events each head stands for that was ever going to be told: a head stands for its own event and for all that
/// the head before it stands for, also when the device has long let go of those.
#[derive(Default)]
pub struct Lineages {
    events: HashMap<Head, Numbered>,
}

/// An event at its place in a numbering.
struct Numbered {
    text: Box<str>,
    link: Link,
    /// The chain before it; unknown if no head that led here was going to be told.
    before: Option<Digest>,
}

impl Lineages {
    /// Notes what the head of `standing` stands for, which a batch is about to tell.
    pub fn note(&mut self, standing: &Standing, tables: &Tables) {
        let (stream, head) = (standing.stream, standing.head);
        let is_meant = |row: &&Row| row.stream == stream && row.link.seq <= head.seq;
        let is_new = |row: &&Row| !self.events.contains_key(&(stream, row.link.chain));
        let mut rows: Vec<_> = tables.rows.values().filter(is_meant).filter(is_new).collect();
        rows.sort_by_key(|row| row.link.seq);
        for row in rows {
            let numbered = Numbered { text: row.text.clone(), link: row.link, before: self.before(stream, row) };
            self.events.insert((stream, row.link.chain), numbered);
        }
    }

    /// The chain before a row, found among the events that are noted.
    fn before(&self, stream: StreamId, row: &Row) -> Option<Digest> {
        let event = event_hash(&row.text);
        let leads_here = |link: &Link| link.then(event) == row.link;
        let noted = self.events.iter().filter(|((other, _), _)| *other == stream).map(|(_, numbered)| numbered.link);
        noted.chain([Link::START]).find(leads_here).map(|link| link.chain)
    }

    /// The texts that a head stands for, the newest first.
    pub fn of(&self, (stream, chain): Head) -> impl Iterator<Item = &str> {
        let at = move |chain| self.events.get(&(stream, chain));
        std::iter::successors(at(chain), move |numbered| at(numbered.before?)).map(|numbered| &*numbered.text)
    }
}

impl World {
    /// Of whatever the server was told and does not hold, it knows that it is missing.
    pub(super) fn check_gaps(&mut self) -> Result<(), Violation> {
        let Self { server, lineages, .. } = self;
        server.forget_told(|server, head| lineages.of(head).all(|text| server.holds(text)));
        if server.told().is_empty() {
            return Ok(());
        }
        let known: HashSet<(StreamId, &str)> = server
            .unmet_heads()
            .into_iter()
            .flat_map(|head| lineages.of(head).map(move |text| (head.0, text)))
            .collect();
        let is_unknown =
            |head: &&Head| lineages.of(**head).any(|text| !server.holds(text) && !known.contains(&(head.0, text)));
        match server.told().iter().find(is_unknown) {
            Some(head) => Err(Violation::GapUnknown(head.0)),
            None => Ok(()),
        }
    }

    /// Counts the events that accidents have destroyed, and of how many of them the server knows.
    pub(super) fn count_destroyed(&mut self) {
        let known = self.server.unmet_heads();
        for confirmed in self.confirmed.iter().filter(|confirmed| confirmed.destroyed) {
            let is_known = known.iter().any(|&head| self.lineages.of(head).any(|text| *text == *confirmed.text));
            self.fate.coverage.destroyed += 1;
            self.fate.coverage.destroyed_known += u64::from(is_known);
        }
    }

    /// Nothing is called missing that is there, unless a store was set back or copied, or the server was; or staff took
    /// events out of a store with a file: what came after them goes out under another numbering, and the one that is left
    /// has a hole for ever.
    pub(super) fn check_false_alarms(&self) -> Result<(), Violation> {
        const EXCUSES: [Fault; 9] = [
            Fault::PowerCut,
            Fault::Rollback,
            Fault::Wipe,
            Fault::Clone,
            Fault::ClonedAndPaired,
            Fault::SameId,
            Fault::HandedOver,
            Fault::Restored,
            Fault::RestoredOld,
        ];
        if EXCUSES.iter().any(|&fault| self.fate.coverage.of(fault) > 0) {
            return Ok(());
        }
        let is_there = |head: &&Head| self.lineages.of(**head).all(|text| self.server.holds(text));
        match self.server.unmet_heads().iter().find(is_there) {
            Some(head) => Err(Violation::FalseAlarm(head.0)),
            None => Ok(()),
        }
    }
}
