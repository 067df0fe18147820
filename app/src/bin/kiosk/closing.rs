//! At the hour that the site has decided, the kiosk checks out who is still here.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use vestibule_app::{clock, closing, outbox::Outbox, times};
use vestibule_protocol::event::{CheckedOut, EventData};

/// How often it is looked whether it is time, in seconds.
const LOOK_EVERY_S: u64 = 60;

/// How long after the hour it is done, in ms, give or take a quarter: of several kiosks one is the first, and the others
/// hear that it is done. Without a network each does it, which does no harm.
const AFTER_MS: u32 = 5 * 60 * 1_000;

/// Looks for as long as its owner lives.
pub fn follow(outbox: Outbox) {
    let later_ms = i64::from(clock::jittered(AFTER_MS));
    let look = move || {
        let Some(hour) = outbox.settings.with_untracked(|settings| settings.auto_check_out_hour) else { return };
        let now = clock::now();
        let closes_at = times::start_of_day(now).plus_ms(i64::from(hour) * 60 * 60 * 1_000);
        if now.ms_since(closes_at) < later_ms {
            return;
        }
        for visit in outbox.visits.with_untracked(|visits| closing::due(visits, closes_at, now)) {
            let act = Outbox::act(visit, EventData::CheckedOut(CheckedOut {}));
            spawn_local(async move {
                // What was not kept is looked at again in a minute.
                let _ = outbox.keep(act).await;
            });
        }
    };
    if let Ok(timer) = set_interval_with_handle(look, Duration::from_secs(LOOK_EVERY_S)) {
        on_cleanup(move || timer.clear());
    }
}
