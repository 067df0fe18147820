//! From which number on a device must keep what it has delivered, in case this server's disk is lost.

use vestibule_protocol::{batch::Seq, timestamp::Timestamp};

use crate::limits::SETTLED_AFTER_MS;

/// What would survive of a stream without its server's disk. A verified backup proves it; where none is made, age must
/// do, or devices would keep everything for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// A verified backup holds everything up to this.
    pub backed_up: Seq,
    /// Everything up to this was acknowledged longer than [`SETTLED_AFTER_MS`] ago.
    pub settled: Seq,
    /// Where the watermark stood a while ago; the next to be settled.
    pub mark: Mark,
    /// When the newest verified backup was made, of whatever streams there were.
    pub backed_up_at: Option<Timestamp>,
}

/// Where a watermark stood, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The watermark then.
    pub seq: Seq,
    /// Then.
    pub at: Timestamp,
}

impl Retention {
    /// Settles the mark if it is old enough and sets the next one. Call it whenever the device is heard of: one mark at a
    /// time costs nothing, and settles everything after once to twice [`SETTLED_AFTER_MS`].
    pub const fn age(&mut self, watermark: Seq, now: Timestamp) {
        if now.ms_since(self.mark.at) >= SETTLED_AFTER_MS {
            self.settled = self.mark.seq;
            self.mark = Mark { seq: watermark, at: now };
        }
    }

    /// Below this the device may forget.
    pub fn keep_from(&self, now: Timestamp) -> Seq {
        let is_backed_up = self.backed_up_at.is_some_and(|at| now.ms_since(at) < SETTLED_AFTER_MS);
        let safe = if is_backed_up { self.backed_up } else { self.backed_up.max(self.settled) };
        safe + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_unix_ms(1_800_000_000_000);

    fn later(ms: i64) -> Timestamp {
        START.plus_ms(ms)
    }

    #[test]
    fn without_backups_only_age_lets_a_device_forget() {
        let mut retention = Retention::default();
        retention.age(10, START);
        retention.age(25, later(SETTLED_AFTER_MS - 1));
        assert_eq!(retention.keep_from(later(SETTLED_AFTER_MS - 1)), 1);
        retention.age(40, later(SETTLED_AFTER_MS));
        assert_eq!(retention.keep_from(later(SETTLED_AFTER_MS)), 11);
        retention.age(60, later(2 * SETTLED_AFTER_MS));
        assert_eq!(retention.keep_from(later(2 * SETTLED_AFTER_MS)), 41);
    }

    #[test]
    fn where_backups_are_made_age_proves_nothing() {
        let retention = Retention { backed_up: 7, settled: 90, backed_up_at: Some(START), ..Retention::default() };
        assert_eq!(retention.keep_from(later(1)), 8);
        assert_eq!(retention.keep_from(later(SETTLED_AFTER_MS)), 91, "they are made no longer");
    }
}
