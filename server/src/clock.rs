//! The server's only clock and source of randomness. Whatever decides anything takes both as arguments.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use vestibule_protocol::timestamp::Timestamp;

/// The moment, by the machine's clock.
#[expect(clippy::disallowed_methods, reason = "the server's one clock")]
pub fn now() -> Timestamp {
    let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
    };
    Timestamp::from_unix_ms(millis)
}

/// For measuring how long something takes; never for deciding.
#[expect(clippy::disallowed_methods, reason = "the server's one clock")]
pub fn instant() -> Instant {
    Instant::now()
}

/// Bytes that nobody can foresee: fit for ids and for secrets.
pub fn entropy<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    rand::fill(&mut bytes);
    bytes
}
