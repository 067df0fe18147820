//! One person of a roll call: who, since when, what was said of them, and two large buttons to say it.

use leptos::prelude::*;
use vestibule_protocol::{
    event::EventData,
    id::{DeviceId, RollCallId},
    roll_call::{Mark, RollCallMarked},
    standing::Devices,
};

use vestibule_app::{
    clock,
    icon::{self, Icon},
    lists, live,
    outbox::Outbox,
    times, words,
};

use super::{
    keep,
    muster::{Person, Presence, Said},
};
use crate::{dashboard::kept::Answer, wording};

/// A row; without buttons in a report, where `call` is `None`.
#[component]
pub fn PersonRow(
    person: Person,
    call: Memo<Option<RollCallId>>,
    devices: Answer<Devices>,
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let Person { visit, presence, said } = person;
    let shown = |at| times::time_or_day(at, clock::now());
    let id = visit.id;
    let name = lists::name(&visit).unwrap_or(words::UNKNOWN_VISITOR).to_owned();
    let more = [lists::company(&visit), lists::host(&visit)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let since = match presence {
        Presence::There(at) => wording::on_site_since(&shown(at)),
        Presence::Came(at) => wording::came_since(&shown(at)),
        Presence::Left(at) => wording::left_since(&shown(at)),
    };
    let state = match (said, presence) {
        (Some(Said { is_safe: true, .. }), _) => "safe",
        (Some(_), _) => "not-found",
        (None, Presence::Left(_)) => "left",
        (None, _) => "open",
    };
    let told = said.map(|said| wording::marked(said.is_safe, &shown(said.at), &device_name(devices, said.device)));
    let is_waiting = visit.is_waiting();
    // Pressed again, what was said is taken back.
    let say = move |mark: Mark, is_said: bool| {
        let Some(roll_call) = call.get_untracked() else { return };
        let mark = if is_said { Mark::Open } else { mark };
        keep(outbox, id, EventData::RollCallMarked(RollCallMarked { roll_call, mark }), problem);
    };
    let button = |action: &'static str, label: &'static str, spoken: String, mark: Mark, is_said: bool| {
        view! {
            <button
                type="button"
                class="say"
                data-action=action
                aria-label=spoken
                aria-pressed=is_said.to_string()
                on:click=live::click(move || say(mark, is_said))
            >
                {(mark == Mark::Safe).then(|| icon::drawn(Icon::CHECK))}
                {label}
            </button>
        }
    };
    let is_safe = said.is_some_and(|said| said.is_safe);
    let is_missed = said.is_some_and(|said| !said.is_safe);
    let buttons = call.get_untracked().is_some().then(|| {
        [
            button("not-found", wording::NOT_FOUND, wording::mark_not_found(&name), Mark::NotFound, is_missed),
            button("safe", wording::SAFE, wording::mark_safe(&name), Mark::Safe, is_safe),
        ]
        .collect_view()
    });
    view! {
        <li class="person" data-visit=id.to_string() data-state=state>
            <div class="person-who">
                <p class="row-name">{name.clone()}</p>
                <p class="row-more">{more}</p>
                <p class="row-more">
                    {since}
                    {told.map(|told| view! { <strong class="person-said">{format!(" · {told}")}</strong> })}
                    {is_waiting.then(|| view! { <span class="mark-waiting">{icon::drawn(Icon::CLOCK)} {words::WAITING}</span> })}
                </p>
            </div>
            <div class="person-say">{buttons}</div>
        </li>
    }
}

/// What colleagues call a device, if this one has heard.
fn device_name(devices: Answer<Devices>, id: DeviceId) -> String {
    let name = devices.last.with_untracked(|last| {
        let device = last.as_ref()?.value.devices.iter().find(|device| device.id == id)?;
        Some(device.name.to_string())
    });
    name.unwrap_or_else(|| wording::ANOTHER_DEVICE.to_owned())
}
