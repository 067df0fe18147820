//! Where the keyboard and the screen reader go when a screen changes under them.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Moves the focus to the first element that matches `css`, once what changes now is drawn. Nothing happens if there is
/// none by then.
pub fn soon(css: &'static str) {
    request_animation_frame(move || now(css));
}

/// Moves the focus to the first element that matches `css`, if there is one.
pub fn now(css: &str) {
    let found = document().query_selector(css).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
