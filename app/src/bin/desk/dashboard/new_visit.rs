//! Announcing a visit or several, or checking in somebody who stands at the desk.

mod several;

use leptos::prelude::*;
use vestibule_protocol::{
    details::Details,
    event::{CheckedIn, EventData, Registered},
    id::VisitId,
};

use vestibule_app::{clock, live, sheet::Sheet, times, words};

use crate::{
    dashboard::{
        saving::Saving,
        visit_form::{self, VisitForm},
    },
    wording::visits as said,
};

/// What the desk wants with what it typed.
#[derive(Clone, Copy)]
enum Purpose {
    Announce,
    CheckInNow,
}

/// The sheet; closes once all is kept.
#[component]
pub fn NewVisit(on_close: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let are_several = RwSignal::new(false);
    let choice = move |this: bool, id: &'static str, label: &'static str| {
        view! {
            <button
                id=id
                type="button"
                class="tab"
                aria-pressed=live::text(move || (are_several.get() == this).to_string())
                on:click=live::click(move || are_several.set(this))
            >
                {label}
            </button>
        }
        .into_any()
    };
    // What was typed for one stays for several: the host and the time.
    let form = VisitForm::new(times::next_half_hour(clock::now()));
    view! {
        <Sheet title=words::NEW_VISIT on_close=on_close>
            <div class="tabs new-visit-number" role="group" aria-label=said::HOW_MANY>
                {choice(false, "new-one", said::ONE)}
                {choice(true, "new-several", said::SEVERAL)}
            </div>
            {live::part(move || {
                if are_several.get() { several::several(form, on_close) } else { one(form, on_close) }
            })}
        </Sheet>
    }
}

/// One visitor.
fn one(form: VisitForm, on_close: impl Fn() + 'static) -> AnyView {
    let saving = Saving::new(on_close);
    let visit = VisitId::new(clock::now(), clock::entropy());
    let save = move |purpose: Purpose| {
        let Some((visitor, host)) = form.people() else { return };
        let what = match purpose {
            Purpose::CheckInNow => EventData::CheckedIn(CheckedIn { visitor, host, details: Details::default() }),
            Purpose::Announce => {
                let Some(expected_at) = form.expected_at() else { return };
                EventData::Registered(Registered { visitor, host, expected_at, details: Details::default() })
            }
        };
        saving.save(visit, vec![what]);
    };
    view! {
        <form class="form" novalidate on:submit=live::submit(move || save(Purpose::Announce))>
            {visit_form::people_fields(form)}
            {visit_form::time_field(form)}
            {saving.notice()}
            <div class="form-end">
                <button
                    id="check-in-now"
                    type="button"
                    disabled=live::flag(move || saving.is_busy())
                    on:click=live::click(move || save(Purpose::CheckInNow))
                >
                    {words::CHECK_IN_NOW}
                </button>
                <button id="save-visit" type="submit" class="primary" disabled=live::flag(move || saving.is_busy())>
                    {live::part(move || saving.label(words::ADD_EXPECTED.to_owned()))}
                </button>
            </div>
        </form>
    }
    .into_any()
}
