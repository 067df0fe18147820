//! A screen that stays on: the browser's wake lock, where it has one.

use js_sys::{Function, Promise, Reflect};
use leptos::{leptos_dom::helpers::window_event_listener_untyped, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Keeps the screen on for as long as the page is in sight. Call once, at the start. Where there is no wake lock, or a
/// low battery refuses it, the device's own setting holds.
pub fn stay() {
    ask();
    // The browser takes the lock back whenever the page is out of sight.
    let _ = window_event_listener_untyped("visibilitychange", |_| ask());
}

fn ask() {
    if document().hidden() {
        return;
    }
    let navigator = JsValue::from(window().navigator());
    let lock = Reflect::get(&navigator, &"wakeLock".into()).unwrap_or_default();
    let request = Reflect::get(&lock, &"request".into()).ok().and_then(|found| found.dyn_into::<Function>().ok());
    let Some(Ok(promise)) = request.map(|request| request.call1(&lock, &"screen".into())) else { return };
    if let Ok(promise) = promise.dyn_into::<Promise>() {
        spawn_local(async move {
            let _ = JsFuture::from(promise).await;
        });
    }
}
