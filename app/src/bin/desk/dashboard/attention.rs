//! What needs attention: what the server can't count, what disagrees, what is gone, and what devices have set aside.
//!
//! The texts hold names and stay with the server: unlike the other pages this one keeps no copy. What waits on this
//! device is its own, and shown without a server too.

mod decide;
mod doubt;
mod parked;

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    attention::{Attention, Gap},
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
    dashboard::{attention::decide::Deciding, kept::Answer},
    wording::attention as said,
};

/// What the server said last, as far as it was asked. Copies are one and the same.
#[derive(Clone, Copy)]
struct Listed {
    /// Those on which somebody has decided, or the open ones.
    shows_decided: RwSignal<bool>,
    /// The pages that were asked for, as one.
    page: RwSignal<Option<Attention>>,
    failure: RwSignal<Option<Failure>>,
}

impl Listed {
    fn nothing() -> Self {
        Self { shows_decided: RwSignal::new(false), page: RwSignal::new(None), failure: RwSignal::new(None) }
    }

    /// Shows others, once the server has told them.
    fn show(self, decided: bool) {
        self.page.set(None);
        self.shows_decided.set(decided);
    }

    /// Asks for the first page, or for the one after those that are there.
    fn load(self, site: SiteId, before: Option<i64>) {
        let shows_decided = self.shows_decided.get_untracked();
        let decided = if shows_decided { "decided=yes&" } else { "" };
        let before_text = before.map(|before| format!("before={before}")).unwrap_or_default();
        let path = format!("/api/v1/sites/{site}/attention?{decided}{before_text}");
        spawn_local(async move {
            let told = api::read::<Attention>(&path).await;
            // The page may have been left, or the others asked for.
            if self.shows_decided.try_get_untracked() != Some(shows_decided) {
                return;
            }
            match told {
                Ok(page) => {
                    self.failure.set(None);
                    self.take(page, before);
                }
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    /// Draws nothing anew where nothing is other than it was: somebody may be reading.
    fn take(self, mut told: Attention, before: Option<i64>) {
        self.page.maybe_update(|held| {
            if let Some(held) = held.as_mut().filter(|_| before.is_some()) {
                held.doubts.append(&mut told.doubts);
                held.next = told.next;
                return true;
            }
            let is_same = held.as_ref().is_some_and(|held| held.doubts == told.doubts && held.gaps == told.gaps);
            *held = Some(told);
            !is_same
        });
    }
}

/// How many need attention at the site, as its devices stand. Reactive.
pub fn open_count(devices: Answer<Devices>) -> u64 {
    devices.last.with(|last| {
        let devices = last.iter().flat_map(|kept| &kept.value.devices);
        devices.map(|device| device.parked + device.quarantined + device.conflicting + device.lost).sum()
    })
}

/// The page. `devices` says how many there are: it is asked again after each decision.
#[component]
pub fn AttentionPage(site: Memo<Option<SiteId>>, devices: Answer<Devices>) -> impl IntoView {
    let listed = Listed::nothing();
    let deciding = RwSignal::new(None::<Deciding>);
    let round = RwSignal::new(0_u32);
    Effect::new(move |_| {
        devices.last.track();
        round.track();
        listed.shows_decided.track();
        // Whoever is typing a note keeps what they see.
        if let (Some(site), None) = (site.get(), deciding.get_untracked()) {
            listed.load(site, None);
        }
    });
    let close = move || deciding.set(None);
    let done = move || {
        close();
        devices.ask_again();
        round.update(|round| *round += 1);
    };
    let tab = move |id: &'static str, this: bool, label: &'static str| {
        view! {
            <button
                id=id
                type="button"
                class="tab"
                aria-pressed=live::text(move || (listed.shows_decided.get() == this).to_string())
                on:click=live::click(move || listed.show(this))
            >
                {label}
            </button>
        }
    };
    let told = move || listed.page.with(|page| Some(list(page.as_ref()?, site, listed, deciding)));
    let failure = move || {
        let failure = listed.failure.get()?;
        let words =
            if failure == Failure::Unreachable { said::NEEDS_SERVER.to_owned() } else { words::failure(&failure) };
        Some(view! { <p class="copy-notice">{words}</p> })
    };
    view! {
        <main class="page attention">
            <div class="page-bar">
                <div class="tabs" role="group" aria-label=said::ATTENTION>
                    {tab("attention-open", false, said::OPEN)}
                    {tab("attention-decided", true, said::DECIDED)}
                </div>
            </div>
            <div role="status">{live::part(failure)}</div>
            {live::part(move || (!listed.shows_decided.get()).then(|| parked::parked(devices)))}
            {live::part(told)}
            {live::part(move || {
                let (site, chosen) = (site.get_untracked()?, deciding.get()?);
                Some(decide::sheet(site, chosen, done, close))
            })}
        </main>
    }
}

fn list(page: &Attention, site: Memo<Option<SiteId>>, listed: Listed, deciding: RwSignal<Option<Deciding>>) -> AnyView {
    if page.doubts.is_empty() && page.gaps.is_empty() {
        return if listed.shows_decided.get_untracked() {
            nothing(said::NOTHING_DECIDED, said::NOTHING_DECIDED_HINT)
        } else {
            nothing(said::NOTHING_OPEN, said::NOTHING_OPEN_HINT)
        };
    }
    let show_more = move |before: i64| {
        if let Some(site) = site.get_untracked() {
            listed.load(site, Some(before));
        }
    };
    view! {
        <ul class="doubts">
            {page.gaps.iter().map(|gap| gap_card(gap, deciding)).collect_view()}
            {page.doubts.iter().map(|doubt| doubt::card(doubt, deciding)).collect_view()}
        </ul>
        {page
            .next
            .map(|next| {
                view! {
                    <button id="show-more" type="button" on:click=live::click(move || show_more(next))>
                        {said::MORE}
                    </button>
                }
            })}
    }
    .into_any()
}

fn nothing(heading: &'static str, hint: &'static str) -> AnyView {
    view! {
        <div class="empty">
            {icon::drawn(Icon::CHECK)}
            <h2>{heading}</h2>
            <p>{hint}</p>
        </div>
    }
    .into_any()
}

fn gap_card(gap: &Gap, deciding: RwSignal<Option<Deciding>>) -> AnyView {
    let told = times::time_or_day(gap.told_at, clock::now());
    let number = gap.number;
    view! {
        <li class="doubt" data-gap=number.to_string()>
            <h2>{said::gap_title(gap)}</h2>
            <p class="concern grave">
                {icon::drawn(Icon::WARNING)}
                {said::gap(gap, &told)}
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
    .into_any()
}
