//! The particulars of a visit as the desk types them: for one that is new, and for one that is set right or changes.

use leptos::prelude::*;
use vestibule_protocol::{
    event::{Host, Visitor},
    timestamp::Timestamp,
};

use vestibule_app::{
    field::{Field, Kind, Requirement},
    focus,
    form::{self, LocalTime, VisitorErrors, VisitorFields, Wrong},
    host_picker::{HostChoice, HostPicker},
    times, words,
};

/// A field with which something is wrong.
const WRONG: &str = "[aria-invalid=true]";

/// What was typed, and what is wrong with it. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct VisitForm {
    name: RwSignal<String>,
    company: RwSignal<String>,
    email: RwSignal<String>,
    host: HostChoice,
    time: Moment,
    errors: RwSignal<VisitorErrors>,
    host_error: RwSignal<Option<Wrong>>,
}

impl VisitForm {
    /// Nothing typed yet; expected at that time.
    pub fn new(expected_at: Timestamp) -> Self {
        Self {
            name: RwSignal::default(),
            company: RwSignal::default(),
            email: RwSignal::default(),
            host: HostChoice::nobody_yet(),
            time: Moment::at(expected_at),
            errors: RwSignal::default(),
            host_error: RwSignal::new(None),
        }
    }

    /// Begins with what is known of name, company and e-mail address, and with the host.
    pub fn begun_with(self, [name, company, email]: [Option<String>; 3], host: Option<Host>) -> Self {
        self.name.set(name.unwrap_or_default());
        self.company.set(company.unwrap_or_default());
        self.email.set(email.unwrap_or_default());
        if host.is_some() {
            self.host.choose(host);
        }
        self
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
        let host = self.host();
        if visitor.is_err() {
            focus::soon(WRONG);
        }
        Some((visitor.ok()?, host?))
    }

    /// Whom they visit, who may be nobody; `None` as for [`Self::people`].
    pub fn host(self) -> Option<Option<Host>> {
        let host = form::host(&self.host.typed.get_untracked(), self.host.chosen.get_untracked().as_ref());
        self.host_error.set(host.as_ref().err().copied());
        host.map_err(|_| focus::soon(WRONG)).ok()
    }

    /// The same while it is being chosen. Reactive.
    pub fn chosen_host(self) -> Option<Host> {
        self.host.chosen.get()
    }

    /// When they are expected, as it stands; as it began, while what is typed is no time. Reactive.
    pub fn shown_time(self) -> Option<LocalTime> {
        let began = times::local_minute(self.time.before);
        form::local_time(&self.time.typed.get()).or_else(|_| form::local_time(&began)).ok()
    }

    /// When they are expected; `None` as for [`Self::people`].
    pub fn expected_at(self) -> Option<Timestamp> {
        self.time.read()
    }
}

/// A moment that is typed. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct Moment {
    typed: RwSignal<String>,
    before: Timestamp,
    error: RwSignal<Option<Wrong>>,
}

impl Moment {
    /// Begins there.
    pub fn at(before: Timestamp) -> Self {
        Self { typed: RwSignal::new(times::local_minute(before)), before, error: RwSignal::new(None) }
    }

    /// The moment; `None` if it is none, which is then said and has the cursor. The field shows whole minutes: what
    /// nobody touched keeps its seconds.
    pub fn read(self) -> Option<Timestamp> {
        let typed = self.typed.get_untracked();
        let is_untouched = typed == times::local_minute(self.before);
        let read = if is_untouched { Ok(self.before) } else { form::local_time(&typed).map(times::from_local) };
        self.error.set(read.err());
        read.map_err(|_| focus::soon(WRONG)).ok()
    }

    /// Its field.
    pub fn field(self, id: &'static str, label: &'static str) -> AnyView {
        view! { <Field id label kind=Kind::Time value=self.typed error=self.error /> }.into_any()
    }
}

/// Name, company, address, and whom they visit.
pub fn people_fields(form: VisitForm) -> AnyView {
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
        {host_field(form)}
    }
    .into_any()
}

/// Whom they visit.
pub fn host_field(form: VisitForm) -> AnyView {
    view! { <HostPicker id="visit-host" label=words::HOST choice=form.host error=form.host_error /> }.into_any()
}

/// When they are expected.
pub fn time_field(form: VisitForm) -> AnyView {
    form.time.field("visit-time", words::EXPECTED_AT)
}
