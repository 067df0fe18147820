//! How long to wait. Jitter comes in as 64 random bits.

use crate::policy;

/// The wait after `failures` tries without a receipt, in ms: full jitter between [`policy::BACKOFF_MIN_MS`] and a
/// window that doubles with each failure.
pub(crate) fn backoff_ms(failures: u32, jitter: u64) -> i64 {
    let window = doubled(policy::BACKOFF_FIRST_MS, failures.saturating_sub(1));
    spread(policy::BACKOFF_MIN_MS, window, jitter)
}

/// The wait after a server asked for `asked_ms`, in ms: never less than that, and up to half as much again.
pub(crate) fn retry_after_ms(asked_ms: u64, jitter: u64) -> i64 {
    let asked = capped(asked_ms).max(policy::BACKOFF_MIN_MS);
    spread(asked, asked + asked / policy::RETRY_AFTER_JITTER_DIVISOR, jitter)
}

/// The wait of a device whose token was refused, in ms.
pub(crate) fn unauthorized_ms(jitter: u64) -> i64 {
    let least = policy::UNAUTHORIZED_RETRY_MS;
    spread(least, least + least / policy::RETRY_AFTER_JITTER_DIVISOR, jitter)
}

/// How long probes rest after the `false_starts`th false start in a row, in ms.
pub(crate) fn probe_rest_ms(false_starts: u32) -> i64 {
    doubled(policy::PROBE_REST_MS, false_starts.saturating_sub(1))
}

/// What a server asked for, within reason, in ms.
pub(crate) fn capped(asked_ms: u64) -> i64 {
    i64::try_from(asked_ms).unwrap_or(i64::MAX).min(policy::WAIT_ASKED_FOR_MAX_MS)
}

/// `first_ms` doubled so many times, up to [`policy::BACKOFF_MAX_MS`].
fn doubled(first_ms: i64, times: u32) -> i64 {
    // Past 16 doublings every first wait is beyond the cap, and the shift stays far from the sign.
    (first_ms << times.min(16)).min(policy::BACKOFF_MAX_MS)
}

/// Evenly from `least` to `most`, both included.
fn spread(least: i64, most: i64, jitter: u64) -> i64 {
    let width = u64::try_from(most - least).unwrap_or(0) + 1;
    least + i64::try_from(jitter % width).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::first(1, 1_000..=2_000)]
    #[case::second(2, 1_000..=4_000)]
    #[case::fifth(5, 1_000..=32_000)]
    #[case::capped(6, 1_000..=60_000)]
    #[case::for_ever(u32::MAX, 1_000..=60_000)]
    fn backoff_is_within_its_window(#[case] failures: u32, #[case] window: std::ops::RangeInclusive<i64>) {
        let width = u64::try_from(window.end() - window.start()).unwrap();
        assert_eq!(backoff_ms(failures, 0), *window.start());
        assert_eq!(backoff_ms(failures, width), *window.end());
        assert_eq!(backoff_ms(failures, width + 1), *window.start());
    }

    #[rstest]
    #[case::now(0, 1_000)]
    #[case::half_a_minute(30_000, 30_000)]
    #[case::a_year(31_536_000_000, policy::WAIT_ASKED_FOR_MAX_MS)]
    #[case::nonsense(u64::MAX, policy::WAIT_ASKED_FOR_MAX_MS)]
    fn a_server_waits_in_vain_for_nobody_who_was_asked_to_wait(#[case] asked: u64, #[case] least: i64) {
        for jitter in [0, 1, 7_777, u64::MAX] {
            assert!((least..=least + least / 2).contains(&retry_after_ms(asked, jitter)));
        }
    }

    #[test]
    fn no_wait_is_taken_for_a_clock_that_was_set_back() {
        assert!(retry_after_ms(u64::MAX, u64::MAX) <= policy::HOLD_MAX_MS);
        assert!(unauthorized_ms(u64::MAX) <= policy::HOLD_MAX_MS);
        assert!(backoff_ms(u32::MAX, u64::MAX) <= policy::HOLD_MAX_MS);
    }
}
