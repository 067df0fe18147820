//! How delivery stands, in full: what waits, since when, and what is proven.

use leptos::prelude::*;
use vestibule_protocol::{
    message::{Status, Storage},
    timestamp::Timestamp,
};

use crate::{
    clock,
    dashboard::sheet::Sheet,
    icon::{self, Icon},
    outbox::Outbox,
    times::{self, Span},
    words,
};

/// How far a clock may be off before it is worth a word, in ms: what a badge or a log, in whole minutes, never shows.
const CLOCK_TOLERANCE_MS: i64 = 5_000;

/// The worker's last word, as a list of facts.
#[component]
pub fn SyncPanel(on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    view! {
        <Sheet title=words::SYNC_HEADING on_close=on_close>
            {move || {
                let as_of = outbox.as_of.get();
                outbox.status.get().map(|status| view! { <Facts status as_of /> })
            }}
            <div class="form-end">
                <button id="sync-now" type="button" class="primary" on:click=move |_| outbox.sync_now()>
                    <icon::Drawn icon=Icon::Sync />
                    {words::SYNC_NOW}
                </button>
            </div>
        </Sheet>
    }
}

#[component]
fn Facts(status: Status, as_of: Option<Timestamp>) -> impl IntoView {
    let now = clock::now();
    let ago = |at: Timestamp| words::ago(Span::of_ms(now.ms_since(at)));
    let last_receipt = status.last_receipt_at.map(|at| times::time_or_day(at, now));
    let storage = match status.storage {
        Storage::Persistent => words::STORAGE_PERSISTENT,
        Storage::BestEffort => words::STORAGE_BEST_EFFORT,
        Storage::Failed => words::STORAGE_FAILED,
    };
    let clock = match status.clock_offset_ms {
        None => words::CLOCK_UNKNOWN.to_owned(),
        Some(off) if off.abs() <= CLOCK_TOLERANCE_MS => words::CLOCK_RIGHT.to_owned(),
        Some(off) => words::clock_off(off / 1_000),
    };
    let facts = [
        (words::SYNC_WAITING, status.pending.to_string()),
        (words::SYNC_OLDEST, status.oldest_pending_at.map_or_else(|| words::NONE.to_owned(), ago)),
        (words::SYNC_PARKED, if status.parked == 0 { words::NONE.to_owned() } else { status.parked.to_string() }),
        (words::SYNC_PROVEN, words::proven_of(status.proven, status.captured)),
        (words::SYNC_LAST, status.last_receipt_at.map_or_else(|| words::NEVER.to_owned(), ago)),
        (words::SYNC_LIST_AGE, as_of.map_or_else(|| words::NEVER.to_owned(), ago)),
        (words::SYNC_STORAGE, storage.to_owned()),
        (words::SYNC_CLOCK, clock),
    ];
    view! {
        <p class="lead">{words::link(status.link, last_receipt.as_deref())}</p>
        <dl class="facts">
            {facts
                .into_iter()
                .map(|(what, value)| {
                    view! {
                        <div>
                            <dt>{what}</dt>
                            <dd>{value}</dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
}
