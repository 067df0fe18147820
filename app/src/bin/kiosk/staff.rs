//! The staff panel: how this kiosk stands, and what to do when it does not deliver. Behind a long press on the site's
//! name, and the site's PIN. In English, whatever a visitor chose: it is for those who work there.

mod carry;
mod lock;

use std::time::Duration;

use leptos::{ev::MouseEvent, leptos_dom::helpers::window_event_listener_untyped, prelude::*};
use vestibule_protocol::message::Waiting;

use vestibule_app::{
    delivery_facts::{self, Line, Names},
    icon::{self, Icon},
    live,
    outbox::Outbox,
    route::Router,
    words,
};

use self::carry::Carrying;
pub use self::lock::Lock;
use crate::{idle, screen::KioskScreen, shell::to_next_visitor};

/// How long the site's name must be pressed: longer than anybody rests a finger by accident.
const PRESS_FOR: Duration = Duration::from_millis(1_200);

const HEADING: &str = "For staff";
const DELIVERY: &str = "Delivery";
const SEND_AGAIN: &str = "Send again what was set aside";
const PAIR_AGAIN: &str = "Pair again";
const APP_VERSION: &str = "Version of the app";
const WORKER_VERSION: &str = "Version of the worker";

/// What opens the panel when it is pressed for a while, or chosen by keyboard.
pub fn door(inside: AnyView) -> AnyView {
    let router = expect_context::<Router<KioskScreen>>();
    let open = move || router.push(KioskScreen::Staff);
    let press = StoredValue::new(None::<TimeoutHandle>);
    let let_go = move || {
        if let Some(timer) = press.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    on_cleanup(let_go);
    let hold = move |_| {
        let_go();
        press.set_value(set_timeout_with_handle(open, PRESS_FOR).ok());
    };
    // A click that no finger made is the keyboard's, or a screen reader's.
    let by_keyboard = move |click: MouseEvent| {
        if click.detail() == 0 {
            open();
        }
    };
    // Wherever the finger is by then.
    for end in ["pointerup", "pointercancel"] {
        let listener = window_event_listener_untyped(end, move |_| let_go());
        on_cleanup(move || listener.remove());
    }
    view! {
        <button
            id="staff-door"
            type="button"
            class="quiet staff-door"
            on:pointerdown=hold
            on:contextmenu=|menu| menu.prevent_default()
            on:click=by_keyboard
        >
            {inside}
            <span class="unseen" lang="en">
                {HEADING}
            </span>
        </button>
    }
    .into_any()
}

/// Asks for the PIN, if the site has one; then the panel. `on_pair_again` shows the screen that pairs.
pub fn staff_panel(on_pair_again: impl Fn() + Copy + Send + 'static) -> AnyView {
    let outbox = expect_context::<Outbox>();
    let lock = expect_context::<Lock>();
    let is_open = RwSignal::new(false);
    // A kiosk that was taken out of service has forgotten its site and the PIN.
    let is_shut =
        Memo::new(move |_| outbox.decided.get().staff_pin.is_some() && !is_open.get() && !outbox.is_revoked());
    let panel = Panel::of(outbox);
    view! {
        <header class="kiosk-top">
            <button type="button" class="quiet back" on:click=live::click(to_next_visitor())>
                {icon::drawn(Icon::BACK)}
                {words::shared().back}
            </button>
            <idle::IdleReset />
        </header>
        <main
            id="staff"
            class="screen form-screen staff"
            lang="en"
            dir="ltr"
            data-held=live::text(move || held(outbox).to_string())
        >
            <h1 tabindex="-1">{HEADING}</h1>
            {live::part(move || {
                if is_shut.get() { lock::pin(lock, outbox, is_open) } else { panel.drawn(is_open.get(), on_pair_again) }
            })}
        </main>
    }
    .into_any()
}

/// How many events are not delivered. Reactive.
fn held(outbox: Outbox) -> u64 {
    outbox.status.with(|status| status.as_ref().map_or(0, |status| status.pending + status.parked))
}

/// What the panel follows.
#[derive(Clone, Copy)]
struct Panel {
    outbox: Outbox,
    backlog: RwSignal<Vec<Waiting>>,
    carrying: Carrying,
}

impl Panel {
    fn of(outbox: Outbox) -> Self {
        Self { outbox, backlog: delivery_facts::backlog_of(outbox), carrying: Carrying::of(outbox) }
    }

    /// As it stands; `is_open` if somebody has typed the PIN. Reactive.
    fn drawn(self, is_open: bool, on_pair_again: impl Fn() + 'static) -> AnyView {
        let outbox = self.outbox;
        let Some(status) = outbox.status.get() else { return section(DELIVERY, Vec::new()) };
        let carry = section(carry::HEADING, self.carrying.parts(held(outbox), status.revoked_at.is_some()));
        if status.revoked_at.is_some() {
            return vec![carry].into_any();
        }
        let fact = |about: &str, said: String| Line { about: about.to_owned(), said, advice: String::new() };
        let mut facts = delivery_facts::facts(&status, outbox.as_of.get());
        facts.push(fact(APP_VERSION, env!("CARGO_PKG_VERSION").to_owned()));
        facts.push(fact(WORKER_VERSION, status.version.clone()));
        let names = if is_open { Names::Shown } else { Names::Withheld };
        let waiting = self.backlog.with(|waiting| delivery_facts::undelivered(outbox, waiting, names));
        let mut acts = vec![button("sync-now", "primary", words::SYNC_NOW, move || outbox.sync_now())];
        if status.parked > 0 {
            acts.push(button("send-again", "", SEND_AGAIN, move || outbox.send_again()));
        }
        if is_open {
            acts.push(button("staff-pair-again", "", PAIR_AGAIN, on_pair_again));
        }
        let parts = [delivery_facts::list("facts", facts), delivery_facts::list("undelivered", waiting)];
        let parts = parts.into_iter().chain(acts).collect();
        vec![section(DELIVERY, parts), carry].into_any()
    }
}

/// A part of the panel with its heading. It and what follows are all that the panel is drawn of: each other sort of
/// element would weigh on every kiosk's download.
fn section(heading: &'static str, parts: Vec<AnyView>) -> AnyView {
    view! {
        <section class="staff-part">
            <h2>{heading}</h2>
            {parts}
        </section>
    }
    .into_any()
}

fn text(class: &'static str, role: Option<&'static str>, words: String) -> AnyView {
    view! {
        <p class=class role=role>
            {words}
        </p>
    }
    .into_any()
}

fn button(id: &'static str, class: &'static str, words: &'static str, act: impl Fn() + 'static) -> AnyView {
    let act: Box<dyn Fn()> = Box::new(act);
    view! {
        <button id=id type="button" class=class on:click=live::click(act)>
            {words}
        </button>
    }
    .into_any()
}
