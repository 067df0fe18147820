//! How delivery stands, in full, for those who work here: on the desk, and in the kiosk's staff panel.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    message::{Status, Storage, Waiting},
    timestamp::Timestamp,
    visit::Visit,
};

use crate::{
    clock, lists,
    outbox::Outbox,
    times::{self, Span},
    words,
};

/// How far a clock may be off before it is worth a word, in ms: what a badge or a log, in whole minutes, never shows.
const CLOCK_TOLERANCE_MS: i64 = 5_000;

/// Most events that are listed one by one: more than anybody goes through by hand.
const MOST_LISTED: usize = 50;

/// Whether visitors are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// To those who work here.
    Shown,
    /// Where anybody may be looking.
    Withheld,
}

/// A line of a list.
pub struct Line {
    /// What or whom it is about.
    pub about: String,
    /// What is said of it.
    pub said: String,
    /// What to know besides, or to do about it; may be empty.
    pub advice: String,
}

/// A list, of `facts` or of what is `undelivered`.
pub fn list(class: &'static str, lines: Vec<Line>) -> AnyView {
    let line = |Line { about, said, advice }| {
        view! {
            <li>
                <span class="line-about">{about}</span>
                <span class="line-said">{said}</span>
                <span class="line-advice">{advice}</span>
            </li>
        }
    };
    view! { <ul class=class>{lines.into_iter().map(line).collect_view()}</ul> }.into_any()
}

/// How the link stands, in a sentence.
pub fn link(status: &Status) -> String {
    let last_receipt = status.last_receipt_at.map(|at| times::time_or_day(at, clock::now()));
    words::link(status.link, last_receipt.as_deref())
}

/// The worker's last word, as facts; `as_of` is how old the list of visits is.
pub fn facts(status: &Status, as_of: Option<Timestamp>) -> Vec<Line> {
    let fact = |(about, said): (&str, String)| Line { about: about.to_owned(), said, advice: String::new() };
    stated(status, as_of, clock::now()).into_iter().map(fact).collect()
}

/// Each event that is not delivered with whom it is about, and why it needs attention, if it does.
pub fn undelivered(outbox: Outbox, waiting: &[Waiting], names: Names) -> Vec<Line> {
    let now = clock::now();
    let mut lines: Vec<_> = outbox.visits.with_untracked(|visits| {
        let listed = waiting.iter().take(MOST_LISTED);
        listed.map(|event| undelivered_one(event, visits.get(&event.visit), names, now)).collect()
    });
    if let more @ 1.. = waiting.len().saturating_sub(MOST_LISTED) {
        lines.push(Line { about: words::and_more(more), said: String::new(), advice: String::new() });
    }
    lines
}

/// What is not delivered, asked anew whenever its number changes.
pub fn backlog_of(outbox: Outbox) -> RwSignal<Vec<Waiting>> {
    let backlog = RwSignal::new(Vec::new());
    Effect::new(move |last: Option<u64>| {
        let number = outbox.status.with(|status| status.as_ref().map_or(0, |s| s.pending + s.parked));
        if last != Some(number) {
            spawn_local(async move {
                if let Some(waiting) = outbox.backlog().await {
                    // The screen may have been left meanwhile.
                    backlog.try_set(waiting);
                }
            });
        }
        number
    });
    backlog
}

fn stated(status: &Status, as_of: Option<Timestamp>, now: Timestamp) -> [(&'static str, String); 8] {
    let ago = |at: Timestamp| words::ago(Span::of_ms(now.ms_since(at)));
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
    [
        (words::SYNC_WAITING, status.pending.to_string()),
        (words::SYNC_OLDEST, status.oldest_pending_at.map_or_else(|| words::NONE.to_owned(), ago)),
        (words::SYNC_PARKED, if status.parked == 0 { words::NONE.to_owned() } else { status.parked.to_string() }),
        (words::SYNC_PROVEN, words::proven_of(status.proven, status.captured)),
        (words::SYNC_LAST, status.last_receipt_at.map_or_else(|| words::NEVER.to_owned(), ago)),
        (words::SYNC_LIST_AGE, as_of.map_or_else(|| words::NEVER.to_owned(), ago)),
        (words::SYNC_STORAGE, storage.to_owned()),
        (words::SYNC_CLOCK, clock),
    ]
}

fn undelivered_one(event: &Waiting, visit: Option<&Visit>, names: Names, now: Timestamp) -> Line {
    let about = match names {
        Names::Shown => visit.and_then(lists::name).unwrap_or(words::UNKNOWN_VISITOR),
        Names::Withheld => words::SOME_VISITOR,
    };
    let kind = visit.and_then(|visit| visit.timeline.iter().find(|entry| entry.event == event.event));
    let what = words::act(kind.map(|entry| entry.kind));
    Line {
        about: about.to_owned(),
        said: format!("{what} {}", times::time_or_day(event.time, now)),
        advice: event.parked.map(words::parked).unwrap_or_default(),
    }
}
