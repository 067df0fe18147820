//! The PIN of the staff panel, as its hash.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::{chain::Digest, limits};

/// A PIN as it is stored and sent: PBKDF2 with HMAC-SHA-256 (RFC 8018 §5.2), 32 bytes of it. In Rust, since browsers
/// offer theirs on secure origins only, and a kiosk in a LAN may be on none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinHash {
    /// Made with the PIN.
    pub salt: Digest,
    /// How often the hash was taken.
    pub rounds: u32,
    /// What came of it.
    pub hash: Digest,
}

/// A text is no PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a PIN is of 4 to 12 digits")]
pub struct InvalidPin;

impl PinHash {
    /// The hash of a PIN, with a salt of 32 random bytes.
    ///
    /// # Errors
    /// [`InvalidPin`] if it is not of [`limits::PIN_DIGITS`] digits.
    pub fn new(pin: &str, salt: [u8; 32]) -> Result<Self, InvalidPin> {
        if !limits::PIN_DIGITS.contains(&pin.len()) || !pin.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidPin);
        }
        let rounds = limits::PIN_ROUNDS;
        Ok(Self { salt: Digest(salt), rounds, hash: Digest(pbkdf2(pin.as_bytes(), &salt, rounds)) })
    }

    /// Whether that is the PIN. Never, where the hash would take more than [`limits::PIN_MAX_ROUNDS`].
    pub fn fits(&self, pin: &str) -> bool {
        let is_bearable = (1..=limits::PIN_MAX_ROUNDS).contains(&self.rounds);
        is_bearable && pbkdf2(pin.as_bytes(), &self.salt.0, self.rounds) == self.hash.0
    }
}

/// The first block of PBKDF2, which is as long as the hash.
fn pbkdf2(password: &[u8], salt: &[u8], rounds: u32) -> [u8; 32] {
    const FIRST_BLOCK: [u8; 4] = 1_u32.to_be_bytes();
    let keyed = Hmac::<Sha256>::new_from_slice(password).expect("HMAC takes a key of any length");
    let hash = |parts: &[&[u8]]| -> [u8; 32] {
        let mut keyed = keyed.clone();
        parts.iter().for_each(|part| keyed.update(part));
        keyed.finalize().into_bytes().into()
    };
    let mut last = hash(&[salt, &FIRST_BLOCK]);
    let mut sum = last;
    for _ in 1..rounds {
        last = hash(&[&last]);
        sum.iter_mut().zip(last).for_each(|(sum, byte)| *sum ^= byte);
    }
    sum
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// RFC 7914 §11 has these.
    #[rstest]
    #[case("passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")]
    #[case("Password", "NaCl", 80_000, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56")]
    fn it_is_pbkdf2(#[case] password: &str, #[case] salt: &str, #[case] rounds: u32, #[case] hash: &str) {
        assert_eq!(Digest(pbkdf2(password.as_bytes(), salt.as_bytes(), rounds)).to_string(), hash);
    }

    #[test]
    fn only_the_pin_itself_fits() {
        let pin = PinHash::new("482913", [7; 32]).unwrap();
        assert!(pin.fits("482913"));
        assert!(!pin.fits("482914") && !pin.fits("") && !pin.fits("0482913"));
    }

    #[test]
    fn a_hash_that_would_take_for_ever_fits_nothing() {
        let pin = PinHash { rounds: u32::MAX, ..PinHash::new("482913", [7; 32]).unwrap() };
        assert!(!pin.fits("482913"));
    }

    #[rstest]
    #[case("123")]
    #[case("1234567890123")]
    #[case("12a4")]
    #[case("١٢٣٤")]
    fn what_is_no_pin_is_refused(#[case] typed: &str) {
        assert_eq!(PinHash::new(typed, [7; 32]), Err(InvalidPin));
    }
}
