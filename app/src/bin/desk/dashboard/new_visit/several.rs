//! What announcing several visits at once ends with: what went wrong, and the button that says how many.

use leptos::prelude::*;

use vestibule_app::{field::Notice, live};

use crate::{
    dashboard::saving_many::{Progress, SavingMany},
    wording::visits as said,
};

/// Most visits that are announced at once: what an outbox takes in a few seconds.
pub const MOST: usize = 500;

/// `ready` is how many can be announced now.
#[component]
pub fn End(
    many: SavingMany,
    #[prop(into)] ready: Signal<usize>,
    on_close: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    Effect::new(move |_| {
        if let Progress::Kept { .. } = many.progress.get() {
            on_close();
        }
    });
    let failure = move || match many.progress.get() {
        Progress::NotKept { kept, of, why } => Some(said::kept_in_part(kept, of, why)),
        Progress::Ready | Progress::Busy { .. } | Progress::Kept { .. } => None,
    };
    view! {
        <Notice text=Signal::derive(failure) />
        <div class="form-end">
            <button
                id="save-visits"
                type="submit"
                class="primary"
                disabled=live::flag(move || ready.get() == 0 || many.is_busy())
            >
                {live::part(move || match many.progress.get() {
                    Progress::Busy { kept, of } => said::saving(kept, of),
                    _ => said::announce(ready.get()),
                })}
            </button>
        </div>
    }
}
