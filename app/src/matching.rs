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
    if typed.is_empty() {
        None
    } else if name.starts_with(typed) {
        Some(Fit::Start)
    } else if each_word(typed, name, |word, typed| word.starts_with(typed)) {
        Some(Fit::Words)
    } else if each_word(typed, name, starts_almost_with) {
        Some(Fit::Slip)
    } else {
        None
    }
}

/// Which `most` of `names`, folded, fit best what was typed, not folded: their places, best first; ties in their order.
pub fn best(typed: &str, names: &[&str], most: usize) -> Vec<usize> {
    let typed = fold(typed);
    let mut found: Vec<_> =
        names.iter().enumerate().filter_map(|(place, name)| Some((fit(&typed, name)?, *name, place))).collect();
    found.sort_unstable();
    found.into_iter().take(most).map(|(_, _, place)| place).collect()
}

fn each_word(typed: &str, name: &str, fits: impl Fn(&str, &str) -> bool) -> bool {
    typed.split(' ').all(|typed| name.split(' ').any(|word| fits(word, typed)))
}

/// Whether `word` would start with `typed` but for one letter.
fn starts_almost_with(word: &str, typed: &str) -> bool {
    let (word, typed) = (word.as_bytes(), typed.as_bytes());
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
    fn the_best_come_first_and_no_more_than_asked() {
        let names = ["bernd anders", "anna bell", "hanna berg", "an"];
        assert_eq!(
            best("An", &names, 3).into_iter().map(|place| names[place]).collect::<Vec<_>>(),
            ["an", "anna bell", "bernd anders"]
        );
    }
}
