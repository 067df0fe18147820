//! Passwords that everybody who guesses tries first (OWASP ASVS 5.0, 6.2.4).
//!
//! The list is of those with as many characters as a password must have, whatever their case: all of Django's list of
//! common passwords and of zxcvbn-ts's, and the first 5,000 of SecLists'. It is kept as hashes, since some of them are
//! words that nobody should have to read here, and others were somebody's.

use sha2::{Digest as _, Sha256};

/// The first bytes of the SHA-256 of each, in lower case; in order. Of other passwords, one in 10^15 is taken for one of
/// them.
const HASHES: &[u8] = include_bytes!("common_passwords.bin");

/// Bytes of each.
const HASH_BYTES: usize = 8;

/// Whether it is one of them.
pub(super) fn hold(password: &str) -> bool {
    let digest = Sha256::digest(password.to_lowercase());
    let (hashes, _) = HASHES.as_chunks::<HASH_BYTES>();
    hashes.binary_search_by(|hash| hash.as_slice().cmp(&digest[..HASH_BYTES])).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many as the standard asks for, at the least.
    const FEWEST: usize = 3_000;

    #[test]
    fn the_list_is_in_order_and_long_enough() {
        let (hashes, rest) = HASHES.as_chunks::<HASH_BYTES>();
        assert!(hashes.len() >= FEWEST && rest.is_empty() && hashes.is_sorted());
    }

    #[test]
    fn what_everybody_tries_is_in_it_in_any_case_and_a_sentence_is_not() {
        for common in ["1234567890", "password123", "PassWord123", "qwertyuiop"] {
            assert!(hold(common), "{common}");
        }
        assert!(!hold("correct horse battery") && !hold("a long and quiet morning"));
    }
}
