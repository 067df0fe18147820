//! What needs attention: what the server can't count, what disagrees, what is gone, and what devices have set aside.
//!
//! The texts hold names and stay with the server: unlike the other pages this one keeps no copy. What waits on this
//! device is its own, and shown without a server too.

mod decide;
mod doubt;
mod parked;

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    attention::{Attention, Doubt, Gap},
    id::SiteId,
    standing::Devices,
};

use vestibule_app::{
    api::{self, Failure},
    clock,
    icon::{self, Icon},
    live, times, words,
};

use crate::{
    dashboard::{
        attention::decide::{Deciding, DecisionSheet},
        kept::Answer,
    },
    wording::attention as said,
};

/// Which doubts are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Open,
    Decided,
}

/// What the server said last, as far as it was asked.
#[derive(Clone, Copy)]
struct Loaded {
    doubts: RwSignal<Vec<Doubt>>,
    gaps: RwSignal<Vec<Gap>>,
    next: RwSignal<Option<i64>>,
    /// Whether it has answered at all.
    is_there: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
}

impl Loaded {
    fn nothing() -> Self {
        Self {
            doubts: RwSignal::default(),
            gaps: RwSignal::default(),
            next: RwSignal::new(None),
            is_there: RwSignal::new(false),
            failure: RwSignal::new(None),
        }
    }

    /// Asks for the first page, or for the one after those that are there.
    fn load(self, site: SiteId, which: Which, before: Option<i64>) {
        let decided = if which == Which::Decided { "decided=yes&" } else { "" };
        let before_text = before.map(|before| format!("before={before}")).unwrap_or_default();
        let path = format!("/api/v1/sites/{site}/attention?{decided}{before_text}");
        spawn_local(async move {
            match api::read::<Attention>(&path).await {
                Ok(page) => {
                    if before.is_none() {
                        self.doubts.try_set(page.doubts);
                        self.gaps.try_set(page.gaps);
                    } else {
                        self.doubts.try_update(|doubts| doubts.extend(page.doubts));
                    }
                    self.next.try_set(page.next);
                    self.failure.try_set(None);
                    self.is_there.try_set(true);
                }
                Err(failure) => {
                    self.failure.try_set(Some(failure));
                }
            }
        });
    }
}

/// How many need attention at the site, as its devices stand.
pub fn open_count(devices: Answer<Devices>) -> Memo<u64> {
    Memo::new(move |_| {
        devices.last.with(|last| {
            let devices = last.iter().flat_map(|kept| &kept.value.devices);
            devices.map(|device| device.parked + device.quarantined + device.conflicting + device.lost).sum()
        })
    })
}

/// The page. `devices` says how many there are: it is asked again after each decision.
#[component]
pub fn AttentionPage(site: Memo<Option<SiteId>>, devices: Answer<Devices>) -> impl IntoView {
    let which = RwSignal::new(Which::Open);
    let loaded = Loaded::nothing();
    let deciding = RwSignal::new(None::<Deciding>);
    let open = open_count(devices);
    let round = RwSignal::new(0_u32);
    Effect::new(move |_| {
        open.track();
        round.track();
        // Whoever is typing a note keeps what they see.
        if let (Some(site), None) = (site.get(), deciding.get_untracked()) {
            loaded.load(site, which.get(), None);
        }
    });
    let close = move || deciding.set(None);
    let done = move || {
        close();
        devices.ask_again();
        round.update(|round| *round += 1);
    };
    let tab = move |id: &'static str, this: Which, label: &'static str| {
        view! {
            <button
                id=id
                type="button"
                class="tab"
                aria-pressed=live::text(move || (which.get() == this).to_string())
                on:click=live::click(move || which.set(this))
            >
                {label}
            </button>
        }
    };
    let show_more = move || {
        if let (Some(site), Some(next)) = (site.get_untracked(), loaded.next.get_untracked()) {
            loaded.load(site, which.get_untracked(), Some(next));
        }
    };
    let is_open = Memo::new(move |_| which.get() == Which::Open);
    let is_empty = Memo::new(move |_| {
        loaded.is_there.get() && loaded.doubts.with(Vec::is_empty) && loaded.gaps.with(Vec::is_empty)
    });
    view! {
        <main class="page attention">
            <div class="page-bar">
                <div class="tabs" role="group" aria-label=said::ATTENTION>
                    {tab("attention-open", Which::Open, said::OPEN)}
                    {tab("attention-decided", Which::Decided, said::DECIDED)}
                </div>
            </div>
            {live::part(move || {
                loaded
                    .failure
                    .get()
                    .map(|failure| {
                        let words = if failure == Failure::Unreachable {
                            said::NEEDS_SERVER.to_owned()
                        } else {
                            words::failure(&failure)
                        };
                        view! { <p class="copy-notice" role="status">{words}</p> }
                    })
            })}
            {live::part(move || is_open.get().then(|| view! { <parked::Parked devices /> }))}
            <ul class="doubts">
                {live::part(move || {
                    let gaps = loaded.gaps.get().into_iter().filter(|_| is_open.get());
                    gaps.map(|gap| gap_card(gap, deciding)).collect_view()
                })}
                <For each=move || loaded.doubts.get() key=|doubt| (doubt.number, doubt.decided.is_some()) let:doubt>
                    {doubt::card(doubt, deciding)}
                </For>
            </ul>
            {live::part(move || is_empty.get().then(|| nothing(which.get())))}
            {live::part(move || {
                loaded
                    .next
                    .get()
                    .map(|_| {
                        view! {
                            <button id="show-more" type="button" on:click=live::click(show_more)>
                                {said::MORE}
                            </button>
                        }
                    })
            })}
            {live::part(move || {
                let (site, chosen) = (site.get_untracked()?, deciding.get()?);
                Some(view! { <DecisionSheet site deciding=chosen on_done=done on_close=close /> })
            })}
        </main>
    }
}

fn nothing(which: Which) -> impl IntoView {
    let (heading, hint) = match which {
        Which::Open => (said::NOTHING_OPEN, said::NOTHING_OPEN_HINT),
        Which::Decided => (said::NOTHING_DECIDED, said::NOTHING_DECIDED_HINT),
    };
    view! {
        <div class="empty">
            {icon::drawn(Icon::Check)}
            <h2>{heading}</h2>
            <p>{hint}</p>
        </div>
    }
}

fn gap_card(gap: Gap, deciding: RwSignal<Option<Deciding>>) -> impl IntoView {
    let told = times::time_or_day(gap.told_at, clock::now());
    let title = said::gap_title(&gap);
    let words = said::gap(&gap, &told);
    let number = gap.number;
    view! {
        <li class="doubt" data-gap=number.to_string()>
            <h2>{title}</h2>
            <p class="concern grave">
                {icon::drawn(Icon::Warning)}
                {words}
            </p>
            <div class="doubt-acts">
                <button
                    type="button"
                    data-action="note"
                    on:click=live::click(move || deciding.set(Some(Deciding::Gap(number))))
                >
                    {said::TAKE_NOTE}
                </button>
            </div>
        </li>
    }
}
