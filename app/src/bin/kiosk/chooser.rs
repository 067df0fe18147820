//! `/`: a new device says what it is.

use leptos::prelude::*;

use vestibule_app::{
    icon::{self, Icon},
    route::Link,
    words,
};

use crate::screen::KioskScreen;

/// Two ways on.
#[component]
pub fn Chooser() -> impl IntoView {
    view! {
        <main class="screen centred">
            {icon::mark()}
            <h1>{words::CHOOSER_HEADING}</h1>
            <div class="choices">
                <Link to=KioskScreen::Welcome class="choice">
                    {icon::drawn(Icon::Kiosk)}
                    <span class="choice-name">{words::CHOOSER_KIOSK}</span>
                    <span class="choice-hint">{words::CHOOSER_KIOSK_HINT}</span>
                </Link>
                <a href="/dashboard" class="choice">
                    {icon::drawn(Icon::Desk)}
                    <span class="choice-name">{words::CHOOSER_DESK}</span>
                    <span class="choice-hint">{words::CHOOSER_DESK_HINT}</span>
                </a>
            </div>
        </main>
    }
}
