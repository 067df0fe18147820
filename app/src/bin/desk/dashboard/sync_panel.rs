//! How delivery stands, in full: what waits, since when, and what is proven.

use leptos::prelude::*;

use vestibule_app::{
    delivery_facts::{self, Names},
    icon::{self, Icon},
    live,
    outbox::Outbox,
    sheet::Sheet,
    words,
};

/// The worker's last word, as a list of facts; then each event that is not delivered.
#[component]
pub fn SyncPanel(on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let backlog = delivery_facts::backlog_of(outbox);
    let facts = move || {
        let as_of = outbox.as_of.get();
        outbox.status.get().map(|status| {
            view! {
                <p class="lead">{delivery_facts::link(&status)}</p>
                {delivery_facts::list("facts", delivery_facts::facts(&status, as_of))}
            }
        })
    };
    let undelivered = move || {
        let lines = backlog.with(|waiting| delivery_facts::undelivered(outbox, waiting, Names::Shown));
        (!lines.is_empty()).then(|| {
            view! {
                <h3>{words::SYNC_BACKLOG}</h3>
                {delivery_facts::list("undelivered", lines)}
            }
        })
    };
    view! {
        <Sheet title=words::SYNC_HEADING on_close=on_close>
            {live::part(facts)}
            {live::part(undelivered)}
            <div class="form-end">
                <button id="sync-now" type="button" class="primary" on:click=live::click(move || outbox.sync_now())>
                    {icon::drawn(Icon::SYNC)}
                    {words::SYNC_NOW}
                </button>
            </div>
        </Sheet>
    }
}
