//! What the engine asks of the outbox: read what is to be sent, and write what an answer means. Each is one transaction
//! in which the engine decides on what is stored there and then, so that it does not matter how many workers do so.

use js_sys::Array;
use vestibule_engine::{
    Load, Loaded, Record,
    outbox::{Change, Draw, Edit, Head, Row, Selection, Share, Standing, StateName, hand_over},
};
use vestibule_protocol::{
    batch::Seq,
    id::{ENTROPY_BYTES, EventId, StreamId},
    timestamp::Timestamp,
};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::IdbKeyRange;

use super::{Counts, of_state};
use crate::{
    error::StorageError,
    store::{
        Access, EVENTS, EventIndex, META, Store, meta,
        row::{EventRow, Revision, number_to_js, state_key},
        transaction::{Pending, Request, Transaction},
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
            let stored = Stored::ask(tx)?;
            let counts = Counts::read(tx, store).await?;
            let mut standing = stored.standing(tx, now, entropy)?;
            standing.pending = counts.pending;
            standing.parked = counts.parked;
            standing.oldest_pending_at = counts.oldest_pending_at;
            let take = load.decide(&standing);
            let mut newest = Draw::new(take.newest);
            if newest.is_open() {
                let first = nth_newest(tx, standing.stream, take.newest).await?;
                draw(pending(tx, standing.stream, first, Seq::MAX, take.newest)?.await?.into_iter().rev(), &mut newest);
            }
            let mut oldest = Draw::new(take.oldest);
            if oldest.is_open() {
                let last = newest.last().map_or(Seq::MAX, |last| last.saturating_sub(1));
                draw(pending(tx, standing.stream, 0, last, take.oldest)?.await?.into_iter(), &mut oldest);
            }
            let mut records = newest.into_records();
            records.extend(oldest.into_records());
            if let Some(memory) = &take.memory {
                meta::MEMORY.set(tx, memory)?;
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
            let stored = Stored::ask(tx)?;
            let revision = meta::REVISION.get(tx)?;
            let one = |(stream, seq)| Selection::Slots { stream, first: seq, last: seq };
            let own = record.chain_wanted_at().map(|slot| select(tx, one(slot))).transpose()?;
            let doubted = record.slots_doubted();
            let held: Vec<_> = doubted.iter().map(|&(stream, seq)| hold(tx, stream, seq)).collect::<Result<_, _>>()?;
            tx.answered().await?;
            let standing = stored.standing(tx, now, entropy)?;
            let own = own.map(|own| own.answer()).transpose()?;
            let chain = own.and_then(|rows| rows.first().map(|row| row.link.chain));
            let mut empty = Vec::new();
            for ((_, seq), held) in doubted.into_iter().zip(held) {
                if held.answer()? == 0 {
                    empty.push(seq);
                }
            }
            let orders = record.decide(&standing, chain, &empty);
            meta::MEMORY.set(tx, &orders.memory)?;
            let has_access_changed = orders.memory.revoked.is_some() != standing.memory.revoked.is_some();
            if orders.changes.is_empty() && !has_access_changed {
                return Ok(Vec::new());
            }
            let head = Head { stream: standing.stream, link: standing.head };
            let revision = meta::next_revision(tx, &revision)?;
            let mut carrying_out = CarryingOut { tx, head, revision, acknowledged: Vec::new() };
            for changes in orders.changes.chunk_by(|one, other| concerns_one(one) && concerns_one(other)) {
                carrying_out.together(changes).await?;
            }
            if carrying_out.head != head {
                meta::HEAD.set(tx, &carrying_out.head)?;
            }
            Ok(carrying_out.acknowledged)
        })
        .await
}

/// What staff say of events that can't be delivered.
pub(crate) enum Word {
    /// Try again those that were set aside.
    SendAgain,
    /// These are in a file that they keep.
    HandedOver(Vec<EventId>),
}

/// Does what follows from what staff say.
///
/// # Errors
/// [`StorageError`] if the transaction did not complete.
pub(crate) async fn heed(store: &Store, word: &Word) -> Result<(), StorageError> {
    store
        .transact(Access::Relaxed, &[META, EVENTS], async |tx| {
            let (head, memory, revision) = (meta::HEAD.get(tx)?, meta::memory(tx)?, meta::REVISION.get(tx)?);
            tx.answered().await?;
            let change = match word {
                Word::SendAgain => Some(Change::SendAgain),
                Word::HandedOver(events) => hand_over(events.clone(), &memory.answer()?),
            };
            // Where nothing was ever captured, nothing is set aside.
            let (Some(head), Some(change)) = (head.answer()?, change) else { return Ok(()) };
            let revision = meta::next_revision(tx, &revision)?;
            CarryingOut { tx, head, revision, acknowledged: Vec::new() }.together(&[change]).await
        })
        .await
}

/// The facts from which a [`Standing`] is made.
struct Stored {
    head: Request<Option<Head>>,
    memory: Request<vestibule_engine::Memory>,
}

impl Stored {
    fn ask(tx: &Transaction) -> Result<Self, StorageError> {
        Ok(Self { head: meta::HEAD.get(tx)?, memory: meta::memory(tx)? })
    }

