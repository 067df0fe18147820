//! The last screen of a visitor: honest about what was saved and what was delivered.

use leptos::prelude::*;

use crate::{
    countdown::countdown,
    icon::{self, Icon},
    kiosk::to_welcome,
    outbox::Outbox,
    reference,
    saving::Kept,
    words,
};

/// How long it stays, in seconds: time to read two lines and note six symbols.
const SHOWN_FOR_S: u32 = 12;

/// Says that it is done. "Delivered" only once a receipt says so: until then it is saved on the device, and no more.
#[component]
pub fn Confirmation(#[prop(into)] heading: String, kept: Kept) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let is_delivered = Memo::new(move |_| outbox.is_delivered(kept.event, kept.visit));
    let done = to_welcome();
    let left = countdown(SHOWN_FOR_S, done);
    view! {
        <main
            id="confirmation"
            class="screen centred confirmation"
            data-delivery=move || if is_delivered.get() { "delivered" } else { "saved" }
        >
            <span class="seal" class:delivered=is_delivered>
                <icon::Drawn icon=Icon::Check />
            </span>
            <h1>{heading}</h1>
            <p class="lead" aria-live="polite">
                {move || if is_delivered.get() { words::DELIVERED } else { words::SAVED }}
            </p>
            <p class="reference">
                {words::REFERENCE} " " <strong>{reference::code(kept.visit)}</strong>
            </p>
            <button id="done" type="button" class="primary large" on:click=move |_| done()>
                {words::DONE}
            </button>
            <p class="fading">{move || words::back_in(left.get())}</p>
        </main>
    }
}
