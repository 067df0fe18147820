//! The roll call: who is in the house, and who of them has been seen. Made for a marshal's telephone in the yard, with
//! no server to ask.

mod muster;
mod person;
mod sources;

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    event::EventData,
    id::{RollCallId, SiteId, VisitId},
    roll_call::{RollCall, RollCallEnded, RollCallStarted},
    timestamp::Timestamp,
};

use vestibule_app::{
    clock,
    field::Notice,
    icon::{self, Icon},
    lists, live,
    outbox::Outbox,
    search_field::search_field,
    times, words,
};

use self::{muster::Person, person::PersonRow, sources::Sources};
use crate::{
    dashboard::{
        devices,
        kept::{Answer, Pace},
    },
    wording,
};

/// Later than anything happens.
const EVER: Timestamp = Timestamp::from_unix_ms(i64::MAX);

/// Most people drawn at once; whoever looks for one of more types a name.
const MOST_ROWS: usize = 500;

/// The page.
#[component]
pub fn RollCallPage(site: Memo<Option<SiteId>>) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let devices = devices::follow(site, Pace::WithNews);
    let problem = RwSignal::new(None::<String>);
    let shown = RwSignal::new(None::<RollCallId>);
    let calls = Memo::new(move |_| outbox.visits.with(muster::calls));
    let under_way = Memo::new(move |_| {
        calls.with(|calls| calls.iter().filter(|call| call.ended_at.is_none()).copied().collect::<Vec<_>>())
    });
    let report = Memo::new(move |_| {
        calls.with(|calls| calls.iter().copied().find(|call| Some(call.id) == shown.get() && call.ended_at.is_some()))
    });
    let stage = Memo::new(move |_| match (under_way.with(Vec::is_empty), report.get()) {
        (false, _) => Stage::UnderWay,
        (true, Some(call)) => Stage::Report(call),
        (true, None) => Stage::Rest,
    });
    view! {
        <main class="page roll-call">
            <Notice text=Signal::derive(move || problem.get()) />
            {live::part(move || match stage.get() {
                Stage::Rest => view! { <Rest calls shown problem /> }.into_any(),
                Stage::UnderWay => view! { <Call under_way devices shown problem /> }.into_any(),
                Stage::Report(call) => view! { <Report call devices shown /> }.into_any(),
            })}
        </main>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Rest,
    UnderWay,
    Report(RollCall),
}

/// No roll call is under way.
#[component]
fn Rest(
    calls: Memo<Vec<RollCall>>,
    shown: RwSignal<Option<RollCallId>>,
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let start = move || {
        let id = VisitId::new(clock::now(), clock::entropy());
        keep(outbox, id, EventData::RollCallStarted(RollCallStarted {}), problem);
    };
    let on_site = Memo::new(move |_| {
        let now = clock::now();
        outbox.visits.with(|visits| lists::Lists::of(visits, now, now).on_site.len())
    });
    let earlier = move || {
        let now = clock::now();
        let rows = calls.get().into_iter().filter_map(move |call| {
            let ended_at = times::time_or_day(call.ended_at?, now);
            let words = wording::called_from_to(&times::time_or_day(call.started_at, now), &ended_at);
            Some(view! {
                <li>
                    <button type="button" class="earlier-call" on:click=live::click(move || shown.set(Some(call.id)))>
                        {words}
                        <span>{wording::REPORT}</span>
                    </button>
                </li>
            })
        });
        rows.collect::<Vec<_>>()
    };
    let has_earlier = Memo::new(move |_| calls.with(|calls| calls.iter().any(|call| call.ended_at.is_some())));
    view! {
        <section class="call-rest">
            {icon::drawn(Icon::ASSEMBLY)}
            <h2>{wording::ROLL_CALL}</h2>
            <p class="lead">{wording::ROLL_CALL_LEAD}</p>
            <p class="call-known">{live::part(move || wording::people_to_call(on_site.get()))}</p>
            <button id="start-roll-call" type="button" class="primary large alarm" on:click=live::click(start)>
                {wording::START_ROLL_CALL}
            </button>
        </section>
        {live::part(move || {
            has_earlier
                .get()
                .then(|| {
                    view! {
                        <section class="call-earlier">
                            <h2>{wording::EARLIER_ROLL_CALLS}</h2>
                            <ul>{earlier()}</ul>
                        </section>
                    }
                })
        })}
    }
}

