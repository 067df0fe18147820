//! A visitor leaves.

use leptos::prelude::*;
use vestibule_protocol::{
    event::{CheckedOut, EventData},
    settings::LookUp,
    visit::{State, Visit},
};

use vestibule_app::{
    clock,
    field::{self, Notice},
    focus,
    icon::{self, Icon},
    lists, live, look_up,
    outbox::Outbox,
    saving::{Saving, Stage},
    times, words,
};

use crate::{
    confirmation::Confirmation,
    shell::{Broken, TopBar},
};

/// Most visitors shown at once.
const MOST_SHOWN: usize = 5;

/// Finding oneself, a question, then the confirmation.
#[component]
pub fn CheckOut() -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let saving = Saving::new(outbox);
    let typed = RwSignal::new(String::new());
    let chosen = RwSignal::new(None::<Visit>);
    let first = field::focus_on_arrival();
    let is_searching =
        Memo::new(move |_| typed.with(|typed| typed.trim().chars().count() >= look_up::LEAVING_FROM_CHARS));
    let found = Memo::new(move |_| {
        if !is_searching.get() {
            return Vec::new();
        }
        let now = clock::now();
        let is_here = |visit: &Visit| visit.state(now) == State::OnSite;
        let by = outbox.decided.get().look_up;
        outbox
            .visits
            .with(|visits| look_up::find(visits, by, look_up::LEAVING_FROM_CHARS, &typed.get(), MOST_SHOWN, &is_here))
    });

    let choose = move |visit| {
        chosen.set(Some(visit));
        focus::soon(".ask h1");
    };
    let search = move || {
        view! {
            <h1>{live::part(move || asked(outbox.decided.get().look_up).heading)}</h1>
            <div class="field">
                <label for="find-visitor">{live::part(move || asked(outbox.decided.get().look_up).label)}</label>
                <div class="search-field">
                    {icon::drawn(Icon::SEARCH)}
                    <input
                        id="find-visitor"
                        node_ref=first
                        type="text"
                        autocomplete="off"
                        autocapitalize="words"
                        {..field::uncorrected()}
                        spellcheck="false"
                        aria-describedby="find-visitor-hint"
                        bind:value=typed
                    />
                </div>
                <p class="field-hint" id="find-visitor-hint" aria-live="polite">
                    {live::part(move || {
                        let Asked { hint, nobody_found, .. } = asked(outbox.decided.get().look_up);
                        if is_searching.get() && found.with(Vec::is_empty) { nobody_found } else { hint }
                    })}
                </p>
            </div>
            <div class="found">
                {live::part(move || {
                    let found = found.get().into_iter();
                    found.map(|visit| view! { <FoundVisitor visit on_choose=choose /> }).collect_view()
                })}
            </div>
        }
    };
    let ask = move |visit: Visit| {
        let id = visit.id;
        view! {
            <div class="ask">
                <h1 tabindex="-1">{words::shared().check_out_whom.with([lists::name(&visit).unwrap_or_default()])}</h1>
                <p class="lead">{arrived(&visit)}</p>
                <Notice text=Signal::derive(move || saving.failure().map(|why| words::not_kept(why).to_owned())) />
                <div class="form-end">
                    <button
                        type="button"
                        class="large"
                        disabled=live::flag(move || saving.is_busy())
                        on:click=live::click(move || chosen.set(None))
                    >
                        {words::kiosk().not_leaving}
                    </button>
                    <button
                        id="confirm"
                        type="button"
                        class="primary large"
                        disabled=live::flag(move || saving.is_busy())
                        on:click=live::click(move || saving.save(id, EventData::CheckedOut(CheckedOut {})))
                    >
                        {live::part(move || if saving.is_busy() { words::shared().saving } else { words::shared().check_out })}
                    </button>
                </div>
            </div>
        }
    };
    let is_broken = Memo::new(move |_| outbox.is_broken());
    let kept = Memo::new(move |_| match saving.stage.get() {
        Stage::Kept(kept) => Some(kept),
        Stage::Ready | Stage::Busy | Stage::NotKept(_) => None,
    });
    let body = move || match chosen.get() {
        _ if is_broken.get() => view! { <Broken /> }.into_any(),
        Some(visit) => ask(visit).into_any(),
        None => search().into_any(),
    };
    live::part(move || match kept.get() {
        Some(kept) => {
            let heading = chosen.with_untracked(|visit| {
                words::kiosk().goodbye.with([visit.as_ref().and_then(lists::name).unwrap_or_default()])
            });
            view! { <Confirmation heading kept /> }.into_any()
        }
        None => view! {
            <TopBar />
            <main class="screen form-screen">{live::part(body)}</main>
        }
        .into_any(),
    })
}

/// How one is asked who one is.
struct Asked {
    heading: &'static str,
    label: &'static str,
    hint: &'static str,
    /// In place of the hint. Where all must be typed before anybody is shown, nothing is said of what was typed so far.
    nobody_found: &'static str,
}

fn asked(by: LookUp) -> Asked {
    let (words, label) = (words::kiosk(), words::shared().your_name);
    let heading = words.check_out_heading;
    match by {
        LookUp::BeginningOfName => Asked { heading, label, hint: words.find_hint, nobody_found: words.nobody_found },
        LookUp::FullName => Asked { heading, label, hint: words.find_hint_name, nobody_found: words.find_hint_name },
        LookUp::CodeOrEmail => Asked {
            heading: words.check_out_heading_code,
            label: words.code_or_email,
            hint: words.find_hint_code,
            nobody_found: words.find_hint_code,
        },
    }
}

#[component]
fn FoundVisitor(visit: Visit, on_choose: impl Fn(Visit) + 'static) -> impl IntoView {
    let name = lists::name(&visit).unwrap_or_default().to_owned();
    view! {
        <button
            type="button"
            class="option"
            data-visit=visit.id.to_string()
            on:click={
                let visit = visit.clone();
                live::click(move || on_choose(visit.clone()))
            }
        >
            <span class="option-name">{name}</span>
            <span class="option-more">{arrived(&visit)}</span>
        </button>
    }
}

fn arrived(visit: &Visit) -> String {
    let time = visit.arrived_at().map(|at| times::time_or_day(at, clock::now())).unwrap_or_default();
    words::shared().arrived_at.with([&time])
}
