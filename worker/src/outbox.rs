//! The outbox: every event that was captured on this device and that the server may still need.
//!
//! An event gets its number, its link of the chain and its row in one transaction, so that the numbering has no gap and
//! two workers on one database never give the same number. It leaves the pending state only by [`delivery`].

pub(crate) mod delivery;

use indexed_db_futures::{KeyRange, transaction::Transaction};
use js_sys::Array;
use vestibule_engine::{
    Memory,
    outbox::{Appended, Found, Head, State, StateName},
};
use vestibule_protocol::{
    account::Credentials,
    event::Source,
    id::{ENTROPY_BYTES, StreamId},
    message::{Capture, Refusal, Waiting},
    timestamp::Timestamp,
};

use crate::{
    error::StorageError,
    store::{
        Access, EVENTS, EventIndex, META, Store, meta,
        row::{EventRow, state_key},
        table,
        table::{Keys, Table},
    },
};

/// Most events that [`backlog`] lists: more than a person reads; the status counts them all.
const BACKLOG_MAX_ROWS: u32 = 500;

/// How the outbox stands.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// Who this device is.
    pub(crate) source: Option<Source>,
    /// Where the outbox ends, once there is an event.
    pub(crate) head: Option<Head>,
    /// What the receipts have said.
    pub(crate) memory: Memory,
    /// Events that wait for a receipt.
    pub(crate) pending: u64,
    /// Events set aside.
    pub(crate) parked: u64,
    /// When the oldest pending one was captured.
    pub(crate) oldest_pending_at: Option<Timestamp>,
}

/// Keeps an event. When this returns `Ok(Ok(()))` it is on the disk, as far as the browser can tell, and stays there
/// until a receipt names it. Asked twice, it is kept once, as it was the first time.
///
/// `now` and `entropy` make the stream's id, should this be the first event.
///
/// # Errors
/// [`StorageError`] if it is not, or can't be known to be, on the disk; the inner [`Refusal`] if it can't be kept at all.
pub(crate) async fn append(
    store: &Store,
    capture: &Capture,
    now: Timestamp,
    entropy: [u8; ENTROPY_BYTES],
) -> Result<Result<(), Refusal>, StorageError> {
    store
        .transact(Access::Strict, &[META, EVENTS], async |tx| {
            let (meta, events) = (table(tx, META)?, table(tx, EVENTS)?);
            // All requests go out together; what is computed between their answers and the writes is synchronous.
            let known = events.get::<EventRow>(&capture.event.to_string());
            let credentials = meta::CREDENTIALS.get(&meta);
            let memory = meta::memory(&meta);
            let head = meta::HEAD.get(&meta);
            let found = Found {
                is_known: known.await?.is_some(),
                source: credentials.await?.as_ref().map(source),
                head: head.await?,
                clock_offset_ms: memory.await?.clock_offset_ms,
            };
            let (row, head) = match vestibule_engine::outbox::append(capture, found, StreamId::new(now, entropy)) {
                Ok(Appended::New { row, head }) => (row, head),
                Ok(Appended::Already) => return Ok(Ok(())),
                Err(refusal) => return Ok(Err(refusal)),
            };
            events.put(&EventRow { row, revision: meta::next_revision(&meta).await? })?;
            meta::HEAD.set(&meta, &head)?;
            Ok(Ok(()))
        })
        .await
}

/// Makes this the device of `credentials`. Events captured before keep the source that they were captured under.
///
/// # Errors
/// [`StorageError`] if they are not kept.
pub(crate) async fn enrol(store: &Store, credentials: &Credentials) -> Result<(), StorageError> {
    store
        .transact(Access::Strict, &[META], async |tx| {
            let meta = table(tx, META)?;
            // What pages see depends on the site.
            meta::next_revision(&meta).await?;
            meta::CREDENTIALS.set(&meta, credentials)
        })
        .await
}

/// Who this device is, with its token; `None` before it is paired.
///
/// # Errors
/// [`StorageError`] if it can't be read.
pub(crate) async fn credentials(store: &Store) -> Result<Option<Credentials>, StorageError> {
    store.transact(Access::Read, &[META], async |tx| meta::CREDENTIALS.get(&table(tx, META)?).await).await
}

/// How the outbox stands.
///
/// # Errors
/// [`StorageError`] if it can't be read.
pub(crate) async fn standing(store: &Store) -> Result<Standing, StorageError> {
    store
        .transact(Access::Read, &[META, EVENTS], async |tx| {
            let (meta, events) = (table(tx, META)?, table(tx, EVENTS)?);
            let credentials = meta::CREDENTIALS.get(&meta);
            let head = meta::HEAD.get(&meta);
            let memory = meta::memory(&meta);
            let (pending, parked, oldest_pending_at) = counts(&events).await?;
            Ok(Standing {
                source: credentials.await?.as_ref().map(source),
                head: head.await?,
                memory: memory.await?,
                pending,
                parked,
                oldest_pending_at,
            })
        })
        .await
}

/// What is not delivered, oldest first.
///
/// # Errors
/// [`StorageError`] if it can't be read.
pub(crate) async fn backlog(store: &Store) -> Result<Vec<Waiting>, StorageError> {
    let mut rows = store
        .transact(Access::Read, &[EVENTS], async |tx| {
            let events = table(tx, EVENTS)?;
            let list = |state| events.some::<EventRow>(EventIndex::Age.name(), of_state(state), BACKLOG_MAX_ROWS);
            let (parked, pending) = (list(StateName::Parked), list(StateName::Pending));
            let mut rows = parked.await?;
            rows.append(&mut pending.await?);
            Ok(rows)
        })
        .await?;
    rows.sort_unstable_by_key(|row| (row.at, row.id));
    Ok(rows.iter().map(waiting).collect())
}

/// The events that the copy of the site does not contain yet; of one visit, or all.
pub(crate) async fn unsettled(
    tx: &Transaction<'_>,
    visit: Option<vestibule_protocol::id::VisitId>,
) -> Result<Vec<EventRow>, StorageError> {
    let events = table(tx, EVENTS)?;
    let keys = match visit {
        Some(visit) => KeyRange::Only(visit.to_string().into()),
        None => KeyRange::LowerBound("".into(), false),
    };
    events.some(EventIndex::Unsettled.name(), keys, u32::MAX).await
}

/// How many events are pending and parked, and when the oldest pending one was captured.
async fn counts(events: &Table<'_>) -> Result<(u64, u64, Option<Timestamp>), StorageError> {
    let by_age = EventIndex::Age.name();
    let pending = events.count(by_age, of_state(StateName::Pending));
    let parked = events.count(by_age, of_state(StateName::Parked));
    let oldest = events.first::<EventRow>(by_age, of_state(StateName::Pending));
    Ok((pending.await?, parked.await?, oldest.await?.map(|row| row.at)))
}

fn source(credentials: &Credentials) -> Source {
    Source { site: credentials.site, device: credentials.device }
}

fn waiting(row: &EventRow) -> Waiting {
    let parked = match row.state {
        State::Parked(reason) => Some(reason),
        State::Pending | State::Acknowledged { .. } => None,
    };
    Waiting { event: row.id, visit: row.visit, time: row.at, parked }
}

/// All keys of an index that begin with `state`: arrays sort after every number and text, by their elements.
fn of_state(state: StateName) -> Keys {
    let first = Array::of1(&state_key(state).into());
    let past = Array::of2(&state_key(state).into(), &Array::new());
    KeyRange::Bound(first.into(), false, past.into(), false)
}
