//! How each program begins.

use leptos::prelude::*;

use crate::{
    live,
    outbox::Outbox,
    words::{Language, Speech},
};

/// Begins on the page that is open: `app` takes the place of the picture that was shown while it loaded, and finds the
/// [`Outbox`] and the [`Speech`] in its context. It speaks `languages`, and is drawn anew in another. Call once, from `main`.
pub fn start<View: IntoAny>(app: impl Fn() -> View + Send + Copy + 'static, languages: &'static [Language]) {
    begin(|| provide_context(Outbox::start()), app, languages);
}

/// The same for what is done at the server alone, and has no [`Outbox`].
pub fn start_at_server<View: IntoAny>(app: impl Fn() -> View + Send + Copy + 'static, languages: &'static [Language]) {
    begin(|| (), app, languages);
}

fn begin<View: IntoAny>(provide: fn(), app: impl Fn() -> View + Send + Copy + 'static, languages: &'static [Language]) {
    console_error_panic_hook::set_once();
    if let Some(loading) = document().get_element_by_id("loading") {
        loading.remove();
    }
    mount_to_body(move || {
        provide();
        let speech = Speech::start(languages);
        provide_context(speech);
        live::part(move || {
            speech.get();
            app()
        })
    });
}
