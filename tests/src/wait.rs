//! Waiting for something to become true, with a deadline.

use std::{
    fmt,
    time::{Duration, Instant},
};

/// How often a condition is looked at.
const EVERY: Duration = Duration::from_millis(25);

/// Polls `condition` until it gives a value, and says how long that took.
///
/// # Panics
/// If it gives none within `deadline`; the message ends with `what`.
pub async fn until<T, F>(what: impl fmt::Display, deadline: Duration, condition: impl FnMut() -> F) -> (T, Duration)
where
    F: Future<Output = Option<T>>,
{
    match within(deadline, condition).await {
        Some(came) => came,
        None => panic!("waited {deadline:?} in vain: {what}"),
    }
}

/// Polls `condition` until it gives a value, and says how long that took; `None` if it gives none within `deadline`.
#[expect(clippy::disallowed_methods, reason = "a test's deadline is in real time")]
pub async fn within<T, F>(deadline: Duration, mut condition: impl FnMut() -> F) -> Option<(T, Duration)>
where
    F: Future<Output = Option<T>>,
{
    let started = Instant::now();
    loop {
        if let Some(value) = condition().await {
            return Some((value, started.elapsed()));
        }
        if started.elapsed() >= deadline {
            return None;
        }
        tokio::time::sleep(EVERY).await;
    }
}
