//! Announcing a visit, a group or a list, or checking in somebody who stands at the desk.

mod group;
mod list;
mod several;

use leptos::prelude::*;
use vestibule_protocol::{
    details::Details,
    event::{CheckedIn, EventData, Registered},
    id::VisitId,
};

use vestibule_app::{
    clock,
    field::Notice,
    form, live,
    outbox::Outbox,
    recurrence::{self, Rule},
    saving::{Saving, Stage},
    times, words,
};

use crate::{
    dashboard::{
        saving_many::{Progress, SavingMany},
        sheet::Sheet,
        visit_form::{HostPart, TimePart, VisitForm, VisitorPart},
    },
    wording::visits as said,
};

/// How many are announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    One,
    Group,
    List,
}

/// The sheet; closes once all is kept.
#[component]
pub fn NewVisit(on_close: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let number = RwSignal::new(Number::One);
    let choice = move |this: Number, id: &'static str, label: &'static str| {
        view! {
            <button
                id=id
                type="button"
                class="tab"
                aria-pressed=live::text(move || (number.get() == this).to_string())
                on:click=live::click(move || number.set(this))
            >
                {label}
            </button>
        }
    };
    let form = VisitForm::new();
    view! {
        <Sheet title=words::NEW_VISIT on_close=on_close>
            <div class="tabs new-visit-number" role="group" aria-label=said::HOW_MANY>
                {choice(Number::One, "new-one", said::ONE)}
                {choice(Number::Group, "new-group", said::GROUP)}
                {choice(Number::List, "new-list", said::LIST)}
            </div>
            {live::part(move || match number.get() {
                Number::One => view! { <One form on_close /> }.into_any(),
                Number::Group => view! { <group::Group form on_close /> }.into_any(),
                Number::List => view! { <list::List form on_close /> }.into_any(),
            })}
        </Sheet>
    }
}

/// One visitor, who may come again.
#[component]
fn One(form: VisitForm, on_close: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let saving = Saving::new(outbox);
    let many = SavingMany::new(outbox);
    let visit = VisitId::new(clock::now(), clock::entropy());
    let rule = RwSignal::new(Rule::Once);
    let until = RwSignal::new(String::new());
    let repeated = Memo::new(move |_| {
        let first = form::local_time(&form.time.get()).ok()?;
        let last = form::local_time(&format!("{}T00:00", until.get())).ok()?;
        (rule.get() != Rule::Once).then(|| recurrence::times(first, rule.get(), (last.year, last.month, last.day)))
    });

    let announce = move || {
        let (Some((visitor, host)), Some(expected_at)) = (form.people(), form.expected_at()) else { return };
        let registered = move |expected_at| {
            EventData::Registered(Registered {
                visitor: visitor.clone(),
                host: host.clone(),
                expected_at,
                details: Details::default(),
            })
        };
        match (rule.get_untracked(), repeated.get_untracked()) {
            (Rule::Once, _) => saving.save(visit, registered(expected_at)),
            (_, Some(at)) if (1..=recurrence::MOST).contains(&at.len()) => {
                many.save(visit, at.into_iter().map(times::from_local).map(registered).collect());
            }
            _ => vestibule_app::focus::soon("#visit-until"),
        }
    };
    let check_in_now = move || {
        let Some((visitor, host)) = form.people() else { return };
        saving.save(visit, EventData::CheckedIn(CheckedIn { visitor, host, details: Details::default() }));
    };
    Effect::new(move |_| {
        if matches!(saving.stage.get(), Stage::Kept(_)) || matches!(many.progress.get(), Progress::Kept { .. }) {
            on_close();
        }
    });
    let is_busy = move || saving.is_busy() || many.is_busy();
    let repeats = Memo::new(move |_| rule.get() != Rule::Once);
    let failure = move || match many.progress.get() {
        Progress::NotKept { kept, of, why } => Some(said::kept_in_part(kept, of, why)),
        _ => saving.failure().map(|why| words::not_kept(why).to_owned()),
    };
    view! {
        <form class="form" novalidate on:submit=live::submit(announce)>
            <VisitorPart form />
            <HostPart form />
            <div class="form-columns">
                <TimePart form />
                <Repeats rule />
            </div>
            {live::part(move || repeats.get().then(|| view! { <Until until repeated /> }))}
            <Notice text=Signal::derive(failure) />
            <div class="form-end">
                <button
                    id="check-in-now"
                    type="button"
                    disabled=live::flag(is_busy)
                    on:click=live::click(check_in_now)
                >
                    {words::CHECK_IN_NOW}
                </button>
                <button id="save-visit" type="submit" class="primary" disabled=live::flag(is_busy)>
                    {live::part(move || match (many.progress.get(), saving.is_busy()) {
                        (Progress::Busy { kept, of }, _) => said::saving(kept, of),
                        (_, true) => words::shared().saving.to_owned(),
                        _ => words::ADD_EXPECTED.to_owned(),
                    })}
                </button>
            </div>
        </form>
    }
}

/// The rules, with the names by which the browser knows them.
const RULES: [(Rule, &str, &str); 5] = [
    (Rule::Once, "once", said::NEVER),
    (Rule::Weekdays, "weekdays", said::WEEKDAYS),
    (Rule::Weekly, "weekly", said::WEEKLY),
    (Rule::Fortnightly, "fortnightly", said::FORTNIGHTLY),
    (Rule::Monthly, "monthly", said::MONTHLY),
];

#[component]
fn Repeats(rule: RwSignal<Rule>) -> impl IntoView {
    let choose = move |chosen: String| {
        if let Some((chosen, ..)) = RULES.iter().find(|(_, name, _)| *name == chosen) {
            rule.set(*chosen);
        }
    };
    view! {
        <div class="field">
            <label for="visit-repeats">{said::REPEATS}</label>
            <select id="visit-repeats" on:change:target=move |change| choose(change.target().value())>
                {RULES.map(|(_, name, label)| view! { <option value=name>{label}</option> }).collect_view()}
            </select>
        </div>
    }
}

#[component]
fn Until(until: RwSignal<String>, repeated: Memo<Option<Vec<form::LocalTime>>>) -> impl IntoView {
    view! {
        <div class="field">
            <label for="visit-until">{said::UNTIL}</label>
            <input id="visit-until" type="date" required aria-describedby="visit-until-hint" bind:value=until />
            <p class="field-hint" id="visit-until-hint" aria-live="polite">
                {live::part(move || repeated.with(|at| at.as_ref().map(|at| said::times_until(at.len()))))}
            </p>
        </div>
    }
}
