//! Several visits announced in one go, each an event of its own. Where the storage fails in the middle, what is kept is
//! said, and pressing again keeps the rest: none is announced twice.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{event::EventData, id::VisitId, message::Capture};

use vestibule_app::{
    clock,
    outbox::{NotKept, Outbox},
};

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing was pressed.
    Ready,
    /// On their way.
    Busy { kept: usize, of: usize },
    /// The rest is not on disk; pressing again tries again.
    NotKept { kept: usize, of: usize, why: NotKept },
    /// All are on disk.
    Kept { of: usize },
}

/// The visits, for as long as the screen is open. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct SavingMany {
    pub progress: RwSignal<Progress>,
    outbox: Outbox,
    tried: StoredValue<Vec<Capture>>,
}

impl SavingMany {
    pub fn new(outbox: Outbox) -> Self {
        Self { progress: RwSignal::new(Progress::Ready), outbox, tried: StoredValue::new(Vec::new()) }
    }

    /// Keeps each of these as a visit of its own, that of id `first` being the first. A second try of the same ones goes
    /// on where the first ended.
    pub fn save(self, first: VisitId, whats: Vec<EventData>) {
        if matches!(self.progress.get_untracked(), Progress::Busy { .. } | Progress::Kept { .. }) {
            return;
        }
        let is_same = self.tried.with_value(|tried| tried.iter().map(|act| &act.what).eq(&whats));
        let kept = match self.progress.get_untracked() {
            Progress::NotKept { kept, .. } if is_same => kept,
            _ => 0,
        };
        if !is_same {
            let visits =
                std::iter::once(first).chain(std::iter::repeat_with(|| VisitId::new(clock::now(), clock::entropy())));
            self.tried.set_value(visits.zip(whats).map(|(visit, what)| Outbox::act(visit, what)).collect());
        }
        let acts = self.tried.get_value();
        let of = acts.len();
        self.progress.set(Progress::Busy { kept, of });
        spawn_local(async move {
            for (place, act) in acts.into_iter().enumerate().skip(kept) {
                if let Err(why) = self.outbox.keep(act).await {
                    self.progress.try_set(Progress::NotKept { kept: place, of, why });
                    return;
                }
                self.progress.try_set(Progress::Busy { kept: place + 1, of });
            }
            self.progress.try_set(Progress::Kept { of });
        });
    }

    /// Whether they are on their way. Reactive.
    pub fn is_busy(self) -> bool {
        matches!(self.progress.get(), Progress::Busy { .. })
    }
}
