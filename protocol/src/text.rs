//! Text that people type: bounded, never blank, never printed by accident.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A line that a person typed: without white space around it, not empty, at most `MAX` characters.
///
/// Its `Debug` says only how long it is, so that no visitor's name reaches a log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MAX: usize>(String);

/// Why a text can't be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing, or white space only.
    #[error("empty")]
    Empty,
    /// More characters than the field holds.
    #[error("longer than {max_chars} characters")]
    TooLong {
        /// The most that the field holds.
        max_chars: usize,
    },
}

impl<const MAX: usize> Text<MAX> {
    /// Takes what was typed, less the white space around it.
    ///
    /// # Errors
    /// [`InvalidText`] if nothing is left, or too much.
    pub fn new(typed: &str) -> Result<Self, InvalidText> {
        let text = typed.trim();
        if text.is_empty() {
            return Err(InvalidText::Empty);
        }
        if text.chars().count() > MAX {
            return Err(InvalidText::TooLong { max_chars: MAX });
        }
        Ok(Self(text.to_owned()))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = InvalidText;

    fn try_from(typed: String) -> Result<Self, InvalidText> {
        Self::new(&typed)
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} chars)", self.0.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_trimmed_and_bounded() {
        assert_eq!(Text::<5>::new("  Ada \n").unwrap().as_str(), "Ada");
        assert_eq!(Text::<5>::new(" \t"), Err(InvalidText::Empty));
        assert_eq!(Text::<5>::new("Łukasz"), Err(InvalidText::TooLong { max_chars: 5 }));
    }

    #[test]
    fn debug_tells_no_name() {
        assert_eq!(format!("{:?}", Text::<99>::new("Ada Lovelace").unwrap()), "Text(12 chars)");
    }
}
