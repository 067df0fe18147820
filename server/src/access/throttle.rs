//! Counts wrong tries, so that guessing does not pay, and never so that guessing shuts the rightful owner out.
//!
//! Three counts stand beside each other. One address may be wrong so often in a minute, whatever it tries. One address
//! that is wrong about one account waits longer after each try, up to a minute. And all addresses together that an
//! account was never signed in from may be wrong about it so often: many machines guess no faster than one, and who
//! signs in from where they did before is not touched by what strangers do.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use vestibule_protocol::timestamp::Timestamp;

use super::secret::SecretHash;
use crate::limits;

/// Tries at passwords, codes and links. In memory only: a restart forgives.
#[derive(Default)]
pub struct Tries {
    by_address: Mutex<Window<IpAddr>>,
    by_strangers: Mutex<Window<SecretHash>>,
    waits: Mutex<HashMap<(SecretHash, IpAddr), Wait>>,
}

/// Not to be judged now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyTries {
    /// When it may be, in ms.
    pub after_ms: i64,
}

struct Window<Key> {
    began_at: Timestamp,
    tries: HashMap<Key, u32>,
}

/// One address's standing with one account.
#[derive(Clone, Copy, Default)]
struct Wait {
    wrong: u32,
    until: Timestamp,
}

impl Tries {
    /// Call before a try of any kind is judged; counts it as a wrong one until [`Self::forgive`] says otherwise, so that
    /// many at once can't slip through together.
    ///
    /// # Errors
    /// [`TooManyTries`]: don't judge it.
    pub fn try_from(&self, address: IpAddr, now: Timestamp) -> Result<(), TooManyTries> {
        let mut window = lock(&self.by_address);
        window.count(network(address), limits::TRIES_MAX_PER_ADDRESS, limits::TRIES_WINDOW_MS, now)
    }

    /// Call when a try was right.
    pub fn forgive(&self, address: IpAddr) {
        lock(&self.by_address).forgive(&network(address));
    }

    /// Call before a password is judged, beside [`Self::try_from`]; `account` is the hash of the address that was typed,
    /// whether there is such an account or not. Counts it as a wrong one until [`Self::forgive_account`].
    ///
    /// # Errors
    /// [`TooManyTries`]: don't judge it.
    pub fn try_account(&self, account: SecretHash, address: IpAddr, now: Timestamp) -> Result<(), TooManyTries> {
        let mut waits = lock(&self.waits);
        if waits.len() >= limits::TRIES_MAX_KEYS {
            waits.retain(|_, wait| now.ms_since(wait.until) < limits::TRIES_FORGOTTEN_MS);
        }
        if waits.len() >= limits::TRIES_MAX_KEYS {
            waits.clear();
        }
        let wait = waits.entry((account, network(address))).or_default();
        let after_ms = wait.until.ms_since(now);
        if after_ms > 0 {
            return Err(TooManyTries { after_ms });
        }
        if -after_ms >= limits::TRIES_FORGOTTEN_MS {
            wait.wrong = 0;
        }
        wait.wrong = wait.wrong.saturating_add(1);
        wait.until = now.plus_ms(delay_ms(wait.wrong));
        Ok(())
    }

    /// Call when the password was right.
    pub fn forgive_account(&self, account: SecretHash, address: IpAddr) {
        lock(&self.waits).remove(&(account, network(address)));
    }

    /// Call beside [`Self::try_account`] when nobody has signed in to that account from that address before.
    ///
    /// # Errors
    /// [`TooManyTries`]: don't judge it.
    pub fn try_as_stranger(&self, account: SecretHash, now: Timestamp) -> Result<(), TooManyTries> {
        let mut window = lock(&self.by_strangers);
        window.count(account, limits::STRANGERS_TRIES_MAX, limits::STRANGERS_WINDOW_MS, now)
    }
}

impl<Key> Default for Window<Key> {
    fn default() -> Self {
        Self { began_at: Timestamp::default(), tries: HashMap::new() }
    }
}

