//! What the engine asks of the outbox: read what is to be sent, and write what an answer means. Each is one transaction
//! in which the engine decides on what is stored there and then, so that it does not matter how many workers do so.

use indexed_db_futures::{KeyRange, cursor::CursorDirection, transaction::Transaction};
use std::ops::ControlFlow;

use js_sys::Array;
use vestibule_engine::{
    Load, Loaded, Record,
    outbox::{Change, Orders, OwnChain, Pending, Share, Slot, Standing},
};
use vestibule_protocol::{
    batch::Seq,
    chain::event_hash,
    id::{ENTROPY_BYTES, EventId, StreamId},
    timestamp::Timestamp,
};

use super::{in_order, of_state};
use crate::{
    error::StorageError,
    store::{
        Access, EVENTS, EventIndex, META, Store,
        meta::{self, Head},
        row::{EventRow, EventState, Revision, Settled, StateName, number_to_js},
        table,
        table::{Keys, Table},
    },
};

/// Performs [`vestibule_engine::Action::Load`].
///
/// `now` and `entropy` make the stream's id, should the outbox be new.
///
/// # Errors
/// [`StorageError`] if the transaction did not complete.
pub(crate) async fn load(
    store: &Store,
    load: &Load,
    now: Timestamp,
    entropy: [u8; ENTROPY_BYTES],
    persisted: bool,
) -> Result<Loaded, StorageError> {
    store
        .transact(Access::Relaxed, &[META, EVENTS], async |tx| {
            let (meta, events) = (table(tx, META)?, table(tx, EVENTS)?);
            let mut standing = stored(&meta, now, entropy).await?;
            count(&events, &mut standing).await?;
            let take = load.decide(&standing);
            let mut records = Vec::new();
            let newest = read(&events, standing.stream, take.newest, CursorDirection::Prev, &mut records, None).await?;
            read(&events, standing.stream, take.oldest, CursorDirection::Next, &mut records, newest).await?;
            if let Some(memory) = &take.memory {
                meta::MEMORY.set(&meta, memory)?;
            }
            Ok(Loaded { standing, records, persisted })
        })
        .await
}

/// Performs [`vestibule_engine::Action::Record`]; gives the events that are acknowledged by it.
///
/// # Errors
/// [`StorageError`] if the transaction did not complete.
pub(crate) async fn record(
    store: &Store,
    record: &Record,
    now: Timestamp,
    entropy: [u8; ENTROPY_BYTES],
) -> Result<Vec<EventId>, StorageError> {
    store
        .transact(Access::Relaxed, &[META, EVENTS], async |tx| {
            let standing = stored(&table(tx, META)?, now, entropy).await?;
            let chain = own_chain(tx, record).await?;
            let orders = record.decide(&standing, chain);
            Changes::begin(tx, &standing, &orders).await?.carry_out(orders).await
        })
        .await
}

/// The standing but for its counts. A new outbox gets its stream here.
async fn stored(meta: &Table<'_>, now: Timestamp, entropy: [u8; ENTROPY_BYTES]) -> Result<Standing, StorageError> {
    let memory = meta::memory(meta);
    let head = match meta::HEAD.get(meta).await? {
        Some(head) => head,
        None => {
            let head = Head::new(now, entropy);
            meta::HEAD.set(meta, &head)?;
            head
        }
    };
    let memory = memory.await?;
    Ok(Standing { stream: head.stream, head: head.link, memory, pending: 0, parked: 0, oldest_pending_at: None })
}

async fn count(events: &Table<'_>, standing: &mut Standing) -> Result<(), StorageError> {
    let (pending, parked, oldest) = super::counts(events).await?;
    (standing.pending, standing.parked, standing.oldest_pending_at) = (pending, parked, oldest);
    Ok(())
}

