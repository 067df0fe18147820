//! The ledger's rows: streams, slots, events, quarantine. Plain reads and writes inside the caller's transaction; what
//! they mean is decided in [`super::decide`](mod@super::decide).

use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};
use serde::{Serialize, de::DeserializeOwned};
use vestibule_protocol::{
    batch::{Batch, Link, QuarantineReason, Seq},
    chain::Digest,
    event::Event,
    id::{DeviceId, StreamId},
    timestamp::Timestamp,
    visit::Visit,
};

use super::{
    coverage::Coverage,
    decide::{Arrival, Slot},
    heads::{ToldHead, ToldHeads},
    retention::{Mark, Retention},
};
use crate::projection;

/// A stream as it stands in the database.
pub(super) struct Stream {
    /// Its short name in the other tables.
    pub(super) number: i64,
    /// The device that first used it.
    pub(super) device: DeviceId,
    /// What is held of it.
    pub(super) coverage: Coverage,
    /// What its device may forget.
    pub(super) retention: Retention,
    /// Whether it has heads that are not met, which few have.
    pub(super) has_told_heads: bool,
}

/// The statements that each event needs, fetched once for all of a batch: fetching one costs a tenth of running it.
pub(crate) struct Statements<'c> {
    look_up: CachedStatement<'c>,
    append: CachedStatement<'c>,
    fill_slot: CachedStatement<'c>,
    begin_visit: CachedStatement<'c>,
    /// For [`crate::projection::write`].
    pub(crate) write_visit: CachedStatement<'c>,
}

impl<'c> Statements<'c> {
    pub(crate) fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            look_up: connection.prepare_cached(
                "SELECT visits.json, only.text, only.received_at, visits.erased_at IS NOT NULL, \
                 (SELECT hash FROM events WHERE id = ?1) FROM (SELECT 1) LEFT JOIN visits ON visits.id = ?2 \
                 LEFT JOIN events AS only ON only.position = iif(visits.json = '', visits.position, NULL)",
            )?,
            append: connection.prepare_cached(
                "INSERT INTO events (position, id, hash, text, visit, source_site, source_device, uploaded_by, \
                 received_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING",
            )?,
            fill_slot: connection.prepare_cached(
                "INSERT INTO slots (stream, seq, hash, reason, captured_at, received_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            begin_visit: connection.prepare_cached(projection::BEGIN)?,
            write_visit: connection.prepare_cached(projection::WRITE)?,
        })
    }

    /// The hash of the ledger's event with the event's id, the visit that it would be folded into, and whether that
    /// visit's person was forgotten. What is known word for word, by its `hash`, is not folded again, so its visit is not
    /// looked at.
    pub(crate) fn look_up(
        &mut self,
        event: &Event,
        hash: Digest,
    ) -> rusqlite::Result<(Option<Digest>, Option<Visit>, bool)> {
        self.look_up.query_row(params![event.id.0, event.visit.0], |row| {
            let id = row.get::<_, Option<_>>(4)?.map(Digest);
            let has_visit = id != Some(hash) && row.get_ref(0)?.as_str_or_null()?.is_some();
            Ok((id, has_visit.then(|| projection::read(row)).transpose()?, row.get(3)?))
        })
    }

    /// Adds an event and the visit that it begins, at `position` of the feed, if both are new; else changes nothing and
    /// says `false`.
    pub(super) fn append_first(
        &mut self,
        connection: &Connection,
        arrival: &Arrival,
        event: &Event,
        device: DeviceId,
        position: i64,
        now: Timestamp,
    ) -> rusqlite::Result<bool> {
        if !projection::begin(&mut self.begin_visit, event, position, now)? {
            return Ok(false);
        }
        let is_new = self.append_if_new(arrival, event, device, position, now)?;
        if !is_new {
            connection.prepare_cached("DELETE FROM visits WHERE id = ?1")?.execute([event.visit.0])?;
        }
        Ok(is_new)
    }

    /// Adds an event to the ledger, its id being new, at `position` of the feed.
    pub(crate) fn append(
        &mut self,
        arrival: &Arrival,
        event: &Event,
        device: DeviceId,
        position: i64,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        let is_new = self.append_if_new(arrival, event, device, position, now)?;
        if is_new { Ok(()) } else { Err(rusqlite::Error::StatementChangedRows(0)) }
    }

    /// The same, of an id that may be held; `false` if it is.
    fn append_if_new(
        &mut self,
        arrival: &Arrival,
        event: &Event,
        device: DeviceId,
        position: i64,
        now: Timestamp,
    ) -> rusqlite::Result<bool> {
        let rows = self.append.execute(params![
            position,
            event.id.0,
            arrival.hash.0,
            arrival.text,
            event.visit.0,
            event.source.site.0,
            event.source.device.0,
            device.0,
            now.unix_ms(),
        ])?;
        Ok(rows == 1)
    }

    /// Fills a free slot with an arrival, which is in quarantine for `reason` or counts.
    pub(super) fn fill_slot(
        &mut self,
        stream: i64,
        arrival: &Arrival,
        reason: Option<QuarantineReason>,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        // What can't be read was captured at some time before.
        let captured_at = arrival.event.as_ref().map_or(now, |event| event.occurred_at().min(now));
        self.fill_slot.execute(params![
            stream,
            arrival.seq,
            arrival.hash.0,
            reason.map(reason_text).transpose()?,
            captured_at.unix_ms(),
            now.unix_ms(),
        ])?;
        Ok(())
    }
}

