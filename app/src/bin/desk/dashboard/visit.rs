//! One visit: all that happened to it, by both clocks, and in words what crossed.

use leptos::prelude::*;
use vestibule_protocol::{
    details::Details,
    event::{Cancelled, EventData, Registered},
    id::{DeviceId, SiteId, VisitId},
    standing::Devices,
    visit::{Entry, Kind, Oddity, State, Visit},
};

use vestibule_app::{
    clock,
    icon::{self, Icon},
    lists, live,
    outbox::Outbox,
    sheet::Sheet,
    times, words,
};

use crate::{
    dashboard::{
        devices,
        edit_visit::edit_visit,
        kept::{Answer, Pace},
        row::Act,
        today::Done,
    },
    wording::{self, visits as said},
};

/// The visit that is looked at, if one is.
pub type Opened = RwSignal<Option<VisitId>>;

/// A sheet with the visit's timeline.
#[component]
pub fn VisitSheet(
    id: VisitId,
    site: Memo<Option<SiteId>>,
    on_close: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let devices = devices::follow(site, Pace::WithNews);
    let visit = Memo::new(move |_| outbox.visits.with(|visits| visits.get(&id).cloned()));
    let name = move || {
        visit.with_untracked(|visit| visit.as_ref().and_then(lists::name).unwrap_or(words::UNKNOWN_VISITOR).to_owned())
    };
    let is_editing = RwSignal::new(false);
    view! {
        <Sheet title=name() on_close>
            <div id="visit-sheet">
                {live::part(move || {
                    if is_editing.get() {
                        let visit = visit.get_untracked()?;
                        return Some(edit_visit(visit, move || is_editing.set(false)));
                    }
                    // Whose name a device has is heard later than what happened on it.
                    devices.last.track();
                    visit.get().map(|visit| told(&visit, devices, is_editing, Box::new(on_close)))
                })}
            </div>
        </Sheet>
    }
}

fn told(visit: &Visit, devices: Answer<Devices>, is_editing: RwSignal<bool>, on_close: Box<dyn Fn()>) -> AnyView {
    let more = [lists::company(visit), lists::host(visit)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let oddities = visit.oddities().into_iter().map(crossing).collect_view();
    let entries = visit.timeline.iter().map(|entry| line(entry, devices)).collect_view();
    let act = match visit.state(clock::now()) {
        State::Expected => Some(("cancel-visit", wording::CANCEL_VISIT, Kind::Cancelled)),
        State::Cancelled => Some(("expect-again", wording::EXPECT_AGAIN, Kind::Registered)),
        State::OnSite | State::Left | State::Expired => None,
    };
    let act = act.and_then(|(id, label, kind)| button(visit, id, label, kind, on_close));
    view! {
        <p class="lead">{more}</p>
        {oddities}
        <ol class="timeline">{entries}</ol>
        <div class="form-end">
            {act}
            <button id="edit-visit" type="button" on:click=live::click(move || is_editing.set(true))>
                {said::EDIT}
            </button>
        </div>
    }
    .into_any()
}

/// The one thing that can be done to it here, and taken back here.
fn button(
    visit: &Visit,
    id: &'static str,
    label: &'static str,
    kind: Kind,
    on_close: Box<dyn Fn()>,
) -> Option<AnyView> {
    let outbox = expect_context::<Outbox>();
    let done = expect_context::<RwSignal<Option<Done>>>();
    let what = match kind {
        Kind::Cancelled => EventData::Cancelled(Cancelled::default()),
        _ => EventData::Registered(Registered {
            visitor: visit.visitor.as_ref()?.value.clone(),
            host: visit.host.as_ref().map(|host| host.value.clone()),
            expected_at: visit.expected_at.as_ref()?.value,
            details: Details::default(),
        }),
    };
    let visit = visit.clone();
    let press = move || {
        Act { outbox, done, kind }.keep(visit.clone(), what.clone());
        on_close();
    };
    Some(
        view! {
            <button id=id type="button" on:click=live::click(press)>
                {label}
            </button>
        }
        .into_any(),
    )
}

fn line(entry: &Entry, devices: Answer<Devices>) -> impl IntoView + use<> {
    let now = clock::now();
    let shown = |at| times::time_or_day(at, now);
    let device = device_name(devices, entry.device);
    let happened = shown(entry.occurred_at);
    let received = match entry.received_at {
        None => view! {
            <span class="mark-waiting">
                {icon::drawn(Icon::CLOCK)}
                {words::WAITING}
            </span>
        }
        .into_any(),
        Some(at) if entry.was_late() => view! { <strong>{words::delivered_at(&shown(at))}</strong> }.into_any(),
        Some(_) => view! { <span>{wording::AT_ONCE}</span> }.into_any(),
    };
    view! {
        <li class:late=entry.was_late() data-kind=format!("{:?}", entry.kind)>
            <p class="timeline-what">
                <time>{happened}</time>
                {wording::happened(entry.kind)}
            </p>
            <p class="timeline-where">{device} " · " {received}</p>
        </li>
    }
}

/// What crossed, what the list made of it, and what to do.
fn crossing(oddity: Oddity) -> impl IntoView {
    view! {
        <p class="concern">
            {icon::drawn(Icon::WARNING)}
            {wording::crossing(oddity)}
        </p>
    }
}

fn device_name(devices: Answer<Devices>, id: DeviceId) -> String {
    let name = devices.last.with_untracked(|last| {
        let device = last.as_ref()?.value.devices.iter().find(|device| device.id == id)?;
        Some(device.name.to_string())
    });
    name.unwrap_or_else(|| wording::ANOTHER_DEVICE.to_owned())
}
