//! The hash chain by which a device and the server prove that they hold the same events.
//!
//! `chain_n = SHA-256(chain_{n-1} ‖ SHA-256(text of event n))`, starting from 32 zero bytes: equal chains at `n` mean
//! that every byte of the events 1 to `n` is the same on both sides.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest; on the wire 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

/// A text that is not 64 lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 64 lower-case hex digits")]
pub struct InvalidDigest;

/// The hash of an event, over its exact bytes.
pub fn event_hash(text: &str) -> Digest {
    Digest(Sha256::digest(text.as_bytes()).into())
}

impl Digest {
    /// The chain before any event: `chain_0`.
    pub const ZERO: Self = Self([0; 32]);

    /// The chain one event on, `event` being its [`event_hash`].
    #[must_use]
    pub fn then(self, event: Self) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(event.0);
        Self(hasher.finalize().into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut digest = [0; 32];
        if text.len() != 2 * digest.len() || !text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(InvalidDigest);
        }
        for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = str::from_utf8(pair).map_err(|_| InvalidDigest)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| InvalidDigest)?;
        }
        Ok(Self(digest))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HexText;

        impl de::Visitor<'_> for HexText {
            type Value = Digest;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("64 lower-case hex digits")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Digest, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(HexText)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Reference values from coreutils: `printf '%s' '{}' | sha256sum`, and so on for the chain.
    #[test]
    fn agrees_with_sha256sum() {
        let hash = event_hash("{}");
        assert_eq!(hash.to_string(), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
        assert_eq!(
            Digest::ZERO.then(hash).to_string(),
            "961af672d320bfb80e482edf9e092930b12b6f10f28ac4913d1d64c49219da68"
        );
    }

    #[rstest]
    #[case::short("44")]
    #[case::upper_case("44136FA355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")]
    #[case::no_hex("zz136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")]
    #[case::signed("+4136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8aa")]
    #[case::not_ascii("éé36fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8")]
    fn refuses_what_is_no_digest(#[case] text: &str) {
        assert_eq!(text.parse::<Digest>(), Err(InvalidDigest));
    }

    #[test]
    fn text_and_back() {
        let digest = event_hash("a");
        assert_eq!(digest.to_string().parse(), Ok(digest));
    }
}
