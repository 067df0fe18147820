//! The lists of the day: expected, on site, left.

mod keys;

use std::time::Duration;

use leptos::{ev::KeyboardEvent, prelude::*};
use vestibule_protocol::{
    details::Details,
    event::{Cancelled, CheckedIn, EventData, Registered, Updated},
    id::{SiteId, VisitId},
    visit::{Kind, Visit},
};

use vestibule_app::{
    clock, focus,
    icon::{self, Icon},
    lists::{self, List, Lists},
    live,
    outbox::{NotKept, Outbox},
    search_field::search_field,
    times, words,
};

use crate::{
    dashboard::{
        row::{Act, VisitRow},
        visit::{Opened, VisitSheet},
    },
    wording::visits as said,
};

/// How often what depends on the time of day is looked at again, in seconds: who has not come for a day is no longer
/// expected, and at midnight the list of those who left begins anew.
const LOOK_AGAIN_EVERY_S: u64 = 60;

/// Most rows drawn at once. A desk that looks for one of more than these types a name.
const MOST_ROWS: usize = 300;

/// How long the desk has for second thoughts about a check-out before they take another tap.
const TOAST_SHOWN_FOR: Duration = Duration::from_secs(10);

/// The tabs: id, list, label.
const TABS: [(&str, List, &str); 3] = [
    ("tab-expected", List::Expected, words::EXPECTED),
    ("tab-on-site", List::OnSite, words::ON_SITE),
    ("tab-left", List::Left, words::LEFT),
];

/// The tabs, the search, the list.
#[component]
pub fn Today(on_new: impl Fn() + 'static, site: Memo<Option<SiteId>>) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let now = RwSignal::new(clock::now());
    let timer = set_interval_with_handle(move || now.set(clock::now()), Duration::from_secs(LOOK_AGAIN_EVERY_S));
    if let Ok(timer) = timer {
        on_cleanup(move || timer.clear());
    }
    let list = RwSignal::new(List::OnSite);
    let sought = RwSignal::new(String::new());
    let done = RwSignal::new(None::<Done>);
    let lists = Memo::new(move |_| {
        now.track();
        let now = clock::now();
        outbox.visits.with(|visits| Lists::of(visits, now, times::start_of_day(now)))
    });
    let rows = Memo::new(move |_| {
        let sought = sought.get();
        lists.with(|lists| {
            let found = lists.get(list.get()).iter().filter(|visit| lists::is_found(visit, &sought));
            found.take(MOST_ROWS).cloned().collect::<Vec<_>>()
        })
    });
    provide_context(done);
    let opened: Opened = RwSignal::new(None);
    provide_context(opened);
    let shows_keys = RwSignal::new(false);
    keys::listen(list, shows_keys);

    let tab = move |id: &'static str, which: List, label: &'static str| {
        view! {
            <button
                id=id
                type="button"
                role="tab"
                class="tab"
                aria-selected=live::text(move || (list.get() == which).to_string())
                aria-controls="visits"
                tabindex=live::text(move || if list.get() == which { "0" } else { "-1" })
                on:click=live::click(move || list.set(which))
            >
                {label}
                <span class="count">{live::part(move || lists.with(|lists| lists.get(which).len().to_string()))}</span>
            </button>
        }
    };
    // Arrows walk the tabs, as people who use a keyboard expect: the way that the words run.
    let on_key = move |key: KeyboardEvent| {
        let forth = match key.key().as_str() {
            "ArrowRight" => document().dir() != "rtl",
            "ArrowLeft" => document().dir() == "rtl",
            _ => return,
        };
        let at = TABS.iter().position(|(_, which, _)| *which == list.get_untracked()).unwrap_or(0);
        let (_, which, _) = TABS[(at + if forth { 1 } else { TABS.len() - 1 }) % TABS.len()];
        list.set(which);
        focus::now(".tab[aria-selected=true]");
    };
    let has_word = Memo::new(move |_| outbox.as_of.get().is_some());
    let empty = move || {
        let (heading, hint) = match list.get() {
            _ if sought.with(|sought| !sought.trim().is_empty()) => (words::NOTHING_FOUND, words::NOTHING_FOUND_HINT),
            List::Expected => (words::EMPTY_EXPECTED, words::EMPTY_EXPECTED_HINT),
            List::OnSite => (words::EMPTY_ON_SITE, words::EMPTY_ON_SITE_HINT),
            List::Left => (words::EMPTY_LEFT, words::EMPTY_LEFT_HINT),
        };
        view! {
            <div class="empty">
                <h2>{heading}</h2>
                <p>{if has_word.get() { hint } else { words::NO_WORD_YET }}</p>
            </div>
        }
    };

    let is_empty = Memo::new(move |_| rows.with(Vec::is_empty));

    view! {
        <main class="today">
            <div class="today-bar">
                <div class="tabs" role="tablist" aria-label=words::LISTS on:keydown=on_key>
                    {TABS.map(|(id, which, label)| tab(id, which, label)).collect_view()}
                </div>
                {search_field("search", words::SEARCH, sought)}
                <button
                    id="keys"
                    type="button"
                    class="quiet icon-button wide-only"
                    aria-label=said::KEYS
                    title=said::KEYS
                    on:click=live::click(move || shows_keys.set(true))
                >
                    {icon::drawn(Icon::KEYS)}
                </button>
                <button id="new-visit" type="button" class="primary" on:click=live::click(on_new)>
                    {icon::drawn(Icon::PLUS)}
                    {words::NEW_VISIT}
                </button>
            </div>
            {live::part(move || {
                opened.get().map(|id| view! { <VisitSheet id site on_close=move || opened.set(None) /> })
            })}
            {live::part(move || shows_keys.get().then(|| keys::keys(move || shows_keys.set(false))))}
            <div id="visits" role="tabpanel">
                {live::part(move || is_empty.get().then(empty))}
                <ul class="rows">
                    <For each=move || rows.get() key=fingerprint let:visit>
                        <VisitRow visit />
                    </For>
                </ul>
            </div>
            <Toast done />
        </main>
    }
}

