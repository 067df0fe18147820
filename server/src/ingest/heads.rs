//! What devices have told of and the server does not hold: the evidence of a gap.
//!
//! With each batch a device tells its head: how far its numbering goes, and the chain there. That word outlives the
//! device. A head is *met*, and forgotten here, once the server's own chain at its seq is the same: everything that was
//! told of is held. Until then it is *open*; it may still come. It is *broken* when every slot up to it is filled and the
//! chain is another: a store that was set back has given the numbers of events that are gone to new ones, or a copy of
//! it goes its own way. A broken head stays until staff settle it.
//!
//! While a device delivers, its next head makes the last one superfluous: where the slots between the two are held and
//! lead from the one to the other, the later one stands for both. So a stream has one open head or none, unless
//! something is wrong.

use vestibule_protocol::{
    batch::{Link, Seq},
    chain::Digest,
    timestamp::Timestamp,
};

use super::coverage::Coverage;
use crate::limits;

/// A head that is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToldHead {
    /// How far the device's numbering went, and its chain there.
    pub link: Link,
    /// Every seq up to this was held when it was told.
    pub held_up_to: Seq,
    /// When it was told first.
    pub told_at: Timestamp,
    /// When it turned out to be broken.
    pub broken_at: Option<Timestamp>,
}

/// The heads of one stream that are not met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToldHeads(Vec<ToldHead>);

