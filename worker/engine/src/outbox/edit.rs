//! How a [`Change`] is carried out: which records to read, and what to write in their place.

use vestibule_protocol::{
    batch::Seq,
    chain::event_hash,
    id::{EventId, StreamId},
    timestamp::Timestamp,
};

use super::{Change, Head, Row, Settled, Slot, State, StateName};

/// Records to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Those in these slots, whatever their state, by seq.
    Slots {
        /// The numbering.
        stream: StreamId,
        /// The lowest seq.
        first: Seq,
        /// The highest seq.
        last: Seq,
    },
    /// Those of a stream in one state, by seq.
    Range {
        /// The state.
        state: StateName,
        /// The numbering.
        stream: StreamId,
        /// The lowest seq.
        first: Seq,
        /// The highest seq.
        last: Seq,
    },
    /// All in one state, in any order.
    All(StateName),
}

/// Something to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// This record, in place of the one of its id.
    Put(Row),
    /// No record of that id any more.
    Delete(EventId),
}

impl Change {
    /// What to read before [`Change::edits`] is called. Read it after the edits of the changes before this one.
    pub fn concerns(&self) -> Vec<Selection> {
        match *self {
            Self::Acknowledge { slot: Slot { stream, seq, .. }, .. }
            | Self::Park { slot: Slot { stream, seq, .. }, .. } => {
                vec![Selection::Slots { stream, first: seq, last: seq }]
            }
            Self::SendAgain => vec![Selection::All(StateName::Parked)],
            Self::Reopen { stream, first, last } => {
                vec![Selection::Range { state: StateName::Acknowledged, stream, first, last }]
            }
            Self::BeginStream { .. } | Self::HandOver { .. } => {
                vec![Selection::All(StateName::Pending), Selection::All(StateName::Parked)]
            }
            Self::ReopenEarlierStreams | Self::ForgetEarlierStreams { .. } => {
                vec![Selection::All(StateName::Acknowledged)]
            }
            Self::Forget { stream, below, .. } => below
                .checked_sub(1)
                .map(|last| Selection::Range { state: StateName::Acknowledged, stream, first: 0, last })
                .into_iter()
                .collect(),
        }
    }

    /// What to write, `rows` being all that [`Change::concerns`] selects and `head` where the outbox ends, which moves
    /// along. Pure: call it in the middle of the transaction.
    pub fn edits(&self, rows: Vec<Row>, head: &mut Head) -> Vec<Edit> {
        let rows = rows.into_iter();
        match *self {
            Self::Acknowledge { slot, at, received_at } => rows
                .filter(|row| row.id == slot.event && row.state.name() != StateName::Acknowledged)
                .map(|row| Edit::Put(Row { state: State::Acknowledged { at, received_at }, ..row }))
                .collect(),
            Self::Park { slot, reason } => rows
                .filter(|row| row.id == slot.event && row.state.name() == StateName::Pending)
                .map(|row| Edit::Put(Row { state: State::Parked(reason), ..row }))
                .collect(),
            Self::SendAgain => rows.map(|row| Edit::Put(Row { state: State::Pending, ..row })).collect(),
            Self::Reopen { .. } => rows.map(reopened).map(Edit::Put).collect(),
            Self::BeginStream { stream } => {
                *head = Head::of(stream);
                renumbered(rows.collect(), |row| row.link.seq.cast_signed(), head)
            }
            Self::ReopenEarlierStreams => {
                let earlier = rows.filter(|row| row.stream != head.stream).map(reopened).collect();
                renumbered(earlier, |row| row.at.unix_ms(), head)
            }
            Self::Forget { acknowledged_before, .. } => forgotten(rows, acknowledged_before),
            Self::ForgetEarlierStreams { current, acknowledged_before } => {
                forgotten(rows.filter(|row| row.stream != current), acknowledged_before)
            }
            Self::HandOver { ref events } => {
                let handed_over = rows.filter(|row| row.state.name() != StateName::Acknowledged);
                let handed_over = handed_over.filter(|row| events.contains(&row.id));
                handed_over.map(|row| Edit::Delete(row.id)).collect()
            }
        }
    }
}

/// As it was before it was acknowledged.
fn reopened(row: Row) -> Row {
    Row { state: State::Pending, settled: Settled::No, ..row }
}

/// Gives each row, in the order of `key`, then id, the next slot of the current stream.
fn renumbered(mut rows: Vec<Row>, key: fn(&Row) -> i64, head: &mut Head) -> Vec<Edit> {
    rows.sort_unstable_by_key(|row| (key(row), row.id));
    rows.into_iter()
        .map(|row| {
            head.link = head.link.then(event_hash(&row.text));
            Edit::Put(Row { stream: head.stream, link: head.link, ..row })
        })
        .collect()
}

/// Deletes what is acknowledged and old. Whatever else comes here stays.
fn forgotten(rows: impl Iterator<Item = Row>, before: Timestamp) -> Vec<Edit> {
    rows.filter(|row| matches!(row.state, State::Acknowledged { at, .. } if at < before))
        .map(|row| Edit::Delete(row.id))
        .collect()
}
