//! How each half begins.

use leptos::prelude::*;

use crate::{outbox::Outbox, words};

/// Begins on the page that is open: `app` takes the place of the picture that was shown while it loaded, and finds the
/// [`Outbox`] in its context. Call once, from `main`.
pub fn start<View: IntoView + 'static>(app: impl FnOnce() -> View + 'static) {
    console_error_panic_hook::set_once();
    if let Some(page) = document().document_element() {
        let _ = page.set_attribute("lang", words::LANG);
        let _ = page.set_attribute("dir", words::DIR);
    }
    if let Some(loading) = document().get_element_by_id("loading") {
        loading.remove();
    }
    mount_to_body(move || {
        provide_context(Outbox::start());
        app()
    });
}
