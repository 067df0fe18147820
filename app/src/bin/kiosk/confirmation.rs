//! The last screen of a visitor: honest about what was saved and what was delivered.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{code::Code, message::LinkState};

use vestibule_app::{
    badge::{self, BadgeSheet},
    clock, focus, handing_over,
    icon::{self, Icon},
    live,
    outbox::Outbox,
    qr, reference,
    saving::Kept,
    words,
};

use crate::{countdown::countdown, shell::to_next_visitor};

/// How long it stays, in seconds: time to read two lines and note six symbols.
const SHOWN_FOR_S: u32 = 12;

/// How long it stays with a pass on it, in seconds: time to get out a telephone and take a picture.
const PASS_SHOWN_FOR_S: u32 = 30;

/// How long a receipt may be on its way before the visitor is told that it will come later. Most take a tenth of it;
/// nobody should leave on "telling reception".
const RECEIPT_WAIT: Duration = Duration::from_millis(800);

/// How far what the visitor did has come. All of them mean that it is on the device's disk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Delivery {
    /// The server answers, and its receipt may come any moment.
    Sending,
    /// It will be delivered; nobody knows when.
    Saved,
    /// A receipt names it.
    Delivered,
}

impl Delivery {
    const fn name(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Saved => "saved",
            Self::Delivered => "delivered",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Sending => words::kiosk().sending,
            Self::Saved => words::kiosk().saved,
            Self::Delivered => words::kiosk().delivered,
        }
    }
}

/// Whether the visitor is given a pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pass {
    /// They need none: they are gone.
    #[default]
    None,
    /// They have come, and their pass carries that.
    Shown,
}

/// Says that it is done, at once. "Delivered" only once a receipt says so: until then it is saved on the device, and no
/// more.
#[component]
pub fn Confirmation(heading: String, kept: Kept, #[prop(optional)] pass: Pass) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let delivery = delivery_of(outbox, kept);
    let done = to_next_visitor();
    let seconds = match pass {
        Pass::None => SHOWN_FOR_S,
        Pass::Shown => PASS_SHOWN_FOR_S,
    };
    let left = countdown(seconds, done).left;
    let carried = RwSignal::new(None::<String>);
    if pass == Pass::Shown {
        spawn_local(async move {
            // The screen may have been left meanwhile.
            carried.try_set(handing_over::pass(outbox, kept.event).await);
        });
    }
    // Where the outbox gave no pass, the badge says at least whose visit it is.
    let badge_of = Memo::new(move |_| {
        let size = outbox.settings.with(|settings| settings.badge).filter(|_| pass == Pass::Shown)?;
        let visit = outbox.visits.with(|visits| visits.get(&kept.visit).cloned())?;
        let code = carried.get().unwrap_or_else(|| Code::Visit(kept.visit).text());
        Some((visit, size, code))
    });
    focus::soon("#confirmation h1");
    view! {
        <main
            id="confirmation"
            class="screen centred confirmation"
            data-delivery=live::text(move || delivery.get().name())
        >
            <span class="seal" class:delivered=live::flag(move || delivery.get() == Delivery::Delivered)>
                {icon::drawn(Icon::Check)}
            </span>
            <h1 tabindex="-1">{heading}</h1>
            <p class="lead" aria-live="polite">
                {live::part(move || delivery.get().words())}
            </p>
            <p class="reference">
                {words::kiosk().reference} " " <strong>{reference::code(kept.visit)}</strong>
            </p>
            {live::part(move || carried.get().and_then(|text| qr::drawn(&text, words::kiosk().pass_name)).map(|code| view! {
                <figure class="pass" id="pass">
                    {code}
                    <figcaption>{words::kiosk().pass_hint}</figcaption>
                </figure>
            }))}
            <div class="confirmation-acts">
                {live::part(move || badge_of.get().map(|(_, size, _)| view! {
                    <button id="print-badge" type="button" class="large" on:click=live::click(move || badge::print(size))>
                        {icon::drawn(Icon::Print)}
                        {words::kiosk().print_badge}
                    </button>
                }))}
                <button id="done" type="button" class="primary large" on:click=live::click(done)>
                    {words::kiosk().done}
                </button>
            </div>
            {live::part(move || badge_of.get().map(|(visit, size, code)| {
                let now = clock::now();
                view! { <BadgeSheet visit size code now /> }
            }))}
            <p class="fading">{live::part(move || words::kiosk().back_in.with([&left.get().to_string()]))}</p>
        </main>
    }
}

/// Follows the delivery. It only ever moves on: what was said to come later is not "on its way" again.
fn delivery_of(outbox: Outbox, kept: Kept) -> Memo<Delivery> {
    let is_late = RwSignal::new(false);
    set_timeout(
        move || {
            // The screen may have been left meanwhile.
            is_late.try_set(true);
        },
        RECEIPT_WAIT,
    );
    Memo::new(move |before: Option<&Delivery>| {
        if outbox.is_delivered(kept.event, kept.visit) {
            Delivery::Delivered
        } else if is_late.get()
            || outbox.link_state() != LinkState::Connected
            || before.is_some_and(|before| *before != Delivery::Sending)
        {
            Delivery::Saved
        } else {
            Delivery::Sending
        }
    })
}
