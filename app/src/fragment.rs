//! What a link carries after its `#`: a secret that no server log sees.

use leptos::prelude::window;
use wasm_bindgen::JsValue;

/// What introduces a kiosk's pairing code in the fragment of a link.
pub const PAIRING_CODE: &str = "pair=";

/// The fragment of the page's address, without the `#`; empty if there is none.
pub fn read() -> String {
    window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned()
}

/// Removes it from the address and from the history, so that nobody reads it over a shoulder or goes back to it.
pub fn remove() {
    let location = window().location();
    if let (Ok(path), Ok(history)) = (location.pathname(), window().history()) {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
}
