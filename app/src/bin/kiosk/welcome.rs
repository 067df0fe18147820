//! The first screen that a visitor sees.

use leptos::prelude::*;

use vestibule_app::{
    clock, focus,
    icon::{self, Icon},
    live,
    outbox::Outbox,
    route::Link,
    times,
    words::{self, Language, Speech},
};

use crate::{
    countdown::countdown,
    screen::KioskScreen,
    shell::{Broken, to_next_visitor},
    staff::door,
    update,
};

/// How often the time of day is read again, in seconds: it shows minutes.
const CLOCK_EVERY_S: u64 = 5;

/// How long the welcome stays in a language that a visitor chose, in seconds, if nobody goes on.
const LANGUAGE_KEPT_FOR_S: u32 = 45;

/// Two large choices, the place, the time, and the languages.
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

    update::take_when_quiet();
    focus::soon("main h1");
    let choices = || {
        view! {
            <nav class="choices">
                <Link to=KioskScreen::CheckIn id="check-in" class="choice choice-primary">
                    {icon::drawn(Icon::ARRIVE)}
                    <span class="choice-name">{words::shared().check_in}</span>
                    <span class="choice-hint">{words::kiosk().check_in_hint}</span>
                </Link>
                <Link to=KioskScreen::CheckOut id="check-out" class="choice">
                    {icon::drawn(Icon::LEAVE)}
                    <span class="choice-name">{words::shared().check_out}</span>
                    <span class="choice-hint">{words::kiosk().check_out_hint}</span>
                </Link>
            </nav>
        }
    };
    let place = view! {
        <span class="welcome-site">
            {icon::mark()}
            <span>{live::part(move || site.get())}</span>
        </span>
    }
    .into_any();
    view! {
        <main class="screen welcome">
            <header class="welcome-top">
                {door(place)}
                <p class="welcome-clock">
                    <span class="welcome-time">{live::part(move || time.get())}</span>
                    <span class="welcome-day">{live::part(move || day.get())}</span>
                </p>
            </header>
            <h1 class="display" tabindex="-1">{words::kiosk().welcome}</h1>
            {live::part(move || if is_broken.get() { view! { <Broken /> }.into_any() } else { choices().into_any() })}
            <Languages />
        </main>
    }
}

/// All languages, each as those who speak it call it. A choice holds for one visitor.
#[component]
pub fn Languages() -> impl IntoView {
    let speech = expect_context::<Speech>();
    // Drawn anew with the language, so that the seconds begin with the choice.
    if speech.is_chosen() {
        countdown(LANGUAGE_KEPT_FOR_S, to_next_visitor());
    }
    let language = move |language: Language| {
        view! {
            <button
                type="button"
                class="language"
                lang=language.tag()
                data-language=language.tag()
                aria-pressed=(Language::spoken() == language).to_string()
                on:click=live::click(move || speech.choose(language))
            >
                {language.own_name()}
            </button>
        }
    };
    view! {
        <div class="languages" role="group" aria-label=words::kiosk().languages>
            {speech.offered().iter().copied().map(language).collect_view()}
        </div>
    }
}
