//! Finding people by what somebody types: tolerant of case, accents, word order and one slip of the finger.
//!
//! Names are [folded](fold) once, when a list changes; a key press then only compares bytes, so that thousands of hosts
//! are searched well within a frame.

use crate::case;

/// Shortest word in which a slip is forgiven, in bytes: in shorter ones it would turn one name into another.
const FORGIVEN_FROM_BYTES: usize = 4;

/// How well a name fits what was typed; the lesser, the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It begins so.
    Start,
    /// Each word typed begins one of its words.
    Words,
    /// It does with one slip forgiven: a letter wrong, missing or too many.
    Slip,
}

/// How letters are typed by those who don't have them on their keyboard.
const PLAIN: &[(&str, &str)] = &[
    ("a", "àáâãäåāăąǎạảấầẩẫậắằẳẵặ"),
    ("ae", "æ"),
    ("c", "çćĉċč"),
    ("d", "ďđð"),
    ("e", "èéêëēĕėęěẹẻẽếềểễệ"),
    ("g", "ĝğġģ"),
    ("h", "ĥħ"),
    ("i", "ìíîïĩīĭįıỉị"),
    ("j", "ĵ"),
    ("k", "ķ"),
    ("l", "ĺļľł"),
    ("n", "ñńņň"),
    ("o", "òóôõöøōŏőơọỏốồổỗộớờởỡợ"),
    ("oe", "œ"),
    ("r", "ŕŗř"),
    ("s", "śŝşšș"),
    ("ss", "ß"),
    ("t", "ţťțŧ"),
    ("th", "þ"),
    ("u", "ùúûüũūŭůűųưụủứừửữự"),
    ("w", "ŵ"),
    ("y", "ýÿŷỳỵỷỹ"),
    ("z", "źżž"),
];

/// Lower case, without accents, words apart by one space: the form in which names are compared.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in case::lower(text).chars() {
        if letter.is_ascii_alphanumeric() {
            folded.push(letter);
        } else if let Some((plain, _)) = PLAIN.iter().find(|(_, accented)| accented.contains(letter)) {
            folded.push_str(plain);
        } else if matches!(letter, '\'' | '’' | '.' | '\u{300}'..='\u{36f}') {
            // O'Brien is typed Obrien; a combining accent belongs to the letter before it.
        } else if is_of_other_script(letter) {
            folded.push(letter);
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Whether it is beyond ASCII and neither a space nor a sign of Latin punctuation: names have nothing else, and the
/// tables that would tell exactly are long.
const fn is_of_other_script(letter: char) -> bool {
    letter as u32 > 0xBF && !matches!(letter, '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{303F}')
}

/// How `name` fits `typed`, both folded; `None` if it does not, or if nothing is typed.
pub fn fit(typed: &str, name: &str) -> Option<Fit> {
    let words = || name.split(' ').map(str::as_bytes);
    exact_fit(typed, name.as_bytes(), words).or_else(|| fits_almost(typed, words).then_some(Fit::Slip))
}

/// Names that are searched with every key press: folded, and taken apart into words, once.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// All of them, one after the other, with a space after each word.
    text: String,
    /// Where each word begins in `text`; and where the next one would.
    words: Vec<usize>,
    /// The first word of each name, as its place in `words`; and that of the next name.
    names: Vec<usize>,
}

impl Names {
    /// Of these, not folded.
    pub fn of<Name: AsRef<str>>(names: impl IntoIterator<Item = Name>) -> Self {
        let (mut text, mut words, mut firsts) = (String::new(), vec![0], vec![0]);
        for name in names {
            for word in fold(name.as_ref()).split(' ') {
                text.push_str(word);
                text.push(' ');
                words.push(text.len());
            }
            firsts.push(words.len() - 1);
        }
        Self { text, words, names: firsts }
    }

    /// Which `most` of them fit best what was typed, not folded: their places, best first; ties by their letters, then in
    /// their order. Slips are looked for only if too few fit without.
    pub fn best(&self, typed: &str, most: usize) -> Vec<usize> {
        let typed = fold(typed);
        let mut best: Vec<(Fit, &[u8], usize)> = Vec::with_capacity(most + 1);
        let mut offer = |found: (Fit, _, _)| {
            if best.len() < most || best.last().is_some_and(|worst| found < *worst) {
                let place = best.partition_point(|held| *held < found);
                best.insert(place, found);
                best.truncate(most);
            }
        };
        let mut others = Vec::new();
        for place in 0..self.names.len().saturating_sub(1) {
            match exact_fit(&typed, self.name(place), || self.words(place)) {
                Some(fit) => offer((fit, self.name(place), place)),
                None => others.push(place),
            }
        }
        if self.names.len() - 1 - others.len() < most {
            for place in others {
                if fits_almost(&typed, || self.words(place)) {
                    offer((Fit::Slip, self.name(place), place));
                }
            }
        }
        best.into_iter().map(|(_, _, place)| place).collect()
    }

    fn name(&self, place: usize) -> &[u8] {
        let (first, next) = (self.names[place], self.names[place + 1]);
        &self.text.as_bytes()[self.words[first]..self.words[next] - 1]
    }

