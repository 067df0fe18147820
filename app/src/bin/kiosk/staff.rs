//! The staff panel: how this kiosk stands, and what to do when it does not deliver. Behind a long press on the site's
//! name, and the site's PIN.

mod carry;

use std::time::Duration;

use js_sys::Reflect;
use leptos::{prelude::*, task::spawn_local};
use vestibule_app::{
    clock,
    delivery_facts::{Facts, Undelivered},
    field::Notice,
    focus,
    icon::{self, Icon},
    live,
    outbox::Outbox,
    times, words,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use crate::{countdown::countdown, idle, shell::to_next_visitor};

/// How long the site's name must be pressed: longer than anybody rests a finger by accident.
const PRESS_FOR: Duration = Duration::from_millis(1_200);

/// Wrong PINs before there is a wait.
const TRIES: u32 = 5;

/// That wait, in seconds: with it, the ten thousand PINs of four digits take a day and a half of standing there.
const WAIT_S: u32 = 60;

/// How long a drill lasts, in minutes: enough for a visitor to check in and out, and short enough to be forgotten.
const DRILL_MIN: u32 = 5;

const HEADING: &str = "For staff";
const PIN: &str = "Staff PIN";
const OPEN: &str = "Open";
const WRONG_PIN: &str = "That is not the PIN.";
const NO_PIN: &str = "This site has no staff PIN yet; an admin sets one on the dashboard. Without it, what a visitor could misuse is not offered here.";
const DELIVERY: &str = "Delivery";
const DEVICE: &str = "This device";
const SEND_AGAIN: &str = "Send again what was set aside";
const PAIR_AGAIN: &str = "Pair again";
const DRILL: &str = "Drill";
const DRILL_LEAD: &str = "For five minutes this kiosk does as if the server were gone. Everything that visitors do is kept, and delivered when it ends.";
const START_DRILL: &str = "Start a drill";
const END_DRILL: &str = "End the drill";
const GUIDE: &str = "Keep visitors inside the app: Guided Access";
const GUIDE_STEPS: [&str; 5] = [
    "Settings → Accessibility → Guided Access: switch it on, and set a passcode.",
    "Settings → Display & Brightness → Auto-Lock: Never, with the iPad on power.",
    "Open Vestibule from the home screen, and press the top button three times.",
    "Options: leave Touch and Motion on, switch the top and the volume buttons off. Start.",
    "To end it, press the top button three times and type the passcode.",
];

/// The site's name on the welcome, which opens the panel when it is pressed for a while, or chosen by keyboard.
#[component]
pub fn Door(on_open: impl Fn() + Copy + 'static, children: Children) -> impl IntoView {
    let press = StoredValue::new(None::<TimeoutHandle>);
    let let_go = move || {
        if let Some(timer) = press.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    on_cleanup(let_go);
    let hold = move |_| {
        let_go();
        if let Ok(timer) = set_timeout_with_handle(on_open, PRESS_FOR) {
            press.set_value(Some(timer));
        }
    };
    // A click that no finger made is the keyboard's, or a screen reader's.
    let by_keyboard = move |click: leptos::ev::MouseEvent| {
        if click.detail() == 0 {
            on_open();
        }
    };
    view! {
        <button
            id="staff-door"
            type="button"
            class="quiet staff-door"
            on:pointerdown=hold
            on:pointerup=move |_| let_go()
            on:pointerleave=move |_| let_go()
            on:pointercancel=move |_| let_go()
            on:contextmenu=|menu| menu.prevent_default()
            on:click=by_keyboard
        >
            {children()}
            <span class="unseen">{HEADING}</span>
        </button>
    }
}

/// Asks for the PIN, if there is one; then the panel. `on_pair_again` shows the screen that pairs.
#[component]
pub fn StaffPanel(
    on_close: impl Fn() + Copy + 'static,
    on_pair_again: impl Fn() + Copy + Send + 'static,
) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let is_open = RwSignal::new(false);
    let access = Memo::new(move |_| match outbox.settings.with(|settings| settings.staff_pin.is_some()) {
        true if is_open.get() => Access::Whole,
        true => Access::None,
        false => Access::Harmless,
    });
    let done = to_next_visitor();
    let leave = move || {
        on_close();
        done();
    };
    view! {
        <header class="kiosk-top">
            <button type="button" class="quiet back" on:click=live::click(leave)>
                {icon::drawn(Icon::Back)}
                {words::shared().back}
            </button>
            <idle::IdleReset />
        </header>
        // English, whatever a visitor chose: it is for those who work here.
        <main id="staff" class="screen form-screen staff" lang="en" dir="ltr">
            <h1 tabindex="-1">{HEADING}</h1>
            {live::part(move || match access.get() {
                Access::None => view! { <PinPad on_open=move || is_open.set(true) /> }.into_any(),
                access => view! { <Panel access on_pair_again /> }.into_any(),
            })}
        </main>
    }
}

/// How much of the panel is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// The PIN comes first.
    None,
    /// What no visitor could misuse.
    Harmless,
    /// All of it.
    Whole,
}

