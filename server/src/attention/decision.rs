//! One doubt: what is held of it, whether it can count, and what a decision does.

use rusqlite::{Connection, OptionalExtension, params};
use vestibule_protocol::{
    attention::{Decision, Verdict},
    batch::{Outcome, QuarantineReason, Seq},
    chain::Digest,
    event::{Event, EventData, Remark, Source},
    id::{DeviceId, EventId, SiteId, StaffId, VisitId},
    timestamp::Timestamp,
};

use crate::{
    access::{device, reach::Reach, staff::Staff},
    api::record::record,
    clock,
    error::Error,
    ingest::{self, decide::Arrival, ledger, ledger::Statements},
    limits, projection,
    store::{self, Positions},
};

/// A doubt with its text.
pub(super) struct Kept {
    number: i64,
    pub(super) device: DeviceId,
    hash: Digest,
    stream: i64,
    seq: Seq,
    reason: Option<QuarantineReason>,
    /// Empty if its visitor was forgotten, or it is lost.
    pub(super) text: String,
    pub(super) is_decided: bool,
}

/// How a text can come to count.
pub(super) enum Counting {
    /// It does: only its number was in doubt, or it came again by a way that was good.
    Already,
    /// By going into the ledger as it is.
    AsItIs(EventId),
    /// As a copy: another event has its id.
    UnderAnotherId(Box<Event>),
}

/// The doubt of that number, if it is of a device of the site.
pub(super) fn find(connection: &Connection, site: SiteId, number: i64) -> rusqlite::Result<Option<Kept>> {
    let is_here = connection
        .prepare_cached(
            "SELECT 1 FROM doubts JOIN devices ON devices.id = doubts.device WHERE doubts.number = ?1 AND site = ?2",
        )?
        .exists(params![number, site.0])?;
    is_here.then(|| read(connection, number)).transpose()
}

/// The doubt of that number, which there is.
pub(super) fn read(connection: &Connection, number: i64) -> rusqlite::Result<Kept> {
    let (mut kept, event): (Kept, Option<EventId>) = connection
        .prepare_cached(
            "SELECT device, hash, stream, seq, reason, decision IS NOT NULL, event FROM doubts WHERE number = ?1",
        )?
        .query_row([number], |row| {
            let kept = Kept {
                number,
                device: DeviceId(row.get(0)?),
                hash: ledger::digest(row, 1)?,
                stream: row.get(2)?,
                seq: row.get(3)?,
                reason: ledger::reason(row, 4)?,
                text: String::new(),
                is_decided: row.get(5)?,
            };
            Ok((kept, row.get::<_, Option<_>>(6)?.map(EventId)))
        })?;
    let text = match (kept.reason, event) {
        (Some(_), _) => connection
            .prepare_cached("SELECT text FROM quarantine WHERE stream = ?1 AND seq = ?2 AND hash = ?3")?
            .query_row(params![kept.stream, kept.seq, kept.hash.0], |row| row.get(0))
            .optional()?,
        (None, Some(event)) => text_of(connection, event)?,
        (None, None) => None,
    };
    kept.text = text.unwrap_or_default();
    Ok(kept)
}

impl Kept {
    /// The text that was there before it, if that can be told.
    pub(super) fn against(&self, connection: &Connection) -> rusqlite::Result<Option<String>> {
        if self.reason == Some(QuarantineReason::IdConflict) {
            return Event::parse(&self.text).map_or(Ok(None), |event| text_of(connection, event.id));
        }
        if self.reason.is_some() {
            return Ok(None);
        }
        let first: Option<(Digest, i64)> = connection
            .prepare_cached("SELECT hash, received_at FROM slots WHERE stream = ?1 AND seq = ?2")?
            .query_row(params![self.stream, self.seq], |row| Ok((ledger::digest(row, 0)?, row.get(1)?)))
            .optional()?;
        let Some((hash, received_at)) = first.filter(|(hash, _)| *hash != self.hash) else { return Ok(None) };
        received_then(connection, hash, received_at)
    }

    /// How it can come to count by the decision of somebody who may act for these sites, or why it can't.
    pub(super) fn counting(
        &self,
        connection: &Connection,
        reach: &Reach,
    ) -> rusqlite::Result<Result<Counting, QuarantineReason>> {
        if self.reason.is_none() {
            return Ok(Ok(Counting::Already));
        }
        let event = match Arrival::read(self.seq, &self.text).event {
            Ok(event) => event,
            Err(reason) => return Ok(Err(reason)),
        };
        let held = projection::find(connection, event.visit)?;
        let site = event.source.site;
        let is_elsewhere = held.as_ref().is_some_and(|visit| visit.site != site);
        if is_elsewhere || !reach.covers(site) || !store::site_exists(connection, site)? {
            return Ok(Err(QuarantineReason::OtherSite));
        }
        if held.is_some_and(|visit| visit.timeline.len() >= limits::VISIT_MAX_EVENTS) {
            return Ok(Err(QuarantineReason::VisitFull));
        }
        let same_id: Option<Digest> = connection
            .prepare_cached("SELECT hash FROM events WHERE id = ?1")?
            .query_row([event.id.0], |row| ledger::digest(row, 0))
            .optional()?;
        Ok(Ok(match same_id {
            None => Counting::AsItIs(event.id),
            Some(hash) if hash == self.hash => Counting::Already,
            Some(_) => Counting::UnderAnotherId(Box::new(event)),
        }))
    }
}

