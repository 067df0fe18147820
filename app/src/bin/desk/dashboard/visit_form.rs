//! The particulars of a visit as the desk types them: for one that is new, and for one that changes.

use leptos::prelude::*;
use vestibule_protocol::{
    event::{Host, Visitor},
    timestamp::Timestamp,
    visit::Visit,
};

use vestibule_app::{
    clock,
    field::{Field, Kind, Requirement},
    focus,
    form::{self, VisitorErrors, VisitorFields, Wrong},
    host_picker::{HostChoice, HostPicker},
    times, words,
};

/// What was typed, and what is wrong with it. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct VisitForm {
    name: RwSignal<String>,
    company: RwSignal<String>,
    email: RwSignal<String>,
    /// When they are expected, as the field has it.
    pub time: RwSignal<String>,
    pub host: HostChoice,
    errors: RwSignal<VisitorErrors>,
    host_error: RwSignal<Option<Wrong>>,
    pub time_error: RwSignal<Option<Wrong>>,
}

impl VisitForm {
    /// Nothing typed yet; the next half hour.
    pub fn new() -> Self {
        Self {
            name: RwSignal::default(),
            company: RwSignal::default(),
            email: RwSignal::default(),
            time: RwSignal::new(times::next_half_hour(clock::now())),
            host: HostChoice::nobody_yet(),
            errors: RwSignal::default(),
            host_error: RwSignal::new(None),
            time_error: RwSignal::new(None),
        }
    }

    /// What the visit says.
    pub fn of(visit: &Visit) -> Self {
        let form = Self::new();
        if let Some(visitor) = &visit.visitor {
            form.name.set(visitor.value.name.to_string());
            form.company.set(visitor.value.company.as_ref().map(ToString::to_string).unwrap_or_default());
            form.email.set(visitor.value.email.as_ref().map(ToString::to_string).unwrap_or_default());
        }
        if let Some(host) = &visit.host {
            form.host.choose(Some(host.value.clone()));
        }
        if let Some(expected) = &visit.expected_at {
            form.time.set(times::local_minute(expected.value));
        }
        form
    }

    /// Who comes and whom they visit; `None` if something is wrong, which is then said and has the cursor.
    pub fn people(self) -> Option<(Visitor, Option<Host>)> {
        let fields = VisitorFields {
            name: self.name.get_untracked(),
            company: self.company.get_untracked(),
            email: self.email.get_untracked(),
        };
        let visitor = fields.read();
        self.errors.set(visitor.as_ref().err().copied().unwrap_or_default());
        let host = self.chosen_host();
        match (visitor, host) {
            (Ok(visitor), Some(host)) => Some((visitor, host)),
            _ => {
                focus::soon("[aria-invalid=true]");
                None
            }
        }
    }

    /// The host, where several people visit one; `None` if what was typed is nobody's name.
    pub fn chosen_host(self) -> Option<Option<Host>> {
        let host = form::host(&self.host.typed.get_untracked(), self.host.chosen.get_untracked().as_ref());
        self.host_error.set(host.as_ref().err().copied());
        host.map_err(|_| focus::soon("[aria-invalid=true]")).ok()
    }

    /// When they are expected, by the clock on the wall; `None` if that is no time.
    pub fn local_time(self) -> Option<form::LocalTime> {
        let local = form::local_time(&self.time.get_untracked());
        self.time_error.set(local.err());
        local.map_err(|_| focus::soon("[aria-invalid=true]")).ok()
    }

    /// The same as a moment.
    pub fn expected_at(self) -> Option<Timestamp> {
        self.local_time().map(times::from_local)
    }
}

/// Name, company, address.
#[component]
pub fn VisitorPart(form: VisitForm) -> impl IntoView {
    view! {
        <Field
            id="visit-name"
            label=words::VISITOR_NAME
            kind=Kind::Name
            value=form.name
            error=Signal::derive(move || form.errors.get().name)
        />
        <div class="form-columns">
            <Field
                id="visit-company"
                label=words::COMPANY
                kind=Kind::Name
                value=form.company
                requirement=Requirement::Optional
                error=Signal::derive(move || form.errors.get().company)
            />
            <Field
                id="visit-email"
                label=words::EMAIL
                kind=Kind::Email
                value=form.email
                requirement=Requirement::Optional
                error=Signal::derive(move || form.errors.get().email)
            />
        </div>
    }
}

/// Whom they visit.
#[component]
pub fn HostPart(form: VisitForm) -> impl IntoView {
    view! { <HostPicker id="visit-host" label=words::HOST choice=form.host error=form.host_error /> }
}

/// When.
#[component]
pub fn TimePart(form: VisitForm) -> impl IntoView {
    view! { <Field id="visit-time" label=words::EXPECTED_AT kind=Kind::Time value=form.time error=form.time_error /> }
}