/// A roll call that is under way, or several.
#[component]
fn Call(
    under_way: Memo<Vec<RollCall>>,
    devices: Answer<vestibule_protocol::standing::Devices>,
    shown: RwSignal<Option<RollCallId>>,
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let sought = RwSignal::new(String::new());
    let is_ending = RwSignal::new(false);
    let people =
        Memo::new(move |_| under_way.with(|calls| outbox.visits.with(|visits| muster::muster(visits, calls, EVER))));
    let count = Memo::new(move |_| people.with(|people| muster::count(people)));
    let found = Memo::new(move |_| {
        let sought = sought.get();
        people.with(|people| {
            let found = people.iter().filter(|person| lists::is_found(&person.visit, &sought));
            found.take(MOST_ROWS).cloned().collect::<Vec<_>>()
        })
    });
    let since = move || {
        let began = under_way.with(|calls| calls.iter().map(|call| call.started_at).min());
        began.map(|at| wording::called_since(&times::time_or_day(at, clock::now())))
    };
    let end = move || {
        let calls = under_way.get_untracked();
        // The report is that of the first one: it has the longest time, and everybody's marks are in it.
        shown.set(calls.last().map(|call| call.id));
        for call in calls {
            keep(outbox, VisitId(call.id.0), EventData::RollCallEnded(RollCallEnded {}), problem);
        }
    };
    // A mark is made in the first one that this device knows of; the others are read along with it.
    let current = Memo::new(move |_| under_way.with(|calls| calls.last().map(|call| call.id)));
    let open = move || count.get().all - count.get().safe;
    view! {
        <header class="call-top">
            <div>
                <p class="call-since">{live::part(since)}</p>
                <p class="call-count" id="safe-count" data-safe=live::text(move || count.get().safe.to_string())
                    data-all=live::text(move || count.get().all.to_string())>
                    {live::part(move || wording::safe_of(count.get().safe, count.get().all))}
                </p>
                <p class="lead" role="status">
                    {live::part(move || {
                        let muster::Count { all, safe, not_found } = count.get();
                        wording::still_open(all - safe - not_found, not_found)
                    })}
                </p>
            </div>
            <div class="page-acts">
                <button type="button" class="quiet" on:click=live::click(print)>
                    {icon::drawn(Icon::PRINT)}
                    {wording::PRINT}
                </button>
                <button id="end-roll-call" type="button" on:click=live::click(move || is_ending.set(true))>
                    {wording::END_ROLL_CALL}
                </button>
            </div>
        </header>
        {live::part(move || {
            is_ending
                .get()
                .then(|| {
                    view! {
                        <div class="banner" role="alert">
                            <p>{live::part(move || wording::end_asked(open()))}</p>
                            <button type="button" on:click=live::click(move || is_ending.set(false))>
                                {wording::GO_ON}
                            </button>
                            <button id="end-now" type="button" class="primary" on:click=live::click(end)>
                                {wording::END_NOW}
                            </button>
                        </div>
                    }
                })
        })}
        {progress(count)}
        <Sources devices />
        <div class="call-search">{search_field("find-person", wording::FIND_PERSON, sought)}</div>
        <ul class="people">
            <For each=move || found.get() key=fingerprint let:person>
                <PersonRow person call=current devices problem />
            </For>
        </ul>
        {live::part(move || {
            people
                .with(Vec::is_empty)
                .then(|| {
                    view! {
                        <div class="empty">
                            <p>{wording::NOBODY_TO_CALL}</p>
                        </div>
                    }
                })
        })}
    }
}

/// What came of a roll call.
#[component]
fn Report(
    call: RollCall,
    devices: Answer<vestibule_protocol::standing::Devices>,
    shown: RwSignal<Option<RollCallId>>,
) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let problem = RwSignal::new(None);
    let until = call.ended_at.unwrap_or(EVER);
    // Those that went on at the same time are one with it.
    let together = Memo::new(move |_| {
        let mut calls = outbox.visits.with(muster::calls);
        calls.retain(|other| other.started_at <= until && other.ended_at.unwrap_or(EVER) >= call.started_at);
        calls
    });
    let people =
        Memo::new(move |_| together.with(|calls| outbox.visits.with(|visits| muster::muster(visits, calls, until))));
    let count = Memo::new(move |_| people.with(|people| muster::count(people)));
    let now = clock::now();
    let span = wording::called_from_to(&times::time_or_day(call.started_at, now), &times::time_or_day(until, now));
    view! {
        <header class="call-top" id="roll-call-report">
            <div>
                <p class="call-since">{span}</p>
                <p class="call-count">{live::part(move || wording::safe_of(count.get().safe, count.get().all))}</p>
                <p class="lead">
                    {live::part(move || {
                        let muster::Count { all, safe, not_found } = count.get();
                        wording::still_open(all - safe - not_found, not_found)
                    })}
                </p>
            </div>
            <div class="page-acts">
                <button type="button" class="quiet" on:click=live::click(print)>
                    {icon::drawn(Icon::PRINT)}
                    {wording::PRINT}
                </button>
                <button type="button" on:click=live::click(move || shown.set(None))>
                    {words::shared().close}
                </button>
            </div>
        </header>
        {progress(count)}
        <ul class="people">
            <For each=move || people.get() key=fingerprint let:person>
                <PersonRow person call=Memo::new(|_| None) devices problem />
            </For>
        </ul>
    }
}

/// How far it is, as a bar.
fn progress(count: Memo<muster::Count>) -> impl IntoView {
    let width = move |part: usize| {
        let all = count.get().all.max(1);
        (part * 1_000 / all).to_string()
    };
    view! {
        <svg class="bar call-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
            <rect class="bar-ground" x="0" y="0" width="1000" height="10" />
            <rect class="bar-delivered" x="0" y="0" height="10" width=live::text(move || width(count.get().safe)) />
            <rect
                class="bar-attention"
                y="0"
                height="10"
                x=live::text(move || width(count.get().safe))
                width=live::text(move || width(count.get().not_found))
            />
        </svg>
    }
}

/// Keeps an event; says so if it could not be kept.
fn keep(outbox: Outbox, subject: VisitId, what: EventData, problem: RwSignal<Option<String>>) {
    let act = Outbox::act(subject, what);
    spawn_local(async move {
        let why = outbox.keep(act).await.err();
        problem.try_set(why.map(|why| words::not_kept(why).to_owned()));
    });
}

/// What changes when a row must be drawn anew.
fn fingerprint(person: &Person) -> (VisitId, usize, usize) {
    let received = person.visit.timeline.iter().filter(|entry| entry.received_at.is_some()).count();
    (person.visit.id, person.visit.timeline.len(), received)
}

fn print() {
    // A browser that can't print does nothing.
    let _ = window().print();
}
