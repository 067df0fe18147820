//! One device in the statement: a bar, how far it is proven, and whatever is open.

use leptos::prelude::*;
use vestibule_protocol::{
    admin::DeviceKind,
    statement::{DIFFERENCES_MAX, DeviceStatement, Difference, Tally},
    timestamp::Timestamp,
};

use vestibule_app::{
    clock,
    icon::{self, Icon},
    times,
};

use crate::{dashboard::kept::Answer, wording};

/// How wide the bar of the device with the most captures is, in units of its own.
const BAR_WIDTH: u64 = 1_000;
/// How wide a part is drawn at least that is not nothing: one event in a thousand must show.
const PART_MIN_WIDTH: u64 = 8;

/// What one device captured, and where it is. `most` is the number that the longest bar stands for.
#[component]
pub fn Account(device: DeviceStatement, most: u64, as_of: Timestamp) -> impl IntoView {
    let shown = move |at| times::time_or_day(at, as_of);
    let Tally { captured, delivered, .. } = device.tally;
    let open = device.tally.open();
    let proof = match device.proof {
        Some(proof) => view! {
            <p class="account-proof">
                {icon::drawn(Icon::PROOF)}
                {wording::proven(proof.seq, &shown(proof.at))}
            </p>
        }
        .into_any(),
        None => view! { <p class="account-proof unproven">{wording::NOT_PROVEN}</p> }.into_any(),
    };
    let is_cut = device.differences.len() >= DIFFERENCES_MAX;
    let differences = device.differences.into_iter().map(move |difference| {
        view! { <li>{told(difference, as_of)}</li> }
    });
    view! {
        <li class="account" data-device=device.device.to_string() data-open=open.to_string()>
            <div class="account-top">
                <h3>
                    {icon::drawn(if device.kind == DeviceKind::Kiosk { Icon::KIOSK } else { Icon::DESK })}
                    {device.name.to_string()}
                </h3>
                <p class="account-count">{wording::delivered_of(delivered, captured)}</p>
            </div>
            {bar(device.tally, most)}
            <div class="account-said">
                {proof}
                <p class="account-heard">{wording::heard_last(&shown(device.heard_at))}</p>
            </div>
            {(open > 0)
                .then(|| {
                    view! {
                        <details class="account-open">
                            <summary>{wording::open_in(device.tally)}</summary>
                            <ul>{differences.collect_view()}</ul>
                            {is_cut.then(|| view! { <p>{wording::ONLY_THE_FIRST}</p> })}
                        </details>
                    }
                })}
        </li>
    }
}

/// Drawn, not coloured behind: paper shows it too.
fn bar(tally: Tally, most: u64) -> impl IntoView {
    let width = |count: u64| match (count * BAR_WIDTH).checked_div(most) {
        Some(width) if count > 0 => width.max(PART_MIN_WIDTH),
        _ => 0,
    };
    let mut from = 0;
    let parts = [
        ("bar-delivered", tally.delivered),
        ("bar-waiting", tally.waiting),
        ("bar-attention", tally.needs_attention()),
    ];
    let drawn = parts.map(|(class, count)| {
        let (x, wide) = (from, width(count));
        from += wide;
        view! { <rect class=class x=x.to_string() y="0" width=wide.to_string() height="10" /> }
    });
    view! {
        <svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
            <rect class="bar-ground" x="0" y="0" width="1000" height="10" />
            {drawn.collect_view()}
        </svg>
    }
}

fn told(difference: Difference, as_of: Timestamp) -> String {
    let shown = |at| times::time_or_day(at, as_of);
    match difference {
        Difference::Missing(numbers) => wording::missing(
            numbers.first,
            numbers.last,
            numbers.not_before.map(shown).as_deref(),
            &shown(numbers.not_after),
        ),
        Difference::Lost(numbers) => wording::lost(numbers.first, numbers.last, &shown(numbers.not_after)),
        Difference::Renumbered(gone) => wording::renumbered(gone.first, gone.last, &shown(gone.told_at)),
        Difference::Quarantined(text) => wording::quarantined(text.seq, text.reason, &shown(text.received_at)),
        Difference::Conflicting(text) => wording::conflicting(text.seq, &shown(text.received_at)),
    }
}

/// Says that what is shown is this device's copy, and how old it is; nothing while the server's word is new.
pub fn copy_notice<T: Clone + Send + Sync + 'static>(answer: Answer<T>) -> impl IntoView {
    let failure = answer.failure.get()?;
    let at = answer.last.with(|last| last.as_ref().map(|kept| kept.at))?;
    let at = times::time_or_day(at, clock::now());
    let words = if failure.is_signed_out() { wording::copy_signed_out(&at) } else { wording::copy_of(&at) };
    Some(view! {
        <p class="copy-notice" role="status">
            {icon::drawn(Icon::CLOCK)}
            {words}
        </p>
    })
}
