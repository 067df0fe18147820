//! What a visitor leaves beside words: signatures and a photo. Each is an event of its own, so that the check-in stays
//! small, and so that a desk's list of visits holds none of them: a visit only says that there is one, and in which event.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    event::Name,
    id::EventId,
    limits,
    settings::{Key, LanguageTag, is_base64},
    text::Text,
    timestamp::Timestamp,
};

/// `vestibule.agreement.signed.v1`: the visitor agreed to something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementSigned {
    /// To what.
    pub agreement: Key,
    /// To which version of it: the server keeps the text of each.
    pub version: u32,
    /// As the staff read it.
    pub title: Text<{ limits::LABEL_MAX_CHARS }>,
    /// The language in which they read it.
    pub language: LanguageTag,
    /// How they did; absent once they are forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// How somebody agreed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// They ticked the box.
    Ticked,
    /// They typed their name.
    Typed(Name),
    /// They drew it.
    Drawn(Drawing),
}

/// A drawn signature: the strokes as an SVG path, on a field of so many units.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawing {
    /// The width of the field.
    pub width: u16,
    /// The height of the field.
    pub height: u16,
    /// The path.
    pub path: StrokePath,
}

/// The `d` of an SVG path that consists of strokes: `M`, `m`, `L`, `l`, numbers and blanks, and nothing else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StrokePath(String);

/// `vestibule.visit.photographed.v1`: the visitor's photo was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photographed {
    /// The photo; absent once they are forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<Photo>,
}

/// A JPEG picture, in base64.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Photo(String);

/// A text is no path of strokes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a path of strokes within the limit")]
pub struct InvalidPath;

/// A text is no photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a JPEG picture in base64 within the limit")]
pub struct InvalidPhoto;

/// That a visitor agreed to something, as their visit tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// To what.
    pub agreement: Key,
    /// To which version of it.
    pub version: u32,
    /// As the staff read it.
    pub title: Text<{ limits::LABEL_MAX_CHARS }>,
    /// When.
    pub at: Timestamp,
    /// The event that has the signature.
    pub by: EventId,
}

/// That there is a photo of a visitor, as their visit tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoTaken {
    /// When.
    pub at: Timestamp,
    /// The event that has it.
    pub by: EventId,
}

impl StrokePath {
    /// Takes a path.
    ///
    /// # Errors
    /// [`InvalidPath`] if it has anything but strokes in it, or is empty or too long.
    pub fn new(path: &str) -> Result<Self, InvalidPath> {
        let is_stroke = |byte| matches!(byte, b'M' | b'm' | b'L' | b'l' | b'0'..=b'9' | b'-' | b' ' | b',');
        if path.starts_with('M') && path.len() <= limits::SIGNATURE_MAX_CHARS && path.bytes().all(is_stroke) {
            Ok(Self(path.to_owned()))
        } else {
            Err(InvalidPath)
        }
    }

    /// The `d` of the path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for StrokePath {
    type Error = InvalidPath;

    fn try_from(path: String) -> Result<Self, InvalidPath> {
        Self::new(&path)
    }
}

impl From<StrokePath> for String {
    fn from(path: StrokePath) -> Self {
        path.0
    }
}

impl Photo {
    /// How every JPEG begins, in base64.
    const BEGINNING: &str = "/9j/";

    /// Takes a JPEG picture in base64.
    ///
    /// # Errors
    /// [`InvalidPhoto`] if it is none, or over [`limits::PHOTO_MAX_CHARS`].
    pub fn new(base64: &str) -> Result<Self, InvalidPhoto> {
        if base64.starts_with(Self::BEGINNING) && base64.len() <= limits::PHOTO_MAX_CHARS && is_base64(base64) {
            Ok(Self(base64.to_owned()))
        } else {
            Err(InvalidPhoto)
        }
    }

    /// For an image to show.
    pub fn as_url(&self) -> String {
        format!("data:image/jpeg;base64,{}", self.0)
    }
}

impl TryFrom<String> for Photo {
    type Error = InvalidPhoto;

    fn try_from(base64: String) -> Result<Self, InvalidPhoto> {
        Self::new(&base64)
    }
}

impl From<Photo> for String {
    fn from(photo: Photo) -> Self {
        photo.0
    }
}

/// Tells nothing of who signed.
impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ticked => "Ticked",
            Self::Typed(_) => "Typed",
            Self::Drawn(_) => "Drawn",
        })
    }
}

impl fmt::Debug for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Photo({} chars)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::strokes("M10 20l5-3 4 1M40 2l1 1", true)]
    #[case::empty("", false)]
    #[case::no_beginning("l5 3", false)]
    #[case::markup("M1 1\"/><script>", false)]
    fn a_path_is_of_strokes_only(#[case] path: &str, #[case] good: bool) {
        assert_eq!(StrokePath::new(path).is_ok(), good);
    }

    #[rstest]
    #[case::jpeg("/9j/4AAQSkZJRgAB", true)]
    #[case::png("iVBORw0KGgoAAAAN", false)]
    #[case::no_base64("/9j/4AAQSkZJRg\"B", false)]
    fn a_photo_is_a_jpeg(#[case] base64: &str, #[case] good: bool) {
        assert_eq!(Photo::new(base64).is_ok(), good);
    }

    #[test]
    fn the_largest_photo_and_the_largest_signature_fit_into_an_event() {
        // The attributes of an event and the braces take well under 2 KiB.
        let room = limits::EVENT_MAX_BYTES - 2 * 1024;
        assert!(limits::PHOTO_MAX_CHARS.max(limits::SIGNATURE_MAX_CHARS) < room);
    }
}
