//! Counts wrong tries, so that guessing does not pay.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use vestibule_protocol::timestamp::Timestamp;

use crate::limits;

/// Wrong tries by address, in windows of [`limits::TRIES_WINDOW_MS`]. In memory only: a restart forgives.
#[derive(Default)]
pub struct Throttle {
    window: Mutex<Window>,
}

#[derive(Default)]
struct Window {
    began_at: Timestamp,
    tries: HashMap<IpAddr, u32>,
}

/// The address has used up its tries for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyTries;

impl Throttle {
    /// Call before a try is judged; counts it as a wrong one until [`Self::forgive`] says otherwise, so that many at
    /// once can't slip through together.
    ///
    /// # Errors
    /// [`TooManyTries`]: don't judge it.
    pub fn try_from(&self, address: IpAddr, now: Timestamp) -> Result<(), TooManyTries> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let age = now.ms_since(window.began_at);
        if !(0..limits::TRIES_WINDOW_MS).contains(&age) || window.tries.len() >= limits::TRIES_MAX_ADDRESSES {
            *window = Window { began_at: now, tries: HashMap::new() };
        }
        let tries = window.tries.entry(address).or_default();
        if *tries >= limits::TRIES_MAX_PER_ADDRESS {
            return Err(TooManyTries);
        }
        *tries += 1;
        Ok(())
    }

    /// Call when a try was right.
    pub fn forgive(&self, address: IpAddr) {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tries) = window.tries.get_mut(&address) {
            *tries = tries.saturating_sub(1);
        }
    }
}

impl From<TooManyTries> for crate::error::Error {
    fn from(_: TooManyTries) -> Self {
        Self::TooManyTries
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const GUESSER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn an_address_that_guesses_must_wait_and_others_need_not() {
        let throttle = Throttle::default();
        let now = Timestamp::from_unix_ms(1_000_000);
        for _ in 0..limits::TRIES_MAX_PER_ADDRESS {
            throttle.try_from(GUESSER, now).unwrap();
        }
        assert_eq!(throttle.try_from(GUESSER, now), Err(TooManyTries));
        assert_eq!(throttle.try_from(OTHER, now), Ok(()));
        assert_eq!(throttle.try_from(GUESSER, now.plus_ms(limits::TRIES_WINDOW_MS)), Ok(()));
    }

    #[test]
    fn right_tries_cost_nothing() {
        let throttle = Throttle::default();
        for _ in 0..10 * limits::TRIES_MAX_PER_ADDRESS {
            throttle.try_from(OTHER, Timestamp::from_unix_ms(1)).unwrap();
            throttle.forgive(OTHER);
        }
    }
}
