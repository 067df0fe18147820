//! Taking a new version, when nobody is in the way of it.
//!
//! A kiosk's page stays open for weeks, and a browser looks for a new service worker only when a page is opened. So the
//! kiosk asks for one, and once it has taken over, loads itself anew: on the welcome screen only, after a while without
//! a touch. What is captured waits in the device's database, which no reload touches; old page and new worker
//! understand each other until then.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use js_sys::Reflect;
use leptos::{leptos_dom::helpers::window_event_listener_untyped, prelude::*};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ServiceWorkerContainer, ServiceWorkerRegistration};

use crate::countdown::countdown;

/// How often a newer version is asked for: an upgrade of the server has reached every kiosk before lunch.
const ASK_EVERY: Duration = Duration::from_secs(60 * 60);

/// How long nobody must have touched the welcome screen, in seconds: who stands before it has begun by then.
const QUIET_FOR_S: u32 = 60;

/// Whether the page is older than its worker.
static IS_DUE: AtomicBool = AtomicBool::new(false);

/// Follows the versions for as long as the page lives. Call once, at the start.
pub fn follow() {
    let Some(container) = container() else { return };
    // The first worker of a device takes over a page of its own version.
    let mut has_worker = container.controller().is_some();
    let on_change = Closure::<dyn FnMut()>::new(move || {
        IS_DUE.store(has_worker, Ordering::Relaxed);
        has_worker = true;
    });
    let _ = container.add_event_listener_with_callback("controllerchange", on_change.as_ref().unchecked_ref());
    on_change.forget();
    set_interval(|| spawn_local(ask()), ASK_EVERY);
}

/// Takes a version that is due once the screen has been left alone for a while. Call on the welcome screen, where
/// nothing is typed.
pub fn take_when_quiet() {
    let quiet = countdown(QUIET_FOR_S, || {});
    for touch in ["pointerdown", "keydown"] {
        let listener = window_event_listener_untyped(touch, move |_| quiet.restart());
        on_cleanup(move || listener.remove());
    }
    let look = move || {
        if quiet.left.get_untracked() == 0 && IS_DUE.load(Ordering::Relaxed) {
            let _ = window().location().reload();
        }
    };
    if let Ok(timer) = set_interval_with_handle(look, Duration::from_secs(1)) {
        on_cleanup(move || timer.clear());
    }
}

/// Without a server there is no answer, and the next time will do.
async fn ask() {
    let Some(ready) = container().and_then(|container| container.ready().ok()) else { return };
    let registration = JsFuture::from(ready).await.ok().and_then(|found| found.dyn_into().ok());
    if let Some(update) = registration.and_then(|found: ServiceWorkerRegistration| found.update().ok()) {
        let _ = JsFuture::from(update).await;
    }
}

/// `None` on an insecure origin, where the bindings don't expect the property to be missing.
fn container() -> Option<ServiceWorkerContainer> {
    let navigator = window().navigator();
    let has_any = Reflect::has(&navigator, &JsValue::from_str("serviceWorker")).unwrap_or(false);
    has_any.then(|| navigator.service_worker())
}
