//! Somebody was announced, and is perhaps who stands here.

use leptos::prelude::*;
use vestibule_app::{
    clock, focus,
    icon::{self, Icon},
    lists, live, look_up, times, words,
};
use vestibule_protocol::visit::{State, Visit};

use super::flow::Flow;

/// Most expected visitors offered at once.
const EXPECTED_OFFERED: usize = 3;

/// A day, in ms: who is expected tomorrow or later has not come for that visit.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// How early one may come across midnight, in ms: the night shift is early, too.
const EARLY_MS: i64 = 2 * 60 * 60 * 1_000;

/// Who is meant by what was typed, as far as the site lets a name say it; or that they have said that it is them.
#[component]
pub(super) fn Expected(flow: Flow) -> impl IntoView {
    let offered = Memo::new(move |_| {
        if flow.expected.with(Option::is_some) {
            return Vec::new();
        }
        let now = clock::now();
        let until = times::start_of_day(now).plus_ms(DAY_MS).max(now.plus_ms(EARLY_MS));
        let is_due = |visit: &Visit| {
            visit.expected_at.as_ref().is_some_and(|at| at.value < until) && visit.state(now) == State::Expected
        };
        let by = flow.with(|form| form.settings.look_up);
        flow.outbox.visits.with(|visits| {
            let mut found = look_up::arriving(visits, by, &flow.name.get(), EXPECTED_OFFERED, &is_due);
            let by_address = look_up::arriving(visits, by, &flow.email.get(), 1, &is_due);
            found.retain(|visit| by_address.iter().all(|other| other.id != visit.id));
            found.extend(by_address);
            found
        })
    });
    let choose = move |visit: Visit| flow.choose(visit);
    let not_me = move || flow.unchoose();
    view! {
        {live::part(move || flow.expected.get().map(|visit| view! { <Announced visit on_other=not_me /> }))}
        {live::part(move || {
            let offered = offered.get();
            (!offered.is_empty()).then(|| view! { <Offered visits=offered on_choose=choose /> })
        })}
    }
}

/// The expected visitors that the typed name may mean.
#[component]
fn Offered(visits: Vec<Visit>, on_choose: impl Fn(Visit) + Copy + 'static) -> impl IntoView {
    view! {
        <div class="offered" aria-live="polite">
            <p class="offered-lead">{words::kiosk().expected_choose}</p>
            {visits
                .into_iter()
                .map(|visit| {
                    let name = lists::name(&visit).unwrap_or_default().to_owned();
                    let when = expected_words(&visit);
                    view! {
                        <button
                            type="button"
                            class="option offered-visit"
                            data-expected=visit.id.to_string()
                            on:click=live::click(move || on_choose(visit.clone()))
                        >
                            <span class="option-name">{name}</span>
                            <span class="option-more">{when}</span>
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// The expected visit that this check-in goes to.
#[component]
fn Announced(visit: Visit, on_other: impl Fn() + 'static) -> impl IntoView {
    view! {
        <p class="announced">
            {icon::drawn(Icon::Check)}
            <span class="announced-words">{expected_words(&visit)}</span>
            <button type="button" class="quiet" on:click=live::click(on_other)>
                {words::kiosk().not_me}
            </button>
        </p>
    }
}

fn expected_words(visit: &Visit) -> String {
    let time = visit.expected_at.as_ref().map(|at| times::time_or_day(at.value, clock::now())).unwrap_or_default();
    words::expected_at_by(&time, lists::host(visit))
}
