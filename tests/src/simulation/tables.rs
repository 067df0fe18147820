//! What a device's database holds, and the outbox's transactions on it: reads and writes as the engine's own code says.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_engine::{
    Load, Loaded, Memory, Record, Wipe,
    outbox::{
        Appended, Change, Draw, Edit, Found, Head, Row, Selection, Standing, State, StateName, append, hand_over,
    },
};
use vestibule_protocol::{
    batch::Seq,
    event::Source,
    id::{EventId, HistoryId, StreamId},
    message::{Capture, Refusal},
};

use super::people;

/// The rows, and the single facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// Who the device is.
    pub source: Option<Source>,
    /// Where the outbox ends.
    pub head: Option<Head>,
    /// What the engine remembers, as the text that is stored.
    pub memory: String,
    /// How far the events are sent; used by nothing but a mutation.
    pub cursor: Seq,
    /// The records.
    pub rows: BTreeMap<EventId, Row>,
    /// Whether there is a copy of the site.
    pub has_copy: bool,
}

impl Tables {
    /// Keeps an event.
    ///
    /// # Errors
    /// The [`Refusal`] if it can't be kept at all.
    pub fn append(&mut self, capture: &Capture, fresh_stream: StreamId) -> Result<(), Refusal> {
        self.append_after(capture, self.head, fresh_stream)
    }

    /// Keeps an event after `head`, which is where the outbox ends unless somebody has made a mistake.
    ///
    /// # Errors
    /// The [`Refusal`] if it can't be kept at all.
    pub fn append_after(
        &mut self,
        capture: &Capture,
        head: Option<Head>,
        fresh_stream: StreamId,
    ) -> Result<(), Refusal> {
        let found = Found {
            is_known: self.rows.contains_key(&capture.event),
            source: self.source,
            head,
            clock_offset_ms: self.memory().clock_offset_ms,
        };
        match append(capture, found, fresh_stream)? {
            Appended::Already => {}
            Appended::New { row, head } => {
                self.rows.insert(row.id, row);
                self.head = Some(head);
            }
        }
        Ok(())
    }

    /// Performs [`vestibule_engine::Action::Load`].
    pub fn load(&mut self, load: &Load, fresh_stream: StreamId) -> Loaded {
        let standing = self.standing(fresh_stream);
        let take = load.decide(&standing);
        let mut waiting = self.select(Selection::All(StateName::Pending));
        waiting.retain(|row| row.stream == standing.stream);
        waiting.sort_by_key(|row| row.link.seq);
        let mut newest = Draw::new(take.newest);
        let _full = waiting.iter().rev().cloned().try_for_each(|row| newest.offer(row));
        let below = newest.last().unwrap_or(Seq::MAX);
        let mut oldest = Draw::new(take.oldest);
        let _full = waiting.into_iter().filter(|row| row.link.seq < below).try_for_each(|row| oldest.offer(row));
        let mut records = newest.into_records();
        records.extend(oldest.into_records());
        if let Some(memory) = &take.memory {
            self.memory = memory.to_json();
        }
        Loaded { standing, records, persisted: true }
    }

    /// Performs [`vestibule_engine::Action::Record`]; gives the events that are acknowledged by it.
    pub fn record(&mut self, record: &Record, fresh_stream: StreamId) -> Vec<EventId> {
        let slots = record.slots_doubted().into_iter();
        let is_empty = |&(stream, seq): &(StreamId, Seq)| {
            self.select(Selection::Slots { stream, first: seq, last: seq }).is_empty()
        };
        let empty: Vec<Seq> = slots.filter(is_empty).map(|(_, seq)| seq).collect();
        self.record_knowing(record, &empty, fresh_stream)
    }

    /// The same, knowing which of the slots that are doubted are empty, right or wrong.
    pub fn record_knowing(&mut self, record: &Record, empty: &[Seq], fresh_stream: StreamId) -> Vec<EventId> {
        let standing = self.standing(fresh_stream);
        let chain = record.chain_wanted_at().and_then(|(stream, seq)| {
            self.select(Selection::Slots { stream, first: seq, last: seq }).first().map(|row| row.link.chain)
        });
        let orders = record.decide(&standing, chain, empty);
        let mut head = Head { stream: standing.stream, link: standing.head };
        let mut acknowledged = Vec::new();
        for change in &orders.changes {
            self.apply(change, &mut head, &mut acknowledged);
        }
        self.head = Some(head);
        self.memory = orders.memory.to_json();
        acknowledged
    }

