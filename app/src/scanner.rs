//! A camera that looks for codes.
//!
//! The pictures are looked at by a program of its own (`app/src/bin/scan`), in a worker, so that the page goes on
//! meanwhile; it is loaded when a camera is opened and lies in the service worker's cache, so that it works without a
//! server. No browser's own detector is needed: Safari has none.

use std::{cell::Cell, rc::Rc};

use js_sys::{Array, Promise, Reflect};
use leptos::{html::Video, prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CanvasRenderingContext2d, DomException, HtmlCanvasElement, HtmlMediaElement, HtmlVideoElement, ImageData,
    MediaStream, MediaStreamConstraints, MediaStreamTrack, MessageEvent, Worker, WorkerOptions, WorkerType,
};

use crate::{clock, live};

/// The program that finds codes.
const PROGRAM: &str = "/scan.js";

/// Pause between two looks, in ms: some eight a second, which feels instant and leaves an old tablet cool.
const LOOK_EVERY_MS: u32 = 120;

/// How long a look may take, and the program to load, in ms; past it another one is started.
const LOOK_TIMEOUT_MS: u32 = 4_000;

/// Side of the square that is looked at, in pixels of the camera: a pass that fills half of it has five a module.
const LOOK_MAX_PIXELS: u32 = 720;

/// How many times the program is started anew before the camera counts as of no use.
const STARTS_MAX: u32 = 3;

/// Which way the camera looks, where there are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facing {
    /// At who stands before the screen: on a kiosk.
    Person,
    /// At what the device is held to: in somebody's hand.
    World,
}

/// How it stands with the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Camera {
    /// The browser was asked for it.
    Starting,
    /// It looks.
    Looking,
    /// Somebody or something does not allow it.
    Refused,
    /// There is none, or none for a page without https.
    Missing,
    /// It is there and does not work: another program has it.
    Failed,
}

impl Camera {
    const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Looking => "looking",
            Self::Refused => "refused",
            Self::Missing => "missing",
            Self::Failed => "failed",
        }
    }
}

/// Shows what the camera sees for as long as it is there, and gives each code's text to `on_text`, again and again while
/// the code is in sight. `camera` follows how it stands.
#[component]
pub fn Scanner(facing: Facing, camera: RwSignal<Camera>, on_text: impl Fn(String) + Copy + 'static) -> impl IntoView {
    let video = NodeRef::<Video>::new();
    let is_gone = StoredValue::new_local(Rc::new(Cell::new(false)));
    let gone = is_gone.get_value();
    on_cleanup(move || is_gone.with_value(|gone| gone.set(true)));
    camera.set(Camera::Starting);
    Effect::new(move |_| {
        let Some(video) = video.get() else { return };
        let gone = Rc::clone(&gone);
        spawn_local(async move {
            if let Err(why) = scan(&video, facing, camera, &gone, on_text).await {
                camera.try_set(why);
            }
        });
    });
    view! {
        <div
            class="scanner"
            class:mirrored=facing == Facing::Person
            data-camera=live::text(move || camera.get().name())
        >
            <video node_ref=video muted playsinline aria-hidden="true"></video>
            <span class="scanner-frame" aria-hidden="true"></span>
        </div>
    }
}

/// Looks until the screen is gone; says what is in the way if it can't.
async fn scan(
    video: &HtmlVideoElement,
    facing: Facing,
    camera: RwSignal<Camera>,
    gone: &Cell<bool>,
    on_text: impl Fn(String),
) -> Result<(), Camera> {
    let stream = Opened(open(facing).await?);
    if gone.get() {
        return Ok(());
    }
    let media: &HtmlMediaElement = video;
    media.set_muted(true);
    media.set_src_object(Some(&stream.0));
    if let Ok(playing) = media.play() {
        JsFuture::from(playing).await.map_err(|_| Camera::Failed)?;
    }
    let canvas = Canvas::new().ok_or(Camera::Failed)?;
    for _ in 0..STARTS_MAX {
        let Some(finder) = Finder::start().await else { continue };
        camera.try_set(Camera::Looking);
        loop {
            clock::pause(LOOK_EVERY_MS).await;
            if gone.get() {
                return Ok(());
            }
            let Some(picture) = canvas.picture(video) else { continue };
            match finder.look(&picture).await {
                Some(Some(text)) if !gone.get() => on_text(text),
                Some(_) => {}
                None => break,
            }
        }
    }
    Err(Camera::Failed)
}

