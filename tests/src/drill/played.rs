//! One drill that was played, and how that is told.

use std::{fmt, panic::AssertUnwindSafe};

use futures_util::FutureExt as _;

use super::{Drill, Outcome};
use crate::browser::Engine;

/// One drill that was played.
pub struct Played {
    /// Which.
    pub drill: &'static Drill,
    /// Where.
    pub engine: Engine,
    /// What varied in it.
    pub seed: u64,
    /// What came of it; `None` if it could not be played to its end, which its panic has told.
    pub outcome: Option<Outcome>,
}

impl Played {
    /// Plays it. If it can't be played to its end, others can be played after it all the same.
    pub async fn once(drill: &'static Drill, engine: Engine, seed: u64) -> Self {
        let outcome = AssertUnwindSafe(drill.play(engine, seed)).catch_unwind().await.ok();
        Self { drill, engine, seed, outcome }
    }

    /// Whether it was played to its end and the promise was kept.
    pub fn is_clean(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.verdict.is_clean())
    }
}

impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { drill, engine, seed, outcome } = self;
        let (word, seconds) = match outcome {
            None => ("UNDONE", String::new()),
            Some(outcome) => {
                let word = if outcome.verdict.is_clean() { "kept" } else { "BROKEN" };
                (word, format!("{:.1} s", outcome.converged_in.as_secs_f64()))
            }
        };
        write!(f, "{word:<6} {engine:<8} seed {seed:<6} {seconds:>7}  {}", drill.name)?;
        match outcome {
            Some(outcome) if !outcome.verdict.is_clean() => write!(f, "\n       {:?}", outcome.verdict),
            _ => Ok(()),
        }
    }
}
