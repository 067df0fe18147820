//! How delivery stands, in full: what waits, since when, and what is proven.

use leptos::prelude::*;

use vestibule_app::{
    delivery_facts::{Facts, Undelivered},
    icon::{self, Icon},
    live,
    outbox::Outbox,
    words,
};

use crate::dashboard::sheet::Sheet;

/// The worker's last word, as a list of facts; then each event that is not delivered.
#[component]
pub fn SyncPanel(on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    view! {
        <Sheet title=words::SYNC_HEADING on_close=on_close>
            <Facts />
            <Undelivered />
            <div class="form-end">
                <button id="sync-now" type="button" class="primary" on:click=live::click(move || outbox.sync_now())>
                    {icon::drawn(Icon::Sync)}
                    {words::SYNC_NOW}
                </button>
            </div>
        </Sheet>
    }
}
