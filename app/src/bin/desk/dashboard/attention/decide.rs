//! The sheet in which somebody decides: what it will do in a sentence, and room for why.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    attention::{Decision, Doubt, Noted, Said},
    batch::QuarantineReason,
    details::Details,
    event::{CheckedIn, CheckedOut, EventData, Registered, Remark, Updated, Visitor},
    id::SiteId,
    text::InvalidText,
    timestamp::Timestamp,
    visit::Kind,
};

use vestibule_app::{
    api::{self, Method},
    clock,
    field::{Field, FieldError, Kind as FieldKind, Notice, Requirement},
    focus,
    form::{self, VisitorErrors, VisitorFields, Wrong},
    host_picker::{HostChoice, HostPicker},
    live, times, words,
};

use crate::{
    dashboard::{
        attention::doubt::{self, Particular},
        sheet::Sheet,
    },
    wording::attention as said,
};

/// On what somebody is deciding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deciding {
    Doubt(Box<Doubt>, Act),
    /// The gap of that number.
    Gap(i64),
}

/// How.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Accept,
    SetRight,
    Merge,
    Dismiss,
}

/// What every sheet has below what it asks: the note, what went wrong, the button.
#[derive(Clone, Copy)]
struct Ending {
    note: RwSignal<String>,
    note_error: RwSignal<Option<Wrong>>,
    notice: RwSignal<Option<String>>,
    is_busy: RwSignal<bool>,
}

impl Ending {
    fn new() -> Self {
        Self {
            note: RwSignal::default(),
            note_error: RwSignal::new(None),
            notice: RwSignal::new(None),
            is_busy: RwSignal::new(false),
        }
    }

