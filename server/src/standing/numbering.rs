//! A device's streams as the database holds them, with what became of each.

use rusqlite::{Connection, Row};
use vestibule_protocol::{
    batch::{Health, Link, Seq},
    chain::Digest,
    id::{DeviceId, StreamId},
    standing::{Fate, Proven},
    timestamp::Timestamp,
};

use super::succession::{self, Left, Next};
use crate::{
    ingest::{
        coverage::Coverage,
        ledger::{coverage, digest},
    },
    limits,
};

/// A stream, and what its device said last on it.
pub(crate) struct Numbering {
    /// Its short name in the other tables.
    pub(crate) number: i64,
    pub(crate) id: StreamId,
    /// The newest event that the device has told of.
    pub(crate) head: Link,
    pub(crate) coverage: Coverage,
    pub(crate) health: Option<Health>,
    pub(crate) proof: Option<ProvenAt>,
    pub(crate) fate: Fate,
    pub(crate) first_heard_at: Timestamp,
    pub(crate) last_heard_at: Timestamp,
    /// Up to this number, staff have taken note of what is gone.
    pub(crate) settled: Seq,
    /// The device's clock at its last word.
    sent_at: Timestamp,
}

/// Where the chains of both sides were the same.
#[derive(Clone, Copy)]
pub(crate) struct ProvenAt {
    pub(crate) proven: Proven,
    pub(crate) chain: Digest,
}

/// The streams of a device, oldest first. The last one is in use.
pub(crate) fn of_device(connection: &Connection, device: DeviceId) -> rusqlite::Result<Vec<Numbering>> {
    let mut numberings: Vec<Numbering> = connection
        .prepare_cached(
            "SELECT number, id, head_seq, head_chain, watermark_seq, watermark_chain, held_above, health, sent_at, \
             first_heard_at, last_heard_at, proven_seq, proven_chain, proven_at, \
             (SELECT max(seq) FROM told_heads WHERE stream = streams.number AND settled_at IS NOT NULL) FROM streams WHERE device = ?1 \
             ORDER BY number",
        )?
        .query_map([device.0], numbering)?
        .collect::<Result<_, _>>()?;
    judge(connection, &mut numberings)?;
    Ok(numberings)
}

impl Numbering {
    /// The ranges that the device has told of and that are not held.
    pub(crate) fn missing(&self) -> Vec<(Seq, Seq)> {
        self.coverage.missing(self.head.seq)
    }

    /// The highest number that is held or was told of.
    fn reaches(&self) -> Seq {
        self.coverage.above().last().map_or(self.head.seq, |&(_, last)| last.max(self.head.seq))
    }

    pub(crate) fn missing_count(&self) -> u64 {
        self.missing().iter().map(|(first, last)| last - first + 1).sum()
    }

    /// How many are missing of which nobody has taken note.
    pub(crate) fn unsettled_count(&self) -> u64 {
        let settled = self.settled;
        self.missing().iter().map(|&(first, last)| (last + 1).saturating_sub(first.max(settled + 1))).sum()
    }

    /// What the device has set aside, as far as it is not here by another way.
    pub(crate) fn parked(&self) -> u64 {
        self.health.as_ref().map_or(0, |health| health.parked).min(self.missing_count())
    }

    /// The server's clock minus the device's, in ms, at the last word.
    pub(crate) const fn clock_offset_ms(&self) -> i64 {
        self.last_heard_at.ms_since(self.sent_at)
    }

    /// Since when the oldest event waits that the device had not delivered at its last word, by the server's clock. What
    /// came with that word waits no longer, so ask only where something is missing.
    pub(crate) fn waiting_since(&self) -> Option<Timestamp> {
        let oldest = self.health.as_ref()?.oldest_pending_at?;
        Some(oldest.plus_ms(self.clock_offset_ms()).min(self.last_heard_at))
    }
}

/// Says of each numbering that was left what became of what was missing in it, from the newest back: each may have been
/// carried on in the next.
fn judge(connection: &Connection, numberings: &mut [Numbering]) -> rusqlite::Result<()> {
    let Some(oldest_with_holes) = numberings.iter().position(|stream| stream.missing_count() > 0) else {
        numberings.iter_mut().rev().skip(1).for_each(|stream| stream.fate = Fate::Complete);
        return Ok(());
    };
    let mut next: Option<Next> = None;
    for (at, stream) in numberings.iter_mut().enumerate().rev() {
        if at < oldest_with_holes {
            stream.fate = Fate::Complete;
            continue;
        }
        if stream.reaches() > limits::NUMBERING_JUDGED_MAX {
            stream.fate = if next.is_none() { Fate::InUse } else { Fate::CarriedOn };
            next = Some(Next::UNKNOWN);
            continue;
        }
        let mut left = Left {
            head: stream.head,
            texts: texts(connection, stream)?,
            second_texts: second_texts(connection, stream.number)?,
        };
        stream.fate = match &next {
            None => Fate::InUse,
            Some(_) if stream.missing_count() == 0 => Fate::Complete,
            Some(next) => succession::settle(&mut left, next),
        };
        next = Some(Next { head: stream.head.seq, texts: left.texts });
    }
    Ok(())
}

/// The hashes of the texts that are held of a stream, by number from 1.
fn texts(connection: &Connection, stream: &Numbering) -> rusqlite::Result<Vec<Option<Digest>>> {
    let mut texts = Vec::new();
    let mut statement =
        connection.prepare_cached("SELECT seq, hash FROM slots WHERE stream = ?1 AND seq <= ?2 ORDER BY seq")?;
    let mut rows = statement.query((stream.number, stream.head.seq))?;
    while let Some(row) = rows.next()? {
        let seq: usize = row.get(0)?;
        texts.resize(seq - 1, None);
        texts.push(Some(digest(row, 1)?));
    }
    Ok(texts)
}

/// The hashes of the texts that came second in a slot.
fn second_texts(connection: &Connection, stream: i64) -> rusqlite::Result<Vec<(Seq, Digest)>> {
    connection
        .prepare_cached("SELECT seq, hash FROM conflicts WHERE stream = ?1 ORDER BY seq, received_at")?
        .query_map([stream], |row| Ok((row.get(0)?, digest(row, 1)?)))?
        .collect()
}

fn numbering(row: &Row<'_>) -> rusqlite::Result<Numbering> {
    let at = |column| row.get(column).map(Timestamp::from_unix_ms);
    let proven = Proven { seq: row.get(11)?, at: at(13)? };
    let chain: Option<[u8; 32]> = row.get(12)?;
    Ok(Numbering {
        number: row.get(0)?,
        id: StreamId(row.get(1)?),
        head: Link { seq: row.get(2)?, chain: digest(row, 3)? },
        coverage: coverage(row, 4)?,
        health: serde_json::from_str(row.get_ref(7)?.as_str()?).ok(),
        proof: chain.map(|chain| ProvenAt { proven, chain: Digest(chain) }),
        fate: Fate::InUse,
        settled: row.get::<_, Option<Seq>>(14)?.unwrap_or(0),
        sent_at: at(8)?,
        first_heard_at: at(9)?,
        last_heard_at: at(10)?,
    })
}
