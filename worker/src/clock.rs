//! The worker's only clock and only source of randomness, and the deadline under which everything waits.

use std::{future::poll_fn, pin::pin, task::Poll};

use gloo_timers::future::TimeoutFuture;
use vestibule_protocol::timestamp::Timestamp;
use web_sys::WorkerGlobalScope;

/// A wait that went past its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Elapsed;

/// The device's clock.
#[expect(clippy::disallowed_methods, reason = "the worker's one clock")]
pub(crate) fn now() -> Timestamp {
    // A Date counts whole milliseconds within ±8.64e15, far inside i64.
    #[expect(clippy::cast_possible_truncation, reason = "see above")]
    let millis = js_sys::Date::now() as i64;
    Timestamp::from_unix_ms(millis)
}

/// Fresh random bytes, from the browser's cryptographic source.
///
/// # Panics
/// If the browser has no such source. Every browser that runs WebAssembly has one.
pub(crate) fn entropy<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    crate::scope::<WorkerGlobalScope>()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes))
        .expect("every worker has crypto.getRandomValues");
    bytes
}

/// Waits for `work`, but not longer than `deadline_ms`; past it, `work` is dropped, which ends it.
///
/// # Errors
/// [`Elapsed`] past the deadline.
pub(crate) async fn within<T>(deadline_ms: u32, work: impl Future<Output = T>) -> Result<T, Elapsed> {
    let mut work = pin!(work);
    let mut deadline = pin!(TimeoutFuture::new(deadline_ms));
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Ok(done));
        }
        deadline.as_mut().poll(context).map(|()| Err(Elapsed))
    })
    .await
}