#[component]
fn PinPad(on_open: impl Fn() + Copy + 'static) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let typed = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<String>);
    let wrong = StoredValue::new(0);
    let wait = countdown(WAIT_S, || {});
    let is_waiting = RwSignal::new(false);
    Effect::new(move |_| {
        if wait.left.get() == 0 {
            is_waiting.set(false);
        }
    });
    let submit = move || {
        if is_waiting.get_untracked() {
            return;
        }
        let pin = outbox.settings.with_untracked(|settings| settings.staff_pin);
        if pin.is_none_or(|pin| pin.fits(typed.get_untracked().trim())) {
            return on_open();
        }
        typed.set(String::new());
        problem.set(Some(WRONG_PIN.to_owned()));
        wrong.update_value(|wrong| *wrong += 1);
        if wrong.get_value() >= TRIES {
            wrong.set_value(0);
            wait.restart();
            is_waiting.set(true);
        }
        focus::soon("#staff-pin");
    };
    focus::soon("#staff-pin");
    let said = move || {
        if is_waiting.get() { Some(format!("Too many tries. Wait {} s.", wait.left.get())) } else { problem.get() }
    };
    view! {
        <form class="pair-form pin-form" novalidate on:submit=live::submit(submit)>
            <div class="field">
                <label for="staff-pin">{PIN}</label>
                <input
                    id="staff-pin"
                    class="code-input"
                    type="password"
                    inputmode="numeric"
                    autocomplete="off"
                    bind:value=typed
                />
            </div>
            <Notice text=Signal::derive(said) />
            <button
                id="open-panel"
                type="submit"
                class="primary large"
                disabled=live::flag(move || is_waiting.get())
            >
                {OPEN}
            </button>
        </form>
    }
}

#[component]
fn Panel(access: Access, on_pair_again: impl Fn() + Copy + 'static) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let has_parked = Memo::new(move |_| outbox.status.with(|status| status.as_ref().is_some_and(|s| s.parked > 0)));
    let send_again = move || {
        view! {
            <button id="send-again" type="button" on:click=live::click(move || outbox.send_again())>
                {SEND_AGAIN}
            </button>
        }
    };
    view! {
        {(access == Access::Harmless).then(|| view! { <p class="field-hint">{NO_PIN}</p> })}
        <section class="staff-part">
            <h2>{DELIVERY}</h2>
            <Facts />
            <Undelivered />
            <div class="staff-acts">
                <button id="sync-now" type="button" class="primary" on:click=live::click(move || outbox.sync_now())>
                    {icon::drawn(Icon::Sync)}
                    {words::SYNC_NOW}
                </button>
                {live::part(move || has_parked.get().then(send_again))}
                {(access == Access::Whole)
                    .then(|| view! {
                        <button id="staff-pair-again" type="button" on:click=live::click(on_pair_again)>
                            {PAIR_AGAIN}
                        </button>
                    })}
            </div>
        </section>
        <carry::Carry />
        {(access == Access::Whole).then(|| view! { <Drill /> })}
        <section class="staff-part">
            <h2>{DEVICE}</h2>
            <Device />
        </section>
        <details class="staff-part">
            <summary>{GUIDE}</summary>
            <ol class="steps">{GUIDE_STEPS.map(|step| view! { <li>{step}</li> }).into_iter().collect_view()}</ol>
        </details>
    }
}

/// An outage that everybody knows of.
#[component]
fn Drill() -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let until = Memo::new(move |_| outbox.status.with(|status| status.as_ref()?.drill_until));
    view! {
        <section class="staff-part">
            <h2>{DRILL}</h2>
            <p class="field-hint" role="status">
                {live::part(move || match until.get() {
                    Some(end) => format!("A drill is going on, until {}.", times::time(end)),
                    None => DRILL_LEAD.to_owned(),
                })}
            </p>
            <div class="staff-acts">
                {live::part(move || match until.get() {
                    Some(_) => view! {
                        <button id="end-drill" type="button" on:click=live::click(move || outbox.drill(0))>
                            {END_DRILL}
                        </button>
                    },
                    None => view! {
                        <button id="start-drill" type="button" on:click=live::click(move || outbox.drill(DRILL_MIN))>
                            {START_DRILL}
                        </button>
                    },
                })}
            </div>
        </section>
    }
}

/// What the browser grants this device, and what runs on it.
#[component]
fn Device() -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let room = RwSignal::new(None::<(u64, u64)>);
    spawn_local(async move {
        let known = used_and_granted().await;
        room.try_set(known);
    });
    let worker = Memo::new(move |_| outbox.status.with(|status| status.as_ref().map(|status| status.version.clone())));
    let device = Memo::new(move |_| outbox.status.with(|status| Some(status.as_ref()?.source?.device.to_string())));
    let facts = move || {
        let room = room.get().map(|(used, granted)| format!("{} of {} MB", megabytes(used), megabytes(granted)));
        [
            ("Storage used", room.unwrap_or_else(|| "not known".to_owned())),
            ("Version of the app", env!("CARGO_PKG_VERSION").to_owned()),
            ("Version of the worker", worker.get().unwrap_or_default()),
            ("Clock of this device", times::time(clock::now())),
            ("Device", device.get().unwrap_or_else(|| "not paired".to_owned())),
        ]
    };
    view! {
        <dl class="facts">
            {live::part(move || {
                let fact = |(what, value)| view! { <div><dt>{what}</dt><dd>{value}</dd></div> };
                facts().into_iter().map(fact).collect_view()
            })}
        </dl>
    }
}

/// Bytes that this origin has stored, and that the browser grants it.
async fn used_and_granted() -> Option<(u64, u64)> {
    let navigator = window().navigator();
    // Missing on an insecure origin, which the bindings don't expect.
    let storage = Reflect::get(&navigator, &"storage".into()).ok().filter(|storage| storage.is_object())?;
    let estimate: js_sys::Function = Reflect::get(&storage, &"estimate".into()).ok()?.dyn_into().ok()?;
    let promise: js_sys::Promise = estimate.call0(&storage).ok()?.dyn_into().ok()?;
    let told = JsFuture::from(promise).await.ok()?;
    let bytes = |name: &str| Reflect::get(&told, &name.into()).ok()?.as_f64().map(|bytes| bytes as u64);
    Some((bytes("usage")?, bytes("quota")?))
}

const fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(1_000_000)
}
