//! The desk: its dashboard, and the first account of a new server.

#![expect(unreachable_pub, reason = "what the component macro makes is `pub`, whatever the component is")]

mod access;
mod dashboard;
mod screen;
mod setup;
mod wording;

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
    // The pages of the dashboard share what it holds: going from one to another draws none of it anew.
    let part = Memo::new(move |_| match router.current() {
        Some(DeskScreen::SetUp) => Part::SetUp,
        Some(DeskScreen::ChoosePassword) => Part::ChoosePassword,
        Some(
            DeskScreen::Dashboard
            | DeskScreen::Attention
            | DeskScreen::Statement
            | DeskScreen::Devices
            | DeskScreen::RollCall,
        ) => Part::Dashboard,
        None => Part::Nothing,
    });
    live::part(move || match part.get() {
        Part::SetUp => view! { <setup::SetUp /> }.into_any(),
        Part::ChoosePassword => view! { <access::choose_password::ChoosePassword /> }.into_any(),
        Part::Dashboard => view! { <dashboard::Dashboard /> }.into_any(),
        Part::Nothing => view! { <p class="nothing-here">{words::shared().page_not_found}</p> }.into_any(),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    SetUp,
    ChoosePassword,
    Dashboard,
    Nothing,
}
