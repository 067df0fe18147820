//! Finding people by what somebody types: tolerant of case, accents, word order and one slip of the finger.
//!
//! Names are [folded](fold) once, when a list changes; a key press then only compares bytes, so that thousands of hosts
//! are searched well within a frame.

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
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            folded.push(letter);
        } else if let Some((plain, _)) = PLAIN.iter().find(|(_, accented)| accented.contains(letter)) {
            folded.push_str(plain);
        } else if letter.is_alphanumeric() {
            folded.push(letter);
        } else if matches!(letter, '\'' | '’' | '.' | '\u{300}'..='\u{36f}') {
            // O'Brien is typed Obrien; a combining accent belongs to the letter before it.
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
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

/// The `most` best of `candidates` for what was typed (not folded), each with its folded name; ties in their order.
pub fn best<'a, T>(typed: &str, candidates: impl Iterator<Item = (&'a str, T)>, most: usize) -> Vec<T> {
    let typed = fold(typed);
    let mut found: Vec<_> =
        candidates.filter_map(|(name, candidate)| Some((fit(&typed, name)?, name, candidate))).collect();
    found.sort_by_key(|(fit, name, _)| (*fit, *name));
    found.into_iter().take(most).map(|(_, _, candidate)| candidate).collect()
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
        let found = best("An", names.iter().map(|name| (*name, *name)), 3);
        assert_eq!(found, ["an", "anna bell", "bernd anders"]);
    }
}
