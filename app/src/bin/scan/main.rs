//! Finds square codes in the pictures of a camera: a worker of the page (`app/src/scanner.rs`), which loads it when
//! somebody opens the camera.
//!
//! It says one thing when it is ready, and then one thing for each picture: the text of a code in it, or null. Should
//! it trap on a picture, the page hears nothing and starts another.

use js_sys::global;
use rqrr::PreparedImage;
use wasm_bindgen::{Clamped, JsCast, JsValue, closure::Closure};
use web_sys::{DedicatedWorkerGlobalScope, ImageData, MessageEvent};

fn main() {
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    let page = scope.clone();
    let look = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        let picture = message.data().dyn_into::<ImageData>().ok();
        let text = picture.and_then(|picture| text_in(&picture));
        let _ = page.post_message(&text.map_or(JsValue::NULL, JsValue::from));
    });
    scope.set_onmessage(Some(look.as_ref().unchecked_ref()));
    look.forget();
    let _ = scope.post_message(&JsValue::TRUE);
}

/// What the first code in the picture says that can be read.
fn text_in(picture: &ImageData) -> Option<String> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let Clamped(pixels) = picture.data();
    let grey = |x: usize, y: usize| pixels.get(4 * (y * width + x)..).map_or(0, luma);
    let mut prepared = PreparedImage::prepare_from_greyscale(width, height, grey);
    prepared.detect_grids().iter().find_map(|grid| grid.decode().ok()).map(|(_, text)| text)
}

/// Of red, green and blue, roughly as the eye weighs them (ITU-R BT.601), without a division.
fn luma(pixel: &[u8]) -> u8 {
    match pixel {
        [red, green, blue, ..] => ((u32::from(*red) * 77 + u32::from(*green) * 150 + u32::from(*blue) * 29) >> 8) as u8,
        _ => 0,
    }
}
