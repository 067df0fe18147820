//! How delivery stands, in a few words that are always in sight.

use leptos::prelude::*;
use vestibule_protocol::message::{LinkState, Status};

use crate::{live, outbox::Outbox, words};

/// The pill's dot and `words`, which a kiosk and a desk choose for those who stand before them. `data-link` and
/// `data-pending` on its parent say the same to programs.
#[component]
pub fn PillContent(words: fn(Option<&Status>) -> String) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let text = Memo::new(move |_| {
        if outbox.is_broken() {
            words::shared().pill_stopped.to_owned()
        } else {
            outbox.status.with(|status| words(status.as_ref()))
        }
    });
    view! {
        <span class="pill-dot" aria-hidden="true"></span>
        <span class="pill-text">{live::part(move || text.get())}</span>
    }
}

/// The link's state for `data-link`.
pub fn link_name(outbox: Outbox) -> &'static str {
    if outbox.is_revoked() {
        return "revoked";
    }
    match outbox.link_state() {
        LinkState::Connected => "connected",
        LinkState::Unreachable => "unreachable",
        LinkState::Unauthorized => "unauthorized",
        LinkState::Unknown => "unknown",
    }
}

/// How much waits, for `data-pending`.
pub fn pending(outbox: Outbox) -> String {
    outbox.status.with(|status| status.as_ref().map_or(0, |status| status.pending)).to_string()
}
