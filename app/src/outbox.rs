//! The page's handle to its outbox: keeps what people do, and knows how it stands with delivery.
//!
//! The worker behind the link may be ended by the browser at any time. The handle ticks, notices, and watches
//! again, so that screens need only read signals: they are always the worker's last word.

mod link;

use std::{
    collections::{BTreeMap, VecDeque},
    rc::Rc,
    time::Duration,
};

use leptos::{leptos_dom::helpers::window_event_listener_untyped, prelude::*, task::spawn_local};
use vestibule_protocol::{
    account::Credentials,
    changes::{DirectoryHost, Site},
    event::EventData,
    id::{EventId, HostId, VisitId},
    message::{Ask, Capture, LinkState, Refusal, Status, Storage, Tell, View, Waiting},
    settings::LookUp,
    timestamp::Timestamp,
    visit::Visit,
};
use wasm_bindgen_futures::JsFuture;

use crate::{clock, directory::Directory, look_up};
use link::{Link, Unanswered};

/// How often the worker is told that time has passed, in ms, while something waits or the server does not answer:
/// half of the ten seconds within which everything is delivered after an outage.
const TICK_BUSY_MS: u32 = 4_000;
/// The same while all is well; with its jitter at most fifteen seconds, within which a server that is gone must show.
const TICK_CALM_MS: u32 = 12_000;

/// How long after a change of the hosts the directory is made ready, if nobody needed it before: the screen that a
/// start ends with comes first.
const DIRECTORY_AFTER: Duration = Duration::from_millis(500);

/// How many deliveries are remembered for the screens that wait for one. A kiosk shows one, a receptionist a handful.
const DELIVERIES_REMEMBERED: usize = 256;

/// Why an event is not on disk: the person must not be told "done".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// The worker said why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No worker answered. Trying again with the same [`Capture`] is safe.
    #[error("the outbox did not answer")]
    Unanswered,
}

/// The outbox, as far as a page sees it. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct Outbox {
    /// The worker's last word; `None` until its first.
    pub status: RwSignal<Option<Status>>,
    /// Whether no worker answers, on either host.
    pub silent: RwSignal<bool>,
    /// The site, once known.
    pub site: RwSignal<Option<Site>>,
    /// By what visitors find themselves; as for a site that has decided nothing, until it is known.
    pub look_up: RwSignal<LookUp>,
    /// Everybody in the directory, also those who have gone.
    pub hosts: RwSignal<BTreeMap<HostId, DirectoryHost>>,
    /// Those of them who can be visited, ready to be searched.
    pub directory: Memo<Directory>,
    /// Every visit that the device knows of.
    pub visits: RwSignal<BTreeMap<VisitId, Visit>>,
    /// When the server last gave its word on the site, by the device's clock.
    pub as_of: RwSignal<Option<Timestamp>>,
    delivered: RwSignal<VecDeque<EventId>>,
    link: StoredValue<Rc<Link>, LocalStorage>,
    watched_boot: StoredValue<Option<u32>>,
}

impl Outbox {
    /// Starts the outbox and keeps it going for as long as the page lives. Call once, at the root.
    pub fn start() -> Self {
        let status = RwSignal::new(None);
        let site = RwSignal::new(None);
        let look_up = RwSignal::new(LookUp::default());
        let hosts = RwSignal::new(BTreeMap::new());
        let visits = RwSignal::new(BTreeMap::new());
        let as_of = RwSignal::new(None);
        let delivered = RwSignal::new(VecDeque::new());
        let news = move |tell| match tell {
            Tell::Status(word) => status.set(Some(word)),
            Tell::View(view) => merge(view, site, look_up, hosts, visits, as_of),
            Tell::Delivered { events } => delivered.update(|held| remember(held, &events)),
            Tell::Captured { .. } | Tell::Refused(_) | Tell::Backlog(_) | Tell::Exported(_) => {}
        };
        let outbox = Self {
            status,
            silent: RwSignal::new(false),
            site,
            look_up,
            hosts,
            // Another one with each change of the hosts; no need to compare them.
            directory: Memo::new_with_compare(move |_| hosts.with(Directory::of), |_, _| true),
            visits,
            as_of,
            delivered,
            link: StoredValue::new_local(Rc::new(Link::new(news))),
            watched_boot: StoredValue::new(None),
        };
        spawn_local(outbox.run());
        outbox.make_directory_early();
        outbox.wake_on_return();
        outbox
    }