    fn words(&self, place: usize) -> impl Iterator<Item = &[u8]> {
        let ends = &self.words[self.names[place]..=self.names[place + 1]];
        ends.windows(2).map(|ends| &self.text.as_bytes()[ends[0]..ends[1] - 1])
    }
}

/// How the name of these words fits without a slip.
fn exact_fit<'a, Words: Iterator<Item = &'a [u8]>>(typed: &str, name: &[u8], words: impl Fn() -> Words) -> Option<Fit> {
    if typed.is_empty() {
        None
    } else if name.starts_with(typed.as_bytes()) {
        Some(Fit::Start)
    } else {
        each_word(typed, words, |word, typed| word.first() == typed.first() && word.starts_with(typed))
            .then_some(Fit::Words)
    }
}

/// Whether it does with slips forgiven, one a word.
fn fits_almost<'a, Words: Iterator<Item = &'a [u8]>>(typed: &str, words: impl Fn() -> Words) -> bool {
    !typed.is_empty() && each_word(typed, words, starts_almost_with)
}

fn each_word<'a, Words: Iterator<Item = &'a [u8]>>(
    typed: &str,
    words: impl Fn() -> Words,
    fits: impl Fn(&[u8], &[u8]) -> bool,
) -> bool {
    typed.split(' ').all(|typed| words().any(|word| fits(word, typed.as_bytes())))
}

/// Whether `word` would start with `typed` but for one letter.
fn starts_almost_with(word: &[u8], typed: &[u8]) -> bool {
    if !begin_alike(word, typed) {
        return false;
    }
    let same = word.iter().zip(typed).take_while(|(a, b)| a == b).count();
    if same == typed.len() {
        return true;
    }
    if typed.len() < FORGIVEN_FROM_BYTES {
        return false;
    }
    let (word, typed) = (&word[same..], &typed[same..]);
    let wrong = word.len() > 1 && word[1..].starts_with(&typed[1..]) || typed.len() == 1;
    let missing = word.len() > 1 && word[1..].starts_with(typed);
    let surplus = word.starts_with(&typed[1..]);
    let swapped = typed.len() > 1
        && word.len() > 1
        && word[0] == typed[1]
        && word[1] == typed[0]
        && word[2..].starts_with(&typed[2..]);
    wrong || missing || surplus || swapped
}

/// Whether one of the first two letters of `word` is one of those of `typed`, as it must be if `word` is to start with it
/// but for one letter: tells most words of a directory apart at a glance.
fn begin_alike(word: &[u8], typed: &[u8]) -> bool {
    let (first, second) = (typed.first(), typed.get(1));
    [word.first(), word.get(1)].into_iter().any(|letter| letter.is_some() && (letter == first || letter == second))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::accents("Zoë Ångström", "zoe angstrom")]
    #[case::letters_of_their_own("Łukasz Straßer-Bjørn", "lukasz strasser bjorn")]
    #[case::combining("Jose\u{301}", "jose")]
    #[case::apostrophe("Siobhán O’Brien", "siobhan obrien")]
    #[case::other_scripts("Иван Петров", "иван петров")]
    #[case::space("  Ada   Lovelace ", "ada lovelace")]
    fn folds_as_people_type(#[case] name: &str, #[case] folded: &str) {
        assert_eq!(fold(name), folded);
    }

    #[rstest]
    #[case::nothing_typed("", None)]
    #[case::start("sio", Some(Fit::Start))]
    #[case::last_name("obr", Some(Fit::Words))]
    #[case::other_order("OBrien Sio", Some(Fit::Words))]
    #[case::letter_wrong("siobhon", Some(Fit::Slip))]
    #[case::letter_missing("sibhan", Some(Fit::Slip))]
    #[case::letter_too_many("siiobhan", Some(Fit::Slip))]
    #[case::letters_swapped("siobahn", Some(Fit::Slip))]
    #[case::too_short_to_forgive("sob", None)]
    #[case::two_slips("sibhon", None)]
    #[case::somebody_else("grace", None)]
    fn fits(#[case] typed: &str, #[case] expected: Option<Fit>) {
        assert_eq!(fit(&fold(typed), "siobhan obrien"), expected);
    }

    #[test]
    fn a_slip_is_forgiven_where_too_few_fit_without() {
        let names = Names::of(["Siobhán O’Brien", "Sibylle Roth", "Sieglinde Braun"]);
        assert_eq!(names.best("siobahn", 2), [0]);
        assert_eq!(names.best("sib", 2), [1]);
        assert_eq!(names.best("sieglimde", 2), [2]);
        assert_eq!(names.best("", 2), [0; 0]);
    }

    #[test]
    fn the_best_come_first_and_no_more_than_asked() {
        let names = ["bernd anders", "anna bell", "hanna berg", "an"];
        assert_eq!(
            Names::of(names).best("An", 3).into_iter().map(|place| names[place]).collect::<Vec<_>>(),
            ["an", "anna bell", "bernd anders"]
        );
    }
}
