//! Drills: troubles played against the built product, in a real browser, with a real server process and a real disk, and
//! judged by one checker in the manner of Jepsen's set checker: whatever a person was told is done must be on the
//! dashboard exactly once when the trouble is over, and nothing else may be there.
//!
//! `make drills` plays them often and writes down what came of it; `docs/reliability.md` is that table.

mod history;
mod scene;
mod troubles;

use std::{pin::Pin, time::Duration};

pub use self::{
    history::{Deed, History, Verdict},
    scene::Scene,
};
use crate::browser::{self, Engine};

/// A trouble, and what people do before, in and after it.
pub struct Drill {
    /// What happens, as a sentence without its end.
    pub name: &'static str,
    /// Where it can be played.
    pub engines: &'static [Engine],
    /// Why not elsewhere; empty if it can be everywhere.
    pub not_elsewhere: &'static str,
    play: Play,
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

    /// Plays it once. What varies in it is chosen by `seed`.
    ///
    /// # Panics
    /// If a browser or the server can't be driven, or nothing has converged within a minute and a half.
    pub async fn play(&self, engine: Engine, seed: u64) -> Outcome {
        let _turn = browser::turn().await;
        let mut scene = Scene::set(engine, seed).await;
        (self.play)(&mut scene).await;
        scene.judge().await
    }
}
