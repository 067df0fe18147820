//! The devices of the site: how each stands, and why somebody should look at one.

use leptos::prelude::*;
use vestibule_protocol::{
    admin::DeviceKind,
    id::{DeviceId, SiteId},
    standing::{Concern, DeviceReport, Devices, StreamReport},
    statement::{Statement, Tally},
    timestamp::Timestamp,
};

use vestibule_app::{
    api::{self, Failure},
    icon::{self, Icon},
    live,
    times::{self, Span},
    words,
};

use crate::{
    dashboard::{
        account,
        bring_in::BringIn,
        kept::{self, Answer, Pace, Question},
        statement,
    },
    wording,
};

/// The devices of a site, followed: also the roll call asks which kiosks were heard.
pub fn follow(site: Memo<Option<SiteId>>, pace: Pace) -> Answer<Devices> {
    let question = Memo::new(move |_| {
        let site = site.get()?;
        Some(Question { path: format!("/api/v1/sites/{site}/devices"), name: format!("devices.{site}") })
    });
    kept::follow_by(question, pace, all_devices)
}

/// All devices, although the server tells of them by pages: who waits or is silent may be on the last one.
async fn all_devices(path: String) -> Result<Devices, Failure> {
    let mut all = None::<Devices>;
    api::all_pages(&path, |mut page: Devices| {
        let next = page.next.take();
        match &mut all {
            Some(all) => all.devices.extend(page.devices),
            None => all = Some(page),
        }
        next
    })
    .await?;
    all.ok_or(Failure::Unreachable)
}

/// The page.
#[component]
pub fn DevicesPage(site: Memo<Option<SiteId>>) -> impl IntoView {
    let answer = follow(site, Pace::WithNews);
    let today = statement::today(site);
    let is_bringing_in = RwSignal::new(false);
    view! {
        <main class="page devices">
            <div class="page-acts">
                <button id="bring-in" type="button" on:click=live::click(move || is_bringing_in.set(true))>
                    {wording::BRING_IN}
                </button>
            </div>
            {live::part(move || {
                let close = move || is_bringing_in.set(false);
                is_bringing_in.get().then(|| view! { <BringIn on_close=close /> })
            })}
            {live::part(move || account::copy_notice(answer))}
            {live::part(move || match answer.last.get() {
                Some(kept) => listed(kept.value, today.last.get().map(|kept| kept.value)).into_any(),
                None => {
                    let words = answer.failure.get().map_or(words::shared().starting.to_owned(), |why| words::failure(&why));
                    view! {
                        <div class="empty">
                            <p>{words}</p>
                        </div>
                    }
                        .into_any()
                }
            })}
        </main>
    }
}

fn listed(page: Devices, today: Option<Statement>) -> impl IntoView {
    let Devices { as_of, mut devices, .. } = page;
    // Whoever needs somebody first, then kiosks, then those heard last; the withdrawn at the end.
    devices.sort_by_key(|device| {
        let gravest = device.concerns(as_of).first().map_or(Concern::NotPersisted as u8 + 1, |&concern| concern as u8);
        let heard = device.last_word.as_ref().map(|word| word.at);
        (device.revoked_at.is_some(), gravest, device.kind != DeviceKind::Kiosk, std::cmp::Reverse(heard))
    });
    if devices.is_empty() {
        return view! {
            <div class="empty">
                <h2>{wording::NO_DEVICES}</h2>
                <p>{wording::NO_DEVICES_HINT}</p>
            </div>
        }
        .into_any();
    }
    // A device that is not in it has captured nothing today.
    let of_today = |id: DeviceId| {
        let devices = &today.as_ref()?.devices;
        Some(devices.iter().find(|device| device.device == id).map_or_else(Tally::default, |device| device.tally))
    };
    let cards = devices.into_iter().map(|device| {
        let tally = of_today(device.id);
        card(device, tally, as_of)
    });
    view! { <ul class="cards">{cards.collect_view()}</ul> }.into_any()
}

