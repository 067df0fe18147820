//! Drills: troubles played against the built product, in a real browser, with a real server process and a real disk, and
//! judged by one checker in the manner of Jepsen's set checker: whatever a person was told is done must be on the
//! dashboard exactly once when the trouble is over, and nothing else may be there.
//!
//! `make drills` plays them often and writes down what came of it; `docs/reliability.md` is that table.

mod backlog;
mod clocks;
mod disks;
mod history;
mod played;
mod releases;
mod scene;
mod stage;
mod storage;
mod troubles;

use std::{panic::AssertUnwindSafe, path::PathBuf, pin::Pin, time::Duration};

use futures_util::FutureExt as _;

pub use self::{
    history::{Deed, History, Verdict},
    played::Played,
    scene::Scene,
    stage::Stage,
};
use crate::{
    browser::{self, Engine},
    workspace,
};

/// A trouble, and what people do before, in and after it.
pub struct Drill {
    /// What happens, as a sentence without its end.
    pub name: &'static str,
    /// Where it can be played.
    pub engines: &'static [Engine],
    /// Why not elsewhere; empty if it can be everywhere.
    pub not_elsewhere: &'static str,
    /// What it is played on.
    pub stage: Stage,
    /// How long it takes.
    pub length: Length,
    play: Play,
}

/// How long a drill takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// A minute at most, but for a machine that is busy.
    Short,
    /// Some minutes.
    Long,
}

type Play = for<'a> fn(&'a mut Scene) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// What came of one drill.
#[derive(Debug)]
pub struct Outcome {
    /// What the checker says.
    pub verdict: Verdict,
    /// From the end of the trouble until the dashboard's truth stood still.
    pub converged_in: Duration,
}

impl Drill {
    /// Every drill, in the order of the table.
    pub const ALL: &[Self] = troubles::ALL;

    /// Plays it once, on a system that lacks nothing for its stage. What varies in it is chosen by `seed`. Where the
    /// promise was not kept, what there is to see of it is left under `target/failures/`.
    ///
    /// # Panics
    /// If a browser or the server can't be driven; what there is to see is left too.
    pub async fn play(&self, engine: Engine, seed: u64) -> Outcome {
        let _turn = browser::turn().await;
        let mut scene = Scene::set(self.stage, engine, seed).await;
        let evidence = self.evidence(engine, seed);
        if let Err(panic) = AssertUnwindSafe((self.play)(&mut scene)).catch_unwind().await {
            scene.leave(&evidence).await;
            std::panic::resume_unwind(panic);
        }
        let outcome = scene.judge().await;
        if !outcome.verdict.is_clean() {
            scene.leave(&evidence).await;
        }
        scene.end().await;
        outcome
    }

    fn evidence(&self, engine: Engine, seed: u64) -> PathBuf {
        let name: String = self.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        workspace().join(format!("target/failures/{name}, {engine}, seed {seed}"))
    }
}