    /// What is to be kept: `what` happened to `visit` just now. Make it once for each act of a person, before the first
    /// try: keeping it twice counts once.
    pub fn act(visit: VisitId, what: EventData) -> Capture {
        let time = clock::now();
        Capture { event: EventId::new(time, clock::entropy()), visit, time, what }
    }

    /// Keeps it. Afterwards it is on the device's disk and will be delivered, whatever happens.
    ///
    /// # Errors
    /// [`NotKept`]: nothing may be confirmed.
    pub async fn keep(self, act: Capture) -> Result<EventId, NotKept> {
        let event = act.event;
        match self.ask(&Ask::Capture(act)).await {
            Ok(Tell::Captured { event: kept }) if kept == event => Ok(event),
            Ok(Tell::Refused(refusal)) => Err(refusal.into()),
            Ok(_) => Err(Refusal::NotUnderstood.into()),
            Err(Unanswered) => Err(NotKept::Unanswered),
        }
    }

    /// Whether the event is on the server's disk: a receipt named it, or the server's own list of visits holds it.
    /// Reactive.
    pub fn is_delivered(self, event: EventId, visit: VisitId) -> bool {
        self.delivered.with(|held| held.contains(&event))
            || self.visits.with(|visits| {
                visits.get(&visit).is_some_and(|visit| {
                    visit.timeline.iter().any(|entry| entry.event == event && entry.received_at.is_some())
                })
            })
    }

    /// What is not delivered, oldest first; `None` if the worker can't say.
    pub async fn backlog(self) -> Option<Vec<Waiting>> {
        match self.ask(&Ask::Backlog).await {
            Ok(Tell::Backlog(waiting)) => Some(waiting),
            Ok(_) | Err(Unanswered) => None,
        }
    }

    /// Acts as the device of these credentials from now on, and asks the browser to keep its store.
    ///
    /// # Errors
    /// [`NotKept`] if the worker could not write them down.
    pub async fn enrol(self, credentials: Credentials) -> Result<(), NotKept> {
        // Not awaited: a browser may put the question to the person.
        spawn_local(ask_for_persistence());
        match self.ask(&Ask::Enrol(credentials)).await {
            Ok(Tell::Status(_)) => Ok(()),
            Ok(Tell::Refused(refusal)) => Err(refusal.into()),
            Ok(_) => Err(Refusal::NotUnderstood.into()),
            Err(Unanswered) => Err(NotKept::Unanswered),
        }
    }

    /// Sends now, whatever the backoff says: a person asked, or the network seems to be back.
    pub fn sync_now(self) {
        spawn_local(async move {
            let _ = self.ask(&Ask::SyncNow).await;
        });
    }

    /// Looks for changes: the server has said that there are some.
    pub fn refresh(self) {
        spawn_local(async move {
            let _ = self.ask(&Ask::Refresh).await;
        });
    }

    /// Tries once more to send what was set aside.
    pub fn send_again(self) {
        spawn_local(async move {
            let _ = self.ask(&Ask::SendAgain).await;
        });
    }

    /// What is not delivered, as the text of a file; `None` if the worker can't say.
    pub async fn export(self) -> Option<String> {
        match self.ask(&Ask::Export).await {
            Ok(Tell::Exported(text)) => Some(text),
            Ok(_) | Err(Unanswered) => None,
        }
    }

    /// Whether nothing may be confirmed, because nothing would be kept. Reactive.
    pub fn is_broken(self) -> bool {
        self.silent.get() || self.status.with(|status| status.as_ref().is_some_and(|s| s.storage == Storage::Failed))
    }

    /// Whether the device's access was withdrawn. Reactive.
    pub fn is_revoked(self) -> bool {
        self.status.with(|status| status.as_ref().is_some_and(|status| status.revoked_at.is_some()))
    }

    /// Whether the server accepts this device no longer, so that it must be paired or enrolled again. Reactive.
    pub fn is_refused(self) -> bool {
        self.is_revoked() || self.link_state() == LinkState::Unauthorized
    }

    /// The device's last word on its link to the server. Reactive.
    pub fn link_state(self) -> LinkState {
        self.status.with(|status| status.as_ref().map_or(LinkState::Unknown, |status| status.link))
    }

    async fn ask(self, ask: &Ask) -> Result<Tell, Unanswered> {
        let told = self.link.get_value().ask(ask).await;
        self.heard(told.is_ok());
        if let Ok(Tell::Status(status)) = &told {
            self.status.set(Some(status.clone()));
        }
        told
    }

