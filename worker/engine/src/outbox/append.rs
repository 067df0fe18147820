//! How an event gets its number, its link of the chain and its record: in one transaction, on what is stored there and
//! then, so that the numbering has no gap and two contexts on one outbox never give the same number.

use vestibule_protocol::{
    chain::event_hash,
    event::{Event, Source, Written},
    id::StreamId,
    limits,
    message::{Capture, Refusal},
};

use super::{Head, Row, Settled, State};

/// What a transaction finds stored that is to append a [`Capture`].
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Whether there is a record of that event.
    pub is_known: bool,
    /// Who the device is; `None` before it is paired.
    pub source: Option<Source>,
    /// Where the outbox ends; `None` if it is new.
    pub head: Option<Head>,
    /// The memory's.
    pub clock_offset_ms: Option<i64>,
}

/// What to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Nothing: it is there, as it was the first time.
    Already,
    /// Both, in this transaction.
    New {
        /// The record.
        row: Row,
        /// Where the outbox ends now.
        head: Head,
    },
}

/// Decides how to keep an event, given what is stored. Pure: call it in the middle of the transaction, which must be
/// durable before the person is told "done". `fresh_stream` is begun if the outbox is new.
///
/// # Errors
/// The [`Refusal`] if it can't be kept at all.
pub fn append<What: Written + Clone>(
    capture: &Capture<What>,
    found: Found,
    fresh_stream: StreamId,
) -> Result<Appended, Refusal> {
    if found.is_known {
        return Ok(Appended::Already);
    }
    let event = Event {
        id: capture.event,
        source: found.source.ok_or(Refusal::NotEnrolled)?,
        visit: capture.visit,
        time: capture.time,
        clock_offset_ms: found.clock_offset_ms,
        data: capture.what.clone(),
    };
    let text = event.to_text();
    if text.len() > limits::EVENT_MAX_BYTES {
        return Err(Refusal::TooLarge);
    }
    let before = found.head.unwrap_or(Head::of(fresh_stream));
    let head = Head { link: before.link.then(event_hash(&text)), ..before };
    let row = Row {
        id: capture.event,
        visit: capture.visit,
        at: capture.time,
        stream: head.stream,
        link: head.link,
        text,
        state: State::Pending,
        settled: Settled::No,
    };
    Ok(Appended::New { row, head })
}
