//! The key of something that an admin names: made of its label, and never changed afterwards.

use vestibule_protocol::{limits::KEY_MAX_CHARS, settings::Key};

/// Room for what tells it from another of that label.
const LABEL_PART_CHARS: usize = KEY_MAX_CHARS - 5;

/// A key for something of that label: its letters, and four digits of chance, so that what comes back under an old label
/// is not taken for the old.
pub fn key_of(label: &str, chance: [u8; 2]) -> Key {
    let mut key = String::new();
    for letter in label.to_lowercase().chars() {
        if key.len() >= LABEL_PART_CHARS {
            break;
        }
        match letter {
            'a'..='z' | '0'..='9' => key.push(letter),
            _ if !key.is_empty() && !key.ends_with('-') => key.push('-'),
            _ => {}
        }
    }
    let [first, second] = chance;
    let text = format!("{}-{first:02x}{second:02x}", key.trim_end_matches('-'));
    Key::new(text.trim_start_matches('-')).expect("letters, digits and hyphens, few enough")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::words("Where will you work?", "where-will-you-work-0aff")]
    #[case::other_letters("Prüfer & Gäste", "pr-fer-g-ste-0aff")]
    #[case::another_script("زائر", "0aff")]
    #[case::long("A question that is much longer than any key may be", "a-question-that-is-much-longer-than-0aff")]
    fn a_key_is_what_a_label_has_of_letters(#[case] label: &str, #[case] key: &str) {
        assert_eq!(key_of(label, [0x0a, 0xff]).as_str(), key);
    }
}