/// What the desk did last, said back; with a way out, if there is one.
#[derive(Clone, PartialEq, Eq)]
pub enum Done {
    /// It is kept.
    Kept { kind: Kind, visit: Box<Visit> },
    /// It is not.
    NotKept(NotKept),
}

/// The event that takes back what was done to `visit`, which is as it was before; what can't be taken back has none.
fn undone(kind: Kind, visit: &Visit) -> Option<(Kind, EventData)> {
    let visitor = visit.visitor.as_ref().map(|visitor| visitor.value.clone());
    let host = visit.host.as_ref().map(|host| host.value.clone());
    let expected_at = visit.expected_at.as_ref().map(|at| at.value);
    let details = Details::default();
    Some(match kind {
        Kind::CheckedOut => (Kind::CheckedIn, EventData::CheckedIn(CheckedIn { visitor: visitor?, host, details })),
        Kind::Cancelled => {
            let again = Registered { visitor: visitor?, host, expected_at: expected_at?, details };
            (Kind::Registered, EventData::Registered(again))
        }
        Kind::Registered => (Kind::Cancelled, EventData::Cancelled(Cancelled::default())),
        Kind::Updated => (Kind::Updated, EventData::Updated(Updated { visitor, host, expected_at, details: None })),
        _ => return None,
    })
}

#[component]
fn Toast(done: RwSignal<Option<Done>>) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let shown = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let what = done.get();
        shown.update_value(|n| *n += 1);
        // What failed stays until somebody has read it.
        if matches!(what, Some(Done::Kept { .. })) {
            let this = shown.get_value();
            set_timeout(
                move || {
                    if shown.try_get_value() == Some(this) {
                        done.set(None);
                    }
                },
                TOAST_SHOWN_FOR,
            );
        }
    });
    let undo = move |kind: Kind, visit: &Visit| {
        let (kind, what) = undone(kind, visit)?;
        let visit = visit.clone();
        Some(view! {
            <button
                id="undo"
                type="button"
                on:click=live::click(move || {
                    // As it stands now, so that undoing can be undone.
                    let before = outbox.visits.with_untracked(|visits| visits.get(&visit.id).cloned());
                    Act { outbox, done, kind }.keep(before.unwrap_or_else(|| visit.clone()), what.clone());
                })
            >
                {said::UNDO}
            </button>
        })
    };
    let toast = move |what: Done| {
        let (text, undo) = match &what {
            Done::Kept { kind, visit } => {
                let name = lists::name(visit).unwrap_or(words::UNKNOWN_VISITOR);
                (words::did(*kind, name), undo(*kind, visit))
            }
            Done::NotKept(why) => (words::not_kept(*why).to_owned(), None),
        };
        view! {
            <div class="toast">
                <p>{text}</p>
                {undo}
                <button
                    type="button"
                    class="quiet icon-button"
                    aria-label=words::DISMISS
                    on:click=live::click(move || done.set(None))
                >
                    {icon::drawn(Icon::CLOSE)}
                </button>
            </div>
        }
    };
    view! {
        <div class="toast-place" role="status">
            {live::part(move || done.get().map(toast))}
        </div>
    }
}

/// What changes when a row must be drawn anew: its events only grow in number, and turn from waiting to received.
fn fingerprint(visit: &Visit) -> (VisitId, usize, usize) {
    let received = visit.timeline.iter().filter(|entry| entry.received_at.is_some()).count();
    (visit.id, visit.timeline.len(), received)
}
