//! The device's camera: what it sees, in a `<video>`, and a still of it.

use js_sys::{Object, Reflect};
use leptos::prelude::{document, window};
use vestibule_protocol::papers::Photo;

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CanvasRenderingContext2d, DomException, HtmlCanvasElement, HtmlVideoElement, MediaStream, MediaStreamConstraints,
    MediaStreamTrack,
};

use crate::words;

/// Sizes and qualities in which a photo is tried until it fits into an event: pixels a side, and how well JPEG keeps
/// them. A face of 240 pixels is still known again on a badge.
const STILLS: [(u32, f64); 5] = [(480, 0.82), (480, 0.65), (400, 0.55), (320, 0.5), (240, 0.4)];

/// Width that is asked of the camera, in pixels; it gives what it has.
const WANTED_WIDTH: u32 = 1280;

/// Which way the camera looks, where there are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facing {
    /// At who stands before the screen.
    Person,
    /// Away from the screen.
    Room,
}

/// Why there is nothing to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoCamera {
    /// Somebody, or a policy, does not allow it.
    #[error("the camera may not be used")]
    Refused,
    /// There is none, it is in use, or the page was not opened by https.
    #[error("there is no camera that works")]
    Missing,
}

/// An open camera; dropped, it goes out.
pub struct Camera(MediaStream);

impl NoCamera {
    /// For the visitor.
    pub fn words(self) -> &'static str {
        match self {
            Self::Refused => words::kiosk().camera_refused,
            Self::Missing => words::kiosk().camera_missing,
        }
    }
}

impl Camera {
    /// Opens the camera; the browser may ask the person first.
    ///
    /// # Errors
    /// [`NoCamera`] if there is none that may be used.
    pub async fn open(facing: Facing) -> Result<Self, NoCamera> {
        let navigator = window().navigator();
        // Missing on an insecure origin, which the bindings don't expect.
        if !Reflect::get(&navigator, &"mediaDevices".into()).is_ok_and(|devices| devices.is_object()) {
            return Err(NoCamera::Missing);
        }
        let devices = navigator.media_devices().map_err(|_| NoCamera::Missing)?;
        let wanted = Object::new();
        let mode = if facing == Facing::Person { "user" } else { "environment" };
        let _ = Reflect::set(&wanted, &"facingMode".into(), &mode.into());
        let _ = Reflect::set(&wanted, &"width".into(), &WANTED_WIDTH.into());
        let constraints = MediaStreamConstraints::new();
        constraints.set_video(&wanted);
        let opening = devices.get_user_media_with_constraints(&constraints).map_err(|_| NoCamera::Missing)?;
        let stream = JsFuture::from(opening).await.map_err(|error| why_not(&error))?;
        Ok(Self(stream.unchecked_into()))
    }

    /// Shows what it sees.
    pub fn show_in(&self, video: &HtmlVideoElement) {
        video.set_src_object(Some(&self.0));
        // A browser that plays nothing unasked shows the first picture all the same.
        let _ = video.play();
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        for track in self.0.get_tracks() {
            track.unchecked_into::<MediaStreamTrack>().stop();
        }
    }
}

/// What the video shows, as a square photo that fits into an event; nothing before its first picture.
pub fn still(video: &HtmlVideoElement) -> Option<Photo> {
    let (width, height) = (f64::from(video.video_width()), f64::from(video.video_height()));
    let side = width.min(height);
    if side == 0.0 {
        return None;
    }
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    for (pixels, quality) in STILLS {
        canvas.set_width(pixels);
        canvas.set_height(pixels);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let (left, top, drawn) = ((width - side) / 2.0, (height - side) / 2.0, f64::from(pixels));
        context
            .draw_image_with_html_video_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                video, left, top, side, side, 0.0, 0.0, drawn, drawn,
            )
            .ok()?;
        let url = canvas.to_data_url_with_type_and_encoder_options("image/jpeg", &quality.into()).ok()?;
        let photo = url.strip_prefix("data:image/jpeg;base64,").and_then(|base64| Photo::new(base64).ok());
        if photo.is_some() {
            return photo;
        }
    }
    None
}

fn why_not(error: &JsValue) -> NoCamera {
    match error.dyn_ref::<DomException>().map(DomException::name) {
        Some(name) if name == "NotAllowedError" || name == "SecurityError" => NoCamera::Refused,
        _ => NoCamera::Missing,
    }
}
