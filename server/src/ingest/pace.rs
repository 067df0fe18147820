//! How a fleet that comes back all at once is spread: each receipt may ask its device to wait before the next batch.

use vestibule_protocol::limits::BATCH_MAX_EVENTS;

use crate::{limits, store::Waiting};

/// A load below this part of the queue is done before anybody could notice a wait.
const LIGHT_LOAD_PARTS: usize = 8;

/// How long a device should wait before its next batch, in ms.
///
/// Nothing while the queue is short, and nothing for a device that has nothing more to send: what a person does there
/// next must not wait. Otherwise a chance moment in a window that grows with the queue, and is short for a device that
/// is nearly done, so that as many as possible soon are. `chance` is any number, as good as random.
pub fn resume_after_ms(waiting: Waiting, backlog: u64, chance: u32) -> u64 {
    if backlog == 0 {
        return 0;
    }
    // In thousandths of the queue, by whatever it is fuller of.
    let load = (waiting.jobs * 1_000 / limits::WRITE_QUEUE_JOBS).max(waiting.bytes * 1_000 / limits::WRITE_QUEUE_BYTES);
    if load < 1_000 / LIGHT_LOAD_PARTS {
        return 0;
    }
    let batch = BATCH_MAX_EVENTS as u64;
    let window_ms = limits::RESUME_WINDOW_MS * load.min(1_000) as u64 / 1_000 * backlog.min(batch) / batch;
    window_ms * u64::from(chance) / u64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const IDLE: Waiting = Waiting { jobs: 3, bytes: 1_000 };
    const HALF_FULL: Waiting = Waiting { jobs: limits::WRITE_QUEUE_JOBS / 2, bytes: 0 };
    const FULL_OF_BYTES: Waiting = Waiting { jobs: 40, bytes: limits::WRITE_QUEUE_BYTES };

    #[rstest]
    #[case::idle(IDLE, 50_000, 0)]
    #[case::nothing_more_to_send(FULL_OF_BYTES, 0, 0)]
    #[case::half_full(HALF_FULL, 50_000, limits::RESUME_WINDOW_MS / 2)]
    #[case::full(FULL_OF_BYTES, 50_000, limits::RESUME_WINDOW_MS)]
    #[case::nearly_done(FULL_OF_BYTES, 50, limits::RESUME_WINDOW_MS / 10)]
    fn the_longest_wait(#[case] waiting: Waiting, #[case] backlog: u64, #[case] longest_ms: u64) {
        assert_eq!(resume_after_ms(waiting, backlog, u32::MAX), longest_ms);
        assert_eq!(resume_after_ms(waiting, backlog, 0), 0);
    }

    #[test]
    fn a_fleet_is_spread_evenly() {
        let waits: Vec<u64> =
            (0..4).map(|quarter| resume_after_ms(FULL_OF_BYTES, 50_000, u32::MAX / 4 * quarter)).collect();
        let quarter = limits::RESUME_WINDOW_MS / 4;
        assert!(waits.iter().zip(0..).all(|(&wait, number)| wait.abs_diff(quarter * number) <= 1), "{waits:?}");
    }
}
