//! What a device captured in a period, counted from the slots that its texts came in.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};
use vestibule_protocol::{
    batch::Seq,
    id::DeviceId,
    standing::Questioned,
    statement::{Interruption, Numbers},
    timestamp::Timestamp,
    visit::LATE_AFTER_MS,
};

use crate::standing::{self, Doubts, numbering::Numbering};

/// From when, if not from the beginning, to before when.
#[derive(Clone, Copy, Debug)]
pub struct Period {
    /// Where it begins.
    pub from: Option<Timestamp>,
    /// Before which it ends.
    pub to: Timestamp,
}

/// What came of a device.
pub(super) struct Captures {
    /// Distinct texts that count, or on which staff have decided.
    pub(super) delivered: u64,
    /// Of them, those that don't count because staff decided so.
    pub(super) dismissed: u64,
    pub(super) quarantined: Vec<Questioned>,
    pub(super) conflicting: Vec<Questioned>,
}

/// Collects when events came late, from all devices.
#[derive(Default)]
pub(super) struct Lateness {
    /// When each was captured and received.
    spans: Vec<(Timestamp, Timestamp)>,
}

impl Period {
    pub(super) fn holds(self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && at < self.to
    }

    /// Whether numbers that have not come may have been given out in it.
    pub(super) fn may_hold(self, numbers: &Numbers) -> bool {
        self.from.is_none_or(|from| from <= numbers.not_after)
            && numbers.not_before.is_none_or(|not_before| not_before < self.to)
    }
}

/// Counts what came of a device that has `streams` numberings.
pub(super) fn of_device(
    connection: &Connection,
    device: DeviceId,
    streams: usize,
    period: Period,
    lateness: &mut Lateness,
) -> rusqlite::Result<Captures> {
    let Doubts { quarantined, conflicting, settled, dismissed } = standing::doubts(connection, device)?;
    let doubted: HashSet<[u8; 32]> =
        [&quarantined, &conflicting, &settled, &dismissed].into_iter().flatten().map(|(hash, _)| *hash).collect();
    // Of what is or was in doubt, what was captured in the period.
    let mut captured = HashSet::new();
    let mut seen = HashSet::new();
    let mut delivered = 0;
    let mut statement = connection.prepare_cached(
        "SELECT hash, slots.captured_at, slots.received_at, reason IS NULL FROM slots \
         JOIN streams ON streams.number = slots.stream WHERE device = ?1 AND slots.captured_at >= ?2 \
         AND slots.captured_at < ?3",
    )?;
    let from = period.from.map_or(i64::MIN, Timestamp::unix_ms);
    let mut rows = statement.query(params![device.0, from, period.to.unix_ms()])?;
    while let Some(row) = rows.next()? {
        let hash: [u8; 32] = row.get(0)?;
        // Counted below, once, whatever its slots say.
        if doubted.contains(&hash) {
            captured.insert(hash);
            continue;
        }
        // Only where there are several numberings can a text have come under two numbers.
        let is_counted: bool = row.get(3)?;
        if is_counted && (streams == 1 || seen.insert(hash)) {
            delivered += 1;
            lateness.add(Timestamp::from_unix_ms(row.get(1)?), Timestamp::from_unix_ms(row.get(2)?));
        }
    }
    // A text that came second is in no slot: all that is known is when it came.
    let kept = |texts: Vec<([u8; 32], Questioned)>, has_slot: &HashSet<[u8; 32]>| {
        let of_period = |(hash, text): ([u8; 32], Questioned)| {
            (captured.contains(&hash) || (!has_slot.contains(&hash) && period.holds(text.received_at))).then_some(text)
        };
        texts.into_iter().filter_map(of_period).collect::<Vec<_>>()
    };
    let has_slot = slotted(connection, [&quarantined, &conflicting, &settled, &dismissed], device)?;
    let dismissed = kept(dismissed, &has_slot).len() as u64;
    delivered += dismissed + kept(settled, &has_slot).len() as u64;
    Ok(Captures {
        delivered,
        dismissed,
        quarantined: kept(quarantined, &has_slot),
        conflicting: kept(conflicting, &has_slot),
    })
}

/// Those of the texts that are or were in doubt that fill a slot of the device, whenever they were captured.
fn slotted(
    connection: &Connection,
    texts: [&[([u8; 32], Questioned)]; 4],
    device: DeviceId,
) -> rusqlite::Result<HashSet<[u8; 32]>> {
    let mut statement = connection.prepare_cached(
        "SELECT hash FROM slots JOIN streams ON streams.number = slots.stream \
         WHERE device = ?1 AND streams.id = ?2 AND seq = ?3",
    )?;
    let mut slotted = HashSet::new();
    for (hash, text) in texts.into_iter().flatten() {
        let held: Option<[u8; 32]> =
            statement.query_row(params![device.0, text.stream.0, text.seq], |row| row.get(0)).optional()?;
        if held == Some(*hash) {
            slotted.insert(*hash);
        }
    }
    Ok(slotted)
}

/// The numbers of a stream that have not come, and what is known of when they were given out: after the number before
/// them, and before the number after them or the device's last word.
pub(super) fn missing(connection: &Connection, stream: &Numbering) -> rusqlite::Result<Vec<Numbers>> {
    let mut captured = connection.prepare_cached("SELECT captured_at FROM slots WHERE stream = ?1 AND seq = ?2")?;
    let mut captured_at = |seq: Seq| -> rusqlite::Result<Option<Timestamp>> {
        let at: Option<i64> = captured.query_row(params![stream.number, seq], |row| row.get(0)).optional()?;
        Ok(at.map(Timestamp::from_unix_ms))
    };
    let mut missing = Vec::new();
    for (first, last) in stream.missing() {
        let not_after = captured_at(last.saturating_add(1))?.unwrap_or(stream.last_heard_at);
        // A clock that was set back between the two says nothing.
        let not_before = captured_at(first - 1)?.filter(|&before| before <= not_after);
        missing.push(Numbers { stream: stream.id, first, last, not_before, not_after });
    }
    Ok(missing)
}

impl Lateness {
    fn add(&mut self, captured_at: Timestamp, received_at: Timestamp) {
        if received_at.ms_since(captured_at) > LATE_AFTER_MS {
            self.spans.push((captured_at, received_at));
        }
    }

    /// The latest `most` interruptions, in order: spans that overlap are one.
    pub(super) fn interruptions(mut self, most: usize) -> Vec<Interruption> {
        self.spans.sort_unstable();
        let mut interruptions: Vec<Interruption> = Vec::new();
        for (from, to) in self.spans {
            match interruptions.last_mut() {
                Some(last) if from <= last.to => {
                    *last = Interruption { to: last.to.max(to), late: last.late + 1, ..*last }
                }
                _ => interruptions.push(Interruption { from, to, late: 1 }),
            }
        }
        interruptions.split_off(interruptions.len().saturating_sub(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_is_one_interruption() {
        let at = |minute: i64| Timestamp::from_unix_ms(minute * 60_000);
        let mut lateness = Lateness::default();
        for (captured, received) in [(5, 40), (90, 120), (3, 39), (38, 41), (100, 100)] {
            lateness.add(at(captured), at(received));
        }
        let outage = Interruption { from: at(3), to: at(41), late: 3 };
        let second = Interruption { from: at(90), to: at(120), late: 1 };
        assert_eq!(lateness.interruptions(9), [outage, second]);
    }
}