    fn heard(self, answered: bool) {
        if self.silent.get_untracked() == answered {
            self.silent.set(!answered);
        }
    }

    /// Thousands of hosts are made ready while nobody waits for it, rather than when somebody begins to check in.
    fn make_directory_early(self) {
        Effect::new(move |_| {
            self.hosts.track();
            set_timeout(move || self.directory.with_untracked(|_| ()), DIRECTORY_AFTER);
        });
    }

    async fn run(self) {
        let link = self.link.get_value();
        link.connect().await;
        loop {
            self.watch_if_new().await;
            let busy = untrack(|| {
                self.status.with(|s| s.as_ref().is_none_or(|s| s.pending > 0 || s.link != LinkState::Connected))
            });
            clock::pause(clock::jittered(if busy { TICK_BUSY_MS } else { TICK_CALM_MS })).await;
            let _ = self.ask(&Ask::Tick).await;
        }
    }

    /// Watches, unless the worker that was watched last is still the one that answers.
    async fn watch_if_new(self) {
        let boot = || self.status.with_untracked(|status| status.as_ref().map(|status| status.boot));
        if boot().is_some() && boot() == self.watched_boot.get_value() {
            return;
        }
        let watching = self.link.get_value().watch().await;
        self.heard(watching.is_ok());
        self.watched_boot.set_value(if watching.is_ok() { boot() } else { None });
    }

    /// A page that comes back to the front may have slept through anything.
    fn wake_on_return(self) {
        for sign in ["pageshow", "focus", "online", "visibilitychange"] {
            let _ = window_event_listener_untyped(sign, move |_| {
                if !document().hidden() {
                    self.sync_now();
                }
            });
        }
    }
}

fn merge(
    view: View,
    site: RwSignal<Option<Site>>,
    look_up: RwSignal<LookUp>,
    hosts: RwSignal<BTreeMap<HostId, DirectoryHost>>,
    visits: RwSignal<BTreeMap<VisitId, Visit>>,
    as_of: RwSignal<Option<Timestamp>>,
) {
    as_of.set(view.as_of);
    if view.site.is_some() || view.whole {
        site.set(view.site);
    }
    // A screen follows them: nothing is drawn anew unless something is other than it was.
    let decided = view.settings.as_deref().map(look_up::decided);
    if let Some(decided) = decided.filter(|decided| look_up.get_untracked() != *decided) {
        look_up.set(decided);
    }
    if view.whole || !view.hosts.is_empty() {
        hosts.update(|held| {
            if view.whole {
                held.clear();
            }
            held.extend(view.hosts.into_iter().map(|host| (host.id, host)));
        });
    }
    if view.whole || !view.visits.is_empty() {
        visits.update(|held| {
            if view.whole {
                held.clear();
            }
            held.extend(view.visits.into_iter().map(|visit| (visit.id, visit)));
        });
    }
}

/// Adds to what is remembered, and forgets the oldest beyond [`DELIVERIES_REMEMBERED`].
fn remember(held: &mut VecDeque<EventId>, delivered: &[EventId]) {
    held.extend(delivered);
    let surplus = held.len().saturating_sub(DELIVERIES_REMEMBERED);
    held.drain(..surplus);
}

/// Asks the browser never to evict the store. What it answers, the worker reports in its status.
async fn ask_for_persistence() {
    let navigator = window().navigator();
    // Missing on an insecure origin, which the bindings don't expect.
    if js_sys::Reflect::has(&navigator, &"storage".into()).unwrap_or(false)
        && let Ok(promise) = navigator.storage().persist()
    {
        let _ = JsFuture::from(promise).await;
    }
}

#[cfg(test)]
mod tests {
    use vestibule_protocol::id::ENTROPY_BYTES;

    use super::*;

    #[test]
    fn the_latest_deliveries_are_remembered() {
        let ids: Vec<_> = (0..DELIVERIES_REMEMBERED as i64 + 5)
            .map(|ms| EventId::new(Timestamp::from_unix_ms(ms), [0; ENTROPY_BYTES]))
            .collect();
        let mut held = VecDeque::new();
        remember(&mut held, &ids[..10]);
        remember(&mut held, &ids[10..]);
        assert_eq!(held.len(), DELIVERIES_REMEMBERED);
        assert_eq!(held.front(), Some(&ids[5]));
        assert_eq!(held.back(), ids.last());
    }
}
