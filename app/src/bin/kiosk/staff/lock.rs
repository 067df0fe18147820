//! The PIN before the panel.

use leptos::prelude::*;
use vestibule_protocol::{settings::PinHash, timestamp::Timestamp};

use vestibule_app::{
    clock,
    field::{Field, Kind},
    focus, live,
    outbox::Outbox,
};

use super::text;

/// Wrong PINs before there is a wait.
const TRIES: u32 = 5;

/// That wait, in ms: with it, the ten thousand PINs of four digits take a day and a half of standing there.
const WAIT_MS: i64 = 60_000;

const PIN: &str = "Staff PIN";
const OPEN: &str = "Open";
const WRONG_PIN: &str = "That is not the PIN.";
const WAIT: &str = "Too many tries. Wait a minute.";

/// How often the wrong PIN was typed, whether or not the panel was left meanwhile. Copies are one and the same.
#[derive(Clone, Copy, Default)]
pub struct Lock {
    wrong: StoredValue<u32>,
    shut_at: StoredValue<Option<Timestamp>>,
}

impl Lock {
    /// What is wrong with the PIN that was typed; `None` if it opens.
    fn refuses(self, pin: Option<PinHash>, typed: &str) -> Option<&'static str> {
        let waited = self.shut_at.get_value().map_or(i64::MAX, |at| clock::now().ms_since(at));
        // A clock that was set back draws nothing out.
        if (0..WAIT_MS).contains(&waited) {
            return Some(WAIT);
        }
        if pin.is_none_or(|pin| pin.fits(typed)) {
            self.wrong.set_value(0);
            return None;
        }
        let wrong = self.wrong.get_value() + 1;
        self.wrong.set_value(wrong % TRIES);
        if wrong < TRIES {
            return Some(WRONG_PIN);
        }
        self.shut_at.set_value(Some(clock::now()));
        Some(WAIT)
    }
}

/// Asks for the PIN; opens when it is right.
pub fn pin(lock: Lock, outbox: Outbox, is_open: RwSignal<bool>) -> AnyView {
    let typed = RwSignal::new(String::new());
    let problem = RwSignal::new("");
    let submit = move || {
        let pin = outbox.decided.with_untracked(|decided| decided.staff_pin);
        match lock.refuses(pin, typed.get_untracked().trim()) {
            None => is_open.set(true),
            Some(why) => {
                typed.set(String::new());
                problem.set(why);
                focus::soon("#staff-pin");
            }
        }
    };
    focus::soon("#staff-pin");
    view! {
        <form class="pair-form" novalidate on:submit=live::submit(submit)>
            <Field id="staff-pin" label=PIN kind=Kind::Pin value=typed />
            {live::part(move || text("notice", Some("alert"), problem.get().to_owned()))}
            <button id="open-panel" type="submit" class="primary large">
                {OPEN}
            </button>
        </form>
    }
    .into_any()
}
