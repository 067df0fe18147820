//! Forgetting what a visitor typed who walked away.

use leptos::{leptos_dom::helpers::window_event_listener_untyped, prelude::*};
use vestibule_app::{live, words};

use crate::{countdown::countdown, shell::to_next_visitor};

/// How long nobody may touch a screen before it is wiped, in seconds: time to look up a name on a telephone, less than
/// the next visitor takes to step up.
const RESET_AFTER_S: u32 = 75;

/// For how long the seconds are shown before it happens.
const SHOWN_FOR_S: u32 = 20;

/// Goes back to the welcome screen after [`RESET_AFTER_S`] without a touch or a key, and says so in time.
#[component]
pub fn IdleReset() -> impl IntoView {
    let countdown = countdown(RESET_AFTER_S, to_next_visitor());
    for touch in ["pointerdown", "keydown", "input", "wheel"] {
        let listener = window_event_listener_untyped(touch, move |_| countdown.restart());
        on_cleanup(move || listener.remove());
    }
    let is_shown = Memo::new(move |_| countdown.left.get() <= SHOWN_FOR_S);
    view! {
        <p class="idle" class:shown=live::flag(move || is_shown.get())>
            {live::part(move || is_shown.get().then(|| words::kiosk().clearing_in.with([&countdown.left.get().to_string()])))}
        </p>
    }
}