/// The stream of that id, if anything came on it before.
pub(super) fn stream(connection: &Connection, id: StreamId) -> rusqlite::Result<Option<Stream>> {
    connection
        .prepare_cached(
            "SELECT number, device, watermark_seq, watermark_chain, held_above, backed_up_seq, settled_seq, mark_seq, \
             mark_at, (SELECT backed_up_at FROM meta), \
             EXISTS (SELECT 1 FROM told_heads WHERE told_heads.stream = streams.number) FROM streams WHERE id = ?1",
        )?
        .query_row([id.0], |row| {
            Ok(Stream {
                number: row.get(0)?,
                device: DeviceId(row.get(1)?),
                coverage: coverage(row, 2)?,
                retention: Retention {
                    backed_up: row.get(5)?,
                    settled: row.get(6)?,
                    mark: Mark { seq: row.get(7)?, at: Timestamp::from_unix_ms(row.get(8)?) },
                    backed_up_at: row.get::<_, Option<i64>>(9)?.map(Timestamp::from_unix_ms),
                },
                has_told_heads: row.get(10)?,
            })
        })
        .optional()
}

/// Begins a stream, which belongs to `device` from now on.
pub(super) fn begin_stream(
    connection: &Connection,
    id: StreamId,
    device: DeviceId,
    now: Timestamp,
) -> rusqlite::Result<Stream> {
    connection
        .prepare_cached(
            "INSERT INTO streams (id, device, head_seq, head_chain, watermark_seq, watermark_chain, held_above, health, \
             sent_at, first_heard_at, last_heard_at) VALUES (?1, ?2, 0, ?3, 0, ?3, '[]', '{}', ?4, ?4, ?4)",
        )?
        .execute(params![id.0, device.0, Digest::ZERO.0, now.unix_ms()])?;
    let coverage = Coverage::new(Link::START, Vec::new());
    let retention = Retention::default();
    Ok(Stream { number: connection.last_insert_rowid(), device, coverage, retention, has_told_heads: false })
}

