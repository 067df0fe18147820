//! Seconds that run out in plain sight.

use std::time::Duration;

use leptos::prelude::*;

/// Counts down from `seconds`, once a second, for as long as the component lives; at zero calls `at_end` once. Setting
/// the signal starts again from there.
pub fn countdown(seconds: u32, at_end: impl Fn() + 'static) -> RwSignal<u32> {
    let left = RwSignal::new(seconds);
    let tick = move || {
        let now = left.get_untracked();
        if now > 0 {
            left.set(now - 1);
            if now == 1 {
                at_end();
            }
        }
    };
    if let Ok(timer) = set_interval_with_handle(tick, Duration::from_secs(1)) {
        on_cleanup(move || timer.clear());
    }
    left
}
