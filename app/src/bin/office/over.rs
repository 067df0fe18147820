//! What lies over a page's list: one sheet at a time, and what went wrong.

use leptos::prelude::*;
use vestibule_app::{api::Failure, field::Notice, live, sheet::Sheet};

use crate::door::Door;

/// The state of it; `Open` says which sheet. Copies are one and the same.
pub struct Over<Open: Send + Sync + 'static> {
    open: RwSignal<Option<Open>>,
    notice: RwSignal<Option<String>>,
    door: Door,
}

impl<Open: Send + Sync + 'static> Clone for Over<Open> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Open: Send + Sync + 'static> Copy for Over<Open> {}

impl<Open: Clone + Send + Sync + 'static> Over<Open> {
    /// No sheet, inside the [`Frame`](crate::frame::Frame).
    pub fn nothing() -> Self {
        Self { open: RwSignal::new(None), notice: RwSignal::new(None), door: expect_context() }
    }

    /// Shows a sheet, also where the page was left meanwhile and nobody sees it.
    pub fn show(self, open: Open) {
        self.open.try_set(Some(open));
    }

    /// Takes the sheet away.
    pub fn close(self) {
        self.notice.try_set(None);
        self.open.try_set(None);
    }

    /// Something is asked of the server: what went wrong before is said no longer.
    pub fn begin(self) {
        self.notice.set(None);
    }

    /// Says what went wrong: in `words`, or in those for all failures.
    pub fn failed(self, failure: &Failure, words: Option<String>) {
        self.notice.try_set(Some(words.unwrap_or_else(|| self.door.told(failure))));
    }

    /// What went wrong, for inside a sheet.
    pub fn notice(self) -> AnyView {
        view! { <Notice text=self.notice /> }.into_any()
    }

    /// The same for beside the list, where no sheet is open to say it.
    pub fn notice_beside(self) -> AnyView {
        live::part(move || self.open.with(Option::is_none).then(|| self.notice())).into_any()
    }

    /// The sheet, by what `content` makes of it: its title, and what is on it.
    pub fn sheet(self, content: impl Fn(Open) -> (String, AnyView) + Send + 'static) -> AnyView {
        live::part(move || {
            self.open.get().map(|open| {
                let (title, content) = content(open);
                view! {
                    <Sheet title on_close=move || self.close()>
                        {content}
                    </Sheet>
                }
            })
        })
        .into_any()
    }
}
