//! Live updates: while somebody is signed in, the server says when something is new, and the worker fetches it.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::id::SiteId;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventSource};

use vestibule_app::{
    clock,
    outbox::Outbox,
    staff::{self, Standing},
};

/// How long after a stream was refused another is tried, in ms. A stream that merely broke, the browser opens anew
/// itself.
const REOPEN_AFTER_MS: u32 = 5_000;

/// `EventSource.CLOSED`: the browser has given up.
const CLOSED: u16 = 2;

/// Listens for as long as the component lives, somebody is signed in and the browser is enrolled.
pub fn keep_up(outbox: Outbox, standing: RwSignal<Standing>) {
    let is_signed_in = Memo::new(move |_| standing.with(|standing| matches!(standing, Standing::SignedIn(_))));
    let site = Memo::new(move |_| {
        let site = outbox.status.with(|status| Some(status.as_ref()?.source?.site));
        site.filter(|_| is_signed_in.get())
    });
    let round = RwSignal::new(0_u32);
    let stream = StoredValue::new_local(None::<Stream>);
    Effect::new(move |_| {
        round.track();
        stream.set_value(site.get().and_then(|site| Stream::open(site, outbox, standing, round)));
    });
    on_cleanup(move || {
        stream.try_set_value(None);
    });
}

/// An open stream; closes when dropped.
struct Stream {
    source: EventSource,
    _listeners: [Closure<dyn FnMut(Event)>; 3],
}

impl Stream {
    fn open(site: SiteId, outbox: Outbox, standing: RwSignal<Standing>, round: RwSignal<u32>) -> Option<Self> {
        let source = EventSource::new(&format!("/api/v1/sites/{site}/stream")).ok()?;
        let on_open = Closure::new(move |_: Event| outbox.sync_now());
        let on_changes = Closure::new(move |_: Event| outbox.refresh());
        let on_error = Closure::new({
            let source = source.clone();
            move |_: Event| {
                if source.ready_state() == CLOSED {
                    spawn_local(reopen(standing, round));
                }
            }
        });
        source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        source.add_event_listener_with_callback("changes", on_changes.as_ref().unchecked_ref()).ok()?;
        Some(Self { source, _listeners: [on_open, on_changes, on_error] })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.set_onopen(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}

/// Finds out whether the session has ended; if it has not, opens the next stream after a while.
async fn reopen(standing: RwSignal<Standing>, round: RwSignal<u32>) {
    clock::pause(clock::jittered(REOPEN_AFTER_MS)).await;
    let word = staff::ask().await;
    if standing.try_get_untracked().is_some_and(|held| held != word) {
        standing.try_set(word);
    }
    round.try_update(|round| *round += 1);
}
