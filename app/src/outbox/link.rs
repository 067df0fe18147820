//! The way to the worker: which host runs it, one message at a time.
//!
//! The service worker is the first choice, because it outlives the page. Where there is none (a plain-http LAN, a
//! private window, Lockdown Mode), or where it falls silent, the page runs the same script as a worker of its own, on
//! the same database. Every ask has a deadline and is tried on both before it counts as unanswered; asking twice is
//! harmless.

use std::cell::{Cell, RefCell};

use js_sys::{Array, Promise, Reflect};
use leptos::prelude::window;
use vestibule_protocol::{
    json,
    limits::WORKER_ANSWER_TIMEOUT_MS,
    message::{Ask, Tell},
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageChannel, MessageEvent, MessagePort, RegistrationOptions, ServiceWorkerRegistration, Worker};

use crate::clock;

/// The one worker script, for both hosts.
const SCRIPT: &str = "/sw.js";
/// The service worker answers for every page.
const SCOPE: &str = "/";

/// How long an ask other than the first may take, in ms: the worker opens its database anew at most twice, each with a
/// deadline of its own, before it gives its answer.
const ASK_TIMEOUT_MS: u32 = 6_000;

/// Neither host answered in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the worker did not answer")]
pub(super) struct Unanswered;

/// The page's line to whichever host answers.
pub(super) struct Link {
    using: Cell<Host>,
    registration: RefCell<Option<ServiceWorkerRegistration>>,
    dedicated: RefCell<Option<Worker>>,
    watch: RefCell<Option<MessagePort>>,
    news: Closure<dyn FnMut(MessageEvent)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Host {
    Service,
    Dedicated,
}

impl Link {
    /// A link that is not connected yet; `news` hears every message on the port of [`Ask::Watch`].
    pub(super) fn new(mut news: impl FnMut(Tell) + 'static) -> Self {
        let news = Closure::new(move |message: MessageEvent| {
            if let Some(tell) = read(&message) {
                news(tell);
            }
        });
        Self {
            using: Cell::new(Host::Dedicated),
            registration: RefCell::default(),
            dedicated: RefCell::default(),
            watch: RefCell::default(),
            news,
        }
    }

    /// Registers the service worker and waits a moment for it to be there. Call once, before the first ask. Afterwards
    /// some host takes asks: the service worker if it is active in time, else a worker of this page.
    pub(super) async fn connect(&self) {
        if let Some(registration) = register().await {
            *self.registration.borrow_mut() = Some(registration);
            self.using.set(Host::Service);
        }
    }

    /// Asks for news from now on. They go where [`Link::new`] was told; those of an earlier watch stop.
    pub(super) async fn watch(&self) -> Result<(), Unanswered> {
        let text = json::write(&Ask::Watch);
        for _ in 0..2 {
            let using = self.using.get();
            if let Some(port) = self.post(using, &text) {
                port.set_onmessage(Some(self.news.as_ref().unchecked_ref()));
                if let Some(earlier) = self.watch.replace(Some(port.clone())) {
                    earlier.set_onmessage(None);
                    earlier.close();
                }
                if answer(&port, WORKER_ANSWER_TIMEOUT_MS).await.is_some() {
                    return Ok(());
                }
            }
            self.leave(using);
        }
        Err(Unanswered)
    }

    /// Asks, and waits for the one answer, on the other host too if need be.
    pub(super) async fn ask(&self, ask: &Ask) -> Result<Tell, Unanswered> {
        let text = json::write(ask);
        for _ in 0..2 {
            let using = self.using.get();
            if let Some(port) = self.post(using, &text) {
                let told = answer(&port, ASK_TIMEOUT_MS).await.and_then(|message| read(&message));
                port.close();
                if let Some(tell) = told {
                    return Ok(tell);
                }
            }
            self.leave(using);
        }
        Err(Unanswered)
    }

    /// Posts to a host and returns the end of the channel on which it answers; `None` if the host can't take it.
    fn post(&self, host: Host, text: &str) -> Option<MessagePort> {
        let channel = MessageChannel::new().ok()?;
        let transfer = Array::of1(&channel.port2());
        let text = JsValue::from_str(text);
        match host {
            Host::Service => {
                let active = self.registration.borrow().as_ref()?.active()?;
                active.post_message_with_transferable(&text, &transfer).ok()?;
            }
            Host::Dedicated => {
                let mut dedicated = self.dedicated.borrow_mut();
                if dedicated.is_none() {
                    *dedicated = Worker::new(SCRIPT).ok();
                }
                dedicated.as_ref()?.post_message_with_transfer(&text, &transfer).ok()?;
            }
        }
        Some(channel.port1())
    }

    /// Turns from a host that did not answer to the other one. A silent worker of the page's own is ended, so that the
    /// next one starts afresh.
    fn leave(&self, silent: Host) {
        if self.using.get() != silent {
            return;
        }
        match silent {
            Host::Service => self.using.set(Host::Dedicated),
            Host::Dedicated => {
                if let Some(worker) = self.dedicated.take() {
                    worker.terminate();
                }
                if self.registration.borrow().is_some() {
                    self.using.set(Host::Service);
                }
            }
        }
    }
}

/// Registers the script and waits until it is active; `None` where the browser has no service workers or refuses.
async fn register() -> Option<ServiceWorkerRegistration> {
    let navigator = window().navigator();
    // On an insecure origin the property is missing, which the bindings don't expect.
    if !Reflect::has(&navigator, &JsValue::from_str("serviceWorker")).unwrap_or(false) {
        return None;
    }
    let container = navigator.service_worker();
    let options = RegistrationOptions::new();
    options.set_scope(SCOPE);
    settled(&container.register_with_options(SCRIPT, &options), WORKER_ANSWER_TIMEOUT_MS).await?;
    settled(&container.ready().ok()?, WORKER_ANSWER_TIMEOUT_MS).await?.dyn_into().ok()
}

/// The first message on `port` within `deadline_ms`. Another listener on it hears the message too.
async fn answer(port: &MessagePort, deadline_ms: u32) -> Option<MessageEvent> {
    let first = Promise::new(&mut |resolve, _| {
        let _ = port.add_event_listener_with_callback("message", &resolve);
        port.start();
    });
    settled(&first, deadline_ms).await?.dyn_into().ok()
}

/// What `promise` resolves to within `deadline_ms`; `None` if it is late or rejected.
async fn settled(promise: &Promise, deadline_ms: u32) -> Option<JsValue> {
    let first = JsFuture::from(Promise::race(&Array::of2(promise, &clock::later(deadline_ms)))).await.ok()?;
    (!first.is_undefined()).then_some(first)
}

fn read(message: &MessageEvent) -> Option<Tell> {
    json::read(&message.data().as_string()?).ok()
}
