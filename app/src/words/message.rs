//! Sentences with places for names, times and numbers, checked while the app is built.

use super::Language;

/// First-strong isolate: what follows runs its own way, to [`POP_ISOLATE`], whatever the sentence around it does
/// (Unicode UAX #9). A Latin name in an Arabic sentence would otherwise take the full stop to its other side.
const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

/// A sentence with `N` places, written `{0}`, `{1}` and so on.
#[derive(Clone, Copy)]
pub struct Message<const N: usize>(&'static str);

/// A sentence of a language's table.
///
/// # Panics
/// While the app is built, if the places are not exactly those of its field in the table.
pub(super) const fn say<const N: usize>(text: &'static str) -> Message<N> {
    let mut place = 0;
    while place < N {
        assert!(has_place(text, b'0' + place as u8), "a place of the sentence is missing");
        place += 1;
    }
    assert!(!has_place(text, b'0' + N as u8), "the sentence has a place too many");
    Message(text)
}

impl<const N: usize> Message<N> {
    /// The sentence with its places filled.
    pub fn with(self, arguments: [&str; N]) -> String {
        filled(self.0, |place| arguments[usize::from(place - b'0')])
    }
}

/// A sentence about a number, which is written `{n}`: in as many forms as the language has for numbers.
#[derive(Clone, Copy)]
pub struct Counted {
    one: Option<&'static str>,
    two: Option<&'static str>,
    few: Option<&'static str>,
    many: Option<&'static str>,
    other: &'static str,
}

/// The form for numbers that have none of their own.
///
/// # Panics
/// While the app is built, if it does not say the number.
pub(super) const fn count(other: &'static str) -> Counted {
    assert!(has_place(other, b'n'), "the sentence does not say the number");
    Counted { one: None, two: None, few: None, many: None, other }
}

impl Counted {
    /// The form for "one", as the language counts it (CLDR plural rules).
    pub(super) const fn one(self, text: &'static str) -> Self {
        Self { one: Some(text), ..self }
    }

    /// The form for "two".
    pub(super) const fn two(self, text: &'static str) -> Self {
        Self { two: Some(text), ..self }
    }

    /// The form for "few".
    pub(super) const fn few(self, text: &'static str) -> Self {
        Self { few: Some(text), ..self }
    }

    /// The form for "many".
    pub(super) const fn many(self, text: &'static str) -> Self {
        Self { many: Some(text), ..self }
    }

    /// The sentence about `n`.
    pub fn of(self, n: u64) -> String {
        let form = match category(n).as_str() {
            "one" => self.one,
            "two" => self.two,
            "few" => self.few,
            "many" => self.many,
            _ => None,
        };
        filled(form.unwrap_or(self.other), |_| n.to_string())
    }
}

/// Which form the language uses for `n`, by the browser's tables.
#[cfg(target_family = "wasm")]
fn category(n: u64) -> String {
    use js_sys::{Array, Intl::PluralRules, Object};
    let rules = PluralRules::new(&Array::of1(&Language::spoken().tag().into()), &Object::new());
    rules.select(n as f64).as_string().unwrap_or_default()
}

/// The same for the tests, which run without a browser, in English.
#[cfg(not(target_family = "wasm"))]
fn category(n: u64) -> String {
    debug_assert_eq!(Language::spoken(), Language::En, "without a browser only English is counted");
    if n == 1 { "one" } else { "other" }.to_owned()
}

const fn has_place(text: &str, name: u8) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at + 2 < bytes.len() {
        if bytes[at] == b'{' && bytes[at + 1] == name && bytes[at + 2] == b'}' {
            return true;
        }
        at += 1;
    }
    false
}

/// `text` with `argument` of a place's name in each place.
fn filled<Argument: AsRef<str>>(text: &str, argument: impl Fn(u8) -> Argument) -> String {
    let mut sentence = String::with_capacity(2 * text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        sentence.push_str(before);
        sentence.push(FIRST_STRONG_ISOLATE);
        sentence.push_str(argument(after.as_bytes()[0]).as_ref());
        sentence.push(POP_ISOLATE);
        rest = &after[2..];
    }
    sentence.push_str(rest);
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_the_order_of_the_language() {
        let message: Message<2> = say("{1} expects {0}.");
        let said = message.with(["Ada", "Grace"]).replace([FIRST_STRONG_ISOLATE, POP_ISOLATE], "");
        assert_eq!(said, "Grace expects Ada.");
    }

    #[test]
    fn a_name_keeps_its_direction_within_a_sentence_of_the_other() {
        let message: Message<1> = say("Goodbye, {0}.");
        assert_eq!(message.with(["محمد"]), "Goodbye, \u{2068}محمد\u{2069}.");
    }

    #[test]
    fn one_is_not_several() {
        let waiting = count("{n} entries wait").one("{n} entry waits");
        let said = [1, 2].map(|n| waiting.of(n).replace([FIRST_STRONG_ISOLATE, POP_ISOLATE], ""));
        assert_eq!(said, ["1 entry waits", "2 entries wait"]);
    }
}
