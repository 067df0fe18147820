//! In place of pairing, where what a kiosk keeps would not be kept.
//!
//! Safari on iPadOS and iOS deletes what a page in a tab has stored after seven days without use
//! (<https://webkit.org/blog/10218/>), a backlog included. From the home screen it is exempt.

use js_sys::Reflect;
use leptos::prelude::*;
use vestibule_app::{icon, words};
use wasm_bindgen::JsValue;

/// Whether the page is in a tab of Safari on an iPad or iPhone. Only that browser has the property, which is `true` for
/// what was opened from the home screen.
pub fn is_needed() -> bool {
    let standalone = Reflect::get(&JsValue::from(window().navigator()), &"standalone".into());
    standalone.is_ok_and(|value| value.as_bool() == Some(false))
}

/// How to get onto the home screen, in three steps.
#[component]
pub fn Install() -> impl IntoView {
    let words = words::kiosk();
    let steps = [words.install_share, words.install_add, words.install_open];
    view! {
        <main class="screen centred">
            {icon::mark()}
            <h1>{words.install_heading}</h1>
            <p class="lead">{words.install_lead}</p>
            <ol id="install" class="steps">
                {steps.into_iter().map(|step| view! { <li>{step}</li> }).collect_view()}
            </ol>
        </main>
    }
}
