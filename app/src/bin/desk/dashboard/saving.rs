//! What somebody does in a form, on its way to the disk: one act or several, each an event of its own. Pressed once or
//! ten times, each is one event. Where the storage fails in the middle, what is kept is said, and pressing again keeps
//! the rest.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{event::EventData, id::VisitId, message::Capture};

use vestibule_app::{
    clock,
    field::Notice,
    outbox::{NotKept, Outbox},
    words,
};

use crate::wording::visits as said;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing was pressed.
    Ready,
    /// On their way: pressing again does nothing.
    Busy { kept: usize, of: usize },
    /// The rest is not on disk; pressing again tries again.
    NotKept { kept: usize, of: usize, why: NotKept },
    /// All are on disk.
    Kept,
}

/// The acts, for as long as the form is open. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct Saving {
    progress: RwSignal<Progress>,
    outbox: Outbox,
    tried: StoredValue<Vec<Capture>>,
}

impl Saving {
    /// Nothing has happened yet; `on_kept` is called once all is on disk.
    pub fn new(on_kept: impl Fn() + 'static) -> Self {
        let progress = RwSignal::new(Progress::Ready);
        Effect::new(move |_| {
            if progress.get() == Progress::Kept {
                on_kept();
            }
        });
        Self { progress, outbox: expect_context(), tried: StoredValue::new(Vec::new()) }
    }

    /// Keeps that the first of these happened to the visit `first`, and each further one to a visit of its own. A second
    /// try of the same ones is the same events, so that each counts once even if it did reach the disk.
    pub fn save(self, first: VisitId, whats: Vec<EventData>) {
        if matches!(self.progress.get_untracked(), Progress::Busy { .. } | Progress::Kept) {
            return;
        }
        let is_same = self.tried.with_value(|tried| tried.iter().map(|act| &act.what).eq(&whats));
        let kept = match self.progress.get_untracked() {
            Progress::NotKept { kept, .. } if is_same => kept,
            _ => 0,
        };
        if !is_same {
            let others = std::iter::repeat_with(|| VisitId::new(clock::now(), clock::entropy()));
            let visits = std::iter::once(first).chain(others);
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
            self.progress.try_set(Progress::Kept);
        });
    }

    /// Whether they are on their way. Reactive.
    pub fn is_busy(self) -> bool {
        matches!(self.progress.get(), Progress::Busy { .. })
    }

    /// On the button: how far it is, or what pressing does. Reactive.
    pub fn label(self, at_rest: String) -> String {
        match self.progress.get() {
            Progress::Busy { of: 1, .. } => words::shared().saving.to_owned(),
            Progress::Busy { kept, of } => said::saving(kept, of),
            Progress::Ready | Progress::NotKept { .. } | Progress::Kept => at_rest,
        }
    }

    /// Says what was not kept, if so.
    pub fn notice(self) -> AnyView {
        let failure = move || match self.progress.get() {
            Progress::NotKept { of: 1, why, .. } => Some(words::not_kept(why).to_owned()),
            Progress::NotKept { kept, of, why } => Some(said::kept_in_part(kept, of, why)),
            Progress::Ready | Progress::Busy { .. } | Progress::Kept => None,
        };
        view! { <Notice text=Signal::derive(failure) /> }.into_any()
    }
}
