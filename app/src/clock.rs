//! The app's only clock and its only randomness. Everything that decides takes both as arguments.

use js_sys::Promise;
use leptos::prelude::window;
use vestibule_protocol::{id::ENTROPY_BYTES, timestamp::Timestamp};
use wasm_bindgen_futures::JsFuture;

/// How far a jittered wait strays from what was asked, in percent either way: enough that a fleet of kiosks started by
/// one power cut drifts apart within a few ticks.
const JITTER_PERCENT: u32 = 25;

/// The device's clock, whatever it says: the worker measures how far it is off.
#[expect(clippy::disallowed_methods, reason = "this is the app's one clock")]
pub fn now() -> Timestamp {
    Timestamp::from_unix_ms(js_sys::Date::now() as i64)
}

/// Fresh random bytes for an identifier.
pub fn entropy() -> [u8; ENTROPY_BYTES] {
    random()
}

/// Fresh random bytes, as many as are wanted.
pub fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    // Every browser that runs wasm has `crypto`; were it to refuse, the time in the identifier still tells it apart.
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
}

/// Waits for `ms` milliseconds. A sleeping tablet wakes it late, never early.
pub async fn pause(ms: u32) {
    // The promise is never rejected.
    let _ = JsFuture::from(later(ms)).await;
}

/// A promise of nothing, kept in `ms` milliseconds.
pub fn later(ms: u32) -> Promise {
    Promise::new(&mut |resolve, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms as i32);
    })
}

/// `ms` milliseconds, give or take a quarter, so that devices which began together do not go on together.
pub fn jittered(ms: u32) -> u32 {
    let spread = ms / 100 * JITTER_PERCENT;
    ms - spread + (js_sys::Math::random() * f64::from(2 * spread)) as u32
}
