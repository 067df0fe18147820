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

/// The card.
pub fn card(doubt: Doubt, deciding: RwSignal<Option<Deciding>>) -> impl IntoView {
    let now = clock::now();
    let came = times::time_or_day(doubt.received_at, now);
    let acts = doubt.decided.is_none().then(|| acts(&doubt, deciding));
    view! {
        <li class="doubt" data-doubt=doubt.number.to_string()>
            <div class="doubt-top">
                <h2>{said::title(doubt.reason)}</h2>
                <p class="device-state">{said::captured_as(doubt.seq, doubt.device_name.as_str(), &came)}</p>
            </div>
            <p>{said::reason(doubt.reason)}</p>
            {sides(&doubt, now)}
            {doubt.decided.as_ref().map(|decided| verdict(decided, now))}
            {acts}
        </li>
    }
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

/// What the two say, without what neither tells of. Without a first one, the second alone.
pub fn particulars(first: Option<&Said>, second: &Said, now: Timestamp) -> Vec<Particular> {
    type Told = fn(&Said, Timestamp) -> Option<String>;
    let shown: [(&'static str, Told); 8] = [
        (said::WHAT, |said, _| said.kind.map(|kind| wording::happened(kind).to_owned())),
        (said::WHEN, |said, now| said.occurred_at.map(|at| times::time_or_day(at, now))),
        (said::NAME, |said, _| said.name.clone()),
        (said::COMPANY, |said, _| said.company.clone()),
        (said::EMAIL, |said, _| said.email.clone()),
        (said::PHONE, |said, _| said.phone.clone()),
        (said::HOST, |said, _| said.host.as_ref().map(|host| host.name.to_string())),
        (said::EXPECTED, |said, now| said.expected_at.map(|at| times::time_or_day(at, now))),
    ];
    let both = shown.into_iter().map(|(label, told)| Particular {
        label,
        first: first.and_then(|first| told(first, now)),
        second: told(second, now),
    });
    both.filter(|particular| particular.first.is_some() || particular.second.is_some()).collect()
}

/// A table, so that what belongs together stands in one line, also for those who hear it.
fn sides(doubt: &Doubt, now: Timestamp) -> impl IntoView + use<> {
    let has_first = doubt.against.is_some();
    let particulars = particulars(doubt.against.as_ref(), &doubt.said, now);
    let is_forgotten = doubt.said.text.is_empty();
    let unread = particulars.is_empty().then(|| {
        let words = if is_forgotten { said::FORGOTTEN } else { said::CAN_T_READ };
        view! { <p class="field-hint">{words}</p> }
    });
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
    let lines = particulars.into_iter().map(move |one| {
        let differs = has_first && one.differs();
        let cell = |value: Option<String>| view! { <td dir="auto">{value.unwrap_or_else(|| "–".to_owned())}</td> };
        view! {
            <tr class:differs=differs>
                <th scope="row">{one.label}</th>
                {has_first.then(|| cell(one.first))}
                {cell(one.second)}
            </tr>
        }
    });
    let lines = lines.collect_view();
    let text = doubt.said.text.clone();
    view! {
        {unread}
        <table class="sides">{head} <tbody>{lines}</tbody></table>
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
}

fn verdict(decided: &Decided, now: Timestamp) -> impl IntoView + use<> {
    let by = decided.by.as_ref().map(ToString::to_string);
    let line = said::decided_by(decided.how, by.as_deref(), &times::time_or_day(decided.at, now));
    let note = decided.note.as_ref().map(ToString::to_string);
    view! {
        <div class="decided">
            <p class="decided-how">{line}</p>
            {note.map(|note| view! { <p dir="auto">{note}</p> })}
        </div>
    }
}

/// What can be done, the likeliest first.
fn acts(doubt: &Doubt, deciding: RwSignal<Option<Deciding>>) -> impl IntoView + use<> {
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
}
