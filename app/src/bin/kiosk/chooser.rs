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
            <h1>{words::kiosk().chooser_heading}</h1>
            <div class="choices">
                <Link to=KioskScreen::Welcome class="choice">
                    {icon::drawn(Icon::KIOSK)}
                    <span class="choice-name">{words::kiosk().chooser_kiosk}</span>
                    <span class="choice-hint">{words::kiosk().chooser_kiosk_hint}</span>
                </Link>
                <a href="/dashboard" class="choice">
                    {icon::drawn(Icon::DESK)}
                    <span class="choice-name">{words::kiosk().chooser_desk}</span>
                    <span class="choice-hint">{words::kiosk().chooser_desk_hint}</span>
                </a>
            </div>
        </main>
    }
}
