//! The lists of the day: expected, on site, left.

mod keys;

use std::time::Duration;

use leptos::{ev::KeyboardEvent, leptos_dom::helpers::window_event_listener_untyped, prelude::*};
use vestibule_protocol::{
    details::Details,
    event::{Cancelled, CheckedIn, EventData, Registered, Updated},
    id::{SiteId, VisitId},
    visit::{Kind, Visit},
};

use vestibule_app::{
    clock, focus,
    icon::{self, Icon},
    lists::{self, List, Lists, Only, Searched},
    live, matching,
    outbox::{NotKept, Outbox},
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

/// Rows drawn at first, and more of them whenever the end comes near: with all of a busy day drawn, each arrival would be
/// felt at the keyboard.
const ROWS_AT_ONCE: usize = 60;

/// How near the end of the page more is drawn, in CSS pixels: two screens.
const NEAR_THE_END_PX: f64 = 1_600.0;

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
pub fn Today(on_new: impl Fn() + Copy + 'static, site: Memo<Option<SiteId>>) -> impl IntoView {
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
    let only = RwSignal::new(Only::All);
    let searched = StoredValue::new(Searched::default());
    let found = Memo::new(move |_| {
        let (sought, only, now) = (matching::fold(&sought.get()), only.get(), clock::now());
        lists.with(|lists| {
            outbox.visits.with(|visits| {
                let listed = lists.get(list.get()).iter().filter_map(|id| visits.get(id));
                let kept = listed.filter(|visit| only.keeps(visit, now));
                let finds = |visit: &Visit| searched.try_update_value(|searched| searched.finds(visit, &sought));
                kept.filter(|visit| finds(visit) == Some(true)).map(|visit| visit.id).collect::<Vec<_>>()
            })
        })
    });
    let drawn = grow_near_the_end(found, list, sought);
    let rows = Memo::new(move |_| {
        outbox.visits.with(|visits| {
            found.with(|found| {
                found.iter().take(drawn.get()).filter_map(|id| visits.get(id)).cloned().collect::<Vec<_>>()
            })
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
            _ if only.get() != Only::All => (said::NONE_SUCH, said::NONE_SUCH_HINT),
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

    let is_empty = Memo::new(move |_| found.with(Vec::is_empty));

    view! {
        <main class="today">
            <div class="today-bar">
                <div class="tabs" role="tablist" aria-label=words::LISTS on:keydown=on_key>
                    {TABS.map(|(id, which, label)| tab(id, which, label)).collect_view()}
                </div>
                <div class="search-field">
                    {icon::drawn(Icon::Search)}
                    <input
                        id="search"
                        type="search"
                        autocomplete="off"
                        aria-label=words::SEARCH
                        placeholder=words::SEARCH
                        bind:value=sought
                    />
                </div>
                <Filter only />
                <button
                    id="keys"
                    type="button"
                    class="quiet icon-button wide-only"
                    aria-label=said::KEYS
                    on:click=live::click(move || shows_keys.set(true))
                >
                    {icon::drawn(Icon::Keys)}
                </button>
                <button id="new-visit" type="button" class="primary" on:click=live::click(on_new)>
                    {icon::drawn(Icon::Plus)}
                    {words::NEW_VISIT}
                </button>
            </div>
            {live::part(move || {
                opened.get().map(|id| view! { <VisitSheet id site on_close=move || opened.set(None) /> })
            })}
            {live::part(move || {
                shows_keys.get().then(|| view! { <keys::Keys on_close=move || shows_keys.set(false) /> })
            })}
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

/// How many rows are drawn: more whenever the end comes near, and few again for another list.
fn grow_near_the_end(found: Memo<Vec<VisitId>>, list: RwSignal<List>, sought: RwSignal<String>) -> RwSignal<usize> {
    let drawn = RwSignal::new(ROWS_AT_ONCE);
    Effect::new(move |_| {
        list.track();
        sought.track();
        drawn.set(ROWS_AT_ONCE);
    });
    let grow = move |_| {
        let below = document().document_element().map_or(0.0, |page| {
            let scrolled = window().scroll_y().unwrap_or(0.0);
            let screen = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(0.0);
            f64::from(page.scroll_height()) - scrolled - screen
        });
        if below < NEAR_THE_END_PX && drawn.get_untracked() < found.with_untracked(Vec::len) {
            drawn.update(|drawn| *drawn += ROWS_AT_ONCE);
        }
    };
    let listener = window_event_listener_untyped("scroll", grow);
    on_cleanup(move || listener.remove());
    drawn
}

/// The filters, with the names by which the browser knows them.
const FILTERS: [(Only, &str, &str); 4] = [
    (Only::All, "all", said::FILTER_ALL),
    (Only::Overdue, "overdue", said::FILTER_LATE),
    (Only::Waiting, "waiting", said::FILTER_WAITING),
    (Only::Remarkable, "remarkable", said::FILTER_ODD),
];

#[component]
fn Filter(only: RwSignal<Only>) -> impl IntoView {
    let choose = move |chosen: String| {
        if let Some((chosen, ..)) = FILTERS.iter().find(|(_, name, _)| *name == chosen) {
            only.set(*chosen);
        }
    };
    view! {
        <select
            id="filter"
            aria-label=said::FILTER
            class:set=live::flag(move || only.get() != Only::All)
            on:change:target=move |change| choose(change.target().value())
        >
            {FILTERS.map(|(_, name, label)| view! { <option value=name>{label}</option> }).collect_view()}
        </select>
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

impl Done {
    /// The visit, which was as it is here before, has other particulars now.
    pub fn changed(before: Visit) -> Self {
        Self::Kept { kind: Kind::Updated, visit: Box::new(before) }
    }
}

/// The event that takes back what was done to `visit`, which is as it was before; what can't be taken back has none.
fn undone(kind: Kind, visit: &Visit) -> Option<(Kind, EventData)> {
    let visitor = visit.visitor.as_ref().map(|visitor| visitor.value.clone());
    let host = visit.host.as_ref().map(|host| host.value.clone());
    let expected_at = visit.expected_at.as_ref().map(|at| at.value);
    Some(match kind {
        Kind::CheckedOut => {
            (Kind::CheckedIn, EventData::CheckedIn(CheckedIn { visitor: visitor?, host, details: Details::default() }))
        }
        Kind::Cancelled => {
            let again = Registered { visitor: visitor?, host, expected_at: expected_at?, details: Details::default() };
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
                on:click=live::click(move || Act { outbox, done, kind }.keep(visit.clone(), what.clone()))
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
                    {icon::drawn(Icon::Close)}
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
