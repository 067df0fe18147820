//! How the site wants its kiosks to look and speak, followed while the page is open.

use leptos::prelude::*;
use vestibule_app::{outbox::Outbox, palette, words::Speech};
use vestibule_protocol::settings::{Colour, LanguageTag};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Follows the site's colour and languages for as long as its owner lives.
pub fn follow(outbox: Outbox, speech: Speech) {
    Effect::new(move |_| {
        outbox.settings.with(|settings| {
            paint(settings.accent);
            speech.offer(settings.languages.iter().map(LanguageTag::as_str));
        });
    });
}

/// Gives the style sheet the site's colours, or its own back.
fn paint(accent: Option<Colour>) {
    let Some(page) = document().document_element().and_then(|page| page.dyn_into::<HtmlElement>().ok()) else { return };
    let style = page.style();
    for (property, value) in palette::of(accent.unwrap_or(Colour { rgb: [0; 3] })) {
        let _ = match accent {
            Some(_) => style.set_property(property, &value),
            None => style.remove_property(property).map(drop),
        };
    }
}
