//! What happened, as it should have been recorded. Begins with what can be read of the text.

use leptos::prelude::*;
use vestibule_protocol::{
    attention::{Decision, Said},
    details::Details,
    event::{CheckedIn, CheckedOut, EventData, Registered, Visitor},
    text::Text,
    visit::Kind,
};

use vestibule_app::{clock, live};

use super::{Carry, Ending, asked};
use crate::{
    dashboard::visit_form::{self, Moment, VisitForm},
    wording::attention as words,
};

/// The form.
pub(super) fn form(said: Said, ending: Ending, send: Carry) -> AnyView {
    let known_visit = said.visit;
    let phone = said.phone.as_ref().and_then(|phone| Text::new(phone).ok());
    let kind = RwSignal::new(match said.kind {
        Some(Kind::CheckedOut) if known_visit.is_some() => Kind::CheckedOut,
        Some(Kind::Registered) => Kind::Registered,
        _ => Kind::CheckedIn,
    });
    let happened_at = said.occurred_at.unwrap_or_else(clock::now);
    let time = Moment::at(happened_at);
    let form = VisitForm::new(said.expected_at.unwrap_or(happened_at))
        .begun_with([said.name, said.company, said.email], said.host);

    let what = move || {
        let kind = kind.get_untracked();
        if kind == Kind::CheckedOut {
            return Some(EventData::CheckedOut(CheckedOut {}));
        }
        let (visitor, host) = form.people()?;
        let visitor = Visitor { phone: phone.clone(), ..visitor };
        let details = Details::default();
        Some(match kind {
            Kind::Registered => {
                EventData::Registered(Registered { visitor, host, expected_at: form.expected_at()?, details })
            }
            _ => EventData::CheckedIn(CheckedIn { visitor, host, details }),
        })
    };
    let save = move || {
        if let (Some(note), Some(occurred_at), Some(what)) = (ending.note(), time.read(), what()) {
            send(Decision::Replace { occurred_at, visit: known_visit, what: Box::new(what), note });
        }
    };
    let choice = move |this: Kind, id: &'static str, label: &'static str| {
        view! {
            <button
                id=id
                type="button"
                class="tab"
                aria-pressed=live::text(move || (kind.get() == this).to_string())
                on:click=live::click(move || kind.set(this))
            >
                {label}
            </button>
        }
        .into_any()
    };
    let fields = view! {
        <div class="tabs" role="group" aria-label=words::WHAT>
            {choice(Kind::CheckedIn, "right-arrived", words::AN_ARRIVAL)}
            {known_visit.is_some().then(|| choice(Kind::CheckedOut, "right-left", words::A_DEPARTURE))}
            {choice(Kind::Registered, "right-expected", words::AN_ANNOUNCEMENT)}
        </div>
        {time.field("right-time", words::WHEN)}
        {live::part(move || (kind.get() != Kind::CheckedOut).then(|| visit_form::people_fields(form)))}
        {live::part(move || (kind.get() == Kind::Registered).then(|| visit_form::time_field(form)))}
    };
    asked(words::SET_RIGHT_LEAD, fields.into_any(), ending, Box::new(save))
}
