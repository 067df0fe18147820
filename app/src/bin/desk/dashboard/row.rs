//! One visit in a list of the desk.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    details::Details,
    event::{CheckedIn, CheckedOut, EventData},
    timestamp::Timestamp,
    visit::{Entry, Kind, State, Visit},
};

use vestibule_app::{
    clock,
    icon::{self, Icon},
    lists, live,
    outbox::Outbox,
    times, words,
};

use crate::{
    dashboard::{today::Done, visit::Opened},
    wording,
};

/// Something that the desk does to a visit, on its way to the disk.
#[derive(Clone, Copy)]
pub struct Act {
    /// Where it is kept.
    pub outbox: Outbox,
    /// Where it is said back.
    pub done: RwSignal<Option<Done>>,
    /// What it is.
    pub kind: Kind,
}

impl Act {
    /// Keeps that `what` happened to `visit`, and says so.
    pub fn keep(self, visit: Visit, what: EventData) {
        let act = Outbox::act(visit.id, what);
        spawn_local(async move {
            let done = match self.outbox.keep(act).await {
                Ok(_) => Done::Kept { kind: self.kind, visit: Box::new(visit) },
                Err(why) => Done::NotKept(why),
            };
            self.done.try_set(Some(done));
        });
    }
}

/// Who, from where, to whom, when; what the desk can do; and what it should know.
#[component]
pub fn VisitRow(visit: Visit) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let opened = expect_context::<Opened>();
    let id = visit.id;
    let look = move || opened.set(Some(id));
    let done = expect_context::<RwSignal<Option<Done>>>();
    let now = clock::now();
    let state = visit.state(now);
    let name = lists::name(&visit).unwrap_or(words::UNKNOWN_VISITOR).to_owned();
    let more = [lists::company(&visit), lists::host(&visit)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let is_waiting = visit.is_waiting();
    let marks = marks(&visit);
    let time = row_time(&visit, state);
    let delivered = lists::late_movement(&visit).and_then(|entry| delivered_words(entry, now));
    // Drawn anew once it happened; until then pressing again does nothing.
    let is_pressed = RwSignal::new(false);
    let press = {
        let visit = visit.clone();
        move |kind: Kind| {
            let visit = visit.clone();
            let what = match kind {
                Kind::CheckedIn => visit.visitor.as_ref().map(|visitor| {
                    let host = visit.host.as_ref().map(|host| host.value.clone());
                    EventData::CheckedIn(CheckedIn {
                        visitor: visitor.value.clone(),
                        host,
                        details: Details::default(),
                    })
                }),
                Kind::CheckedOut => Some(EventData::CheckedOut(CheckedOut {})),
                Kind::Registered
                | Kind::Updated
                | Kind::Cancelled
                | Kind::AgreementSigned
                | Kind::Photographed
                | Kind::RollCallStarted
                | Kind::RollCallMarked
                | Kind::RollCallEnded => None,
            };
            if let Some(what) = what.filter(|_| !is_pressed.get_untracked()) {
                is_pressed.set(true);
                Act { outbox, done, kind }.keep(visit, what);
            }
        }
    };
    // An act that was not kept can be tried again.
    Effect::new(move |_| {
        if matches!(done.get(), Some(Done::NotKept(_))) {
            is_pressed.set(false);
        }
    });
    let action = match state {
        State::Expected => Some(("check-in", words::shared().check_in, words::check_in_whom(&name), Kind::CheckedIn)),
        State::OnSite => Some((
            "check-out",
            words::shared().check_out,
            words::shared().check_out_whom.with([&name]),
            Kind::CheckedOut,
        )),
        State::Left | State::Cancelled | State::Expired => None,
    };
    let waiting = || {
        view! {
            <p class="mark-waiting">
                {icon::drawn(Icon::CLOCK)}
                {words::WAITING}
            </p>
        }
    };
    view! {
        <li class="row" data-visit=visit.id.to_string() data-waiting=is_waiting.then_some("")>
            <span class="face" aria-hidden="true">{initials(&name)}</span>
            <div class="row-who">
                <button type="button" class="row-open" on:click=live::click(look)>
                    <span class="unseen">{wording::DETAILS} " "</span>
                    <span class="row-name">{name.clone()}</span>
                    <span class="row-more">{more}</span>
                </button>
            </div>
            <div class="row-when">
                <p class="row-time">{time}</p>
                {delivered.map(|delivered| view! { <p>{delivered}</p> })}
                {marks}
                {is_waiting.then(waiting)}
            </div>
            {action
                .map(|(name, label, spoken, kind)| {
                    view! {
                        <button
                            type="button"
                            data-action=name
                            aria-label=spoken
                            disabled=live::flag(move || is_pressed.get())
                            on:click=live::click(move || press(kind))
                        >
                            {label}
                        </button>
                    }
                })}
        </li>
    }
}

/// When the server heard of what the row tells, if it was late by more than the minutes that people read.
fn delivered_words(entry: &Entry, now: Timestamp) -> Option<String> {
    let shown = |at| times::time_or_day(at, now);
    let delivered = shown(entry.received_at?);
    (delivered != shown(entry.occurred_at)).then(|| words::delivered_at(&delivered))
}

/// The time that matters in the visit's state.
fn row_time(visit: &Visit, state: State) -> String {
    let now = clock::now();
    let shown = |at| times::time_or_day(at, now);
    match state {
        State::OnSite => visit.arrived_at().map(|at| words::shared().arrived_at.with([&shown(at)])),
        State::Left => visit.left_at().map(|at| words::left_at(&shown(at))),
        State::Expected | State::Cancelled | State::Expired => {
            visit.expected_at.as_ref().map(|at| words::expected_time(&shown(at.value)))
        }
    }
    .unwrap_or_default()
}

/// What staff should see beside the times: events that cross.
fn marks(visit: &Visit) -> impl IntoView + use<> {
    let oddities = visit.oddities().into_iter().map(words::oddity);
    oddities.map(|oddity| view! { <p class="mark-odd">{oddity}</p> }).collect_view()
}

/// The first letters of the first and the last name; the style sheet makes them capitals.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::two("Ada Lovelace", "AL")]
    #[case::many("Maria de la Cruz", "MC")]
    #[case::one("Zoë", "Z")]
    #[case::none("", "")]
    fn a_face_shows_the_first_and_the_last_initial(#[case] name: &str, #[case] letters: &str) {
        assert_eq!(initials(name), letters);
    }
}
