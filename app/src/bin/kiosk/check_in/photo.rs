//! The photo, by the camera of the device. Nobody is held up by one that does not work.

use std::cell::RefCell;

use leptos::{prelude::*, task::spawn_local};
use vestibule_app::{
    camera::{self, Camera, Facing, NoCamera},
    focus,
    walk_in::Step,
};
use wasm_bindgen::JsCast;
use web_sys::HtmlVideoElement;

use super::flow::Flow;

/// How it stands with the camera.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    Opening,
    Open,
    None(NoCamera),
}

thread_local! {
    /// The open camera; it goes out with the screen.
    static CAMERA: RefCell<Option<Camera>> = const { RefCell::new(None) };
}

/// Opens the camera, unless it is open, and shows what it sees as soon as the page is there.
pub(super) fn look(flow: Flow) {
    on_next_frame();
    if CAMERA.with_borrow(Option::is_some) {
        return;
    }
    flow.see(Sight::Opening);
    spawn_local(async move {
        let opened = Camera::open(Facing::Person).await;
        // The screen may have been left meanwhile: what is dropped goes out.
        if flow.saving.stage.is_disposed() {
            return;
        }
        match opened {
            Ok(camera) => {
                if let Step::Photo { .. } = flow.step() {
                    CAMERA.set(Some(camera));
                    flow.see(Sight::Open);
                    flow.draw("#take-photo");
                    on_next_frame();
                }
            }
            Err(none) => {
                flow.see(Sight::None(none));
                flow.draw("#skip-photo");
            }
        }
    });
}

/// The camera goes out.
pub(super) fn look_away() {
    CAMERA.set(None);
}

/// Takes what is seen.
pub(super) fn take(flow: Flow, step: Step) {
    if let Some(photo) = video().and_then(|video| camera::still(&video)) {
        flow.keep_photo(step, Some(photo));
    } else {
        // Before its first picture there is nothing to take.
        focus::now("#take-photo");
    }
}

fn on_next_frame() {
    request_animation_frame(|| {
        CAMERA.with_borrow(|camera| {
            if let (Some(camera), Some(video)) = (camera, video()) {
                camera.show_in(&video);
            }
        });
    });
}

fn video() -> Option<HtmlVideoElement> {
    document().query_selector("video").ok()??.dyn_into().ok()
}
