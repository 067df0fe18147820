//! Which numbers of a stream are held: everything up to the watermark, and ranges above it.

use vestibule_protocol::{
    batch::{Link, Seq},
    chain::Digest,
};

use crate::limits;

/// What is held of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    watermark: Link,
    /// Ranges, both ends included, in order; apart from each other and from the watermark.
    above: Vec<(Seq, Seq)>,
}

impl Coverage {
    /// As it was written down; of a new stream, [`Link::START`] and nothing.
    pub const fn new(watermark: Link, above: Vec<(Seq, Seq)>) -> Self {
        Self { watermark, above }
    }

    /// Every number up to this is held.
    pub const fn watermark(&self) -> Link {
        self.watermark
    }

    /// What is held above the watermark.
    pub fn above(&self) -> &[(Seq, Seq)] {
        &self.above
    }

    /// Whether `seq` is held.
    pub fn holds(&self, seq: Seq) -> bool {
        let after = self.above.partition_point(|&(first, _)| first <= seq);
        seq <= self.watermark.seq || (after > 0 && seq <= self.above[after - 1].1)
    }

    /// Whether every seq from `first` to `last`, both included, is held.
    pub fn holds_all(&self, first: Seq, last: Seq) -> bool {
        let after = self.above.partition_point(|&(start, _)| start <= first);
        last <= self.watermark.seq || (after > 0 && last <= self.above[after - 1].1)
    }

    /// Takes note that `seq` is held now, `event` being the hash of its text; harmless if it was held. Afterwards
    /// [`Self::next_links`] may have something to ask.
    pub fn fill(&mut self, seq: Seq, event: Digest) {
        if seq <= self.watermark.seq {
            return;
        }
        if seq == self.watermark.seq + 1 && self.above.first().is_none_or(|&(first, _)| first > seq) {
            self.watermark = self.watermark.then(event);
            return;
        }
        let after = self.above.partition_point(|&(first, _)| first <= seq);
        let joins_before = after > 0 && self.above[after - 1].1.saturating_add(1) >= seq;
        let joins_after = self.above.get(after).is_some_and(|&(first, _)| first == seq.saturating_add(1));
        match (joins_before, joins_after) {
            (true, true) => {
                self.above[after - 1].1 = self.above[after].1;
                self.above.remove(after);
            }
            (true, false) => self.above[after - 1].1 = self.above[after - 1].1.max(seq),
            (false, true) => self.above[after].0 = seq,
            (false, false) => self.above.insert(after, (seq, seq)),
        }
    }

    /// The range of numbers whose hashes the watermark needs to go on, if it can.
    pub fn next_links(&self) -> Option<(Seq, Seq)> {
        self.above.first().copied().filter(|&(first, _)| first == self.watermark.seq + 1)
    }

    /// Moves the watermark on over the [next links](Self::next_links), given the hashes of their texts in order.
    pub fn link(&mut self, hashes: impl IntoIterator<Item = Digest>) {
        self.watermark = hashes.into_iter().fold(self.watermark, Link::then);
        self.above.retain(|&(_, last)| last > self.watermark.seq);
    }

    /// Whether `seq` can be held without going over [`limits::STREAM_MAX_RANGES`].
    pub fn has_room(&self, seq: Seq) -> bool {
        let touches = |&(first, last): &(Seq, Seq)| first <= seq.saturating_add(1) && seq <= last.saturating_add(1);
        self.above.len() < limits::STREAM_MAX_RANGES || seq <= self.watermark.seq + 1 || self.above.iter().any(touches)
    }

    /// The ranges up to `head` that are not held, lowest first.
    pub fn missing(&self, head: Seq) -> Vec<(Seq, Seq)> {
        let mut missing = Vec::new();
        let mut next = self.watermark.seq + 1;
        for &(first, last) in self.above.iter().take_while(|&&(first, _)| first <= head) {
            missing.push((next, first - 1));
            next = last.saturating_add(1);
        }
        if next <= head {
            missing.push((next, head));
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use vestibule_protocol::chain::event_hash;

    use super::*;

    fn hash(seq: Seq) -> Digest {
        event_hash(&seq.to_string())
    }

    fn filled(order: &[Seq]) -> Coverage {
        let mut coverage = Coverage::new(Link::START, Vec::new());
        for &seq in order {
            coverage.fill(seq, hash(seq));
            if let Some((first, last)) = coverage.next_links() {
                coverage.link((first..=last).map(hash));
            }
        }
        coverage
    }

    #[test]
    fn newest_first_leaves_a_hole_until_the_rest_comes() {
        let coverage = filled(&[9, 10, 7, 8, 1]);
        assert_eq!(coverage.watermark().seq, 1);
        assert_eq!(coverage.missing(12), [(2, 6), (11, 12)]);
        assert_eq!(coverage.missing(8), [(2, 6)]);
    }

    #[test]
    fn the_highest_number_there_is_does_no_harm() {
        let coverage = filled(&[Seq::MAX - 1]);
        assert_eq!(coverage.missing(Seq::MAX), [(1, Seq::MAX - 2), (Seq::MAX, Seq::MAX)]);
    }

    proptest! {
        #[test]
        fn any_order_gives_the_same_coverage_as_a_plain_set(
            order in proptest::collection::vec(1_u64..40, 0..80),
            head in 0_u64..45,
        ) {
            let coverage = filled(&order);
            let set: BTreeSet<Seq> = order.iter().copied().collect();
            let watermark = (1..).take_while(|seq| set.contains(seq)).last().unwrap_or(0);
            prop_assert_eq!(coverage.watermark(), (1..=watermark).map(hash).fold(Link::START, Link::then));
            let missing: Vec<Seq> = coverage.missing(head).into_iter().flat_map(|(first, last)| first..=last).collect();
            let expected: Vec<Seq> = (1..=head).filter(|seq| !set.contains(seq)).collect();
            prop_assert_eq!(missing, expected);
            prop_assert!((1..50).all(|seq| coverage.holds(seq) == set.contains(&seq)));
            let all = |first| (first..=head).all(|seq| set.contains(&seq));
            prop_assert!((1..=head).all(|first| coverage.holds_all(first, head) == all(first)));
        }
    }
}
