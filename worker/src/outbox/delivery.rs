//! What the engine asks of the outbox: read what is to be sent, and write what an answer means. Each is one transaction
//! in which the engine decides on what is stored there and then, so that it does not matter how many workers do so.

use indexed_db_futures::{KeyRange, cursor::CursorDirection, transaction::Transaction};
use js_sys::Array;
use vestibule_engine::{
    Load, Loaded, Record,
    outbox::{Draw, Edit, Head, Orders, OwnChain, Row, Selection, Standing, StateName},
};
use vestibule_protocol::{
    batch::Seq,
    id::{ENTROPY_BYTES, EventId, StreamId},
    timestamp::Timestamp,
};

use super::of_state;
use crate::{
    error::StorageError,
    store::{
        Access, EVENTS, EventIndex, META, Store, meta,
        row::{EventRow, Revision, number_to_js, state_key},
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
            let mut newest = Draw::new(take.newest);
            read(&events, standing.stream, Seq::MAX, CursorDirection::Prev, &mut newest).await?;
            let below = newest.last().map_or(Seq::MAX, |last| last.saturating_sub(1));
            let mut oldest = Draw::new(take.oldest);
            read(&events, standing.stream, below, CursorDirection::Next, &mut oldest).await?;
            let mut records = newest.into_records();
            records.extend(oldest.into_records());
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
            let head = Head::of(StreamId::new(now, entropy));
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

/// Offers the pending records of `stream` up to the seq `last`, in one direction.
async fn read(
    events: &Table<'_>,
    stream: StreamId,
    last: Seq,
    direction: CursorDirection,
    draw: &mut Draw,
) -> Result<(), StorageError> {
    if !draw.is_open() {
        return Ok(());
    }
    let range = slots(StateName::Pending, stream, 0, last);
    events.walk(EventIndex::State.name(), range, direction, |EventRow { row, .. }| draw.offer(row)).await
}

async fn own_chain(tx: &Transaction<'_>, record: &Record) -> Result<OwnChain, StorageError> {
    let Some((stream, seq)) = record.chain_wanted_at() else { return Ok(None) };
    let rows = select(&table(tx, EVENTS)?, Selection::Slot { stream, seq }).await?;
    Ok(rows.first().map(|row| row.link.chain))
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
        for change in &orders.changes {
            let mut rows = Vec::new();
            for selection in change.concerns() {
                rows.append(&mut select(&self.events, selection).await?);
            }
            for edit in change.edits(rows, &mut self.head) {
                match edit {
                    Edit::Put(row) => self.put(row)?,
                    Edit::Delete(event) => self.events.delete(&event.to_string())?,
                }
            }
        }
        if self.head != self.stored {
            meta::HEAD.set(&self.meta, &self.head)?;
        }
        meta::MEMORY.set(&self.meta, &orders.memory)?;
        Ok(self.acknowledged)
    }

    /// Writes a row, as of this transaction.
    fn put(&mut self, row: Row) -> Result<(), StorageError> {
        if row.state.name() == StateName::Acknowledged {
            self.acknowledged.push(row.id);
        }
        self.events.put(&EventRow { row, revision: self.revision })
    }
}

async fn select(events: &Table<'_>, selection: Selection) -> Result<Vec<Row>, StorageError> {
    let (index, keys) = match selection {
        Selection::Slot { stream, seq } => {
            let slot = Array::of2(&stream.to_string().into(), &number_to_js(seq).into());
            (EventIndex::Slot, KeyRange::Only(slot.into()))
        }
        Selection::Range { state, stream, first, last } => (EventIndex::State, slots(state, stream, first, last)),
        Selection::All(state) => (EventIndex::State, of_state(state)),
    };
    let rows = events.some::<EventRow>(index.name(), keys, u32::MAX).await?;
    Ok(rows.into_iter().map(|EventRow { row, .. }| row).collect())
}

/// The keys of [`EventIndex::State`] for the records of a stream in one state from seq `first` to `last`.
fn slots(state: StateName, stream: StreamId, first: Seq, last: Seq) -> Keys {
    let key = |seq| Array::of3(&state_key(state).into(), &stream.to_string().into(), &number_to_js(seq).into()).into();
    KeyRange::Bound(key(first), false, key(last), false)
}
