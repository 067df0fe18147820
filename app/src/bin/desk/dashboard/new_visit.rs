//! Announcing a visit, or checking in somebody who stands at the desk.

use leptos::prelude::*;
use vestibule_protocol::{
    details::Details,
    event::{CheckedIn, EventData, Registered},
    id::VisitId,
};

use vestibule_app::{
    clock,
    field::Notice,
    live,
    outbox::Outbox,
    saving::{Saving, Stage},
    times, words,
};

use crate::dashboard::{
    sheet::Sheet,
    visit_form::{self, VisitForm},
};

/// What the desk wants with what it typed.
#[derive(Clone, Copy)]
enum Purpose {
    Announce,
    CheckInNow,
}

/// One form for both; closes once it is kept.
#[component]
pub fn NewVisit(on_close: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let saving = Saving::new(expect_context::<Outbox>());
    let form = VisitForm::new(times::next_half_hour(clock::now()));
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
        saving.save(visit, what);
    };
    Effect::new(move |_| {
        if matches!(saving.stage.get(), Stage::Kept(_)) {
            on_close();
        }
    });
    let on_submit = move || {
        save(Purpose::Announce);
    };

    view! {
        <Sheet title=words::NEW_VISIT on_close=on_close>
            <form class="form" novalidate on:submit=live::submit(on_submit)>
                {visit_form::people_fields(form)}
                {visit_form::time_field(form)}
                <Notice text=Signal::derive(move || saving.failure().map(|why| words::not_kept(why).to_owned())) />
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
                        {live::part(move || if saving.is_busy() { words::shared().saving } else { words::ADD_EXPECTED })}
                    </button>
                </div>
            </form>
        </Sheet>
    }
}