/// Writes down how far the stream is, whether the device's chain proves it, and the device's last words. The head never
/// goes back.
pub(super) fn save_stream<Raw>(
    connection: &Connection,
    stream: &Stream,
    batch: &Batch<Raw>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let watermark = stream.coverage.watermark();
    connection
        .prepare_cached(
            "UPDATE streams SET head_chain = iif(?2 >= head_seq, ?3, head_chain), head_seq = max(head_seq, ?2), \
             watermark_seq = ?4, watermark_chain = ?5, held_above = ?6, health = ?7, sent_at = ?8, last_heard_at = ?9, \
             settled_seq = ?10, mark_seq = ?11, mark_at = ?12, \
             proven_seq = iif(?13, ?4, proven_seq), proven_chain = iif(?13, ?5, proven_chain), \
             proven_at = iif(?13, ?9, proven_at) WHERE number = ?1",
        )?
        .execute(params![
            stream.number,
            batch.head.seq,
            batch.head.chain.0,
            watermark.seq,
            watermark.chain.0,
            to_json(&stream.coverage.above())?,
            to_json(&batch.health)?,
            batch.sent_at.unix_ms(),
            now.unix_ms(),
            stream.retention.settled,
            stream.retention.mark.seq,
            stream.retention.mark.at.unix_ms(),
            // Both sides' chains, at the same number.
            watermark.seq > 0 && batch.head == watermark,
        ])?;
    Ok(())
}

/// The newest event that the device has told of, and its chain there.
pub(super) fn head(connection: &Connection, stream: i64) -> rusqlite::Result<Link> {
    connection
        .prepare_cached("SELECT head_seq, head_chain FROM streams WHERE number = ?1")?
        .query_row([stream], |row| Ok(Link { seq: row.get(0)?, chain: digest(row, 1)? }))
}

/// Writes down how far the stream is by what people carried here, `told` being the head that stood there. Nothing else:
/// its device has not been heard.
pub(super) fn save_carried(
    connection: &Connection,
    stream: &Stream,
    told: Link,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let watermark = stream.coverage.watermark();
    connection
        .prepare_cached(
            "UPDATE streams SET head_chain = iif(?2 >= head_seq, ?3, head_chain), head_seq = max(head_seq, ?2), \
             watermark_seq = ?4, watermark_chain = ?5, held_above = ?6, \
             proven_seq = iif(?7, ?4, proven_seq), proven_chain = iif(?7, ?5, proven_chain), \
             proven_at = iif(?7, ?8, proven_at) WHERE number = ?1",
        )?
        .execute(params![
            stream.number,
            told.seq,
            told.chain.0,
            watermark.seq,
            watermark.chain.0,
            to_json(&stream.coverage.above())?,
            // The seal shows that the chain is the device's.
            watermark.seq > 0 && told == watermark,
            now.unix_ms(),
        ])?;
    Ok(())
}

/// The heads of a stream that are not met.
pub(super) fn told_heads(connection: &Connection, stream: &Stream) -> rusqlite::Result<ToldHeads> {
    if !stream.has_told_heads {
        return Ok(ToldHeads::default());
    }
    let heads: rusqlite::Result<Vec<ToldHead>> = connection
        .prepare_cached(
            "SELECT seq, chain, held_up_to, told_at, broken_at FROM told_heads WHERE stream = ?1 ORDER BY seq, number",
        )?
        .query_map([stream.number], |row| {
            Ok(ToldHead {
                link: Link { seq: row.get(0)?, chain: digest(row, 1)? },
                held_up_to: row.get(2)?,
                told_at: Timestamp::from_unix_ms(row.get(3)?),
                broken_at: row.get::<_, Option<i64>>(4)?.map(Timestamp::from_unix_ms),
            })
        })?
        .collect();
    heads.map(ToldHeads::new)
}

/// Writes down what has changed of them. Whether staff have settled one stays as it is.
pub(super) fn save_told_heads(
    connection: &Connection,
    stream: i64,
    before: &ToldHeads,
    after: &ToldHeads,
) -> rusqlite::Result<()> {
    for gone in before.iter().filter(|head| after.iter().all(|kept| kept.link != head.link)) {
        connection
            .prepare_cached("DELETE FROM told_heads WHERE stream = ?1 AND seq = ?2 AND chain = ?3")?
            .execute(params![stream, gone.link.seq, gone.link.chain.0])?;
    }
    for head in after.iter().filter(|head| before.iter().all(|known| known != *head)) {
        connection
            .prepare_cached(
                "INSERT INTO told_heads (stream, seq, chain, held_up_to, told_at, broken_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                 ON CONFLICT (stream, seq, chain) DO UPDATE SET broken_at = excluded.broken_at",
            )?
            .execute(params![
                stream,
                head.link.seq,
                head.link.chain.0,
                head.held_up_to,
                head.told_at.unix_ms(),
                head.broken_at.map(Timestamp::unix_ms),
            ])?;
    }
    Ok(())
}

