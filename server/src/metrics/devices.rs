//! How the devices stand, as far as the database knows.

use std::collections::BTreeMap;

use rusqlite::Connection;
use vestibule_protocol::{
    batch::{Health, Seq},
    id::DeviceId,
    timestamp::Timestamp,
};

use crate::ingest::ledger::coverage;

/// What the database says about everybody.
pub(super) struct Standing {
    pub(super) position: i64,
    pub(super) conflicts: i64,
    pub(super) backup_age_ms: Option<i64>,
    pub(super) quarantined: Vec<(String, i64)>,
    pub(super) devices: Vec<DeviceStanding>,
}

/// What it says about one device, over all its streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DeviceStanding {
    pub(super) id: DeviceId,
    pub(super) pending: i64,
    pub(super) parked: i64,
    /// Told of, and not held: the gap that counts whether the device speaks or not.
    pub(super) missing: i64,
    /// Heads that it told of and that can't be met any more; each stands for one event at least, counted in `missing`.
    pub(super) broken_heads: i64,
    pub(super) oldest_pending_ms: i64,
    pub(super) silent_ms: i64,
}

/// A stream's last words.
struct LastWords {
    head: Seq,
    missing: u64,
    broken_heads: u64,
    health: Option<Health>,
    sent_at: Timestamp,
    heard_at: Timestamp,
}

pub(super) fn standing(connection: &Connection, now: Timestamp) -> rusqlite::Result<Standing> {
    let (position, backed_up_at) = connection.query_row("SELECT position, backed_up_at FROM meta", (), |row| {
        Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?))
    })?;
    Ok(Standing {
        position,
        conflicts: connection.query_row("SELECT count(*) FROM conflicts", (), |row| row.get(0))?,
        backup_age_ms: backed_up_at.map(|at| now.ms_since(Timestamp::from_unix_ms(at))),
        quarantined: connection
            .prepare_cached(
                "SELECT reason, count(*) FROM doubts WHERE decision IS NULL AND reason IS NOT NULL GROUP BY reason",
            )?
            .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?,
        devices: devices(connection, now)?,
    })
}

/// The devices that may deliver and were ever heard.
fn devices(connection: &Connection, now: Timestamp) -> rusqlite::Result<Vec<DeviceStanding>> {
    let mut by_device: BTreeMap<DeviceId, DeviceStanding> = BTreeMap::new();
    // The newest stream of a device comes last, and has the last word.
    let mut statement = connection.prepare_cached(
        "SELECT device, head_seq, health, sent_at, last_heard_at, watermark_seq, watermark_chain, held_above, \
         (SELECT count(*) FROM told_heads AS head \
         WHERE head.stream = streams.number AND broken_at IS NOT NULL AND settled_at IS NULL), \
         (SELECT max(seq) FROM told_heads AS head WHERE head.stream = streams.number AND settled_at IS NOT NULL) \
         FROM streams JOIN devices ON devices.id = streams.device WHERE revoked_at IS NULL ORDER BY last_heard_at",
    )?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let (id, head) = (DeviceId(row.get(0)?), row.get(1)?);
        let settled = row.get::<_, Option<Seq>>(9)?.unwrap_or(0);
        let missing = coverage(row, 5)?.missing(head).into_iter();
        let words = LastWords {
            head,
            missing: missing.map(|(first, last)| (last + 1).saturating_sub(first.max(settled + 1))).sum(),
            broken_heads: row.get(8)?,
            health: serde_json::from_str(row.get_ref(2)?.as_str()?).ok(),
            sent_at: Timestamp::from_unix_ms(row.get(3)?),
            heard_at: Timestamp::from_unix_ms(row.get(4)?),
        };
        let mut device = words.standing(id, now);
        if let Some(older) = by_device.get(&id) {
            device.missing = device.missing.saturating_add(older.missing);
            device.broken_heads = device.broken_heads.saturating_add(older.broken_heads);
        }
        by_device.insert(id, device);
    }
    Ok(by_device.into_values().collect())
}

impl LastWords {
    /// What the device held back when it spoke was in the batch that it spoke with: with no gap, nothing waits that the
    /// server has heard of.
    fn standing(&self, id: DeviceId, now: Timestamp) -> DeviceStanding {
        let silent_ms = now.ms_since(self.heard_at).max(0);
        let waits = self.missing > 0 && self.head > 0;
        let oldest = self.health.as_ref().and_then(|health| health.oldest_pending_at).filter(|_| waits);
        DeviceStanding {
            id,
            pending: if waits { self.health.as_ref().map_or(0, |health| wide(health.pending)) } else { 0 },
            parked: self.health.as_ref().map_or(0, |health| wide(health.parked)),
            missing: wide(self.missing.saturating_add(self.broken_heads)),
            broken_heads: wide(self.broken_heads),
            // Its age by the device's own clock, and the time since by ours: neither needs the other to be right.
            oldest_pending_ms: oldest
                .map_or(0, |oldest| self.sent_at.ms_since(oldest).max(0).saturating_add(silent_ms)),
            silent_ms,
        }
    }
}

fn wide(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT_AT: Timestamp = Timestamp::from_unix_ms(5_000);
    const HEARD_AT: Timestamp = Timestamp::from_unix_ms(1_800_000_000_000);

    fn words(missing: u64) -> LastWords {
        let health = Health {
            pending: 4,
            parked: 1,
            oldest_pending_at: Some(SENT_AT.plus_ms(-60_000)),
            persisted: true,
            app_version: String::new(),
        };
        LastWords { head: 9, missing, broken_heads: 0, health: Some(health), sent_at: SENT_AT, heard_at: HEARD_AT }
    }

    #[test]
    fn the_oldest_event_ages_while_its_device_is_silent_whatever_its_clock_says() {
        let device = words(4).standing(DeviceId(uuid::Uuid::nil()), HEARD_AT.plus_ms(30_000));
        assert_eq!((device.oldest_pending_ms, device.silent_ms, device.missing), (90_000, 30_000, 4));
    }

    #[test]
    fn what_came_with_the_last_words_waits_no_longer() {
        let device = words(0).standing(DeviceId(uuid::Uuid::nil()), HEARD_AT.plus_ms(30_000));
        assert_eq!((device.pending, device.oldest_pending_ms, device.parked), (0, 0, 1));
    }
}
