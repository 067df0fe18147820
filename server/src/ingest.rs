//! `POST /api/v1/sync`: a device delivers its outbox.
//!
//! The body is read and hashed outside the write transaction; inside it, [`ingest`] decides on each event and writes
//! ledger, projection and watermark together. The receipt leaves only after that is on disk.

pub mod by_hand;
pub mod coverage;
pub mod decide;
pub mod heads;
mod incoming;
pub(crate) mod ledger;
pub mod pace;
pub mod retention;

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    response::{IntoResponse, Response},
};
use rusqlite::Connection;
use vestibule_protocol::{
    batch::{EventResult, Link, Outcome, QuarantineReason, RECEIPT_MEDIA_TYPE, Receipt, SYNC_PATH, Seq},
    event::EventData,
    id::{DeviceId, HistoryId},
    limits::PROTOCOL,
    timestamp::Timestamp,
    visit::Visit,
};

pub use self::incoming::Incoming;
use self::{
    decide::{Arrival, Held, Keep, Slot, SlotChange, Verdict, decide},
    ledger::{Statements, Stream},
};
use crate::{
    access::{
        delivery::Delivering,
        device::{self, Device},
    },
    app::App,
    clock,
    error::Error,
    limits,
    privacy::{self, Whom},
    projection,
    store::Positions,
};

/// The stream of a batch belongs to another device than the one that sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignStream;

/// Whether a request with that head is one to [`sync`].
pub(crate) fn is_delivery(parts: &Parts) -> bool {
    parts.method == Method::POST && parts.uri.path() == SYNC_PATH
}

/// `POST /api/v1/sync`. Answers 200 only when everything that the receipt names is on disk.
pub async fn sync(
    State(app): State<Arc<App>>,
    Delivering { token, turn }: Delivering,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Error> {
    let incoming = incoming::read(&app.reading, &headers, body?).await?;
    let history = app.store.history();
    let bytes = incoming.bytes();
    let backlog = incoming.backlog();
    let (mut receipt, _incoming) = app
        .store
        .deliver(bytes, limits::WRITE_WAIT, move |connection| {
            let _turn = turn;
            // Here and now, so that a revocation counts at once.
            let now = clock::now();
            let Some(device) = device::by_token(connection, &token, now)? else {
                return Ok(Err(Error::Unauthenticated));
            };
            let taken = ingest(connection, &incoming, &device, history, now)?;
            // Given back, so that the writer need not tear it down.
            Ok(taken.map(|receipt| (receipt, incoming)).map_err(|ForeignStream| Error::ForeignStream))
        })
        .await??;
    app.metrics.count(&receipt);
    let chance = u32::from_le_bytes(clock::entropy());
    receipt.resume_after_ms = pace::resume_after_ms(app.store.waiting(), backlog, chance);
    let mut response = axum::Json(receipt).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(RECEIPT_MEDIA_TYPE));
    Ok(response)
}

/// Takes a batch of `device` into the database, inside the caller's transaction.
///
/// The receipt must not be given out before the transaction is committed; if that fails, nothing has happened and the
/// device sends the batch again. Harmless to repeat.
///
/// # Errors
/// What SQLite said; the caller undoes all of it.
pub fn ingest(
    connection: &Connection,
    incoming: &Incoming,
    device: &Device,
    history: HistoryId,
    now: Timestamp,
) -> rusqlite::Result<Result<Receipt, ForeignStream>> {
    let batch = &incoming.batch;
    let mut stream = match ledger::stream(connection, batch.stream)? {
        Some(stream) if stream.device == device.id => stream,
        Some(_) => return Ok(Err(ForeignStream)),
        None => ledger::begin_stream(connection, batch.stream, device.id, now)?,
    };
    let before = stream.coverage.watermark();
    let mut positions = Positions::begin(connection)?;
    let mut results = Vec::with_capacity(incoming.arrivals.len());
    if !incoming.arrivals.is_empty() {
        let mut statements = Statements::new(connection)?;
        for arrival in &incoming.arrivals {
            let outcome = take(connection, &mut statements, arrival, device, &mut stream, &mut positions, now)?;
            results.push(EventResult { seq: arrival.seq, outcome });
        }
    }
    positions.save(connection)?;
    stream.retention.age(stream.coverage.watermark().seq, now);
    ledger::save_stream(connection, &stream, batch, now)?;
    hear_head(connection, &stream, batch.head, before, now)?;
    Ok(Ok(Receipt {
        protocol: PROTOCOL,
        batch: batch.batch,
        received_at: now,
        history,
        results,
        watermark: stream.coverage.watermark(),
        missing: stream.coverage.missing(batch.head.seq),
        keep_from: stream.retention.keep_from(now),
        resume_after_ms: 0,
        revoked: device.revoked_at.is_some(),
    }))
}

/// Remembers the head that a batch tells for as long as it is not met; see [`heads`].
fn hear_head(
    connection: &Connection,
    stream: &Stream,
    told: Link,
    before: Link,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let known = ledger::told_heads(connection, stream)?;
    let mut heads = known.clone();
    heads.hear(told, before, &stream.coverage, now, |range| ledger::slot_hashes(connection, stream.number, range))?;
    ledger::save_told_heads(connection, stream.number, &known, &heads)
}

