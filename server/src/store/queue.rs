//! What waits for the writer, in two lines: what a person waits for does not stand behind a fleet's backlog.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use crate::limits;

/// The two lines. What is in them is taken in groups.
pub(super) struct Queue<T> {
    lines: Mutex<Lines<T>>,
    came: Condvar,
}

struct Lines<T> {
    /// Each up to [`limits::SMALL_WORK_BYTES`].
    small: VecDeque<T>,
    /// The others, each with its bytes.
    large: VecDeque<(usize, T)>,
    is_closed: bool,
    /// How many must be there before whoever takes groups is woken.
    wanted: usize,
}

/// Nothing is taken any more.
#[derive(Debug)]
pub(super) struct Closed;

impl<T> Queue<T> {
    pub(super) const fn new() -> Self {
        let lines = Lines { small: VecDeque::new(), large: VecDeque::new(), is_closed: false, wanted: 1 };
        Self { lines: Mutex::new(lines), came: Condvar::new() }
    }

    /// Puts something at the end of its line, by the `bytes` that it holds.
    pub(super) fn push(&self, bytes: usize, one: T) -> Result<(), Closed> {
        let mut lines = self.lines();
        if lines.is_closed {
            return Err(Closed);
        }
        if bytes <= limits::SMALL_WORK_BYTES {
            lines.small.push_back(one);
        } else {
            lines.large.push_back((bytes, one));
        }
        let is_wanted = lines.len() >= lines.wanted;
        drop(lines);
        if is_wanted {
            self.came.notify_one();
        }
        Ok(())
    }

    /// Waits for something and takes what shares the next transaction: the small ones, then large ones up to
    /// [`limits::GROUP_MAX_BYTES`], of which one has its turn in each group. Empty when the queue is closed and done.
    ///
    /// Where as many as `expected` came lately, it waits for as many again, [`limits::GATHER_FOR`] at most: those who have
    /// just been answered are about to come again, and a sync of the disk for each few of them would cost all more time.
    pub(super) fn take_group(&self, expected: usize) -> Vec<T> {
        let mut lines = self.lines();
        while lines.len() == 0 && !lines.is_closed {
            lines = self.came.wait(lines).unwrap_or_else(PoisonError::into_inner);
        }
        if lines.len() < expected {
            lines.wanted = expected;
            let is_short = |lines: &mut Lines<T>| lines.len() < expected && !lines.is_closed;
            let waited = self.came.wait_timeout_while(lines, limits::GATHER_FOR, is_short);
            lines = waited.unwrap_or_else(PoisonError::into_inner).0;
            lines.wanted = 1;
        }
        let room = limits::GROUP_MAX_JOBS - usize::from(!lines.large.is_empty());
        let count = lines.small.len().min(room);
        let mut group: Vec<T> = lines.small.drain(..count).collect();
        let mut bytes = 0;
        while group.len() < limits::GROUP_MAX_JOBS && bytes < limits::GROUP_MAX_BYTES {
            let Some((more, one)) = lines.large.pop_front() else { break };
            bytes += more;
            group.push(one);
        }
        group
    }

    /// Takes nothing more; what is in the lines stays to be taken.
    pub(super) fn close(&self) {
        self.lines().is_closed = true;
        self.came.notify_all();
    }

    fn lines(&self) -> MutexGuard<'_, Lines<T>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Lines<T> {
    fn len(&self) -> usize {
        self.small.len() + self.large.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: usize = limits::GROUP_MAX_BYTES / 2;

    #[test]
    fn small_work_goes_first_and_one_large_has_its_turn_all_the_same() {
        let queue = Queue::new();
        (0..4).for_each(|number| queue.push(LARGE, format!("large {number}")).unwrap());
        (0..limits::GROUP_MAX_JOBS).for_each(|_| queue.push(1, "small".to_owned()).unwrap());
        let group = queue.take_group(1);
        assert_eq!(group.len(), limits::GROUP_MAX_JOBS);
        assert_eq!((group[0].as_str(), group.last().unwrap().as_str()), ("small", "large 0"));
        assert_eq!(queue.take_group(1), ["small", "large 1", "large 2"]);
    }

    #[test]
    fn a_group_waits_for_as_many_as_are_expected_and_not_for_ever() {
        let queue = Queue::new();
        queue.push(1, 1).unwrap();
        assert_eq!(queue.take_group(2), [1], "the second never comes");
        std::thread::scope(|scope| {
            let taking = scope.spawn(|| queue.take_group(1));
            queue.push(1, 2).unwrap();
            assert_eq!(taking.join().unwrap(), [2]);
        });
    }

    #[test]
    fn a_closed_queue_gives_what_it_holds_and_takes_nothing_more() {
        let queue = Queue::new();
        queue.push(LARGE, 1).unwrap();
        queue.close();
        assert!(queue.push(1, 2).is_err());
        assert_eq!((queue.take_group(1), queue.take_group(1)), (vec![1], vec![]));
    }
}
