//! How a site looks on its kiosks: its colour and its mark.

use serde::{Deserialize, Serialize};

use crate::limits;

/// A colour, as `#0f5c52`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Colour {
    /// Its red, green and blue, of 255 each (sRGB).
    pub rgb: [u8; 3],
}

/// A picture as a `data:` URL, SVG or PNG. Shown as an image only: an SVG's scripts don't run there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Logo(String);

/// A text is no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a colour of the form #0f5c52")]
pub struct InvalidColour;

/// A text is no picture that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a data: URL of an SVG or PNG picture within the limit, in base64")]
pub struct InvalidLogo;

impl TryFrom<String> for Colour {
    type Error = InvalidColour;

    fn try_from(text: String) -> Result<Self, InvalidColour> {
        let digits = text.strip_prefix('#').ok_or(InvalidColour)?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidColour);
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| InvalidColour)?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self { rgb: [red, green, blue] })
    }
}

impl From<Colour> for String {
    fn from(Colour { rgb: [red, green, blue] }: Colour) -> Self {
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Logo {
    /// The `data:` URL.
    pub fn as_url(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Logo {
    type Error = InvalidLogo;

    fn try_from(url: String) -> Result<Self, InvalidLogo> {
        let beginnings = ["data:image/svg+xml;base64,", "data:image/png;base64,"];
        let base64 = beginnings.into_iter().find_map(|beginning| url.strip_prefix(beginning)).ok_or(InvalidLogo)?;
        if url.len() <= limits::LOGO_MAX_CHARS && is_base64(base64) { Ok(Self(url)) } else { Err(InvalidLogo) }
    }
}

impl From<Logo> for String {
    fn from(logo: Logo) -> Self {
        logo.0
    }
}

/// Whether a text is base64 of at least one byte (RFC 4648 §4), as far as its letters say.
pub(crate) fn is_base64(text: &str) -> bool {
    let letters = text.trim_end_matches('=');
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    !letters.is_empty()
        && text.len().is_multiple_of(4)
        && text.len() - letters.len() <= 2
        && letters.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_comes_back_as_it_was() {
        let colour = Colour::try_from("#0F5c52".to_owned()).unwrap();
        assert_eq!(colour.rgb, [0x0f, 0x5c, 0x52]);
        assert_eq!(String::from(colour), "#0f5c52");
    }
}
