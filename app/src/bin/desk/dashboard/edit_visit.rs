//! Changing the particulars of a visit: only what is other than before becomes part of the event.

use leptos::prelude::*;
use vestibule_protocol::{
    event::{EventData, Host, Updated, Visitor},
    timestamp::Timestamp,
    visit::{Kind, Visit},
};

use vestibule_app::{clock, live};

use crate::{
    dashboard::{
        saving::Saving,
        today::Done,
        visit_form::{self, VisitForm},
    },
    wording::visits as said,
};

/// The form, in the place of the visit's timeline.
pub fn edit_visit(visit: Visit, on_done: impl Fn() + Copy + Send + Sync + 'static) -> AnyView {
    let done = expect_context::<RwSignal<Option<Done>>>();
    let expected_at = visit.expected_at.as_ref().map(|at| at.value);
    let form = begun_with(&visit, expected_at.unwrap_or_else(clock::now));
    let before = StoredValue::new(visit);
    let saving = Saving::new(move || {
        done.set(Some(Done::Kept { kind: Kind::Updated, visit: Box::new(before.get_value()) }));
        on_done();
    });
    let save = move || {
        let Some((visitor, host)) = form.people() else { return };
        let typed_at = expected_at.and_then(|_| form.expected_at());
        if typed_at.is_none() && expected_at.is_some() {
            return;
        }
        let what = before.with_value(|before| changes(before, &visitor, host.as_ref(), typed_at));
        if what == Updated::default() {
            on_done();
        } else {
            saving.save(before.with_value(|before| before.id), vec![EventData::Updated(what)]);
        }
    };
    view! {
        <form class="form" novalidate on:submit=live::submit(save)>
            {visit_form::people_fields(form)}
            {expected_at.is_some().then(|| visit_form::time_field(form))}
            {saving.notice()}
            <div class="form-end">
                <button type="button" class="quiet" on:click=live::click(on_done)>
                    {said::LEAVE_AS_IT_IS}
                </button>
                <button id="save-changes" type="submit" class="primary" disabled=live::flag(move || saving.is_busy())>
                    {said::SAVE_CHANGES}
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn begun_with(visit: &Visit, expected_at: Timestamp) -> VisitForm {
    let form = VisitForm::new(expected_at);
    let Some(Visitor { name, company, email, .. }) = visit.visitor.as_ref().map(|visitor| &visitor.value) else {
        return form;
    };
    let texts =
        [Some(name.to_string()), company.as_ref().map(ToString::to_string), email.as_ref().map(ToString::to_string)];
    form.begun_with(texts, visit.host.as_ref().map(|host| host.value.clone()))
}

/// What is other than the visit says; what stays is absent.
fn changes(before: &Visit, visitor: &Visitor, host: Option<&Host>, expected_at: Option<Timestamp>) -> Updated {
    let held = before.visitor.as_ref().map(|visitor| &visitor.value);
    // The desk does not ask for it, and does not lose it.
    let visitor = Visitor { phone: held.and_then(|held| held.phone.clone()), ..visitor.clone() };
    let is_held = |host: &&Host| before.host.as_ref().is_some_and(|held| held.value == **host);
    Updated {
        visitor: (held != Some(&visitor)).then_some(visitor),
        host: host.filter(|host| !is_held(host)).cloned(),
        details: None,
        expected_at: expected_at.filter(|at| before.expected_at.as_ref().is_none_or(|held| held.value != *at)),
    }
}

#[cfg(test)]
mod tests {
    use vestibule_protocol::{
        details::Details,
        event::{Event, Name, Registered, Source},
        id::{DeviceId, ENTROPY_BYTES, EventId, SiteId, VisitId},
        text::Text,
    };

    use super::*;

    const NOON: Timestamp = Timestamp::from_unix_ms(3_600_000);

    fn visit(visitor: &Visitor) -> Visit {
        let entropy = [1; ENTROPY_BYTES];
        let source = Source { site: SiteId::new(NOON, entropy), device: DeviceId::new(NOON, entropy) };
        let mut visit = Visit::new(VisitId::new(NOON, entropy), source.site);
        let registered =
            Registered { visitor: visitor.clone(), host: None, expected_at: NOON, details: Details::default() };
        let data = EventData::Registered(registered);
        let id = EventId::new(NOON, entropy);
        visit.apply(&Event { id, source, visit: visit.id, time: NOON, clock_offset_ms: None, data }, None);
        visit
    }

    #[test]
    fn only_what_is_other_than_before_is_recorded_and_what_is_not_asked_stays() {
        let phone = Text::new("+44 20 7946 0000").ok();
        let name = Name::new("Ada Lovelace").expect("a short name");
        let ada = Visitor { name, company: None, email: None, phone };
        let before = visit(&ada);
        let typed = Visitor { phone: None, ..ada.clone() };
        assert_eq!(changes(&before, &typed, None, Some(NOON)), Updated::default());
        let company = Name::new("Analytical Engines").ok();
        let moved = changes(&before, &Visitor { company: company.clone(), ..typed }, None, Some(NOON.plus_ms(1)));
        let expected = Updated {
            visitor: Some(Visitor { company, ..ada }),
            expected_at: Some(NOON.plus_ms(1)),
            ..Updated::default()
        };
        assert_eq!(moved, expected);
    }
}
