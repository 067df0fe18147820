//! The office: what admins decide for a site and keep at the server. A program of its own, since a front desk should not
//! download it; it needs the server for everything, and keeps nothing for an outage.

#![expect(unreachable_pub, reason = "what the component macro makes is `pub`, whatever the component is")]

mod choose;
mod colleagues;
mod door;
mod frame;
mod hosts;
mod keys;
mod over;
mod screen;
mod settings;
mod wording;

use leptos::prelude::*;
use vestibule_app::{route::Router, start::start_at_server, words::Language};

use crate::screen::OfficeScreen;

fn main() {
    start_at_server(App, &[Language::En]);
}

#[component]
fn App() -> impl IntoView {
    provide_context(Router::<OfficeScreen>::start());
    view! { <frame::Frame /> }
}