    /// The standing but for its counts. A new outbox gets its stream here.
    fn standing(
        &self,
        tx: &Transaction,
        now: Timestamp,
        entropy: [u8; ENTROPY_BYTES],
    ) -> Result<Standing, StorageError> {
        let head = match self.head.answer()? {
            Some(head) => head,
            None => {
                let head = Head::of(StreamId::new(now, entropy));
                meta::HEAD.set(tx, &head)?;
                head
            }
        };
        Ok(Standing {
            stream: head.stream,
            head: head.link,
            memory: self.memory.answer()?,
            pending: 0,
            parked: 0,
            oldest_pending_at: None,
        })
    }
}

/// The seq from which on there are as many pending records as the share may have; 0 if there are fewer.
///
/// Found by its key, so that the records can be read by one request: a walk through them, newest first, would take one
/// each, and an append would wait for all of them.
async fn nth_newest(tx: &Transaction, stream: StreamId, share: Share) -> Result<Seq, StorageError> {
    let all = in_state(StateName::Pending, stream, 0, Seq::MAX)?;
    let key = tx.key_from_end(EVENTS, EventIndex::State.name(), &all, rows(share)).await?;
    Ok(key.map_or(0, |key| seq_of(&key)))
}

/// The pending records of `stream` from seq `first` to `last`, in order, at most as many as the share may have.
fn pending<'a>(
    tx: &'a Transaction,
    stream: StreamId,
    first: Seq,
    last: Seq,
    share: Share,
) -> Result<Pending<'a, Vec<EventRow>>, StorageError> {
    let range = in_state(StateName::Pending, stream, first, last)?;
    let request = tx.some::<EventRow>(EVENTS, EventIndex::State.name(), &range, rows(share))?;
    Ok(Box::pin(async move {
        tx.answered().await?;
        request.answer()
    }))
}

fn draw(rows: impl Iterator<Item = EventRow>, draw: &mut Draw) {
    for EventRow { row, .. } in rows {
        if draw.offer(row).is_break() {
            return;
        }
    }
}

fn rows(share: Share) -> u32 {
    u32::try_from(share.events).unwrap_or(u32::MAX)
}

/// Changes of the records, being carried out in one transaction.
struct CarryingOut<'a> {
    tx: &'a Transaction,
    head: Head,
    revision: Revision,
    acknowledged: Vec<EventId>,
}

impl CarryingOut<'_> {
    /// Carries out changes that don't concern the same records: they are all read at once.
    async fn together(&mut self, changes: &[Change]) -> Result<(), StorageError> {
        let mut asked = Vec::new();
        for change in changes {
            for selection in change.concerns() {
                asked.push((change, select(self.tx, selection)?));
            }
        }
        self.tx.answered().await?;
        for of_one in asked.chunk_by(|(one, _), (other, _)| std::ptr::eq(*one, *other)) {
            let mut rows = Vec::new();
            for (_, request) in of_one {
                rows.extend(request.answer()?.into_iter().map(|EventRow { row, .. }| row));
            }
            for edit in of_one[0].0.edits(rows, &mut self.head) {
                self.write(edit)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, edit: Edit) -> Result<(), StorageError> {
        match edit {
            Edit::Put(row) => self.put(row),
            Edit::Delete(event) => self.tx.delete(EVENTS, &event.to_string()),
        }
    }

    /// Writes a row, as of this transaction.
    fn put(&mut self, row: Row) -> Result<(), StorageError> {
        if row.state.name() == StateName::Acknowledged {
            self.acknowledged.push(row.id);
        }
        self.tx.put(EVENTS, &EventRow { row, revision: self.revision })
    }
}

/// Whether the change concerns one record only. The engine names each in one change at most.
fn concerns_one(change: &Change) -> bool {
    matches!(change, Change::Acknowledge { .. } | Change::Park { .. })
}

fn select(tx: &Transaction, selection: Selection) -> Result<Request<Vec<EventRow>>, StorageError> {
    let (index, keys) = match selection {
        Selection::Slots { stream, first, last } => (EventIndex::Slot, slots(stream, first, last)?),
        Selection::Range { state, stream, first, last } => (EventIndex::State, in_state(state, stream, first, last)?),
        Selection::All(state) => (EventIndex::State, of_state(state)?),
    };
    tx.some(EVENTS, index.name(), &keys, u32::MAX)
}

/// How many records there are in a slot, those included that this version can't read.
fn hold(tx: &Transaction, stream: StreamId, seq: Seq) -> Result<Request<u64>, StorageError> {
    tx.count(EVENTS, EventIndex::Slot.name(), &slots(stream, seq, seq)?)
}

/// The keys of [`EventIndex::Slot`] from seq `first` to `last`.
fn slots(stream: StreamId, first: Seq, last: Seq) -> Result<IdbKeyRange, StorageError> {
    let key = |seq| Array::of2(&stream.to_string().into(), &number_to_js(seq).into());
    Ok(IdbKeyRange::bound(&key(first), &key(last))?)
}

/// The keys of [`EventIndex::State`] for the records of a stream in one state from seq `first` to `last`.
fn in_state(state: StateName, stream: StreamId, first: Seq, last: Seq) -> Result<IdbKeyRange, StorageError> {
    let key = |seq| Array::of3(&state_key(state).into(), &stream.to_string().into(), &number_to_js(seq).into());
    Ok(IdbKeyRange::bound(&key(first), &key(last))?)
}

/// The seq in a key of [`EventIndex::State`].
fn seq_of(key: &JsValue) -> Seq {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a seq is a whole number from 1")]
    key.unchecked_ref::<Array>().get(2).as_f64().map_or(0, |seq| seq as Seq)
}
