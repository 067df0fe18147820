//! A batch's body, read as far as that needs no database: unpacked, taken apart, hashed.

use std::io::Read;

use axum::{
    body::Bytes,
    extract::rejection::BytesRejection,
    http::{HeaderMap, StatusCode, header},
};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::Semaphore;
use vestibule_protocol::{
    batch::{Batch, QuarantineReason, Seq},
    chain::event_hash,
    event::{Event, InvalidEvent},
    limits::{BATCH_MAX_BYTES, BATCH_MAX_EVENTS, EVENT_MAX_BYTES, PROTOCOL},
};

use super::decide::Arrival;
use crate::error::Error;

/// Bodies up to this are read on the async thread, in well under a millisecond; handing them over would cost more.
const READ_IN_PLACE_BYTES: usize = 64 * 1024;

/// The highest number that a column of the database holds.
const SEQ_MAX: Seq = i64::MAX.unsigned_abs();

/// A batch, ready to be decided on.
pub struct Incoming {
    /// Its envelope; the events stand in `arrivals`.
    pub batch: Batch<()>,
    /// Its events, in the order of the body.
    pub arrivals: Vec<Arrival>,
}

impl Incoming {
    /// Takes an unpacked body apart.
    ///
    /// # Errors
    /// [`Error::MalformedBody`], [`Error::UnsupportedProtocol`] or, with too many events, [`Error::TooLarge`]. An event
    /// that can't be read is no error: it will be quarantined.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let batch: Batch<&RawValue> = serde_json::from_slice(body).map_err(|error| refusal(body, &error))?;
        if batch.protocol != PROTOCOL {
            return Err(Error::UnsupportedProtocol);
        }
        if batch.events.len() > BATCH_MAX_EVENTS {
            return Err(Error::TooLarge);
        }
        if batch.head.seq > SEQ_MAX || batch.events.iter().any(|event| !(1..=SEQ_MAX).contains(&event.seq)) {
            return Err(Error::MalformedBody { why: "A seq counts from 1 and fits 63 bits.".into() });
        }
        Ok(Self {
            arrivals: batch.events.iter().map(|slotted| Arrival::read(slotted.seq, slotted.event.get())).collect(),
            batch: Batch {
                protocol: batch.protocol,
                stream: batch.stream,
                batch: batch.batch,
                head: batch.head,
                sent_at: batch.sent_at,
                history: batch.history,
                health: batch.health,
                events: Vec::new(),
            },
        })
    }

    /// How many events the device has beside these.
    pub fn backlog(&self) -> u64 {
        self.batch.health.pending.saturating_sub(self.arrivals.len() as u64)
    }

    /// About how much it holds in memory: the texts, once as they are and once as they were understood.
    pub fn bytes(&self) -> usize {
        let texts: usize = self.arrivals.iter().map(|arrival| arrival.text.len()).sum();
        2 * texts + size_of::<Self>() + self.arrivals.len() * size_of::<Arrival>()
    }
}

/// Reads the body of a request, whose headers say how it is packed; a large one when there is `room`.
pub(super) async fn read(room: &Semaphore, headers: &HeaderMap, body: Bytes) -> Result<Incoming, Error> {
    let is_packed = is_gzip(headers)?;
    if !is_packed && body.len() <= READ_IN_PLACE_BYTES {
        return Incoming::parse(&body);
    }
    // Closed by nobody.
    let _room = room.acquire().await.map_err(|error| Error::Internal(error.into()))?;
    let reading =
        tokio::task::spawn_blocking(
            move || {
                if is_packed { Incoming::parse(&unpack(&body)?) } else { Incoming::parse(&body) }
            },
        );
    reading.await.map_err(|error| Error::Internal(error.into()))?
}

/// Whether the body is packed.
fn is_gzip(headers: &HeaderMap) -> Result<bool, Error> {
    if let Some(kind) = headers.get(header::CONTENT_TYPE) {
        let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Error::UnsupportedMediaType);
        }
    }
    match headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or_default().trim()) {
        None | Some("" | "identity") => Ok(false),
        Some("gzip" | "x-gzip") => Ok(true),
        Some(_) => Err(Error::UnsupportedMediaType),
    }
}

/// Unpacks no more than a batch may hold: what a small body would swell to is never in memory.
fn unpack(packed: &[u8]) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    let limit = BATCH_MAX_BYTES as u64 + 1;
    MultiGzDecoder::new(packed)
        .take(limit)
        .read_to_end(&mut body)
        .map_err(|_| Error::MalformedBody { why: "It is not gzip.".into() })?;
    if body.len() > BATCH_MAX_BYTES {
        return Err(Error::TooLarge);
    }
    Ok(body)
}

impl Arrival {
    /// Reads and hashes an event's text. One that can't be understood is still an arrival.
    pub fn read(seq: Seq, text: &str) -> Self {
        let event = if text.len() > EVENT_MAX_BYTES {
            Err(QuarantineReason::TooLarge)
        } else {
            Event::parse(text).map_err(|error| match error {
                InvalidEvent::Envelope => QuarantineReason::InvalidEvent,
                InvalidEvent::UnknownType => QuarantineReason::UnknownType,
                InvalidEvent::Data => QuarantineReason::InvalidData,
            })
        };
        Self { seq, text: text.into(), hash: event_hash(text), event }
    }
}

/// What is wrong with a body that is no batch. A later protocol may look different in all but its version.
fn refusal(body: &[u8], error: &serde_json::Error) -> Error {
    #[derive(Deserialize)]
    struct Versioned {
        protocol: u32,
    }
    match serde_json::from_slice::<Versioned>(body) {
        Ok(Versioned { protocol }) if protocol != PROTOCOL => Error::UnsupportedProtocol,
        // Where, and never what: the body holds people's names.
        _ => Error::MalformedBody {
            why: format!("It is no batch: line {}, column {}.", error.line(), error.column()).into(),
        },
    }
}

impl From<BytesRejection> for Error {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Self::TooLarge
        } else {
            Self::MalformedBody { why: "It broke off.".into() }
        }
    }
}