impl<Key: Eq + Hash> Window<Key> {
    fn count(&mut self, key: Key, most: u32, window_ms: i64, now: Timestamp) -> Result<(), TooManyTries> {
        let age_ms = now.ms_since(self.began_at);
        if !(0..window_ms).contains(&age_ms) || self.tries.len() >= limits::TRIES_MAX_KEYS {
            *self = Self { began_at: now, tries: HashMap::new() };
        }
        let after_ms = window_ms - now.ms_since(self.began_at);
        let tries = self.tries.entry(key).or_insert(0);
        if *tries >= most {
            return Err(TooManyTries { after_ms });
        }
        *tries += 1;
        Ok(())
    }

    fn forgive(&mut self, key: &Key) {
        if let Some(tries) = self.tries.get_mut(key) {
            *tries = tries.saturating_sub(1);
        }
    }
}

/// How long to wait after so many wrong tries: nothing at first, for people mistype, then twice as long each time.
fn delay_ms(wrong: u32) -> i64 {
    match wrong.checked_sub(limits::TRIES_WITHOUT_WAIT) {
        None | Some(0) => 0,
        Some(beyond) => (500_i64 << beyond.min(16)).min(limits::TRIES_WAIT_MAX_MS),
    }
}

/// What counts as one address: of IPv6 the network, because whoever has one address there has 2^64.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl From<TooManyTries> for crate::error::Error {
    fn from(TooManyTries { after_ms }: TooManyTries) -> Self {
        // Rounded up, so that who waits as told is heard.
        Self::TooManyTries { after_s: u64::try_from(after_ms).unwrap_or(0).div_ceil(1_000) }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const GUESSER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
    const NOW: Timestamp = Timestamp::from_unix_ms(1_800_000_000_000);
    const GRACE: SecretHash = [7; 32];

    #[test]
    fn an_address_that_guesses_must_wait_and_others_need_not() {
        let tries = Tries::default();
        for _ in 0..limits::TRIES_MAX_PER_ADDRESS {
            tries.try_from(GUESSER, NOW).unwrap();
        }
        assert_eq!(tries.try_from(GUESSER, NOW), Err(TooManyTries { after_ms: limits::TRIES_WINDOW_MS }));
        assert_eq!(tries.try_from(OTHER, NOW), Ok(()));
        assert_eq!(tries.try_from(GUESSER, NOW.plus_ms(limits::TRIES_WINDOW_MS)), Ok(()));
    }

    #[test]
    fn right_tries_cost_nothing() {
        let tries = Tries::default();
        for _ in 0..10 * limits::TRIES_MAX_PER_ADDRESS {
            tries.try_from(OTHER, NOW).unwrap();
            tries.forgive(OTHER);
            tries.try_account(GRACE, OTHER, NOW).unwrap();
            tries.forgive_account(GRACE, OTHER);
        }
    }

    #[test]
    fn each_wrong_password_takes_longer_up_to_a_minute() {
        let tries = Tries::default();
        let mut now = NOW;
        let mut waited = Vec::new();
        for _ in 0..limits::TRIES_WITHOUT_WAIT + 9 {
            let after_ms = tries.try_account(GRACE, GUESSER, now).err().map_or(0, |wait| wait.after_ms);
            now = now.plus_ms(after_ms);
            if after_ms > 0 {
                waited.push(after_ms / 1_000);
                tries.try_account(GRACE, GUESSER, now).unwrap();
            }
        }
        assert_eq!(waited, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(tries.try_account(GRACE, OTHER, now), Ok(()), "from elsewhere its owner need not wait");
        assert_eq!(tries.try_account([8; 32], GUESSER, now), Ok(()), "another account has its own count");
    }

    #[test]
    fn many_strangers_guess_no_faster_than_one_allows() {
        let tries = Tries::default();
        let allowed = (0..1_000).filter(|_| tries.try_as_stranger(GRACE, NOW).is_ok()).count();
        assert_eq!(allowed, limits::STRANGERS_TRIES_MAX as usize);
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), GUESSER);
    }
}
