//! An outbox in memory, which carries out what `vestibule_engine::outbox` describes.

use vestibule_engine::{
    Load, Loaded, Memory, Record,
    outbox::{Change, Pending, Share, Standing},
};
use vestibule_protocol::{
    batch::{Link, Seq},
    chain::{Digest, event_hash},
    id::{EventId, StreamId},
    message::ParkedReason,
    timestamp::Timestamp,
};

use super::uuid;

#[derive(Clone)]
pub(crate) struct Outbox {
    pub(crate) stream: StreamId,
    pub(crate) head: Link,
    pub(crate) memory: Memory,
    rows: Vec<Row>,
}

#[derive(Clone)]
struct Row {
    event: EventId,
    stream: StreamId,
    seq: Seq,
    chain: Digest,
    text: String,
    captured_at: Timestamp,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Pending,
    Parked(ParkedReason),
    Acknowledged { at: Timestamp },
}

impl Outbox {
    pub(crate) fn new(number: u16) -> Self {
        let stream = uuid(number).parse().unwrap();
        Self { stream, head: Link::START, memory: Memory::default(), rows: Vec::new() }
    }

    pub(crate) fn append(&mut self, event: EventId, text: String, captured_at: Timestamp) {
        self.head = self.head.then(event_hash(&text));
        let Link { seq, chain } = self.head;
        self.rows.push(Row { event, stream: self.stream, seq, chain, text, captured_at, state: State::Pending });
    }

    pub(crate) fn load(&mut self, load: &Load) -> Loaded {
        let standing = self.standing();
        let take = load.decide(&standing);
        let mut waiting: Vec<&Row> = self.rows.iter().filter(|row| row.state == State::Pending).collect();
        waiting.sort_by_key(|row| row.seq);
        let newest = within(take.newest, waiting.iter().rev().copied());
        waiting.truncate(waiting.len() - newest.len());
        let oldest = within(take.oldest, waiting.into_iter());
        let records = [newest, oldest].concat();
        // What is in the store is in the present format.
        self.memory = Memory::from_json(&take.memory.unwrap_or(standing.memory.clone()).to_json());
        Loaded { standing, records, persisted: true }
    }

    pub(crate) fn record(&mut self, record: &Record) {
        let standing = self.standing();
        let own_chain = record.chain_wanted_at().and_then(|(stream, seq)| {
            self.rows.iter().find(|row| (row.stream, row.seq) == (stream, seq)).map(|row| row.chain)
        });
        let orders = record.decide(&standing, own_chain);
        orders.changes.into_iter().for_each(|change| self.apply(change));
        self.memory = Memory::from_json(&orders.memory.to_json());
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
        self.rows.iter().find(|row| row.event == event).map(|row| row.state)
    }

    pub(crate) fn text_of(&self, event: EventId) -> Option<&str> {
        self.rows.iter().find(|row| row.event == event).map(|row| row.text.as_str())
    }

    /// How many records there are, whatever became of them.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Damages the stored text of an event.
    pub(crate) fn damage(&mut self, event: EventId) {
        self.rows.iter_mut().filter(|row| row.event == event).for_each(|row| row.text.push('}'));
    }

    /// Whether every unacknowledged record is in the current stream, each slot is taken once, and the head is the last.
    pub(crate) fn is_sound(&self) -> bool {
        let mut slots: Vec<_> = self.rows.iter().map(|row| (row.stream, row.seq)).collect();
        let all = slots.len();
        slots.sort();
        slots.dedup();
        let last = self.rows.iter().filter(|row| row.stream == self.stream).map(|row| row.seq).max();
        slots.len() == all
            && last.is_none_or(|last| last <= self.head.seq)
            && self.rows.iter().all(|row| matches!(row.state, State::Acknowledged { .. }) || row.stream == self.stream)
    }

    fn in_state(&self, wanted: impl Fn(State) -> bool) -> Vec<EventId> {
        self.rows.iter().filter(|row| wanted(row.state)).map(|row| row.event).collect()
    }

    fn standing(&self) -> Standing {
        let waiting = self.rows.iter().filter(|row| row.state == State::Pending);
        Standing {
            stream: self.stream,
            head: self.head,
            memory: self.memory.clone(),
            pending: waiting.clone().count() as u64,
            parked: self.parked().len() as u64,
            oldest_pending_at: waiting.map(|row| row.captured_at).min(),
        }
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Acknowledge { slot, at, received_at: _ } => {
                let row = self.rows.iter_mut().find(|row| (row.stream, row.seq) == (slot.stream, slot.seq));
                if let Some(row) = row.filter(|row| row.event == slot.event)
                    && !matches!(row.state, State::Acknowledged { .. })
                {
                    row.state = State::Acknowledged { at };
                }
            }
            Change::Park { slot, reason } => {
                let row = self.rows.iter_mut().find(|row| (row.stream, row.seq) == (slot.stream, slot.seq));
                if let Some(row) = row.filter(|row| row.event == slot.event && row.state == State::Pending) {
                    row.state = State::Parked(reason);
                }
            }
            Change::Reopen { stream, first, last } => {
                for row in &mut self.rows {
                    let is_meant = row.stream == stream && (first..=last).contains(&row.seq);
                    if is_meant && matches!(row.state, State::Acknowledged { .. }) {
                        row.state = State::Pending;
                    }
                }
            }
            Change::BeginStream { stream } => {
                (self.stream, self.head) = (stream, Link::START);
                self.renumber(|row| !matches!(row.state, State::Acknowledged { .. }), |row| row.seq);
            }
            Change::ReopenEarlierStreams => {
                let current = self.stream;
                self.renumber(
                    |row| row.stream != current && matches!(row.state, State::Acknowledged { .. }),
                    |row| row.captured_at,
                );
            }
            Change::Forget { stream, below, acknowledged_before } => self.rows.retain(|row| {
                let State::Acknowledged { at } = row.state else { return true };
                row.stream != stream || row.seq >= below || at >= acknowledged_before
            }),
            Change::ForgetEarlierStreams { current, acknowledged_before } => self.rows.retain(|row| {
                let State::Acknowledged { at } = row.state else { return true };
                row.stream == current || at >= acknowledged_before
            }),
        }
    }

    /// Gives the next slots of the current stream to the rows that are `meant`; acknowledged ones become pending.
    fn renumber<K: Ord>(&mut self, meant: impl Fn(&Row) -> bool, order: impl Fn(&Row) -> K) {
        let mut rows: Vec<&mut Row> = self.rows.iter_mut().filter(|row| meant(row)).collect();
        rows.sort_by_key(|row| order(row));
        for row in rows {
            self.head = self.head.then(event_hash(&row.text));
            (row.stream, row.seq, row.chain) = (self.stream, self.head.seq, self.head.chain);
            if matches!(row.state, State::Acknowledged { .. }) {
                row.state = State::Pending;
            }
        }
    }
}

fn within<'a>(share: Share, rows: impl Iterator<Item = &'a Row>) -> Vec<Pending> {
    let mut bytes = 0;
    rows.take(share.events)
        .take_while(|row| {
            let is_first = bytes == 0;
            bytes += row.text.len();
            is_first || bytes <= share.bytes
        })
        .map(|row| Pending { seq: row.seq, event: row.event, text: row.text.as_str().into() })
        .collect()
}
