//! Files that a page hands to its person.

use std::time::Duration;

use js_sys::{Array, Object, Reflect};
use leptos::prelude::{document, set_timeout};
use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlAnchorElement, Url};

/// After how long the browser no longer needs what it saves.
const SAVED_AFTER: Duration = Duration::from_secs(60);

/// Has the browser save a text under that name, or on an iPad offer where to; `None` where it can't.
pub fn save(name: &str, text: &str) -> Option<()> {
    let kind = Object::new();
    Reflect::set(&kind, &"type".into(), &"text/plain".into()).ok()?;
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), kind.unchecked_ref()).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let link: HtmlAnchorElement = document().create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&url);
        },
        SAVED_AFTER,
    );
    Some(())
}
