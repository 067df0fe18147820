//! Seconds that run out in plain sight.

use std::time::Duration;

use leptos::{leptos_dom::helpers::window_event_listener_untyped, prelude::*};
use vestibule_app::clock;
use vestibule_protocol::timestamp::Timestamp;

/// Seconds that run out. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct Countdown {
    /// How many are left. Reactive.
    pub left: RwSignal<u32>,
    seconds: u32,
    end: StoredValue<Timestamp>,
}

/// Counts down from `seconds` for as long as the component lives; at zero calls `at_end` once.
///
/// Counts by the device's clock, not by ticks: a tablet that slept meanwhile is at the end when it wakes.
pub fn countdown(seconds: u32, at_end: impl Fn() + Copy + 'static) -> Countdown {
    let countdown = Countdown {
        left: RwSignal::new(seconds),
        seconds,
        end: StoredValue::new(clock::now().plus_ms(milliseconds(seconds))),
    };
    let tick = move || {
        if countdown.left.get_untracked() > 0 && countdown.look() == 0 {
            at_end();
        }
    };
    if let Ok(timer) = set_interval_with_handle(tick, Duration::from_secs(1)) {
        on_cleanup(move || timer.clear());
    }
    let on_waking = window_event_listener_untyped("visibilitychange", move |_| tick());
    on_cleanup(move || on_waking.remove());
    countdown
}

impl Countdown {
    /// Begins anew.
    pub fn restart(self) {
        self.end.set_value(clock::now().plus_ms(milliseconds(self.seconds)));
        self.show(self.seconds);
    }

    /// How many seconds are left by the clock, which is shown from now on.
    fn look(self) -> u32 {
        let left_ms = self.end.get_value().ms_since(clock::now());
        if left_ms > milliseconds(self.seconds) {
            // The clock was set back.
            self.restart();
            return self.seconds;
        }
        let left = u32::try_from((left_ms + 999).div_euclid(1_000)).unwrap_or(0);
        self.show(left);
        left
    }

    fn show(self, left: u32) {
        if self.left.get_untracked() != left {
            self.left.set(left);
        }
    }
}

fn milliseconds(seconds: u32) -> i64 {
    i64::from(seconds) * 1_000
}
