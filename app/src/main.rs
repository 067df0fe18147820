//! The app: the kiosk at the entrance, and the dashboard of the desk.
//!
//! Screens read signals of the [`outbox`] and hand it what people do; the worker behind it keeps and delivers.
//! [`api`] is for signing in and pairing only. What can be decided without a browser ([`matching`], [`form`],
//! [`lists`], [`reference`]) is plain functions with tests beside them.

#![expect(unreachable_pub, reason = "what the component macro makes is `pub`, whatever the component is")]

mod api;
mod chooser;
mod clock;
mod countdown;
mod dashboard;
mod field;
mod form;
mod fragment;
mod host_picker;
mod icon;
mod kiosk;
mod lists;
mod matching;
mod outbox;
mod reference;
mod saving;
mod setup;
mod staff;
mod sync_pill;
mod times;
mod words;

use leptos::prelude::*;
use leptos_router::{
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::outbox::Outbox;

fn main() {
    console_error_panic_hook::set_once();
    if let Some(page) = document().document_element() {
        let _ = page.set_attribute("lang", words::LANG);
        let _ = page.set_attribute("dir", words::DIR);
    }
    if let Some(loading) = document().get_element_by_id("loading") {
        loading.remove();
    }
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    provide_context(Outbox::start());
    view! {
        <Router>
            <Routes fallback=|| view! { <p class="nothing-here">{words::PAGE_NOT_FOUND}</p> }>
                <Route path=path!("/") view=chooser::Chooser />
                <Route path=path!("/setup") view=setup::SetUp />
                <Route path=path!("/dashboard") view=dashboard::Dashboard />
                <ParentRoute path=path!("/kiosk") view=kiosk::Kiosk>
                    <Route path=path!("") view=kiosk::welcome::Welcome />
                    <Route path=path!("check-in") view=kiosk::check_in::CheckIn />
                    <Route path=path!("check-out") view=kiosk::check_out::CheckOut />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
