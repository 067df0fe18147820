//! Drawing a signature, by finger, pen or mouse.

use leptos::{leptos_dom::helpers::window_event_listener_untyped, prelude::*};
use vestibule_app::signature::Strokes;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, PointerEvent};

use super::flow::Flow;

/// The field to draw on.
const PAD: &str = "#signature-pad";

/// Follows the pointer for as long as the screen is open. The page's listeners hear it, so that a stroke goes on where
/// the finger leaves the field.
pub(super) fn follow(flow: Flow) {
    let is_down = StoredValue::new(false);
    let hear = move |event: Event| {
        let begins = event.type_() == "pointerdown";
        let Ok(Some(pad)) = document().query_selector(PAD) else { return };
        let pointer: PointerEvent = event.unchecked_into();
        if begins {
            let on_pad = pointer.target().and_then(|target| target.dyn_into::<Element>().ok()?.closest(PAD).ok()?);
            is_down.set_value(on_pad.is_some());
        } else if pointer.type_() != "pointermove" {
            is_down.set_value(false);
        }
        if !is_down.get_value() {
            return;
        }
        let field = pad.get_bounding_client_rect();
        let units = |at: i32, from: f64, length: f64, units: u16| (f64::from(at) - from) / length * f64::from(units);
        let x = units(pointer.client_x(), field.left(), field.width(), Strokes::WIDTH) as i32;
        let y = units(pointer.client_y(), field.top(), field.height(), Strokes::HEIGHT) as i32;
        let mut drawn = String::new();
        flow.draw_with(|strokes| {
            if begins {
                strokes.begin(x, y)
            } else {
                strokes.draw_to(x, y)
            }
            drawn = strokes.drawn();
        });
        pad.set_class_name("pad");
        if let Ok(Some(path)) = pad.query_selector("path") {
            let _ = path.set_attribute("d", &drawn);
        }
    };
    for kind in ["pointerdown", "pointermove", "pointerup", "pointercancel"] {
        let listener = window_event_listener_untyped(kind, hear);
        on_cleanup(move || listener.remove());
    }
}
