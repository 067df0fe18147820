//! How delivery stands, in full: what waits, since when, and what is proven.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    message::{Status, Storage, Waiting},
    timestamp::Timestamp,
    visit::Visit,
};

use vestibule_app::{
    clock,
    icon::{self, Icon},
    lists, live,
    outbox::Outbox,
    sheet::Sheet,
    times::{self, Span},
    words,
};

/// How far a clock may be off before it is worth a word, in ms: what a badge or a log, in whole minutes, never shows.
const CLOCK_TOLERANCE_MS: i64 = 5_000;

/// Most events that are listed one by one: more than anybody goes through by hand.
pub const MOST_LISTED: usize = 50;

/// The worker's last word, as a list of facts; then each event that is not delivered.
#[component]
pub fn SyncPanel(on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let backlog = backlog_of(outbox);
    view! {
        <Sheet title=words::SYNC_HEADING on_close=on_close>
            {live::part(move || {
                let as_of = outbox.as_of.get();
                outbox.status.get().map(|status| facts(&status, as_of))
            })}
            {live::part(move || backlog.with(|waiting| (!waiting.is_empty()).then(|| undelivered(outbox, waiting))))}
            <div class="form-end">
                <button id="sync-now" type="button" class="primary" on:click=live::click(move || outbox.sync_now())>
                    {icon::drawn(Icon::Sync)}
                    {words::SYNC_NOW}
                </button>
            </div>
        </Sheet>
    }
}

/// What is not delivered, asked anew whenever its number changes.
pub fn backlog_of(outbox: Outbox) -> RwSignal<Vec<Waiting>> {
    let backlog = RwSignal::new(Vec::new());
    let numbers =
        Memo::new(move |_| outbox.status.with(|status| status.as_ref().map(|status| (status.pending, status.parked))));
    Effect::new(move |_| {
        numbers.track();
        spawn_local(async move {
            if let Some(waiting) = outbox.backlog().await {
                // The sheet may have been closed meanwhile.
                backlog.try_set(waiting);
            }
        });
    });
    backlog
}

fn facts(status: &Status, as_of: Option<Timestamp>) -> impl IntoView + use<> {
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
    let fact = |(what, value)| {
        view! {
            <div>
                <dt>{what}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    view! {
        <p class="lead">{words::link(status.link, last_receipt.as_deref())}</p>
        <dl class="facts">{facts.into_iter().map(fact).collect_view()}</dl>
    }
}

/// Each event with whom it is about, and why it needs attention, if it does.
fn undelivered(outbox: Outbox, waiting: &[Waiting]) -> impl IntoView + use<> {
    let now = clock::now();
    let listed = outbox.visits.with_untracked(|visits| {
        let listed = waiting.iter().take(MOST_LISTED);
        listed.map(|event| undelivered_one(event, visits.get(&event.visit), now)).collect_view()
    });
    let more = waiting.len().saturating_sub(MOST_LISTED);
    view! {
        <h3>{words::SYNC_BACKLOG}</h3>
        <ul class="undelivered">{listed}</ul>
        {(more > 0).then(|| view! { <p class="field-hint">{words::and_more(more)}</p> })}
    }
}

pub fn undelivered_one(event: &Waiting, visit: Option<&Visit>, now: Timestamp) -> impl IntoView + use<> {
    let name = visit.and_then(lists::name).unwrap_or(words::UNKNOWN_VISITOR).to_owned();
    let kind = visit.and_then(|visit| visit.timeline.iter().find(|entry| entry.event == event.event));
    let what = words::act(kind.map(|entry| entry.kind));
    let when = times::time_or_day(event.time, now);
    let why = event.parked.map(words::parked);
    view! {
        <li data-event=event.event.to_string()>
            <span class="undelivered-name">{name}</span>
            <span class="undelivered-what">{what} " " {when}</span>
            {why.map(|why| view! { <span class="undelivered-why">{why}</span> })}
        </li>
    }
}