impl ToldHeads {
    /// As they were written down.
    pub const fn new(heads: Vec<ToldHead>) -> Self {
        Self(heads)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &ToldHead> {
        self.0.iter()
    }

    /// Takes in the head that a batch tells, after its events were taken: `before` is where the watermark stood before
    /// them, `coverage` how things stand now. `hashes` reads the hashes of the texts in a range of filled slots.
    ///
    /// # Errors
    /// Those of `hashes`.
    pub fn hear<E>(
        &mut self,
        told: Link,
        before: Link,
        coverage: &Coverage,
        now: Timestamp,
        mut hashes: impl FnMut((Seq, Seq)) -> Result<Vec<Digest>, E>,
    ) -> Result<(), E> {
        let watermark = coverage.watermark();
        let is_met = told == watermark || told.seq == 0;
        if is_met && self.0.is_empty() {
            return Ok(());
        }
        let is_known = self.0.iter().any(|head| head.link == told);
        if !is_met && !is_known {
            self.add(ToldHead { link: told, held_up_to: watermark.seq, told_at: now, broken_at: None });
        }
        self.compare(before, watermark, now, &mut hashes)?;
        if told.seq > watermark.seq && !is_known {
            self.drop_superfluous(told, coverage, &mut hashes)?;
        }
        Ok(())
    }

    /// Notes a head. If there are too many, the one told last gives way, unless it is the highest: that one most likely
    /// led to this.
    fn add(&mut self, head: ToldHead) {
        if self.0.len() >= limits::TOLD_HEADS_MAX {
            let highest = (0..self.0.len()).max_by_key(|&at| self.0[at].link.seq);
            let yielding = (0..self.0.len())
                .filter(|&at| Some(at) != highest && self.0[at].broken_at.is_none())
                .max_by_key(|&at| self.0[at].told_at);
            match yielding {
                Some(at) => drop(self.0.remove(at)),
                None => return,
            }
        }
        self.0.push(head);
    }

    /// Sees which heads within the watermark are met, and which are broken.
    fn compare<E>(
        &mut self,
        before: Link,
        watermark: Link,
        now: Timestamp,
        hashes: &mut impl FnMut((Seq, Seq)) -> Result<Vec<Digest>, E>,
    ) -> Result<(), E> {
        let is_due = |head: &&ToldHead| head.broken_at.is_none() && head.link.seq <= watermark.seq;
        let Some(lowest) = self.0.iter().filter(is_due).map(|head| head.link.seq).min() else { return Ok(()) };
        let highest = self.0.iter().filter(is_due).map(|head| head.link.seq).max().unwrap_or(lowest);
        let start = if lowest < before.seq { Link::START } else { before };
        let mut own = vec![start, watermark];
        if highest > start.seq && lowest < watermark.seq && highest - start.seq <= limits::TOLD_HEAD_MAX_SLOTS {
            let links = hashes((start.seq + 1, highest))?.into_iter().scan(start, |link, hash| {
                *link = link.then(hash);
                Some(*link)
            });
            own.extend(links);
        }
        self.0.retain_mut(|head| {
            if head.broken_at.is_some() || head.link.seq > watermark.seq {
                return true;
            }
            let chain = own.iter().find(|link| link.seq == head.link.seq).map(|link| link.chain);
            let is_broken = chain.is_some_and(|chain| chain != head.link.chain);
            if is_broken {
                head.broken_at = Some(now);
            }
            is_broken
        });
        Ok(())
    }

    /// Forgets open heads that lead to `told`; or `told` itself, if it leads to a later one.
    fn drop_superfluous<E>(
        &mut self,
        told: Link,
        coverage: &Coverage,
        hashes: &mut impl FnMut((Seq, Seq)) -> Result<Vec<Digest>, E>,
    ) -> Result<(), E> {
        let mut leads = |from: Link, to: Link| {
            let is_near = to.seq > from.seq && to.seq - from.seq <= limits::TOLD_HEAD_FOLLOWED_SLOTS;
            if !is_near || !coverage.holds_all(from.seq + 1, to.seq) {
                return Ok(false);
            }
            Ok(hashes((from.seq + 1, to.seq))?.into_iter().fold(from, Link::then) == to)
        };
        let watermark = coverage.watermark().seq;
        let mut kept = Vec::with_capacity(self.0.len());
        let mut is_superfluous = false;
        for head in self.0.drain(..) {
            let is_open = head.broken_at.is_none() && head.link.seq > watermark;
            if !is_open || !leads(head.link, told)? {
                kept.push(head);
            }
            is_superfluous |= is_open && leads(told, head.link)?;
        }
        kept.retain(|head| head.link != told || !is_superfluous);
        self.0 = kept;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use vestibule_protocol::chain::event_hash;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_800_000_000_000);

    /// A server and the stream of one device, the texts being words.
    struct Desk {
        slots: std::collections::BTreeMap<Seq, Digest>,
        coverage: Coverage,
        heads: ToldHeads,
    }

    impl Desk {
        fn new() -> Self {
            let coverage = Coverage::new(Link::START, Vec::new());
            Self { slots: std::collections::BTreeMap::new(), coverage, heads: ToldHeads::default() }
        }

        /// A batch with these events of a device that has all of `words`.
        fn hear(&mut self, words: &[&str], sent: &[Seq]) {
            let before = self.coverage.watermark();
            for &seq in sent {
                let hash = event_hash(words[usize::try_from(seq).unwrap() - 1]);
                if self.slots.contains_key(&seq) {
                    continue;
                }
                self.slots.insert(seq, hash);
                self.coverage.fill(seq, hash);
                if let Some((first, last)) = self.coverage.next_links() {
                    self.coverage.link(self.slots.range(first..=last).map(|(_, &hash)| hash));
                }
            }
            let slots = &self.slots;
            let hashes =
                |(first, last)| Ok::<_, Infallible>(slots.range(first..=last).map(|(_, &hash)| hash).collect());
            self.heads.hear(head(words), before, &self.coverage, NOW, hashes).unwrap();
        }

        fn open(&self) -> Vec<Link> {
            self.heads.iter().filter(|head| head.broken_at.is_none()).map(|head| head.link).collect()
        }

        fn broken(&self) -> Vec<Link> {
            self.heads.iter().filter(|head| head.broken_at.is_some()).map(|head| head.link).collect()
        }
    }

    fn head(words: &[&str]) -> Link {
        words.iter().map(|word| event_hash(word)).fold(Link::START, Link::then)
    }

    #[test]
    fn what_is_delivered_with_its_head_leaves_nothing_open() {
        let mut desk = Desk::new();
        desk.hear(&["a"], &[1]);
        desk.hear(&["a", "b", "c"], &[2, 3]);
        assert_eq!(desk.heads, ToldHeads::default());
    }

    #[test]
    fn a_backlog_has_one_open_head_however_it_grows_and_none_when_it_is_delivered() {
        let mut desk = Desk::new();
        desk.hear(&["a", "b", "c", "d"], &[4]);
        desk.hear(&["a", "b", "c", "d", "e"], &[5, 3]);
        assert_eq!(desk.open(), [head(&["a", "b", "c", "d", "e"])]);
        desk.hear(&["a", "b", "c", "d", "e"], &[1, 2]);
        assert_eq!(desk.heads, ToldHeads::default());
    }

    #[test]
    fn a_head_that_comes_late_is_met_by_what_is_held() {
        let mut desk = Desk::new();
        desk.hear(&["a", "b", "c"], &[1, 2, 3]);
        desk.hear(&["a", "b"], &[2]);
        assert_eq!(desk.heads, ToldHeads::default());
        desk.hear(&["a", "b", "c", "d", "e", "f"], &[6, 5]);
        desk.hear(&["a", "b", "c", "d", "e"], &[5]);
        assert_eq!(desk.open(), [head(&["a", "b", "c", "d", "e", "f"])]);
    }

    #[test]
    fn numbers_that_are_given_anew_break_the_head_that_was_told_before() {
        let mut desk = Desk::new();
        desk.hear(&["a", "b", "c"], &[1]);
        let gone = head(&["a", "b", "c"]);
        assert_eq!(desk.open(), [gone]);
        desk.hear(&["a", "x"], &[2]);
        assert_eq!(desk.open(), [gone]);
        desk.hear(&["a", "x", "y", "z"], &[3, 4]);
        assert_eq!((desk.open(), desk.broken()), (vec![], vec![gone]));
        desk.hear(&["a", "x", "y", "z", "v"], &[5]);
        assert_eq!(desk.broken(), [gone]);
    }

    #[test]
    fn a_store_that_was_set_back_below_what_is_held_tells_of_what_it_has_instead() {
        let mut desk = Desk::new();
        desk.hear(&["a", "b", "c"], &[1, 2, 3]);
        desk.hear(&["a", "x"], &[]);
        assert_eq!(desk.broken(), [head(&["a", "x"])]);
    }

    #[test]
    fn two_copies_of_a_store_each_have_their_own_open_head() {
        let mut desk = Desk::new();
        desk.hear(&["a", "b", "c"], &[3]);
        desk.hear(&["a", "b", "x", "y"], &[4]);
        assert_eq!(desk.open(), [head(&["a", "b", "c"]), head(&["a", "b", "x", "y"])]);
    }

    #[test]
    fn a_hostile_device_makes_no_row_grow() {
        let mut desk = Desk::new();
        for number in 0..3 * limits::TOLD_HEADS_MAX {
            desk.hear(&["a", &number.to_string()], &[]);
        }
        desk.hear(&["a", "b", "c", "d"], &[]);
        assert_eq!(desk.open().len(), limits::TOLD_HEADS_MAX);
        assert!(desk.open().contains(&head(&["a", "b", "c", "d"])));
    }
}