/// Decides on one event and does what was decided.
fn take(
    connection: &Connection,
    statements: &mut Statements<'_>,
    arrival: &Arrival,
    device: &Device,
    stream: &mut Stream,
    positions: &mut Positions,
    now: Timestamp,
) -> rusqlite::Result<Outcome> {
    let slot = slot(connection, stream, arrival.seq)?;
    if slot.is_none() && !stream.coverage.has_room(arrival.seq) {
        return Ok(Outcome::Retry);
    }
    let Verdict { outcome, keep, slot } =
        match take_first(connection, statements, arrival, slot, device, positions, now)? {
            Some(verdict) => verdict,
            None => take_any(connection, statements, arrival, (slot, stream.number), device, positions, now)?,
        };
    match slot {
        SlotChange::Untouched => {}
        SlotChange::Contested => ledger::note_conflict(connection, stream.number, arrival, device.id, now)?,
        SlotChange::Filled => {
            statements.fill_slot(stream.number, arrival, quarantined_for(keep), now)?;
            stream.coverage.fill(arrival.seq, arrival.hash);
            if let Some(range) = stream.coverage.next_links() {
                stream.coverage.link(ledger::slot_hashes(connection, stream.number, range)?);
            }
        }
    }
    Ok(outcome)
}

/// Takes in an event that begins its visit, if nothing is held of either; `None` if something is, or the event is of
/// another sort, and nothing was done.
///
/// Most of what arrives is of this sort, and to try and add it costs half of looking first.
fn take_first(
    connection: &Connection,
    statements: &mut Statements<'_>,
    arrival: &Arrival,
    slot: Option<Slot>,
    device: &Device,
    positions: &mut Positions,
    now: Timestamp,
) -> rusqlite::Result<Option<Verdict>> {
    let Ok(event) = &arrival.event else { return Ok(None) };
    if !matches!(event.data, EventData::Registered(_) | EventData::CheckedIn(_) | EventData::RollCallStarted(_)) {
        return Ok(None);
    }
    let verdict = decide(arrival, device, &Held { slot, ..Held::default() });
    if verdict.keep != Keep::Ledger || privacy::is_forgotten_person(connection, event)? {
        return Ok(None);
    }
    let is_first = statements.append_first(connection, arrival, event, device.id, positions.next(), now)?;
    Ok(is_first.then(|| {
        positions.take();
        verdict
    }))
}

/// Looks up what is held of the event and its visit, and does what follows from it. A slot is of the stream of that
/// number.
fn take_any(
    connection: &Connection,
    statements: &mut Statements<'_>,
    arrival: &Arrival,
    (slot, stream): (Option<Slot>, i64),
    device: &Device,
    positions: &mut Positions,
    now: Timestamp,
) -> rusqlite::Result<Verdict> {
    let is_repeated = slot.is_some_and(|slot| slot.hash == arrival.hash);
    let (held, visit) = if is_repeated { (Held::default(), None) } else { held(statements, arrival)? };
    let held = Held { slot, ..held };
    let verdict = decide(arrival, device, &held);
    match (verdict.keep, &arrival.event) {
        (Keep::Ledger, Ok(_)) => {
            take_in(connection, statements, arrival, (&held, visit), device.id, positions, now)?;
        }
        (Keep::Quarantine(reason), event) => {
            ledger::quarantine(connection, stream, arrival, reason, device.id, now)?;
            if let (true, Ok(event)) = (held.is_forgotten, event) {
                privacy::forget_quarantined(connection, &Whom::Visit(event.visit), now)?;
            }
        }
        (Keep::Nowhere | Keep::Ledger, _) => {}
    }
    Ok(verdict)
}

/// Adds an event that counts to the ledger and folds it into its visit; without its person, if that is to be forgotten.
pub(crate) fn take_in(
    connection: &Connection,
    statements: &mut Statements<'_>,
    arrival: &Arrival,
    (held, visit): (&Held, Option<Visit>),
    device: DeviceId,
    positions: &mut Positions,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let Ok(event) = &arrival.event else { return Ok(()) };
    let position = positions.take();
    if !held.is_forgotten && !privacy::is_forgotten_person(connection, event)? {
        statements.append(arrival, event, device, position, now)?;
        return projection::fold(&mut statements.write_visit, visit, event, position, now);
    }
    let event = privacy::without_person(event);
    let kept = Arrival { seq: arrival.seq, text: event.to_text(), hash: arrival.hash, event: Ok(event.clone()) };
    statements.append(&kept, &event, device, position, now)?;
    projection::fold(&mut statements.write_visit, visit, &event, position, now)?;
    // What came of the visit before it was known whose it is.
    privacy::forget(connection, event.visit, positions, now).map(|_| ())
}

/// What came first in a slot. The coverage knows without a look which slots are free, as those of new events are.
fn slot(connection: &Connection, stream: &Stream, seq: Seq) -> rusqlite::Result<Option<Slot>> {
    if stream.coverage.holds(seq) { ledger::slot(connection, stream.number, seq) } else { Ok(None) }
}

/// Looks up what bears on the arrival beside its slot, and the visit that it would be folded into.
pub(crate) fn held(statements: &mut Statements<'_>, arrival: &Arrival) -> rusqlite::Result<(Held, Option<Visit>)> {
    let Ok(event) = &arrival.event else { return Ok((Held::default(), None)) };
    let (id, visit, is_forgotten) = statements.look_up(event, arrival.hash)?;
    let visit_site = visit.as_ref().map(|visit| visit.site);
    let visit_events = visit.as_ref().map_or(0, |visit| visit.timeline.len());
    Ok((Held { slot: None, id, visit_site, visit_events, is_forgotten }, visit))
}

const fn quarantined_for(keep: Keep) -> Option<QuarantineReason> {
    match keep {
        Keep::Quarantine(reason) => Some(reason),
        Keep::Nowhere | Keep::Ledger => None,
    }
}