/// The camera, as long as it is looked through.
struct Opened(MediaStream);

impl Drop for Opened {
    fn drop(&mut self) {
        for track in self.0.get_tracks().iter() {
            track.unchecked_into::<MediaStreamTrack>().stop();
        }
    }
}

async fn open(facing: Facing) -> Result<MediaStream, Camera> {
    let navigator = window().navigator();
    // Missing on an insecure origin, which the bindings don't expect.
    let has_any = Reflect::get(&navigator, &"mediaDevices".into()).is_ok_and(|devices| devices.is_object());
    if !has_any {
        return Err(Camera::Missing);
    }
    let devices = navigator.media_devices().map_err(|_| Camera::Missing)?;
    let wishes = js_sys::Object::new();
    let facing = match facing {
        Facing::Person => "user",
        Facing::World => "environment",
    };
    // Wishes and no demands: what there is will do.
    for (wish, value) in [("facingMode", facing.into()), ("width", 1280.into()), ("height", JsValue::from(720))] {
        let _ = Reflect::set(&wishes, &wish.into(), &value);
    }
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&wishes);
    let asked = devices.get_user_media_with_constraints(&constraints).map_err(|_| Camera::Failed)?;
    let stream = JsFuture::from(asked).await.map_err(|error| hindrance(&error))?;
    stream.dyn_into().map_err(|_| Camera::Failed)
}

/// By the names of the Media Capture specification.
fn hindrance(error: &JsValue) -> Camera {
    match error.dyn_ref::<DomException>().map(DomException::name).as_deref() {
        Some("NotAllowedError" | "SecurityError") => Camera::Refused,
        Some("NotFoundError" | "OverconstrainedError") => Camera::Missing,
        _ => Camera::Failed,
    }
}

/// Where a picture becomes pixels.
struct Canvas {
    element: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Canvas {
    fn new() -> Option<Self> {
        let element: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
        let options = js_sys::Object::new();
        Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE).ok()?;
        let context = element.get_context_with_context_options("2d", &options).ok()??.dyn_into().ok()?;
        Some(Self { element, context })
    }

    /// The square in the middle of what the camera sees now; `None` while it sees nothing.
    fn picture(&self, video: &HtmlVideoElement) -> Option<ImageData> {
        let (width, height) = (video.video_width(), video.video_height());
        let seen = width.min(height);
        let side = seen.min(LOOK_MAX_PIXELS);
        if side == 0 {
            return None;
        }
        if self.element.width() != side {
            self.element.set_width(side);
            self.element.set_height(side);
        }
        let (left, top) = (f64::from(width - seen) / 2.0, f64::from(height - seen) / 2.0);
        let (seen, side) = (f64::from(seen), f64::from(side));
        self.context
            .draw_image_with_html_video_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                video, left, top, seen, seen, 0.0, 0.0, side, side,
            )
            .ok()?;
        self.context.get_image_data(0.0, 0.0, side, side).ok()
    }
}

/// The program that finds codes, running.
struct Finder(Worker);

impl Finder {
    /// `None` if it does not say in time that it is ready.
    async fn start() -> Option<Self> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let finder = Self(Worker::new_with_options(PROGRAM, &options).ok()?);
        finder.word(|| ()).await?;
        Some(finder)
    }

    /// What it finds in a picture, if anything; `None` if it does not answer in time.
    async fn look(&self, picture: &ImageData) -> Option<Option<String>> {
        let word = self.word(|| {
            let _ = self.0.post_message(picture);
        });
        Some(word.await?.as_string())
    }

    /// The next thing that it says after `ask`.
    async fn word(&self, ask: impl FnOnce()) -> Option<JsValue> {
        let next = Promise::new(&mut |resolve, _| self.0.set_onmessage(Some(&resolve)));
        ask();
        let first = Promise::race(&Array::of2(&next, &clock::later(LOOK_TIMEOUT_MS)));
        let message = JsFuture::from(first).await.ok()?.dyn_into::<MessageEvent>().ok()?;
        Some(message.data())
    }
}

impl Drop for Finder {
    fn drop(&mut self) {
        self.0.terminate();
    }
}