/// What came first in a slot.
pub(super) fn slot(connection: &Connection, stream: i64, seq: Seq) -> rusqlite::Result<Option<Slot>> {
    connection
        .prepare_cached("SELECT hash, reason FROM slots WHERE stream = ?1 AND seq = ?2")?
        .query_row(params![stream, seq], |row| Ok(Slot { hash: digest(row, 0)?, reason: reason(row, 1)? }))
        .optional()
}

/// The hashes of the texts in a range of filled slots, in order.
pub(super) fn slot_hashes(
    connection: &Connection,
    stream: i64,
    (first, last): (Seq, Seq),
) -> rusqlite::Result<Vec<Digest>> {
    connection
        .prepare_cached("SELECT hash FROM slots WHERE stream = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq")?
        .query_map(params![stream, first, last], |row| digest(row, 0))?
        .collect()
}

/// Notes that another text of `device` came to a filled slot, for staff to look at.
pub(super) fn note_conflict(
    connection: &Connection,
    stream: i64,
    arrival: &Arrival,
    device: DeviceId,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO conflicts (stream, seq, hash, received_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute(params![stream, arrival.seq, arrival.hash.0, now.unix_ms()])?;
    doubt(connection, stream, arrival, None, device, now)
}

/// Keeps a text for staff; it is kept once, however often it comes to that slot.
pub(super) fn quarantine(
    connection: &Connection,
    stream: i64,
    arrival: &Arrival,
    reason: QuarantineReason,
    device: DeviceId,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO quarantine (stream, seq, hash, text, reason, uploaded_by, received_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            stream,
            arrival.seq,
            arrival.hash.0,
            arrival.text,
            reason_text(reason)?,
            device.0,
            now.unix_ms(),
        ])?;
    doubt(connection, stream, arrival, Some(reason), device, now)
}

/// Has staff decide on a text, once for its device, wherever it comes: as one in quarantine, if it ever was there.
fn doubt(
    connection: &Connection,
    stream: i64,
    arrival: &Arrival,
    reason: Option<QuarantineReason>,
    device: DeviceId,
    now: Timestamp,
) -> rusqlite::Result<()> {
    // What is not in quarantine counts, as the event that it is.
    let event = arrival.event.as_ref().ok().filter(|_| reason.is_none()).map(|event| event.id.0);
    connection
        .prepare_cached(
            "INSERT INTO doubts (device, hash, stream, seq, reason, received_at, event) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
             ON CONFLICT (device, hash) DO UPDATE SET reason = excluded.reason, event = NULL \
             WHERE decision IS NULL AND doubts.reason IS NULL AND excluded.reason IS NOT NULL",
        )?
        .execute(params![
            device.0,
            arrival.hash.0,
            stream,
            arrival.seq,
            reason.map(reason_text).transpose()?,
            now.unix_ms(),
            event,
        ])?;
    Ok(())
}

/// The coverage in the columns watermark_seq, watermark_chain, held_above, of which `column` is the first.
pub(crate) fn coverage(row: &Row<'_>, column: usize) -> rusqlite::Result<Coverage> {
    let watermark = Link { seq: row.get(column)?, chain: digest(row, column + 1)? };
    Ok(Coverage::new(watermark, from_json(row, column + 2)?))
}

pub(crate) fn digest(row: &Row<'_>, column: usize) -> rusqlite::Result<Digest> {
    row.get(column).map(Digest)
}

pub(crate) fn reason(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<QuarantineReason>> {
    let text: Option<String> = row.get(column)?;
    // What a newer server wrote reads as `Unknown`, so nothing is invalid.
    Ok(text.map(|text| serde_json::from_value(text.into()).unwrap_or(QuarantineReason::Unknown)))
}

/// The word of the wire, which is also that of the column.
fn reason_text(reason: QuarantineReason) -> rusqlite::Result<String> {
    Ok(to_json(&reason)?.trim_matches('"').to_owned())
}

fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into()))
}

fn to_json<T: Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}
