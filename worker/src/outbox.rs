//! The outbox: every event that was captured on this device and that the server may still need.
//!
//! An event gets its number, its link of the chain and its row in one transaction, so that the numbering has no gap and
//! two workers on one database never give the same number. It leaves the pending state only by [`delivery`].

pub(crate) mod delivery;
pub(crate) mod export;

use js_sys::Array;
use vestibule_engine::{
    Memory,
    outbox::{Appended, Found, Head, State, StateName},
};
use vestibule_protocol::{
    account::Credentials,
    event::{Source, WrittenData},
    id::{ENTROPY_BYTES, StreamId, VisitId},
    message::{Capture, ParkedReason, Refusal, Waiting},
    timestamp::Timestamp,
};
use web_sys::IdbKeyRange;

use crate::{
    error::StorageError,
    store::{
        Access, EVENTS, EventIndex, META, Store, Tally, meta,
        row::{EventRow, state_key},
        transaction::{Pending, Request, Transaction},
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
    capture: &Capture<WrittenData>,
    now: Timestamp,
    entropy: [u8; ENTROPY_BYTES],
) -> Result<Result<(), Refusal>, StorageError> {
    let appended = store
        .transact(Access::Strict, &[META, EVENTS], async |tx| {
            let known = tx.get::<EventRow>(EVENTS, &capture.event.to_string())?;
            let credentials = meta::CREDENTIALS.get(tx)?;
            let memory = meta::memory(tx)?;
            let head = meta::HEAD.get(tx)?;
            let revision = meta::REVISION.get(tx)?;
            tx.answered().await?;
            let found = Found {
                is_known: known.answer()?.is_some(),
                source: credentials.answer()?.as_ref().map(source),
                head: head.answer()?,
                clock_offset_ms: memory.answer()?.clock_offset_ms,
            };
            let (row, head) = match vestibule_engine::outbox::append(capture, found, StreamId::new(now, entropy)) {
                Ok(Appended::New { row, head }) => (row, head),
                Ok(Appended::Already) => return Ok(Ok(None)),
                Err(refusal) => return Ok(Err(refusal)),
            };
            let revision = meta::next_revision(tx, &revision)?;
            tx.put(EVENTS, &EventRow { row, revision })?;
            meta::HEAD.set(tx, &head)?;
            Ok(Ok(Some(revision)))
        })
        .await?;
    Ok(appended.map(|revision| {
        if let Some(revision) = revision {
            store.has_one_more(revision);
        }
    }))
}

/// Makes this the device of `credentials`. Events captured before keep the source that they were captured under.
///
/// # Errors
/// [`StorageError`] if they are not kept.
pub(crate) async fn enrol(store: &Store, credentials: &Credentials) -> Result<(), StorageError> {
    store
        .transact(Access::Strict, &[META], async |tx| {
            let (revision, memory) = (meta::REVISION.get(tx)?, meta::memory(tx)?);
            tx.answered().await?;
            // What pages see depends on the site.
            meta::next_revision(tx, &revision)?;
            meta::MEMORY.set(tx, &memory.answer()?.enrolled())?;
            meta::CREDENTIALS.set(tx, credentials)
        })
        .await
}

/// Who this device is, with its token; `None` before it is paired.
///
/// # Errors
/// [`StorageError`] if it can't be read.
pub(crate) async fn credentials(store: &Store) -> Result<Option<Credentials>, StorageError> {
    store
        .transact(Access::Read, &[META], async |tx| {
            let credentials = meta::CREDENTIALS.get(tx)?;
            tx.answered().await?;
            credentials.answer()
        })
        .await
}

/// How the outbox stands.
///
/// # Errors
/// [`StorageError`] if it can't be read.
pub(crate) async fn standing(store: &Store) -> Result<Standing, StorageError> {
    store
        .transact(Access::Read, &[META, EVENTS], async |tx| {
            let credentials = meta::CREDENTIALS.get(tx)?;
            let head = meta::HEAD.get(tx)?;
            let memory = meta::memory(tx)?;
            tx.answered().await?;
            let counts = Counts::read(tx, store).await?;
            Ok(Standing {
                source: credentials.answer()?.as_ref().map(source),
                head: head.answer()?,
                memory: memory.answer()?,
                pending: counts.pending,
                parked: counts.parked,
                oldest_pending_at: counts.oldest_pending_at,
            })
        })
        .await
}

/// What is not delivered, oldest first.
///
/// # Errors
/// [`StorageError`] if it can't be read.
pub(crate) async fn backlog(store: &Store) -> Result<Vec<Waiting>, StorageError> {
    let (parked, mut rows) = store
        .transact(Access::Read, &[EVENTS], async |tx| {
            let list = |state| tx.some::<EventRow>(EVENTS, EventIndex::Age.name(), &of_state(state)?, BACKLOG_MAX_ROWS);
            let (parked, pending) = (list(StateName::Parked)?, list(StateName::Pending)?);
            tx.answered().await?;
            Ok((parked.answer()?, pending.answer()?))
        })
        .await?;
    join(&mut rows, parked, |row| row.at.unix_ms());
    Ok(rows.iter().map(waiting).collect())
}

/// Puts the rows that were set aside, which are few, among those that wait, which are in the order of `key`.
fn join(rows: &mut Vec<EventRow>, parked: Vec<EventRow>, key: fn(&EventRow) -> i64) {
    for row in parked {
        rows.insert(rows.partition_point(|held| key(held) <= key(&row)), row);
    }
}

/// The events that the copy of the site does not contain yet; of one visit, or all.
pub(crate) fn unsettled(tx: &Transaction, visit: Option<VisitId>) -> Result<Request<Vec<EventRow>>, StorageError> {
    let keys = match visit {
        Some(visit) => IdbKeyRange::only(&visit.to_string().into())?,
        None => IdbKeyRange::lower_bound(&"".into())?,
    };
    tx.some(EVENTS, EventIndex::Unsettled.name(), &keys, u32::MAX)
}

/// How many events are pending and parked, and when the oldest pending one was captured.
struct Counts {
    pending: u64,
    parked: u64,
    oldest_pending_at: Option<Timestamp>,
}

impl Counts {
    /// Reads them. Call it before the transaction changes any row.
    fn read<'a>(tx: &'a Transaction, store: &'a Store) -> Pending<'a, Self> {
        Box::pin(async move {
            let by_age = EventIndex::Age.name();
            let (pending, parked) = (of_state(StateName::Pending)?, of_state(StateName::Parked)?);
            let oldest_pending = tx.first::<EventRow>(EVENTS, by_age, &pending)?;
            let revision = meta::REVISION.get(tx)?;
            tx.answered().await?;
            let revision = revision.answer()?.unwrap_or(0);
            let tally = match store.tally(revision) {
                Some(tally) => tally,
                None => {
                    let (pending, parked) = (tx.count(EVENTS, by_age, &pending)?, tx.count(EVENTS, by_age, &parked)?);
                    tx.answered().await?;
                    let tally = Tally { revision, pending: pending.answer()?, parked: parked.answer()? };
                    store.remember(tally);
                    tally
                }
            };
            Ok(Self {
                pending: tally.pending,
                parked: tally.parked,
                oldest_pending_at: oldest_pending.answer()?.map(|row| row.at),
            })
        })
    }
}

fn source(credentials: &Credentials) -> Source {
    Source { site: credentials.site, device: credentials.device }
}

fn waiting(row: &EventRow) -> Waiting {
    Waiting { event: row.id, visit: row.visit, time: row.at, parked: parked(row) }
}

/// Why it was set aside, if it was.
fn parked(row: &EventRow) -> Option<ParkedReason> {
    match row.state {
        State::Parked(reason) => Some(reason),
        State::Pending | State::Acknowledged { .. } => None,
    }
}

/// All keys of an index that begin with `state`: arrays sort after every number and text, by their elements.
fn of_state(state: StateName) -> Result<IdbKeyRange, StorageError> {
    let first = Array::of1(&state_key(state).into());
    let past = Array::of2(&state_key(state).into(), &Array::new());
    Ok(IdbKeyRange::bound(&first, &past)?)
}
