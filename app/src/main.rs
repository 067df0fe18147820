//! The app: the kiosk at the entrance, and the dashboard of the desk.
//!
//! Screens read signals of the [`outbox`] and hand it what people do; the worker behind it keeps and delivers.
//! [`api`] is for signing in and pairing only. What can be decided without a browser ([`matching`], [`form`],
//! [`lists`], [`mod@reference`], [`route`]) is plain functions with tests beside them.

#![expect(unreachable_pub, reason = "what the component macro makes is `pub`, whatever the component is")]

mod api;
mod case;
mod chooser;
mod clock;
mod countdown;
mod dashboard;
mod field;
mod focus;
mod form;
mod fragment;
mod host_picker;
mod icon;
mod kiosk;
mod lists;
mod live;
mod matching;
mod outbox;
mod reference;
mod route;
mod saving;
mod setup;
mod staff;
mod sync_pill;
mod times;
mod words;

use leptos::prelude::*;

use crate::{
    outbox::Outbox,
    route::{Route, Router},
};

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
    let router = Router::start();
    provide_context(router);
    // The kiosk's shell stays while its screens come and go.
    let area = Memo::new(move |_| match router.current() {
        Some(Route::CheckIn | Route::CheckOut) => Some(Route::Welcome),
        other => other,
    });
    live::part(move || match area.get() {
        Some(Route::Chooser) => view! { <chooser::Chooser /> }.into_any(),
        Some(Route::SetUp) => view! { <setup::SetUp /> }.into_any(),
        Some(Route::Dashboard) => view! { <dashboard::Dashboard /> }.into_any(),
        Some(Route::Welcome | Route::CheckIn | Route::CheckOut) => view! { <kiosk::Kiosk /> }.into_any(),
        None => view! { <p class="nothing-here">{words::PAGE_NOT_FOUND}</p> }.into_any(),
    })
}
