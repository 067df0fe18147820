//! A drill: for a while the worker does as if no server answered, so that people see what an outage looks like before
//! there is one. What they do meanwhile is kept and delivered like everything else.
//!
//! It is held in memory only: should this worker end, so does the drill.

use std::cell::Cell;

use vestibule_protocol::{limits::DRILL_MAX_MINUTES, timestamp::Timestamp};

thread_local! {
    static UNTIL: Cell<Option<Timestamp>> = const { Cell::new(None) };
}

/// Begins one of so many minutes, at most [`DRILL_MAX_MINUTES`]; 0 ends it.
pub(crate) fn set(minutes: u32, now: Timestamp) {
    let ms = i64::from(minutes.min(DRILL_MAX_MINUTES)) * 60_000;
    UNTIL.set((ms > 0).then(|| now.plus_ms(ms)));
}

/// When it ends, if one is going on. One that a clock which was set back would draw out is over.
pub(crate) fn until(now: Timestamp) -> Option<Timestamp> {
    let longest = i64::from(DRILL_MAX_MINUTES) * 60_000;
    UNTIL.get().filter(|end| (1..=longest).contains(&end.ms_since(now)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_ends_by_itself_or_at_a_word() {
        let now = Timestamp::from_unix_ms(1_800_000_000_000);
        assert_eq!(until(now), None);
        set(5, now);
        assert_eq!(until(now.plus_ms(299_999)), Some(now.plus_ms(300_000)));
        assert_eq!(until(now.plus_ms(300_000)), None);
        set(1_000_000, now);
        assert_eq!(until(now), Some(now.plus_ms(i64::from(DRILL_MAX_MINUTES) * 60_000)));
        assert_eq!(until(now.plus_ms(-60_000)), None, "the clock was set back");
        set(0, now);
        assert_eq!(until(now), None);
    }
}
