//! A device's turn to deliver: one batch of each at a time.
//!
//! A device that sends its next batch before the last one is answered has given up on it, or runs twice. Either way the
//! second would wait behind the first and hold memory meanwhile, so it is asked to come back.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{extract::FromRequestParts, http::request::Parts};
use vestibule_protocol::id::DeviceId;

use super::{
    device,
    secret::{self, SecretHash},
};
use crate::{app::App, error::Error, limits};

/// Which devices have shown themselves, and which of them have a batch in work.
#[derive(Default)]
pub struct Deliveries {
    /// Only spares a look at the database before the body is read. What a token is worth is decided inside the write
    /// transaction, so what is remembered here can be old without harm.
    known: Mutex<HashMap<SecretHash, DeviceId>>,
    in_work: Mutex<HashSet<DeviceId>>,
}

/// A request that may deliver. Take it before the body is read.
pub struct Delivering {
    /// By which to look the device up when its events are written.
    pub token: SecretHash,
    /// Keep it as long as the batch is in work.
    pub turn: Turn,
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
                let found = app.store.read(move |connection| device::by_token(connection, &token)).await?;
                let device = found.ok_or(Error::Unauthenticated)?.id;
                app.deliveries.remember(token, device);
                device
            }
        };
        let turn = app.deliveries.begin(device).ok_or(Error::BatchInWork)?;
        Ok(Self { token, turn })
    }
}

impl Deliveries {
    /// The device's turn, unless it has one.
    pub fn begin(self: &Arc<Self>, device: DeviceId) -> Option<Turn> {
        let is_first = self.in_work.lock().unwrap_or_else(PoisonError::into_inner).insert(device);
        is_first.then(|| Turn { deliveries: Arc::clone(self), device })
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

#[cfg(test)]
mod tests {
    use super::*;

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
