//! The first screen that a visitor sees.

use leptos::prelude::*;

use vestibule_app::{
    clock, focus,
    icon::{self, Icon},
    live,
    outbox::Outbox,
    route::Link,
    times, words,
};

use crate::{screen::KioskScreen, shell::Broken};

/// How often the time of day is read again, in seconds: it shows minutes.
const CLOCK_EVERY_S: u64 = 5;

/// Two large choices, the place, and the time.
#[component]
pub fn Welcome() -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let now = RwSignal::new(clock::now());
    let timer = set_interval_with_handle(move || now.set(clock::now()), std::time::Duration::from_secs(CLOCK_EVERY_S));
    if let Ok(timer) = timer {
        on_cleanup(move || timer.clear());
    }
    let time = Memo::new(move |_| times::time(now.get()));
    let day = Memo::new(move |_| times::day(now.get()));
    let site = Memo::new(move |_| outbox.site.with(|site| site.as_ref().map(|site| site.name.to_string())));
    let is_broken = Memo::new(move |_| outbox.is_broken());

    focus::soon("main h1");
    let choices = || {
        view! {
            <nav class="choices">
                <Link to=KioskScreen::CheckIn id="check-in" class="choice choice-primary">
                    {icon::drawn(Icon::Arrive)}
                    <span class="choice-name">{words::CHECK_IN}</span>
                    <span class="choice-hint">{words::CHECK_IN_HINT}</span>
                </Link>
                <Link to=KioskScreen::CheckOut id="check-out" class="choice">
                    {icon::drawn(Icon::Leave)}
                    <span class="choice-name">{words::CHECK_OUT}</span>
                    <span class="choice-hint">{words::CHECK_OUT_HINT}</span>
                </Link>
            </nav>
        }
    };
    view! {
        <main class="screen welcome">
            <header class="welcome-top">
                <p class="welcome-site">
                    {icon::mark()}
                    <span>{live::part(move || site.get())}</span>
                </p>
                <p class="welcome-clock">
                    <span class="welcome-time">{live::part(move || time.get())}</span>
                    <span class="welcome-day">{live::part(move || day.get())}</span>
                </p>
            </header>
            <h1 class="display" tabindex="-1">{words::WELCOME}</h1>
            {live::part(move || if is_broken.get() { view! { <Broken /> }.into_any() } else { choices().into_any() })}
        </main>
    }
}
