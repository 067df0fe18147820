//! Whether the browser has promised to keep the database.

use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{StorageManager, WorkerGlobalScope};

use crate::clock;

/// How long the browser may think about it, in ms; it only has to look it up.
const DEADLINE_MS: u32 = 1_000;

/// Whether the browser has promised not to evict the database. It can't say in a page of an insecure origin; then it
/// has not. Only a page can ask for the promise.
pub(crate) async fn is_promised() -> bool {
    let navigator = crate::scope::<WorkerGlobalScope>().navigator();
    let storage: StorageManager = navigator.storage();
    if AsRef::<JsValue>::as_ref(&storage).is_undefined() {
        return false;
    }
    let Ok(asked) = storage.persisted() else { return false };
    let answer = clock::within(DEADLINE_MS, JsFuture::from(asked.unchecked_into::<js_sys::Promise>())).await;
    answer.is_ok_and(|promised| promised.is_ok_and(|promised| promised == JsValue::TRUE))
}