    /// Performs [`vestibule_engine::Action::Wipe`].
    pub fn wipe(&mut self, wipe: Wipe) {
        if let Some(memory) = wipe.decide(&self.memory()) {
            self.has_copy = false;
            self.memory = memory.to_json();
        }
    }

    /// As when the copy of the site is brought up to date, which only a device that has access does.
    pub fn pull(&mut self) {
        self.has_copy |= self.memory().revoked.is_none();
    }

    /// As when staff say that they keep the file with these events.
    pub fn hand_over(&mut self, events: &[EventId]) {
        if let (Some(change), Some(mut head)) = (hand_over(events.to_vec(), &self.memory()), self.head) {
            self.apply(&change, &mut head, &mut Vec::new());
        }
    }

    fn apply(&mut self, change: &Change, head: &mut Head, acknowledged: &mut Vec<EventId>) {
        let rows = change.concerns().into_iter().flat_map(|selection| self.select(selection)).collect();
        for edit in change.edits(rows, head) {
            match edit {
                Edit::Put(row) => {
                    if row.state.name() == StateName::Acknowledged {
                        acknowledged.push(row.id);
                    }
                    self.rows.insert(row.id, row);
                }
                Edit::Delete(event) => {
                    self.rows.remove(&event);
                }
            }
        }
    }

    /// The records that are not acknowledged.
    pub fn waiting(&self) -> impl Iterator<Item = &Row> {
        self.rows.values().filter(|row| row.state.name() != StateName::Acknowledged)
    }

    /// What the engine remembers.
    pub fn memory(&self) -> Memory {
        Memory::from_json(&self.memory)
    }

    /// The events that are acknowledged.
    pub fn acknowledged(&self) -> BTreeSet<EventId> {
        let rows = self.rows.values().filter(|row| row.state.name() == StateName::Acknowledged);
        rows.map(|row| row.id).collect()
    }

    /// Events in a state.
    pub fn count(&self, state: StateName) -> usize {
        self.rows.values().filter(|row| row.state.name() == state).count()
    }

    /// Whether everything is delivered, and proven to be, to the server that lives this history; but for what something on
    /// the way refuses for ever.
    pub fn is_drained(&self, history: HistoryId) -> bool {
        let waits = |row: &&Row| row.state == State::Pending;
        let is_held_up = self.rows.values().filter(waits).any(|row| !row.text.contains(people::FIREWALLED));
        let is_whole = self.rows.values().all(|row| row.state.name() == StateName::Acknowledged);
        let memory = self.memory();
        let proven = self.head.map_or(0, |head| memory.proven_in(head.stream));
        let end = self.head.map_or(0, |head| head.link.seq);
        memory.history == Some(history) && !is_held_up && (proven == end || !is_whole)
    }

    /// Whether nothing of people is left that nobody needs, on a device whose access was withdrawn: no copy of the site; of
    /// events only what waits for something that refuses it for ever, what comes after that, and what an earlier numbering
    /// had, as long as this one has no event by which the server could say that it needs it no more.
    pub fn is_retired(&self) -> bool {
        let is_wiped = self.memory().revoked.is_some_and(|revoked| revoked.wiped) && !self.has_copy;
        let is_held_up = self.waiting().next().is_some() || self.head.is_none_or(|head| head.link.seq == 0);
        is_wiped && (is_held_up || self.rows.is_empty())
    }

    /// How the outbox stands; one that is new begins with `fresh_stream`.
    pub fn standing(&mut self, fresh_stream: StreamId) -> Standing {
        let head = *self.head.get_or_insert(Head::of(fresh_stream));
        let pending = self.rows.values().filter(|row| row.state == State::Pending);
        Standing {
            stream: head.stream,
            head: head.link,
            memory: self.memory(),
            pending: pending.clone().count() as u64,
            parked: self.count(StateName::Parked) as u64,
            oldest_pending_at: pending.map(|row| row.at).min(),
        }
    }

    fn select(&self, selection: Selection) -> Vec<Row> {
        let is_selected = |row: &&Row| match selection {
            Selection::Slots { stream, first, last } => row.stream == stream && (first..=last).contains(&row.link.seq),
            Selection::Range { state, stream, first, last } => {
                row.state.name() == state && row.stream == stream && (first..=last).contains(&row.link.seq)
            }
            Selection::All(state) => row.state.name() == state,
        };
        self.rows.values().filter(is_selected).cloned().collect()
    }
}
