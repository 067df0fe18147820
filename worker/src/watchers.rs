//! The pages that want news, each by its port.

use std::cell::{Cell, RefCell};

use vestibule_protocol::{
    json,
    message::{PassedOn, Status, TellOf},
};
use web_sys::MessagePort;

use crate::store::row::Revision;

/// Most ports that are told news. A port whose page has gone can't be told from a quiet one, and a kiosk that reloads
/// every night leaves one behind each time; nobody has more pages open than this.
const MAX_PORTS: usize = 32;

/// No running worker has this boot id, so that a page that reads it watches again.
const NO_BOOT: u32 = 0;

/// What pages are told.
pub(crate) type Tell = TellOf<PassedOn>;

/// The pages that watch.
#[derive(Default)]
pub(crate) struct Watchers {
    ports: RefCell<Vec<MessagePort>>,
    shown: Cell<Revision>,
    last: RefCell<Option<Status>>,
}

impl Watchers {
    /// Tells `port` news from now on.
    pub(crate) fn add(&self, port: &MessagePort) {
        let mut ports = self.ports.borrow_mut();
        if ports.len() == MAX_PORTS {
            let forgotten = ports.remove(0);
            // Should a page still listen there, it watches anew on reading this.
            if let Some(status) = &*self.last.borrow() {
                tell(&forgotten, &Tell::Status(Status { boot: NO_BOOT, ..status.clone() }));
            }
        }
        ports.push(port.clone());
    }

    /// Tells all of them.
    pub(crate) fn tell(&self, news: &Tell) {
        let ports = self.ports.borrow();
        if ports.is_empty() {
            return;
        }
        let text = json::write(news);
        for port in &*ports {
            post(port, &text);
        }
    }

    /// Tells all of them how the outbox stands, unless they know.
    pub(crate) fn tell_status(&self, status: &Status) {
        if self.last.borrow().as_ref() != Some(status) {
            self.tell(&Tell::Status(status.clone()));
            *self.last.borrow_mut() = Some(status.clone());
        }
    }

    /// The change of the database up to which all of them have been told the view; `None` while nobody watches.
    pub(crate) fn shown(&self) -> Option<Revision> {
        (!self.ports.borrow().is_empty()).then(|| self.shown.get())
    }

    /// Notes that all of them have been told the view up to `revision`.
    pub(crate) fn have_seen(&self, revision: Revision) {
        self.shown.set(self.shown.get().max(revision));
    }
}

/// Tells the page behind `port`.
pub(crate) fn tell(port: &MessagePort, what: &Tell) {
    post(port, &json::write(what));
}

fn post(port: &MessagePort, text: &str) {
    // Posting a text fails for no reason that is known; should it, the page asks again.
    let _ = port.post_message(&text.into());
}
