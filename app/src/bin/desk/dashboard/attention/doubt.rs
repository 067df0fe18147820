//! One text in doubt: why, what it says, beside it what stands against it, and what can be done.

use leptos::prelude::*;
use vestibule_protocol::{
    attention::{Decided, Doubt, Said},
    batch::QuarantineReason,
    timestamp::Timestamp,
};

use vestibule_app::{clock, live, times};

use crate::{
    dashboard::attention::decide::{Act, Deciding},
    wording::{self, attention as said},
};

/// Where nothing is said of a particular.
const UNSAID: &str = "–";

/// The card.
pub fn card(doubt: &Doubt, deciding: RwSignal<Option<Deciding>>) -> AnyView {
    let now = clock::now();
    let came = times::time_or_day(doubt.received_at, now);
    let acts = doubt.decided.is_none().then(|| acts(doubt, deciding));
    view! {
        <li class="doubt" data-doubt=doubt.number.to_string()>
            <div class="doubt-top">
                <h2>{said::title(doubt.reason)}</h2>
                <p class="device-state">{said::captured_as(doubt.seq, doubt.device_name.as_str(), &came)}</p>
            </div>
            <p>{said::reason(doubt.reason)}</p>
            {sides(doubt, now)}
            {doubt.decided.as_ref().map(|decided| verdict(decided, now))}
            {acts}
        </li>
    }
    .into_any()
}

/// A particular: what it is called, and what each side says of it.
pub struct Particular {
    pub label: &'static str,
    pub first: Option<String>,
    pub second: Option<String>,
}

impl Particular {
    pub fn differs(&self) -> bool {
        self.first != self.second
    }
}

/// What is said, or that nothing is.
pub fn shown(value: Option<String>) -> String {
    value.unwrap_or_else(|| UNSAID.to_owned())
}

/// What the two say, without what neither tells of. Without a first one, the second alone.
pub fn particulars(first: Option<&Said>, second: &Said, now: Timestamp) -> Vec<Particular> {
    let (of_first, of_second) = (first.map(|first| told(first, now)).unwrap_or_default(), told(second, now));
    let both = said::PARTICULARS.into_iter().zip(of_first.into_iter().zip(of_second));
    both.map(|(label, (first, second))| Particular { label, first, second })
        .filter(|particular| particular.first.is_some() || particular.second.is_some())
        .collect()
}

/// In the order of [`said::PARTICULARS`].
fn told(said: &Said, now: Timestamp) -> [Option<String>; said::PARTICULARS.len()] {
    let time = |at: Option<Timestamp>| at.map(|at| times::time_or_day(at, now));
    [
        said.kind.map(|kind| wording::happened(kind).to_owned()),
        time(said.occurred_at),
        said.name.clone(),
        said.company.clone(),
        said.email.clone(),
        said.phone.clone(),
        said.host.as_ref().map(|host| host.name.to_string()),
        time(said.expected_at),
    ]
}

/// A table, so that what belongs together stands in one line, also for those who hear it.
fn sides(doubt: &Doubt, now: Timestamp) -> AnyView {
    let has_first = doubt.against.is_some();
    let particulars = particulars(doubt.against.as_ref(), &doubt.said, now);
    let text = doubt.said.text.clone();
    let is_forgotten = text.is_empty();
    let unread = if is_forgotten { said::FORGOTTEN } else { said::CAN_T_READ };
    let is_unread = particulars.is_empty();
    let head = has_first.then(|| {
        view! {
            <thead>
                <tr>
                    <td></td>
                    <th scope="col">{said::CAME_FIRST}</th>
                    <th scope="col">{said::CAME_SECOND}</th>
                </tr>
            </thead>
        }
    });
    let line = |one: Particular| {
        let differs = has_first && one.differs();
        let cell = |value: Option<String>| view! { <td dir="auto">{shown(value)}</td> }.into_any();
        view! {
            <tr class:differs=differs>
                <th scope="row">{one.label}</th>
                {has_first.then(|| cell(one.first))}
                {cell(one.second)}
            </tr>
        }
    };
    view! {
        {is_unread.then(|| view! { <p class="field-hint">{unread}</p> })}
        {(!is_unread)
            .then(|| {
                view! { <table class="sides">{head} <tbody>{particulars.into_iter().map(line).collect_view()}</tbody></table> }
            })}
        {(!is_forgotten)
            .then(|| {
                view! {
                    <details class="exact">
                        <summary>{said::EXACT_TEXT}</summary>
                        <code>{text}</code>
                    </details>
                }
            })}
    }
    .into_any()
}

fn verdict(decided: &Decided, now: Timestamp) -> AnyView {
    let by = decided.by.as_ref().map(ToString::to_string);
    let line = said::decided_by(decided.how, by.as_deref(), &times::time_or_day(decided.at, now));
    let note = decided.note.as_ref().map(ToString::to_string);
    view! {
        <div class="decided">
            <p class="decided-how">{line}</p>
            {note.map(|note| view! { <p dir="auto">{note}</p> })}
        </div>
    }
    .into_any()
}

/// What can be done, the likeliest first.
fn acts(doubt: &Doubt, deciding: RwSignal<Option<Deciding>>) -> AnyView {
    let act = |act: Act, name: &'static str, label: &'static str| {
        let doubt = doubt.clone();
        view! {
            <button
                type="button"
                data-action=name
                on:click=live::click(move || deciding.set(Some(Deciding::Doubt(Box::new(doubt.clone()), act))))
            >
                {label}
            </button>
        }
        .into_any()
    };
    let counts = doubt.reason.is_none();
    let disagree = doubt.reason == Some(QuarantineReason::IdConflict) && doubt.against.is_some();
    let accept = if counts || disagree { said::BOTH_RIGHT } else { said::ACCEPT };
    let is_readable = !doubt.acceptable && !doubt.said.text.is_empty();
    view! {
        <div class="doubt-acts">
            {disagree.then(|| act(Act::Merge, "merge", said::MERGE))}
            {doubt.acceptable.then(|| act(Act::Accept, "accept", accept))}
            {is_readable.then(|| act(Act::SetRight, "set-right", said::SET_RIGHT))}
            {(!counts).then(|| act(Act::Dismiss, "dismiss", said::DISMISS))}
        </div>
    }
    .into_any()
}