/// Does what was decided; says how the doubt is settled, and by which event of the ledger.
pub(super) fn carry_out(
    connection: &Connection,
    staff: &Staff,
    kept: &Kept,
    decision: &Decision,
    now: Timestamp,
) -> rusqlite::Result<Result<(Verdict, Option<EventId>), Error>> {
    match decision {
        // Whatever is said of one that counts, it goes on counting: what is wrong with it is mended at its visit.
        Decision::Dismiss { .. } if kept.reason.is_some() => Ok(Ok((Verdict::Dismissed, None))),
        Decision::Dismiss { .. } | Decision::Accept { .. } => accept(connection, staff, kept, now),
        Decision::Replace { occurred_at, visit, what, .. } => {
            let Some(site) = site_of(connection, kept.device)? else { return Ok(Err(Error::NotFound)) };
            let device = device::standing_in_for(connection, staff.id.0, &staff.name, site, now, clock::entropy())?;
            let event = Event {
                id: EventId::new(now, clock::entropy()),
                source: Source { site, device: device.id },
                visit: visit.unwrap_or_else(|| VisitId::new(now, clock::entropy())),
                time: *occurred_at,
                clock_offset_ms: Some(0),
                data: EventData::clone(what),
            };
            let mut positions = Positions::begin(connection)?;
            let arrival = Arrival::read(0, &event.to_text());
            let outcome = record(connection, &arrival, &device, &mut positions, now)?;
            positions.save(connection)?;
            Ok(match outcome {
                Outcome::Quarantined { reason } => Err(Error::UnfitEvent(reason)),
                _ => Ok((Verdict::Replaced, Some(event.id))),
            })
        }
    }
}

fn accept(
    connection: &Connection,
    staff: &Staff,
    kept: &Kept,
    now: Timestamp,
) -> rusqlite::Result<Result<(Verdict, Option<EventId>), Error>> {
    let (id, text): (EventId, Box<str>) = match kept.counting(connection, &staff.reach)? {
        Err(reason) => return Ok(Err(Error::UnfitEvent(reason))),
        Ok(Counting::Already) => return Ok(Ok((Verdict::Accepted, None))),
        Ok(Counting::AsItIs(id)) => (id, kept.text.as_str().into()),
        Ok(Counting::UnderAnotherId(event)) => {
            let copy = Event { id: EventId::new(now, clock::entropy()), ..*event };
            (copy.id, copy.to_text())
        }
    };
    let arrival = Arrival::read(kept.seq, &text);
    let mut positions = Positions::begin(connection)?;
    let mut statements = Statements::new(connection)?;
    let (held, visit) = ingest::held(&mut statements, &arrival)?;
    ingest::take_in(connection, &mut statements, &arrival, (&held, visit), kept.device, &mut positions, now)?;
    positions.save(connection)?;
    Ok(Ok((Verdict::Accepted, Some(id))))
}

/// Writes down what was decided.
pub(super) fn write_down(
    connection: &Connection,
    kept: &Kept,
    verdict: Verdict,
    event: Option<EventId>,
    decision: &Decision,
    staff: StaffId,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let note = match decision {
        Decision::Accept { note } | Decision::Replace { note, .. } => note.as_ref(),
        Decision::Dismiss { note } => Some(note),
    };
    let verdict = match verdict {
        Verdict::Accepted => "accepted",
        Verdict::Dismissed => "dismissed",
        Verdict::Replaced => "replaced",
    };
    connection
        .prepare_cached(
            "UPDATE doubts SET decision = ?2, decided_at = ?3, decided_by = ?4, note = ?5, event = coalesce(?6, event) \
             WHERE number = ?1",
        )?
        .execute(params![
            kept.number,
            verdict,
            now.unix_ms(),
            staff.0,
            note.map(Remark::as_str),
            event.map(|event| event.0)
        ])?;
    Ok(())
}

fn site_of(connection: &Connection, device: DeviceId) -> rusqlite::Result<Option<SiteId>> {
    connection
        .prepare_cached("SELECT site FROM devices WHERE id = ?1")?
        .query_row([device.0], |row| row.get(0).map(SiteId))
        .optional()
}

fn text_of(connection: &Connection, event: EventId) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT text FROM events WHERE id = ?1")?
        .query_row([event.0], |row| row.get(0))
        .optional()
}

/// The ledger's text of that hash, if it was received just then: found by the order of the feed, because no index has
/// the hashes.
fn received_then(connection: &Connection, hash: Digest, received_at: i64) -> rusqlite::Result<Option<String>> {
    let mut at_or_after =
        connection.prepare_cached("SELECT position, received_at FROM events WHERE position >= ?1 ORDER BY position")?;
    let mut next = |position: i64| -> rusqlite::Result<Option<(i64, i64)>> {
        at_or_after.query_row([position], |row| Ok((row.get(0)?, row.get(1)?))).optional()
    };
    let last: i64 = connection.query_row("SELECT position FROM meta", (), |row| row.get(0))?;
    let (mut low, mut high) = (0, last + 1);
    while low < high {
        let middle = low.midpoint(high);
        match next(middle)? {
            Some((_, at)) if at < received_at => low = middle + 1,
            _ => high = middle,
        }
    }
    connection
        .prepare_cached(
            "SELECT text FROM (SELECT hash, text, received_at FROM events WHERE position >= ?1 ORDER BY position \
             LIMIT ?4) WHERE hash = ?2 AND received_at = ?3",
        )?
        .query_row(params![low, hash.0, received_at, limits::LOOKED_THROUGH_FOR_A_TEXT], |row| row.get(0))
        .optional()
}
