//! What became of what was missing when a device began another numbering.
//!
//! A device begins another when something came in its slot before, or when its store was wiped. In the first case it
//! gives what it had not delivered, in the old order, the first numbers of the new stream; in the second that is gone.
//! The server tells the two apart by the last head that it heard of: put what the new numbering begins with in the holes
//! of the old one, and the chain comes out the same, or does not. So a device that only began anew is proven whole, and
//! one that was wiped is found out, without a word from either.

use vestibule_protocol::{
    batch::{Link, Seq},
    chain::Digest,
    standing::Fate,
};

/// A numbering that its device has left.
pub(super) struct Left {
    /// The last head that the device told of.
    pub(super) head: Link,
    /// The hashes of its texts by number from 1; `None` where nothing is held, as past the end.
    pub(super) texts: Vec<Option<Digest>>,
    /// The hashes of texts that came second, by number.
    pub(super) second_texts: Vec<(Seq, Digest)>,
}

/// The numbering that followed.
pub(super) struct Next {
    /// The newest number that the device has told of.
    pub(super) head: Seq,
    /// The hashes of its texts by number from 1, as far as any is held; `None` where one is not.
    pub(super) texts: Vec<Option<Digest>>,
}

/// Says what became of the holes of `left`, and fills them if that is known.
///
/// A device carries over what waits, and, if its chain was not the server's, what was acknowledged as well: what comes
/// next is therefore either in the hole or the text that is held at that number.
pub(super) fn settle(left: &mut Left, next: &Next) -> Fate {
    let length = usize::try_from(left.head.seq).unwrap_or(usize::MAX);
    if length > left.texts.len().saturating_add(next.texts.len()) {
        // More is missing than the next one holds so far.
        return if next.is_whole() { Fate::Lost } else { Fate::CarriedOn };
    }
    left.texts.resize(length, None);
    let as_first: Vec<Option<Digest>> = left.texts.clone();
    let mut as_second = as_first.clone();
    for &(seq, hash) in &left.second_texts {
        // The device that told of the head may be the one whose text came second.
        if let Some(place) = usize::try_from(seq).ok().and_then(|seq| as_second.get_mut(seq.checked_sub(1)?)) {
            *place = Some(hash);
        }
    }
    let mut fate = Fate::Lost;
    for texts in [as_first, as_second] {
        match filled(&texts, next, left.head) {
            Filling::Proven(texts) => {
                left.texts = texts;
                return Fate::Complete;
            }
            Filling::Unknown => fate = Fate::CarriedOn,
            Filling::Other => {}
        }
    }
    fate
}

impl Next {
    /// A numbering of which nothing is known.
    pub(super) const UNKNOWN: Self = Self { head: Seq::MAX, texts: Vec::new() };

    /// Whether everything that it was told of is held. What was carried over has its number from the beginning, so that
    /// the first head tells of all of it.
    fn is_whole(&self) -> bool {
        self.texts.len() as u64 >= self.head && !self.texts.contains(&None)
    }
}

/// What comes of putting one numbering into the holes of another.
enum Filling {
    /// The chain is the one that the device told.
    Proven(Vec<Option<Digest>>),
    /// It is another.
    Other,
    /// Some of what is needed has not come.
    Unknown,
}

fn filled(texts: &[Option<Digest>], next: &Next, head: Link) -> Filling {
    let mut coming = next.texts.iter().peekable();
    let mut whole = Vec::with_capacity(texts.len());
    let mut chain = Link::START;
    for &held in texts {
        let text = match held {
            Some(held) => {
                // Carried over although it is held.
                coming.next_if(|&&text| text == Some(held));
                held
            }
            None => match coming.next() {
                Some(&Some(text)) => text,
                Some(None) => return Filling::Unknown,
                None if next.is_whole() => return Filling::Other,
                None => return Filling::Unknown,
            },
        };
        chain = chain.then(text);
        whole.push(Some(text));
    }
    if chain == head { Filling::Proven(whole) } else { Filling::Other }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use vestibule_protocol::chain::event_hash;

    use super::*;

    fn hash(text: char) -> Digest {
        event_hash(&text.to_string())
    }

    /// A dot is a hole.
    fn texts(texts: &str) -> Vec<Option<Digest>> {
        texts.chars().map(|text| (text != '.').then(|| hash(text))).collect()
    }

    fn left(told: &str, held: &str, second_texts: &[(Seq, char)]) -> Left {
        Left {
            head: told.chars().map(hash).fold(Link::START, Link::then),
            texts: texts(held),
            second_texts: second_texts.iter().map(|&(seq, text)| (seq, hash(text))).collect(),
        }
    }

    #[rstest]
    #[case::carried_over("abcd", "ab", &[], "cdx", Fate::Complete)]
    #[case::a_hole_in_the_middle("abcd", "a..d", &[], "bcx", Fate::Complete)]
    #[case::what_is_held_was_carried_too("abcd", "a.c", &[], "abcdx", Fate::Complete)]
    #[case::the_second_text_was_the_devices("abXd", "abc", &[(3, 'X')], "dx", Fate::Complete)]
    #[case::the_first_text_was_the_devices("abcd", "abc", &[(3, 'X')], "dx", Fate::Complete)]
    #[case::on_its_way("abcd", "ab", &[], "c.x", Fate::CarriedOn)]
    #[case::nothing_has_come("abcd", "ab", &[], "....", Fate::CarriedOn)]
    #[case::wiped_and_not_used("abcd", "ab", &[], "", Fate::Lost)]
    #[case::the_end_is_on_its_way("abcd", "ab", &[], "c..", Fate::CarriedOn)]
    #[case::much_is_on_its_way("abcdefgh", "ab", &[], "c.....", Fate::CarriedOn)]
    #[case::wiped("abcd", "ab", &[], "xyz", Fate::Lost)]
    #[case::wiped_and_used_little("abcd", "ab", &[], "x", Fate::Lost)]
    #[case::half_of_it_is_gone("abcd", "ab", &[], "dxy", Fate::Lost)]
    fn the_chain_tells_what_became_of_the_holes(
        #[case] told: &str,
        #[case] held: &str,
        #[case] second_texts: &[(Seq, char)],
        #[case] next: &str,
        #[case] fate: Fate,
    ) {
        let mut left = left(told, held, second_texts);
        let next = Next { head: next.len() as Seq, texts: texts(next.trim_end_matches('.')) };
        assert_eq!(settle(&mut left, &next), fate);
        if fate == Fate::Complete {
            assert_eq!(left.texts, texts(told), "the holes are filled, for the numbering before");
        }
    }
}
