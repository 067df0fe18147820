//! A group: several people who come together, typed one a line.

use leptos::prelude::*;
use vestibule_protocol::{
    details::Details,
    event::{EventData, Registered, Visitor},
    id::VisitId,
};

use vestibule_app::{
    clock, csv,
    form::{VisitorFields, Wrong},
    guest_list::Column,
    live,
    outbox::Outbox,
};

use crate::{
    dashboard::{
        new_visit::several::{End, MOST},
        saving_many::SavingMany,
        visit_form::{HostPart, TimePart, VisitForm},
    },
    wording::visits as said,
};

/// Who was typed; or on which lines, what is wrong.
fn read(typed: &str) -> Result<Vec<Visitor>, Vec<String>> {
    let lines = csv::read(typed).map_err(|why| vec![said::no_list(why.into())])?;
    let (mut visitors, mut wrongs) = (Vec::new(), Vec::new());
    for line in lines {
        let field = |place: usize| line.fields.get(place).cloned().unwrap_or_default();
        match (VisitorFields { name: field(0), company: field(1), email: field(2) }).read() {
            Ok(visitor) => visitors.push(visitor),
            Err(errors) => {
                let all =
                    [(Column::Name, errors.name), (Column::Company, errors.company), (Column::Email, errors.email)];
                let told = |(column, wrong): (Column, Option<Wrong>)| {
                    Some(format!("{} {}: {}", said::LINE, line.number, said::wrong_in(column, wrong?)))
                };
                wrongs.extend(all.into_iter().filter_map(told));
            }
        }
    }
    if visitors.len() > MOST {
        wrongs.push(said::too_many(MOST));
    }
    if wrongs.is_empty() { Ok(visitors) } else { Err(wrongs) }
}

/// The form.
#[component]
pub fn Group(form: VisitForm, on_close: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let many = SavingMany::new(expect_context::<Outbox>());
    // They come as one party, which is known by the visit of its first member.
    let party = VisitId::new(clock::now(), clock::entropy());
    let typed = RwSignal::new(String::new());
    let people = Memo::new(move |_| read(&typed.get()));
    let ready = Signal::derive(move || people.with(|people| people.as_ref().map_or(0, Vec::len)));
    let save = move || {
        let (Some(host), Some(expected_at)) = (form.chosen_host(), form.expected_at()) else { return };
        let Ok(people) = people.get_untracked() else { return };
        let details = Details { party: (people.len() > 1).then_some(party), ..Details::default() };
        let registered = |visitor| {
            EventData::Registered(Registered { visitor, host: host.clone(), expected_at, details: details.clone() })
        };
        many.save(party, people.into_iter().map(registered).collect());
    };
    let wrong = move || {
        let wrongs = people.with(|people| people.as_ref().err().cloned())?;
        Some(wrongs.into_iter().map(|wrong| view! { <p class="field-error">{wrong}</p> }).collect_view())
    };
    view! {
        <form class="form" novalidate on:submit=live::submit(save)>
            <div class="field">
                <label for="group">{said::GROUP_LABEL}</label>
                <textarea
                    id="group"
                    rows="6"
                    dir="auto"
                    spellcheck="false"
                    aria-describedby="group-hint group-wrong"
                    bind:value=typed
                ></textarea>
                <p class="field-hint" id="group-hint">{said::GROUP_HINT}</p>
                <div id="group-wrong" aria-live="polite">{live::part(wrong)}</div>
            </div>
            <HostPart form />
            <TimePart form />
            <End many ready on_close />
        </form>
    }
}
