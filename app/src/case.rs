//! Lower case, by the browser's tables.
//!
//! The standard library brings tables of its own, a twentieth of what a kiosk would download.

/// The text in lower case, in any script.
#[cfg(target_family = "wasm")]
pub fn lower(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

/// The same, for the tests, which run without a browser.
#[cfg(not(target_family = "wasm"))]
pub fn lower(text: &str) -> String {
    text.to_lowercase()
}