fn card(device: DeviceReport, today: Option<Tally>, as_of: Timestamp) -> impl IntoView {
    let shown = move |at| times::time_or_day(at, as_of);
    let concerns = device.concerns(as_of);
    let state = match (&device.last_word, device.revoked_at) {
        (_, Some(at)) => wording::withdrawn(&shown(at)),
        (None, None) => wording::NEVER_HEARD.to_owned(),
        (Some(word), None) => wording::heard(&words::ago(Span::of_ms(as_of.ms_since(word.at)))),
    };
    let proven = device.streams.last().and_then(|stream| stream.proven);
    let fact = |label: &'static str, value: String| {
        view! {
            <div>
                <dt>{label}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    let waiting = match device.waiting_since {
        Some(since) => wording::waiting_since(device.waiting, &shown(since)),
        None => wording::count_or_none(device.waiting),
    };
    let word = device.last_word.clone();
    let streams = device.streams.iter().rev().map(|stream| numbering(stream, as_of)).collect_view();
    view! {
        <li
            class="device"
            data-device=device.id.to_string()
            data-concerns=concerns.len().to_string()
            data-captured=today.map(|tally| tally.captured.to_string())
        >
            <div class="device-top">
                <h2>
                    {icon::drawn(if device.kind == DeviceKind::Kiosk { Icon::KIOSK } else { Icon::DESK })}
                    {device.name.to_string()}
                </h2>
                <p class="device-state">{state}</p>
            </div>
            {(!concerns.is_empty())
                .then(|| {
                    let lines = concerns.iter().map(|&concern| {
                        view! {
                            <li class=if (concern as u8) <= Concern::Parked as u8 { "concern grave" } else { "concern" }>
                                {icon::drawn(Icon::WARNING)}
                                {wording::concern(concern, &device, &shown)}
                            </li>
                        }
                    });
                    view! { <ul class="concerns">{lines.collect_view()}</ul> }
                })}
            <dl class="facts">
                {today.map(|tally| fact(wording::CAPTURED_TODAY_FACT, wording::equation(tally)))}
                {fact(wording::WAITING_FACT, waiting)}
                {fact(
                    wording::PROVEN_FACT,
                    proven.map_or_else(|| words::NONE.to_owned(), |proven| wording::up_to(proven.seq, &shown(proven.at))),
                )}
            </dl>
            <details class="device-more">
                <summary>{wording::MORE}</summary>
                <dl class="facts">
                    {word
                        .map(|word| {
                            let kept = if word.persisted {
                                words::STORAGE_PERSISTENT
                            } else {
                                words::STORAGE_BEST_EFFORT
                            };
                            [
                                fact(words::SYNC_STORAGE, kept.to_owned()),
                                fact(words::SYNC_CLOCK, wording::clock(word.clock_offset_ms)),
                                fact(wording::VERSION, word.app_version),
                            ]
                                .collect_view()
                        })}
                    {fact(wording::PARKED_FACT, wording::count_or_none(device.parked))}
                    {fact(wording::ENROLLED, shown(device.enrolled_at))}
                </dl>
                <ul class="numberings">{streams}</ul>
            </details>
        </li>
    }
}

fn numbering(stream: &StreamReport, as_of: Timestamp) -> impl IntoView + use<> {
    let id = stream.id.to_string();
    let missing: u64 = stream.missing.iter().map(|(first, last)| last - first + 1).sum();
    let short: String = id.chars().rev().take(6).collect::<Vec<_>>().into_iter().rev().collect();
    view! {
        <li>
            <p class="numbering-id">{wording::numbering(&short)}</p>
            <p>{wording::numbering_state(stream.head, stream.watermark, missing)}</p>
            <p>{wording::fate(stream.fate)}</p>
            <p class="numbering-heard">{wording::heard_last(&times::time_or_day(stream.last_heard_at, as_of))}</p>
        </li>
    }
}
