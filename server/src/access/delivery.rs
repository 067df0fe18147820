//! A device's turn to deliver: one batch of each at a time.
//!
//! A device that sends its next batch before the last one is answered has given up on it, or runs twice. Either way the
//! second would wait behind the first and hold memory meanwhile, so it is asked to come back.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use vestibule_protocol::{id::DeviceId, limits::BATCH_MAX_BYTES};

use super::{
    device,
    secret::{self, SecretHash},
};
use crate::{app::App, clock, error::Error, limits};

/// Which devices have shown themselves, which of them have a batch in work, and how much that is in all.
pub struct Deliveries {
    /// Only spares a look at the database before the body is read. What a token is worth is decided inside the write
    /// transaction, so what is remembered here can be old without harm.
    known: Mutex<HashMap<SecretHash, DeviceId>>,
    in_work: Mutex<HashSet<DeviceId>>,
    /// Room for large bodies, [`limits::BODIES_MAX_BYTES`].
    room: Arc<Semaphore>,
    /// Room for small ones, [`limits::SMALL_BODIES_MAX_BYTES`].
    small_room: Arc<Semaphore>,
}

impl Default for Deliveries {
    fn default() -> Self {
        let [room, small_room] =
            [limits::BODIES_MAX_BYTES, limits::SMALL_BODIES_MAX_BYTES].map(|bytes| Arc::new(Semaphore::new(bytes)));
        Self { known: Mutex::default(), in_work: Mutex::default(), room, small_room }
    }
}

/// A request that may deliver. Take it before the body is read.
pub struct Delivering {
    /// By which to look the device up when its events are written.
    pub token: SecretHash,
    /// Keep both as long as the batch is in work.
    pub turn: (Turn, OwnedSemaphorePermit),
}

/// The device's turn; ends when dropped.
pub struct Turn {
    deliveries: Arc<Deliveries>,
    device: DeviceId,
}

impl FromRequestParts<Arc<App>> for Delivering {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let token = secret::hash(device::bearer(&parts.headers).ok_or(Error::Unauthenticated)?);
        let device = match app.deliveries.known(&token) {
            Some(device) => device,
            None => {
                let now = clock::now();
                let found = app.store.read(move |connection| device::by_token(connection, &token, now)).await?;
                let device = found.ok_or(Error::Unauthenticated)?.id;
                app.deliveries.remember(token, device);
                device
            }
        };
        let turn = app.deliveries.begin(device).ok_or(Error::BatchInWork)?;
        let room = app.deliveries.room(weight(&parts.headers)).ok_or(Error::Busy)?;
        Ok(Self { token, turn: (turn, room) })
    }
}

impl Deliveries {
    /// The device's turn, unless it has one.
    pub fn begin(self: &Arc<Self>, device: DeviceId) -> Option<Turn> {
        let is_first = self.in_work.lock().unwrap_or_else(PoisonError::into_inner).insert(device);
        is_first.then(|| Turn { deliveries: Arc::clone(self), device })
    }

    /// Room for a body of so many bytes, if there is any now.
    fn room(&self, bytes: u32) -> Option<OwnedSemaphorePermit> {
        let is_small = usize::try_from(bytes).is_ok_and(|bytes| bytes <= limits::SMALL_WORK_BYTES);
        let room = if is_small { &self.small_room } else { &self.room };
        Arc::clone(room).try_acquire_many_owned(bytes).ok()
    }

    fn known(&self, token: &SecretHash) -> Option<DeviceId> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(token).copied()
    }

    fn remember(&self, token: SecretHash, device: DeviceId) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= limits::TOKENS_KNOWN_MAX {
            known.clear();
        }
        known.insert(token, device);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.deliveries.in_work.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.device);
    }
}

/// How many bytes a body counts, by what its headers announce. One that announces nothing counts as the largest.
fn weight(headers: &HeaderMap) -> u32 {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let times = if headers.contains_key(header::CONTENT_ENCODING) { limits::PACKED_COUNTS_TIMES } else { 1 };
    let bytes = announced.map_or(BATCH_MAX_BYTES, |bytes| bytes.saturating_mul(times).min(BATCH_MAX_BYTES));
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain(&[("content-length", "5000")], 5_000)]
    #[case::packed(&[("content-length", "5000"), ("content-encoding", "gzip")], 40_000)]
    #[case::chunked(&[], BATCH_MAX_BYTES)]
    #[case::too_large_to_be_read(&[("content-length", "99999999999999999999")], BATCH_MAX_BYTES)]
    fn a_body_counts_what_it_announces(#[case] sent: &[(&'static str, &'static str)], #[case] bytes: usize) {
        let headers =
            sent.iter().map(|&(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect::<HeaderMap>();
        assert_eq!(weight(&headers) as usize, bytes);
    }

    #[test]
    fn a_device_has_one_turn_and_others_have_theirs() {
        let deliveries = Arc::new(Deliveries::default());
        let [one, other] = [1, 2].map(|number| DeviceId(uuid::Uuid::from_u128(number)));
        let turn = deliveries.begin(one).unwrap();
        assert!(deliveries.begin(one).is_none());
        assert!(deliveries.begin(other).is_some());
        drop(turn);
        assert!(deliveries.begin(one).is_some());
    }

    #[test]
    fn what_is_remembered_does_not_grow_for_ever() {
        let deliveries = Deliveries::default();
        for number in 0..=limits::TOKENS_KNOWN_MAX {
            let hash = secret::hash(&number.to_string());
            deliveries.remember(hash, DeviceId(uuid::Uuid::nil()));
            assert!(deliveries.known(&hash).is_some());
        }
        assert_eq!(deliveries.known.lock().unwrap().len(), 1);
    }
}
