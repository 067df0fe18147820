//! Work that can't say how far it is: one statement of SQLite's, for one.

use std::{
    panic,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use super::{AtWork, Listener, Word};
use crate::clock;

/// How often it is told that the work still goes on: a person who watches sees that nothing hangs.
const EVERY: Duration = Duration::from_secs(1);

/// Does the work, and tells every so often for how long it has been at it.
pub(crate) fn tell_meanwhile<T: Send>(tell: Listener<'_>, at: AtWork, work: impl FnOnce() -> T + Send) -> T {
    tell_every(EVERY, tell, at, work)
}

/// The work runs on a thread of its own, since whoever listens is on this one.
fn tell_every<T: Send>(every: Duration, tell: Listener<'_>, at: AtWork, work: impl FnOnce() -> T + Send) -> T {
    let began = clock::instant();
    // Nothing is ever sent: it closes when the work ends, however that is.
    let (at_work, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let working = scope.spawn(move || {
            let _at_work = at_work;
            work()
        });
        while ended.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
            tell(Word::AtWork(AtWork { for_s: began.elapsed().as_secs(), ..at }));
        }
        working.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: AtWork = AtWork { stage: "file", what: "pages are read", for_s: 0 };

    #[test]
    fn long_work_says_again_and_again_that_it_goes_on() {
        let (enough, heard_enough) = mpsc::channel();
        let mut words = Vec::new();
        let mut tell = |word| {
            words.push(word);
            if words.len() == 3 {
                enough.send(()).unwrap();
            }
        };
        let work = move || heard_enough.recv_timeout(Duration::from_secs(30)).map(|()| "done");
        assert_eq!(tell_every(Duration::from_millis(1), &mut tell, AT, work), Ok("done"));
        assert!(words.len() >= 3);
        assert!(words.iter().all(|word| matches!(word, Word::AtWork(AtWork { stage: "file", .. }))), "{words:?}");
    }

    #[test]
    fn short_work_says_nothing_of_it() {
        let mut tell = |word| panic!("{word:?}");
        assert_eq!(tell_every(Duration::from_secs(30), &mut tell, AT, || 7), 7);
    }
}
