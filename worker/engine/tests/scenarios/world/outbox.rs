//! An outbox in memory, which carries out what `vestibule_engine::outbox` describes.

use vestibule_engine::{
    Load, Loaded, Memory, Record, Wipe,
    outbox::{Change, Draw, Edit, Head, Row, Selection, Settled, Standing, StateName, hand_over},
};
use vestibule_protocol::{
    batch::{Link, Seq},
    chain::event_hash,
    id::{EventId, StreamId, VisitId},
    timestamp::Timestamp,
};

use super::uuid;

pub(crate) use vestibule_engine::outbox::State;

#[derive(Clone)]
pub(crate) struct Outbox {
    pub(crate) stream: StreamId,
    pub(crate) head: Link,
    pub(crate) memory: Memory,
    /// Whether the device has a copy of the site.
    pub(crate) has_copy: bool,
    rows: Vec<Row>,
}

impl Outbox {
    pub(crate) fn new(number: u16) -> Self {
        let stream = uuid(number).parse().unwrap();
        Self { stream, head: Link::START, memory: Memory::default(), has_copy: true, rows: Vec::new() }
    }

    pub(crate) fn append(&mut self, event: EventId, text: String, captured_at: Timestamp) {
        self.head = self.head.then(event_hash(&text));
        self.rows.push(Row {
            id: event,
            visit: VisitId(event.0),
            at: captured_at,
            stream: self.stream,
            link: self.head,
            text: text.into(),
            state: State::Pending,
            settled: Settled::No,
        });
    }

    pub(crate) fn load(&mut self, load: &Load) -> Loaded {
        let standing = self.standing();
        let take = load.decide(&standing);
        let mut waiting = self.select(Selection::All(StateName::Pending));
        waiting.sort_by_key(|row| row.link.seq);
        let mut newest = Draw::new(take.newest);
        let _full = waiting.iter().rev().cloned().try_for_each(|row| newest.offer(row));
        let below = newest.last().unwrap_or(Seq::MAX);
        let mut oldest = Draw::new(take.oldest);
        let _full = waiting.into_iter().filter(|row| row.link.seq < below).try_for_each(|row| oldest.offer(row));
        let records = [newest.into_records(), oldest.into_records()].concat();
        // What is in the store is in the present format.
        self.memory = Memory::from_json(&take.memory.unwrap_or(standing.memory.clone()).to_json());
        Loaded { standing, records, persisted: true }
    }

    pub(crate) fn record(&mut self, record: &Record) {
        let standing = self.standing();
        let own_chain = record.chain_wanted_at().and_then(|(stream, seq)| {
            self.select(Selection::Slots { stream, first: seq, last: seq }).first().map(|row| row.link.chain)
        });
        let is_empty = |&(stream, seq): &(StreamId, Seq)| {
            self.select(Selection::Slots { stream, first: seq, last: seq }).is_empty()
        };
        let empty: Vec<Seq> = record.slots_doubted().into_iter().filter(is_empty).map(|(_, seq)| seq).collect();
        let orders = record.decide(&standing, own_chain, &empty);
        orders.changes.iter().for_each(|change| self.apply(change));
        self.memory = Memory::from_json(&orders.memory.to_json());
    }

    /// As when staff ask for it.
    pub(crate) fn send_again(&mut self) {
        self.apply(&Change::SendAgain);
    }

    pub(crate) fn wipe(&mut self, wipe: Wipe) {
        if let Some(memory) = wipe.decide(&self.memory) {
            self.has_copy = false;
            self.memory = Memory::from_json(&memory.to_json());
        }
    }

    /// As when staff say that they keep the file with these events.
    pub(crate) fn hand_over(&mut self, events: Vec<EventId>) {
        if let Some(change) = hand_over(events, &self.memory) {
            self.apply(&change);
        }
    }

    /// The numbering in use.
    pub(crate) fn stream(&self) -> StreamId {
        self.stream
    }

    pub(crate) fn pending(&self) -> Vec<EventId> {
        self.in_state(|state| state == State::Pending)
    }

    pub(crate) fn parked(&self) -> Vec<EventId> {
        self.in_state(|state| matches!(state, State::Parked(_)))
    }

    pub(crate) fn acknowledged(&self) -> Vec<EventId> {
        self.in_state(|state| matches!(state, State::Acknowledged { .. }))
    }

    pub(crate) fn state_of(&self, event: EventId) -> Option<State> {
        self.rows.iter().find(|row| row.id == event).map(|row| row.state)
    }

    pub(crate) fn text_of(&self, event: EventId) -> Option<&str> {
        self.rows.iter().find(|row| row.id == event).map(|row| &*row.text)
    }

    /// How many records there are, whatever became of them.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Damages the stored text of an event.
    pub(crate) fn damage(&mut self, event: EventId) {
        self.rows.iter_mut().filter(|row| row.id == event).for_each(|row| row.text = format!("{}}}", row.text).into());
    }

    /// Whether every unacknowledged record is in the current stream, each slot is taken once, and the head is the last.
    pub(crate) fn is_sound(&self) -> bool {
        let mut slots: Vec<_> = self.rows.iter().map(|row| (row.stream, row.link.seq)).collect();
        let all = slots.len();
        slots.sort();
        slots.dedup();
        let last = self.rows.iter().filter(|row| row.stream == self.stream).map(|row| row.link.seq).max();
        slots.len() == all
            && last.is_none_or(|last| last <= self.head.seq)
            && self.rows.iter().all(|row| matches!(row.state, State::Acknowledged { .. }) || row.stream == self.stream)
    }

    fn in_state(&self, wanted: impl Fn(State) -> bool) -> Vec<EventId> {
        self.rows.iter().filter(|row| wanted(row.state)).map(|row| row.id).collect()
    }

    fn standing(&self) -> Standing {
        let waiting = self.rows.iter().filter(|row| row.state == State::Pending);
        Standing {
            stream: self.stream,
            head: self.head,
            memory: self.memory.clone(),
            pending: waiting.clone().count() as u64,
            parked: self.parked().len() as u64,
            oldest_pending_at: waiting.map(|row| row.at).min(),
        }
    }

    fn apply(&mut self, change: &Change) {
        let rows = change.concerns().into_iter().flat_map(|selection| self.select(selection)).collect();
        let mut head = Head { stream: self.stream, link: self.head };
        for edit in change.edits(rows, &mut head) {
            match edit {
                Edit::Put(row) => {
                    self.rows.iter_mut().filter(|held| held.id == row.id).for_each(|held| *held = row.clone())
                }
                Edit::Delete(event) => self.rows.retain(|row| row.id != event),
            }
        }
        (self.stream, self.head) = (head.stream, head.link);
    }

    fn select(&self, selection: Selection) -> Vec<Row> {
        let is_selected = |row: &&Row| match selection {
            Selection::Slots { stream, first, last } => row.stream == stream && (first..=last).contains(&row.link.seq),
            Selection::Range { state, stream, first, last } => {
                row.state.name() == state && row.stream == stream && (first..=last).contains(&row.link.seq)
            }
            Selection::All(state) => row.state.name() == state,
        };
        self.rows.iter().filter(is_selected).cloned().collect()
    }
}
