//! One act of a person on its way to the disk: pressed once or ten times, it is one event.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    event::EventData,
    id::{EventId, VisitId},
    message::Capture,
};

use crate::outbox::{NotKept, Outbox};

/// How far the act is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was pressed.
    Ready,
    /// On its way: pressing again does nothing.
    Busy,
    /// It is not on disk; pressing again tries again.
    NotKept(NotKept),
    /// It is on disk, and may be confirmed.
    Kept(Kept),
}

/// What was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The event.
    pub event: EventId,
    /// Its visit.
    pub visit: VisitId,
}

/// An act of a person, for as long as the screen is open.
#[derive(Clone, Copy)]
pub struct Saving {
    /// How far it is.
    pub stage: RwSignal<Stage>,
    outbox: Outbox,
    tried: StoredValue<Vec<Capture>>,
}

impl Saving {
    /// An act that has not happened yet.
    pub fn new(outbox: Outbox) -> Self {
        Self { stage: RwSignal::new(Stage::Ready), outbox, tried: StoredValue::new(Vec::new()) }
    }

    /// Keeps that `what` happened to `visit`. Does nothing while it is on its way, or once it is kept. A second try of
    /// the same act is the same event, so that it counts once even if the first did reach the disk.
    pub fn save(self, visit: VisitId, what: EventData) {
        self.save_all(vec![(visit, what)]);
    }

    /// The same for an act that is several events, one after the other. What is confirmed is the last of them, when all
    /// are kept; a second try goes on where the first one failed.
    pub fn save_all(self, acts: Vec<(VisitId, EventData)>) {
        if matches!(self.stage.get_untracked(), Stage::Busy | Stage::Kept(_)) {
            return;
        }
        let before = self.tried.get_value();
        let again =
            |visit: VisitId, what: &EventData| before.iter().find(|tried| tried.visit == visit && tried.what == *what);
        let acts: Vec<_> = acts
            .into_iter()
            .map(|(visit, what)| again(visit, &what).cloned().unwrap_or_else(|| Outbox::act(visit, what)))
            .collect();
        self.tried.set_value(acts.clone());
        self.stage.set(Stage::Busy);
        spawn_local(async move {
            let mut stage = Stage::Ready;
            for act in acts {
                let visit = act.visit;
                stage = match self.outbox.keep(act).await {
                    Ok(event) => Stage::Kept(Kept { event, visit }),
                    Err(why) => Stage::NotKept(why),
                };
                if let Stage::NotKept(_) = stage {
                    break;
                }
            }
            // The screen may have been left meanwhile.
            self.stage.try_set(stage);
        });
    }

    /// Everything that was kept, or is being kept.
    pub fn all_kept(self) -> Vec<Kept> {
        self.tried.with_value(|acts| acts.iter().map(|act| Kept { event: act.event, visit: act.visit }).collect())
    }

    /// Whether it is on its way. Reactive.
    pub fn is_busy(self) -> bool {
        self.stage.get() == Stage::Busy
    }

    /// Why it was not kept, if it was not. Reactive.
    pub fn failure(self) -> Option<NotKept> {
        match self.stage.get() {
            Stage::NotKept(why) => Some(why),
            Stage::Ready | Stage::Busy | Stage::Kept(_) => None,
        }
    }
}
