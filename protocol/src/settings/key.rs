//! The names by which settings refer to their parts.

use serde::{Deserialize, Serialize};

use crate::limits;

/// The name by which settings refer to a visitor type, a field, a choice or an agreement: `contractor`, `nda-2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key(String);

/// A text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key: 1 to 40 of a to z, 0 to 9, - and _")]
pub struct InvalidKey;

impl Key {
    /// Takes it as it is written.
    ///
    /// # Errors
    /// [`InvalidKey`] if it is none.
    pub fn new(text: &str) -> Result<Self, InvalidKey> {
        let is_right = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        if (1..=limits::KEY_MAX_CHARS).contains(&text.len()) && text.bytes().all(is_right) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidKey)
        }
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Key {
    type Error = InvalidKey;

    fn try_from(text: String) -> Result<Self, InvalidKey> {
        Self::new(&text)
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0
    }
}
