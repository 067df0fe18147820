//! A text of the site in several languages.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess},
};

use crate::{
    limits,
    text::{InvalidText, Text},
};

/// A text in each language that the site has written it in, one at least: `{"en":"Guest","de":"Gast"}`.
/// A list and not a map, by tag: there are few, and a map would cost every kiosk some KB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Localized<const MAX: usize>(Vec<(LanguageTag, Text<MAX>)>);

/// A language, as `en` or `pt-BR` (BCP 47).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LanguageTag(String);

/// A text is no language tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a language tag")]
pub struct InvalidTag;

/// A text in no language, or in more than there can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("in no language, or in too many")]
pub struct InvalidLocalized;

impl<const MAX: usize> Localized<MAX> {
    /// The text in one language.
    ///
    /// # Errors
    /// [`InvalidTag`] if `tag` is none.
    pub fn of(tag: &str, text: Text<MAX>) -> Result<Self, InvalidTag> {
        Ok(Self(vec![(LanguageTag::new(tag)?, text)]))
    }

    /// The text for who speaks `tag`: in that language; else in its main one, as `pt` for `pt-BR`; else in that of the
    /// staff; else in English; else in whichever there is.
    pub fn in_language(&self, tag: &str, staff: &str) -> &str {
        self.text_in(tag, staff).as_str()
    }

    /// The same, still bounded.
    pub fn text_in(&self, tag: &str, staff: &str) -> &Text<MAX> {
        let of = |tag: &str| self.0.iter().find(|(held, _)| held.as_str() == tag).map(|(_, text)| text);
        let main = tag.split('-').next().unwrap_or(tag);
        let (_, any) = self.0.first().expect("a text in one language at least");
        [tag, main, staff, "en"].into_iter().find_map(of).unwrap_or(any)
    }

    /// The languages in which [`Self::in_language`] can answer, by their tags.
    pub fn languages(&self) -> impl Iterator<Item = &LanguageTag> {
        self.0.iter().map(|(tag, _)| tag)
    }
}

impl<const MAX: usize> Serialize for Localized<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(tag, text)| (tag.as_str(), text.as_str())))
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Localized<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = deserializer.deserialize_map(Texts)?;
        if !(1..=limits::TEXT_MAX_LANGUAGES).contains(&texts.len()) {
            return Err(de::Error::custom(InvalidLocalized));
        }
        let bounded = texts.into_iter().map(|(tag, text)| Ok((LanguageTag::new(&tag)?, Text::new(&text)?)));
        bounded.collect::<Result<_, Unfit>>().map(Self).map_err(de::Error::custom)
    }
}

/// What a [`Localized`] is read from, the same for every length.
struct Texts;

impl<'de> de::Visitor<'de> for Texts {
    type Value = Vec<(String, String)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text by language")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut texts: A) -> Result<Self::Value, A::Error> {
        let mut held: Self::Value = Vec::new();
        while let Some((tag, text)) = texts.next_entry::<String, String>()? {
            let place = held.partition_point(|(held, _)| *held < tag);
            // Said twice, it is as was said last, as in any JSON object.
            held.retain(|(held, _)| *held != tag);
            held.insert(place.min(held.len()), (tag, text));
        }
        Ok(held)
    }
}

/// A text or its tag is of a wrong form.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error(transparent)]
    Tag(#[from] InvalidTag),
    #[error(transparent)]
    Text(#[from] InvalidText),
}

impl LanguageTag {
    /// Takes a tag as it is written; whether there is such a language nobody checks.
    ///
    /// # Errors
    /// [`InvalidTag`] if it has not the form of one (RFC 5646 §2.1).
    pub fn new(tag: &str) -> Result<Self, InvalidTag> {
        let is_part =
            |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let begins_right = tag.bytes().take(2).filter(u8::is_ascii_alphabetic).count() == 2;
        if begins_right && tag.len() <= limits::LANGUAGE_TAG_MAX_CHARS && tag.split('-').all(is_part) {
            Ok(Self(tag.to_owned()))
        } else {
            Err(InvalidTag)
        }
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LanguageTag {
    type Error = InvalidTag;

    fn try_from(tag: String) -> Result<Self, InvalidTag> {
        Self::new(&tag)
    }
}

impl From<LanguageTag> for String {
    fn from(tag: LanguageTag) -> Self {
        tag.0
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::json;

    fn label(texts: &[(&str, &str)]) -> Localized<20> {
        let texts: Vec<_> = texts.iter().map(|(tag, text)| format!("{tag:?}:{text:?}")).collect();
        json::read(&format!("{{{}}}", texts.join(","))).unwrap()
    }

    #[rstest]
    #[case::written("de", "nl", "Gast")]
    #[case::regional("de-AT", "nl", "Gast")]
    #[case::of_the_staff("es", "de", "Gast")]
    #[case::english("es", "fr", "Guest")]
    fn the_visitors_language_comes_first(#[case] spoken: &str, #[case] staff: &str, #[case] read: &str) {
        assert_eq!(label(&[("de", "Gast"), ("en", "Guest")]).in_language(spoken, staff), read);
    }

    #[test]
    fn something_is_always_read() {
        assert_eq!(label(&[("cy", "Gwestai")]).in_language("es", "fr"), "Gwestai");
    }

    #[rstest]
    #[case("en", true)]
    #[case("zh-Hant-TW", true)]
    #[case("", false)]
    #[case("x", false)]
    #[case("en_GB", false)]
    #[case("12", false)]
    fn a_tag_has_the_form_of_one(#[case] tag: &str, #[case] good: bool) {
        assert_eq!(LanguageTag::new(tag).is_ok(), good);
    }
}
