//! The desk: its dashboard, and the first account of a new server.

#![expect(unreachable_pub, reason = "what the component macro makes is `pub`, whatever the component is")]

mod dashboard;
mod screen;
mod setup;
mod staff;

use leptos::prelude::*;
use vestibule_app::{
    live,
    route::Router,
    start::start,
    words::{self, Language},
};

use crate::screen::DeskScreen;

fn main() {
    start(App, &[Language::En]);
}

#[component]
fn App() -> impl IntoView {
    let router = Router::<DeskScreen>::start();
    provide_context(router);
    live::part(move || match router.current() {
        Some(DeskScreen::SetUp) => view! { <setup::SetUp /> }.into_any(),
        Some(DeskScreen::Dashboard) => view! { <dashboard::Dashboard /> }.into_any(),
        None => view! { <p class="nothing-here">{words::shared().page_not_found}</p> }.into_any(),
    })
}