/// Reads a share of the pending records of `stream` in one direction, up to the seq `bound`; gives the last one read.
async fn read(
    events: &Table<'_>,
    stream: StreamId,
    share: Share,
    direction: CursorDirection,
    records: &mut Vec<Pending>,
    bound: Option<Seq>,
) -> Result<Option<Seq>, StorageError> {
    if share.events == 0 {
        return Ok(None);
    }
    let range = slots(StateName::Pending, stream, 0, bound.map_or(Seq::MAX, |bound| bound.saturating_sub(1)));
    let (mut events_read, mut bytes_read, mut last) = (0, 0, None);
    events
        .walk(EventIndex::State.name(), range, direction, |row: EventRow| {
            bytes_read += row.text.len();
            if events_read > 0 && bytes_read > share.bytes {
                return ControlFlow::Break(());
            }
            events_read += 1;
            last = Some(row.link.seq);
            records.push(Pending { seq: row.link.seq, event: row.id, text: row.text });
            if events_read < share.events { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
        .await?;
    Ok(last)
}

async fn own_chain(tx: &Transaction<'_>, record: &Record) -> Result<OwnChain, StorageError> {
    let Some((stream, seq)) = record.chain_wanted_at() else { return Ok(None) };
    Ok(row_at(&table(tx, EVENTS)?, stream, seq).await?.map(|row| row.link.chain))
}

async fn row_at(events: &Table<'_>, stream: StreamId, seq: Seq) -> Result<Option<EventRow>, StorageError> {
    let slot = Array::of2(&stream.to_string().into(), &number_to_js(seq).into());
    events.first(EventIndex::Slot.name(), KeyRange::Only(slot.into())).await
}

/// Changes of the records, being carried out in one transaction.
struct Changes<'tx> {
    meta: Table<'tx>,
    events: Table<'tx>,
    /// The head that is stored, and the one that the changes lead to.
    stored: Head,
    head: Head,
    revision: Revision,
    acknowledged: Vec<EventId>,
}

impl<'tx> Changes<'tx> {
    async fn begin(tx: &'tx Transaction<'_>, standing: &Standing, orders: &Orders) -> Result<Self, StorageError> {
        let meta = table(tx, META)?;
        let revision = if orders.changes.is_empty() { 0 } else { meta::next_revision(&meta).await? };
        let head = Head { stream: standing.stream, link: standing.head };
        Ok(Self { meta, events: table(tx, EVENTS)?, stored: head, head, revision, acknowledged: Vec::new() })
    }

    async fn carry_out(mut self, orders: Orders) -> Result<Vec<EventId>, StorageError> {
        for change in orders.changes {
            match change {
                Change::Acknowledge { slot, at, received_at } => {
                    self.acknowledge(slot, EventState::Acknowledged { at, received_at }).await?;
                }
                Change::Park { slot, reason } => self.park(slot, EventState::Parked(reason)).await?,
                Change::Reopen { stream, first, last } => {
                    for row in self.rows(slots(StateName::Acknowledged, stream, first, last)).await? {
                        self.put(EventRow { state: EventState::Pending, settled: Settled::No, ..row })?;
                    }
                }
                Change::BeginStream { stream } => self.begin_stream(stream).await?,
                Change::ReopenEarlierStreams => {
                    let mut rows = self.earlier(self.head.stream).await?;
                    in_order(&mut rows, |row| row.at.unix_ms());
                    for row in rows {
                        self.renumber(EventRow { state: EventState::Pending, settled: Settled::No, ..row })?;
                    }
                }
                Change::Forget { stream, below, acknowledged_before } => {
                    if let Some(last) = below.checked_sub(1) {
                        let rows = self.rows(slots(StateName::Acknowledged, stream, 0, last)).await?;
                        self.forget(&rows, acknowledged_before)?;
                    }
                }
                Change::ForgetEarlierStreams { current, acknowledged_before } => {
                    let rows = self.earlier(current).await?;
                    self.forget(&rows, acknowledged_before)?;
                }
            }
        }
        if self.head != self.stored {
            meta::HEAD.set(&self.meta, &self.head)?;
        }
        meta::MEMORY.set(&self.meta, &orders.memory)?;
        Ok(self.acknowledged)
    }

    async fn acknowledge(&mut self, slot: Slot, acknowledged: EventState) -> Result<(), StorageError> {
        let Some(row) = self.at(slot).await? else { return Ok(()) };
        match row.state {
            EventState::Pending | EventState::Parked(_) => {
                self.acknowledged.push(row.id);
                self.put(EventRow { state: acknowledged, ..row })
            }
            EventState::Acknowledged { .. } => Ok(()),
        }
    }

    async fn park(&mut self, slot: Slot, parked: EventState) -> Result<(), StorageError> {
        let Some(row) = self.at(slot).await? else { return Ok(()) };
        match row.state {
            EventState::Pending => self.put(EventRow { state: parked, ..row }),
            EventState::Parked(_) | EventState::Acknowledged { .. } => Ok(()),
        }
    }

    async fn begin_stream(&mut self, stream: StreamId) -> Result<(), StorageError> {
        let mut rows = self.rows(of_state(StateName::Pending)).await?;
        rows.extend(self.rows(of_state(StateName::Parked)).await?);
        in_order(&mut rows, |row| row.link.seq.cast_signed());
        self.head = Head::of(stream);
        for row in rows {
            self.renumber(row)?;
        }
        Ok(())
    }

    /// Gives the event the next slot of the current stream.
    fn renumber(&mut self, row: EventRow) -> Result<(), StorageError> {
        self.head.link = self.head.link.then(event_hash(&row.text));
        self.put(EventRow { stream: self.head.stream, link: self.head.link, ..row })
    }

    /// Deletes rows. Only acknowledged ones come here, and of those only the old go.
    fn forget(&self, acknowledged: &[EventRow], before: Timestamp) -> Result<(), StorageError> {
        for row in acknowledged {
            match row.state {
                EventState::Acknowledged { at, .. } if at < before => {
                    self.events.delete(&row.id.to_string())?;
                }
                EventState::Acknowledged { .. } | EventState::Pending | EventState::Parked(_) => {}
            }
        }
        Ok(())
    }

    /// Writes a row, as of this transaction.
    fn put(&self, row: EventRow) -> Result<(), StorageError> {
        self.events.put(&EventRow { revision: self.revision, ..row })
    }

    /// The row in the slot, if it still holds the same event.
    async fn at(&self, slot: Slot) -> Result<Option<EventRow>, StorageError> {
        Ok(row_at(&self.events, slot.stream, slot.seq).await?.filter(|row| row.id == slot.event))
    }

    /// The acknowledged rows of all streams but `current`.
    async fn earlier(&self, current: StreamId) -> Result<Vec<EventRow>, StorageError> {
        let mut rows = self.rows(of_state(StateName::Acknowledged)).await?;
        rows.retain(|row| row.stream != current);
        Ok(rows)
    }

    async fn rows(&self, keys: Keys) -> Result<Vec<EventRow>, StorageError> {
        self.events.some(EventIndex::State.name(), keys, u32::MAX).await
    }
}

/// The keys of [`EventIndex::State`] for the records of a stream in one state from seq `first` to `last`.
fn slots(state: StateName, stream: StreamId, first: Seq, last: Seq) -> Keys {
    let key = |seq| Array::of3(&state.as_str().into(), &stream.to_string().into(), &number_to_js(seq).into()).into();
    KeyRange::Bound(key(first), false, key(last), false)
}