    /// The note, if there is one; `Err` if it is too long.
    fn note(self) -> Result<Option<Remark>, Wrong> {
        match Remark::new(&self.note.get_untracked()) {
            Ok(note) => Ok(Some(note)),
            Err(InvalidText::Empty) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Says what is wrong with the note, and goes there.
    fn refuse(self, wrong: Wrong) {
        self.note_error.set(Some(wrong));
        focus::soon("#note");
    }

    /// Sends it, once at a time, and ends the sheet if it was done.
    fn send(self, path: String, body: String, on_done: impl Fn() + 'static) {
        if self.is_busy.get_untracked() {
            return;
        }
        self.is_busy.set(true);
        self.note_error.set(None);
        self.notice.set(None);
        spawn_local(async move {
            match api::tell(Method::Post, &path, body).await {
                Ok(()) => on_done(),
                // Somebody was faster: it is decided all the same, and the page shows how.
                Err(failure) if failure.code() == "already_decided" => on_done(),
                Err(failure) => {
                    self.notice.try_set(Some(words::failure(&failure)));
                }
            }
            self.is_busy.try_set(false);
        });
    }
}

/// The sheet for what was chosen.
#[component]
pub fn DecisionSheet(
    site: SiteId,
    deciding: Deciding,
    on_done: impl Fn() + Copy + Send + Sync + 'static,
    on_close: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let ending = Ending::new();
    let (title, content) = match deciding {
        Deciding::Gap(number) => {
            let path = format!("/api/v1/sites/{site}/gaps/{number}");
            let save = move || match ending.note() {
                Ok(Some(note)) => {
                    ending.send(path.clone(), api::body(&Noted { note }), on_done);
                }
                Ok(None) => ending.refuse(Wrong::Missing),
                Err(wrong) => ending.refuse(wrong),
            };
            (said::TAKE_NOTE, asked(said::GAP_LEAD, ending, Requirement::Required, Box::new(save)))
        }
        Deciding::Doubt(doubt, act) => {
            let path = format!("/api/v1/sites/{site}/attention/{}", doubt.number);
            let send = Box::new(move |decision: Decision| ending.send(path.clone(), api::body(&decision), on_done));
            match act {
                Act::Accept => accept(&doubt, ending, send),
                Act::Dismiss => (said::DISMISS, dismiss(ending, send)),
                Act::SetRight => (said::SET_RIGHT, view! { <SetRight said=doubt.said ending send /> }.into_any()),
                Act::Merge => (said::MERGE, merge(*doubt, ending, send)),
            }
        }
    };
    view! {
        <Sheet title on_close>
            <div id="decision">{content}</div>
        </Sheet>
    }
}

/// Sends what was decided.
type Carry = Box<dyn Fn(Decision) + Send + Sync>;

fn accept(doubt: &Doubt, ending: Ending, send: Carry) -> (&'static str, AnyView) {
    let (title, lead) = match doubt.reason {
        None => (said::BOTH_RIGHT, said::BOTH_RIGHT_LEAD),
        Some(QuarantineReason::IdConflict) => (said::BOTH_RIGHT, said::ACCEPT_COPY_LEAD),
        Some(_) => (said::ACCEPT, said::ACCEPT_LEAD),
    };
    let save = move || match ending.note() {
        Ok(note) => send(Decision::Accept { note }),
        Err(wrong) => ending.refuse(wrong),
    };
    (title, asked(lead, ending, Requirement::Optional, Box::new(save)))
}

fn dismiss(ending: Ending, send: Carry) -> AnyView {
    let save = move || match ending.note() {
        Ok(Some(note)) => send(Decision::Dismiss { note }),
        Ok(None) => ending.refuse(Wrong::Missing),
        Err(wrong) => ending.refuse(wrong),
    };
    asked(said::DISMISS_LEAD, ending, Requirement::Required, Box::new(save))
}

/// A sentence, and room for a note.
fn asked(lead: &'static str, ending: Ending, note: Requirement, save: Box<dyn Fn()>) -> AnyView {
    view! {
        <form class="form" novalidate on:submit=live::submit(save)>
            <p class="lead">{lead}</p>
            <End ending note />
        </form>
    }
    .into_any()
}

#[component]
fn End(ending: Ending, note: Requirement) -> impl IntoView {
    let Ending { note: value, note_error, notice, is_busy } = ending;
    view! {
        <div class="field" class:wrong=live::flag(move || note_error.get().is_some())>
            <label for="note">
                {said::NOTE}
                {(note == Requirement::Optional)
                    .then(|| view! { " " <span class="field-optional">{words::shared().optional}</span> })}
            </label>
            <textarea
                id="note"
                rows="3"
                dir="auto"
                aria-describedby="note-error"
                aria-invalid=live::text(move || note_error.get().is_some().to_string())
                required=note == Requirement::Required
                bind:value=value
            ></textarea>
            <FieldError id="note-error".to_owned() error=note_error.into() />
        </div>
        <Notice text=notice />
        <div class="form-end">
            <button id="confirm-decision" type="submit" class="primary" disabled=live::flag(move || is_busy.get())>
                {said::CONFIRM}
            </button>
        </div>
    }
}

/// What happened, as it should have been recorded. Begins with what can be read of the text.
#[component]
fn SetRight(said: Said, ending: Ending, send: Carry) -> impl IntoView {
    let known_visit = said.visit;
    let kind = RwSignal::new(match said.kind {
        Some(Kind::CheckedOut) if known_visit.is_some() => Kind::CheckedOut,
        Some(Kind::Registered) => Kind::Registered,
        _ => Kind::CheckedIn,
    });
    let field = |value: &Option<String>| RwSignal::new(value.clone().unwrap_or_default());
    let (name, company, email) = (field(&said.name), field(&said.company), field(&said.email));
    let first_time = said.occurred_at.unwrap_or_else(clock::now);
    let time = RwSignal::new(times::local_minute(first_time));
    let expected = RwSignal::new(times::local_minute(said.expected_at.unwrap_or(first_time)));
    let host = HostChoice::nobody_yet();
    if said.host.is_some() {
        host.choose(said.host.clone());
    }
    let errors = RwSignal::new(VisitorErrors::default());
    let host_error = RwSignal::new(None::<Wrong>);
    let time_error = RwSignal::new(None::<Wrong>);
    let expected_error = RwSignal::new(None::<Wrong>);
    let moment = move |typed: RwSignal<String>, before: Timestamp| {
        let typed = typed.get_untracked();
        // What was not touched keeps its seconds.
        if typed == times::local_minute(before) { Ok(before) } else { form::local_time(&typed).map(times::from_local) }
    };
    let expected_before = said.expected_at.unwrap_or(first_time);

    let save = move || {
        let note = match ending.note() {
            Ok(note) => note,
            Err(wrong) => return ending.refuse(wrong),
        };
        let occurred_at = moment(time, first_time);
        time_error.set(occurred_at.err());
        let expected_at = moment(expected, expected_before);
        let is_expected = kind.get_untracked() == Kind::Registered;
        expected_error.set(expected_at.err().filter(|_| is_expected));
        let Ok(occurred_at) = occurred_at else { return focus::soon("[aria-invalid=true]") };
        if kind.get_untracked() == Kind::CheckedOut {
            let what = EventData::CheckedOut(CheckedOut {});
            return send(Decision::Replace { occurred_at, visit: known_visit, what: Box::new(what), note });
        }
        let fields = VisitorFields {
            name: name.get_untracked(),
            company: company.get_untracked(),
            email: email.get_untracked(),
        };
        let visitor = fields.read();
        errors.set(visitor.as_ref().err().copied().unwrap_or_default());
        let chosen = form::host(&host.typed.get_untracked(), host.chosen.get_untracked().as_ref());
        host_error.set(chosen.as_ref().err().copied());
        let (Ok(visitor), Ok(host)) = (visitor, chosen) else { return focus::soon("[aria-invalid=true]") };
        let what = match expected_at {
            Ok(expected_at) if is_expected => {
                EventData::Registered(Registered { visitor, host, expected_at, details: Details::default() })
            }
            Err(_) if is_expected => return focus::soon("[aria-invalid=true]"),
            _ => EventData::CheckedIn(CheckedIn { visitor, host, details: Details::default() }),
        };
        send(Decision::Replace { occurred_at, visit: known_visit, what: Box::new(what), note });
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
    };
    let has_visitor = Memo::new(move |_| kind.get() != Kind::CheckedOut);
    let has_expected = Memo::new(move |_| kind.get() == Kind::Registered);
    let visitor = move || {
        view! {
            <Field
                id="right-name"
                label=words::VISITOR_NAME
                kind=FieldKind::Name
                value=name
                error=Signal::derive(move || errors.get().name)
            />
            <div class="form-columns">
                <Field
                    id="right-company"
                    label=words::COMPANY
                    kind=FieldKind::Name
                    value=company
                    requirement=Requirement::Optional
                    error=Signal::derive(move || errors.get().company)
                />
                <Field
                    id="right-email"
                    label=words::EMAIL
                    kind=FieldKind::Email
                    value=email
                    requirement=Requirement::Optional
                    error=Signal::derive(move || errors.get().email)
                />
            </div>
            <HostPicker id="right-host" label=words::HOST choice=host error=host_error />
        }
    };
    view! {
        <form class="form" novalidate on:submit=live::submit(save)>
            <p class="lead">{said::SET_RIGHT_LEAD}</p>
            <div class="tabs" role="group" aria-label=said::WHAT>
                {choice(Kind::CheckedIn, "right-arrived", said::AN_ARRIVAL)}
                {known_visit.is_some().then(|| choice(Kind::CheckedOut, "right-left", said::A_DEPARTURE))}
                {choice(Kind::Registered, "right-expected", said::AN_ANNOUNCEMENT)}
            </div>
            <Field id="right-time" label=said::WHEN kind=FieldKind::Time value=time error=time_error />
            {live::part(move || has_visitor.get().then(visitor))}
            {live::part(move || {
                has_expected
                    .get()
                    .then(|| {
                        view! {
                            <Field
                                id="right-expected-at"
                                label=words::EXPECTED_AT
                                kind=FieldKind::Time
                                value=expected
                                error=expected_error
                            />
                        }
                    })
            })}
            <End ending note=Requirement::Optional />
        </form>
    }
}

/// Which of the two says what is right, for each particular in which they differ.
fn merge(doubt: Doubt, ending: Ending, send: Carry) -> AnyView {
    let now = clock::now();
    let first = doubt.against.clone().unwrap_or_default();
    let second = doubt.said.clone();
    let differing: Vec<Particular> =
        doubt::particulars(Some(&first), &second, now).into_iter().filter(Particular::differs).collect();
    let mergeable: Vec<Particular> = differing
        .into_iter()
        .filter(|one| {
            [said::NAME, said::COMPANY, said::EMAIL, said::PHONE, said::HOST, said::EXPECTED].contains(&one.label)
        })
        .collect();
    if mergeable.is_empty() || first.visit.is_none() {
        return view! { <p class="lead">{said::NOTHING_CHOSEN_DIFFERS}</p> }.into_any();
    }
    let choices: Vec<(&'static str, RwSignal<Side>)> =
        mergeable.iter().map(|one| (one.label, RwSignal::new(Side::First))).collect();
    let lines = mergeable.into_iter().zip(&choices).map(|(one, &(_, side))| choice_of(one, side)).collect_view();
    let save = move || {
        let note = match ending.note() {
            Ok(note) => note,
            Err(wrong) => return ending.refuse(wrong),
        };
        let from = |label: &'static str| {
            let side = choices.iter().find(|(of, _)| *of == label).map(|(_, side)| side.get_untracked());
            if side == Some(Side::Second) { &second } else { &first }
        };
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let fields = VisitorFields {
            name: text(&from(said::NAME).name),
            company: text(&from(said::COMPANY).company),
            email: text(&from(said::EMAIL).email),
        };
        let visitor = fields.read().map(|visitor| Visitor {
            phone: from(said::PHONE).phone.as_ref().and_then(|phone| vestibule_protocol::text::Text::new(phone).ok()),
            ..visitor
        });
        let what = EventData::Updated(Updated {
            visitor: visitor.ok(),
            host: from(said::HOST).host.clone(),
            expected_at: from(said::EXPECTED).expected_at,
            details: None,
        });
        send(Decision::Replace { occurred_at: clock::now(), visit: first.visit, what: Box::new(what), note });
    };
    view! {
        <form class="form" novalidate on:submit=live::submit(save)>
            <p class="lead">{said::MERGE_LEAD}</p>
            {lines}
            <End ending note=Requirement::Optional />
        </form>
    }
    .into_any()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    First,
    Second,
}

fn choice_of(one: Particular, side: RwSignal<Side>) -> impl IntoView {
    let group = format!("merge-{}", one.label.to_lowercase());
    let option = |this: Side, value: Option<String>| {
        let group = group.clone();
        view! {
            <label class="merge-option">
                <input
                    type="radio"
                    name=group
                    prop:checked=live::flag(move || side.get() == this)
                    on:change=move |_| side.set(this)
                />
                <span dir="auto">{value.unwrap_or_else(|| "–".to_owned())}</span>
            </label>
        }
    };
    view! {
        <fieldset class="merge">
            <legend>{one.label}</legend>
            {option(Side::First, one.first)}
            {option(Side::Second, one.second)}
        </fieldset>
    }
}
