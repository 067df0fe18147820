//! The kiosk at the entrance, and the page on which a new device says what it is.

#![expect(unreachable_pub, reason = "what the component macro makes is `pub`, whatever the component is")]

mod awake;
mod check_in;
mod check_out;
mod chooser;
mod confirmation;
mod countdown;
mod idle;
mod install;
mod pair;
mod screen;
mod shell;
mod staff;
mod update;
mod welcome;

use leptos::prelude::*;
use vestibule_app::{
    live,
    route::Router,
    start::start,
    words::{self, Language},
};

use crate::screen::KioskScreen;

fn main() {
    awake::stay();
    update::follow();
    start(App, Language::ALL);
}

#[component]
fn App() -> impl IntoView {
    let router = Router::<KioskScreen>::start();
    provide_context(router);
    // The kiosk's shell stays while its screens come and go.
    let area = Memo::new(move |_| match router.current() {
        Some(KioskScreen::CheckIn | KioskScreen::CheckOut | KioskScreen::Staff) => Some(KioskScreen::Welcome),
        other => other,
    });
    live::part(move || match area.get() {
        Some(KioskScreen::Chooser) => view! { <chooser::Chooser /> }.into_any(),
        Some(_) => view! { <shell::Kiosk /> }.into_any(),
        None => view! { <p class="nothing-here">{words::shared().page_not_found}</p> }.into_any(),
    })
}
