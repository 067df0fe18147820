//! How far the list of a roll call can be trusted: how old the server's word is, and which kiosks may hold people of
//! whom nobody else knows.

use leptos::prelude::*;
use vestibule_protocol::{
    admin::DeviceKind,
    standing::{DeviceReport, Devices, SILENT_AFTER_MS},
    timestamp::Timestamp,
};

use vestibule_app::{
    clock,
    icon::{self, Icon},
    live,
    outbox::Outbox,
    times::{self, Span},
    words,
};

use crate::{
    dashboard::kept::{Answer, Kept},
    wording,
};

/// One line for the server's list, and one for each kiosk, those to worry about first.
#[component]
pub fn Sources(devices: Answer<Devices>) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let lines = move || {
        let now = clock::now();
        let list = match outbox.as_of.get() {
            Some(at) => Source { words: wording::list_of(&times::time_or_day(at, now)), is_sure: true },
            None => Source { words: wording::list_never(), is_sure: false },
        };
        let mut lines = vec![list];
        match devices.last.get() {
            Some(kept) => lines.extend(kiosks(&kept, now)),
            None => lines.push(Source { words: wording::NO_KIOSKS_KNOWN.to_owned(), is_sure: false }),
        }
        lines.into_iter().map(line).collect_view()
    };
    view! {
        <section class="sources" aria-label=wording::SOURCES>
            <ul>{live::part(lines)}</ul>
        </section>
    }
}

struct Source {
    words: String,
    is_sure: bool,
}

fn line(source: Source) -> impl IntoView {
    let icon = if source.is_sure { Icon::CHECK } else { Icon::WARNING };
    view! {
        <li class:unsure=!source.is_sure>
            {icon::drawn(icon)}
            {source.words}
        </li>
    }
}

/// How the kiosks stand at `now`, and the desks that hold something.
fn kiosks(kept: &Kept<Devices>, now: Timestamp) -> Vec<Source> {
    let mut sources: Vec<Source> = kept
        .value
        .devices
        .iter()
        .filter(|device| device.revoked_at.is_none())
        .filter(|device| device.kind == DeviceKind::Kiosk || device.waiting > 0)
        .map(|device| source(device, kept, now))
        .collect();
    sources.sort_by_key(|source| source.is_sure);
    sources
}

fn source(device: &DeviceReport, kept: &Kept<Devices>, now: Timestamp) -> Source {
    let name = device.name.as_str();
    let Some(word) = &device.last_word else { return Source { words: wording::source_never(name), is_sure: false } };
    // Its age by the server's clock, and the time since by ours: neither needs the other to be right.
    let age_ms = kept.value.as_of.ms_since(word.at).max(0) + now.ms_since(kept.at).max(0);
    let ago = words::ago(Span::of_ms(age_ms));
    if age_ms > SILENT_AFTER_MS {
        let since = times::time_or_day(now.plus_ms(-age_ms), now);
        return Source { words: wording::source_silent(name, &since), is_sure: false };
    }
    if device.waiting > 0 {
        return Source { words: wording::source_holds(name, device.waiting, &ago), is_sure: false };
    }
    Source { words: wording::source_heard(name, &ago), is_sure: true }
}
