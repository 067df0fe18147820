//! A visitor arrives.

use leptos::{ev::KeyboardEvent, prelude::*};
use vestibule_protocol::{
    details::Details,
    event::{CheckedIn, EventData},
    id::VisitId,
    settings::LookUp,
    visit::{State, Visit},
};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use vestibule_app::{
    clock,
    field::{self, Field, Notice, Requirement},
    focus,
    form::{self, VisitorErrors, VisitorFields, Wrong},
    host_picker::{HostChoice, HostPicker},
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

/// Most expected visitors offered at once.
const EXPECTED_OFFERED: usize = 3;

/// A day, in ms: who is expected tomorrow or later has not come for that visit.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// How early one may come across midnight, in ms: the night shift is early, too.
const EARLY_MS: i64 = 2 * 60 * 60 * 1_000;

/// Name, company, host; then the confirmation.
#[component]
pub fn CheckIn() -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let saving = Saving::new(outbox);
    let name = RwSignal::new(String::new());
    let company = RwSignal::new(String::new());
    let invitation = RwSignal::new(String::new());
    let host = HostChoice::nobody_yet();
    let errors = RwSignal::new(VisitorErrors::default());
    let host_error = RwSignal::new(None::<Wrong>);
    let first = field::focus_on_arrival();
    // Fixed before the first try, so that trying again can't make a second visit.
    let walk_in = VisitId::new(clock::now(), clock::entropy());
    let expected = RwSignal::new(None::<Visit>);

    let offered = Memo::new(move |_| {
        if expected.with(Option::is_some) {
            return Vec::new();
        }
        let by = outbox.decided.get().look_up;
        let typed = if by == LookUp::CodeOrEmail { invitation.get() } else { name.get() };
        let now = clock::now();
        let until = times::start_of_day(now).plus_ms(DAY_MS).max(now.plus_ms(EARLY_MS));
        let is_due = |visit: &Visit| {
            visit.expected_at.as_ref().is_some_and(|at| at.value < until) && visit.state(now) == State::Expected
        };
        outbox
            .visits
            .with(|visits| look_up::find(visits, by, look_up::ARRIVING_FROM_CHARS, &typed, EXPECTED_OFFERED, &is_due))
    });
    let choose = move |visit: Visit| {
        name.set(lists::name(&visit).unwrap_or_default().to_owned());
        company.set(lists::company(&visit).unwrap_or_default().to_owned());
        if let Some(known) = &visit.host {
            host.choose(Some(known.value.clone()));
        }
        expected.set(Some(visit));
        focus::soon("#confirm");
    };

    let not_me = move || {
        expected.set(None);
        invitation.set(String::new());
        focus::soon("#visitor-name");
    };

    let submit = move || {
        let fields =
            VisitorFields { name: name.get_untracked(), company: company.get_untracked(), ..Default::default() };
        let visitor = fields.read();
        let chosen = form::host(&host.typed.get_untracked(), host.chosen.get_untracked().as_ref());
        errors.set(visitor.as_ref().err().copied().unwrap_or_default());
        host_error.set(chosen.as_ref().err().copied());
        let (Ok(mut visitor), Ok(chosen)) = (visitor, chosen) else {
            return focus::soon("[aria-invalid=true]");
        };
        let announced = expected.get_untracked();
        if let Some(known) = announced.as_ref().and_then(|visit| visit.visitor.as_ref()) {
            visitor.email = known.value.email.clone();
            visitor.phone = known.value.phone.clone();
        }
        let visit = announced.map_or(walk_in, |visit| visit.id);
        saving.save(visit, EventData::CheckedIn(CheckedIn { visitor, host: chosen, details: Details::default() }));
    };

    // The keyboard's return key walks on: it must not check somebody in who has not seen the whole form.
    let on_key = move |key: KeyboardEvent| {
        if let Some(next) = next_field(&key) {
            key.prevent_default();
            focus::now(next);
        }
    };

    let form = move || {
        view! {
            <TopBar />
            <main class="screen form-screen">
                <h1>{words::kiosk().check_in_heading}</h1>
                <form class="form" novalidate on:submit=live::submit(submit) on:keydown=on_key>
                    {live::part(move || {
                        (outbox.decided.get().look_up == LookUp::CodeOrEmail).then(|| view! { <Invitation typed=invitation /> })
                    })}
                    <div class="form-columns">
                        <Field
                            id="visitor-name"
                            label=words::shared().your_name
                            kind=field::Kind::Name
                            value=name
                            error=Signal::derive(move || errors.get().name)
                            node_ref=first
                        />
                        <Field
                            id="visitor-company"
                            label=words::kiosk().your_company
                            kind=field::Kind::Name
                            value=company
                            requirement=Requirement::Optional
                            error=Signal::derive(move || errors.get().company)
                        />
                    </div>
                    {live::part(move || expected.get().map(|visit| view! { <Announced visit on_other=not_me /> }))}
                    {live::part(move || {
                        let offered = offered.get();
                        (!offered.is_empty()).then(|| view! { <Offered visits=offered on_choose=choose /> })
                    })}
                    <HostPicker id="host-search" label=words::kiosk().your_host choice=host error=host_error />
                    <Notice text=Signal::derive(move || saving.failure().map(|why| words::not_kept(why).to_owned())) />
                    <div class="form-end">
                        <button
                            id="confirm"
                            type="submit"
                            class="primary large"
                            disabled=live::flag(move || saving.is_busy())
                        >
                            {live::part(move || if saving.is_busy() { words::shared().saving } else { words::shared().check_in })}
                        </button>
                    </div>
                </form>
            </main>
        }
    };
    let is_broken = Memo::new(move |_| outbox.is_broken());
    let kept = Memo::new(move |_| match saving.stage.get() {
        Stage::Kept(kept) => Some(kept),
        Stage::Ready | Stage::Busy | Stage::NotKept(_) => None,
    });
    live::part(move || match kept.get() {
        Some(kept) => {
            let heading = words::kiosk().checked_in.with([name.get_untracked().trim()]);
            view! { <Confirmation heading kept /> }.into_any()
        }
        None if is_broken.get() => view! {
            <TopBar />
            <main class="screen">
                <Broken />
            </main>
        }
        .into_any(),
        None => form().into_any(),
    })
}

/// Where the kiosk offers nobody by their name, by what who was invited is found.
#[component]
fn Invitation(typed: RwSignal<String>) -> impl IntoView {
    view! {
        <Field
            id="invitation"
            label=words::kiosk().invitation
            hint=words::kiosk().invitation_hint
            kind=field::Kind::CodeOrEmail
            value=typed
            requirement=Requirement::Optional
        />
    }
}

/// The expected visitors that may be meant.
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
            {icon::drawn(Icon::CHECK)}
            <span class="announced-words">{expected_words(&visit)}</span>
            <button type="button" class="quiet" on:click=live::click(on_other)>
                {words::kiosk().not_me}
            </button>
        </p>
    }
}

/// Where the return key leads from the field that has the focus.
fn next_field(key: &KeyboardEvent) -> Option<&'static str> {
    if key.key() != "Enter" {
        return None;
    }
    let here = key.target()?.dyn_into::<HtmlElement>().ok()?.id();
    match here.as_str() {
        "invitation" => Some("#visitor-name"),
        "visitor-name" => Some("#visitor-company"),
        "visitor-company" => Some("#host-search"),
        _ => None,
    }
}

fn expected_words(visit: &Visit) -> String {
    let time = visit.expected_at.as_ref().map(|at| times::time_or_day(at.value, clock::now())).unwrap_or_default();
    words::expected_at_by(&time, lists::host(visit))
}
