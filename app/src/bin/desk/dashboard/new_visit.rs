//! Announcing a visit, or checking in somebody who stands at the desk.

use leptos::prelude::*;
use vestibule_protocol::{
    details::Details,
    event::{CheckedIn, EventData, Registered},
    id::VisitId,
};

use vestibule_app::{
    clock,
    field::{Field, Kind, Notice, Requirement},
    focus,
    form::{self, VisitorErrors, VisitorFields, Wrong},
    host_picker::{HostChoice, HostPicker},
    live,
    outbox::Outbox,
    saving::{Saving, Stage},
    times, words,
};

use crate::dashboard::sheet::Sheet;

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
    let name = RwSignal::new(String::new());
    let company = RwSignal::new(String::new());
    let email = RwSignal::new(String::new());
    let time = RwSignal::new(times::next_half_hour(clock::now()));
    let host = HostChoice::nobody_yet();
    let errors = RwSignal::new(VisitorErrors::default());
    let host_error = RwSignal::new(None::<Wrong>);
    let time_error = RwSignal::new(None::<Wrong>);
    let visit = VisitId::new(clock::now(), clock::entropy());

    let save = move |purpose: Purpose| {
        let fields = VisitorFields {
            name: name.get_untracked(),
            company: company.get_untracked(),
            email: email.get_untracked(),
            ..VisitorFields::default()
        };
        let visitor = fields.read();
        let chosen = form::host(&host.typed.get_untracked(), host.chosen.get_untracked().as_ref());
        let expected_at = form::local_time(&time.get_untracked()).map(times::from_local);
        errors.set(visitor.as_ref().err().copied().unwrap_or_default());
        host_error.set(chosen.as_ref().err().copied());
        let (Ok(visitor), Ok(host)) = (visitor, chosen) else {
            return focus::soon("[aria-invalid=true]");
        };
        let what = match (purpose, expected_at) {
            (Purpose::CheckInNow, _) => EventData::CheckedIn(CheckedIn { visitor, host, details: Details::default() }),
            (Purpose::Announce, Ok(expected_at)) => {
                EventData::Registered(Registered { visitor, host, expected_at, details: Details::default() })
            }
            (Purpose::Announce, Err(wrong)) => return time_error.set(Some(wrong)),
        };
        time_error.set(None);
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
                <Field
                    id="visit-name"
                    label=words::VISITOR_NAME
                    kind=Kind::Name
                    value=name
                    error=Signal::derive(move || errors.get().name)
                />
                <div class="form-columns">
                    <Field
                        id="visit-company"
                        label=words::COMPANY
                        kind=Kind::Name
                        value=company
                        requirement=Requirement::Optional
                        error=Signal::derive(move || errors.get().company)
                    />
                    <Field
                        id="visit-email"
                        label=words::EMAIL
                        kind=Kind::Email
                        value=email
                        requirement=Requirement::Optional
                        error=Signal::derive(move || errors.get().email)
                    />
                </div>
                <HostPicker id="visit-host" label=words::HOST choice=host error=host_error />
                <Field id="visit-time" label=words::EXPECTED_AT kind=Kind::Time value=time error=time_error />
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
