//! The worker: keeps what people do, sends it, and tells the pages how things stand.
//!
//! It runs as a service worker, and as a dedicated worker where there is none; any number of them may run on one
//! database at once. It has two entry points, called by the script around it: [`receive`] for a message of a page,
//! [`sync`] when the browser wakes it. Whatever instruction is its last, nothing is lost: all that matters is in the
//! database (`store`, `outbox`) before anybody is told of it.
//!
//! What is sent when, and what an answer means, is decided by `vestibule-engine`; `driver` performs it.

mod clock;
mod directory;
mod drill;
mod driver;
mod error;
mod http;
mod job;
mod outbox;
mod persistence;
mod store;
mod watchers;
mod worker;

use std::rc::Rc;

use wasm_bindgen::{JsCast, prelude::wasm_bindgen};
use web_sys::MessagePort;

use crate::worker::Worker;

thread_local! {
    static WORKER: Rc<Worker> = Rc::new(Worker::new());
}

/// Answers the ask of a page, the JSON text of a [`vestibule_protocol::message::Ask`], on `port`. Resolves when it is
/// answered and the work that it made due is done or must wait: keep the worker alive so long.
#[wasm_bindgen]
pub async fn receive(text: String, port: MessagePort) {
    worker().receive(&text, &port).await;
}

/// Sends what is due. Resolves when that is done or must wait: keep the worker alive so long.
#[wasm_bindgen]
pub async fn sync() {
    worker().wake().await;
}

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

fn worker() -> Rc<Worker> {
    WORKER.with(Rc::clone)
}

/// The global scope, as the type that it is.
fn scope<Scope: JsCast>() -> Scope {
    js_sys::global().unchecked_into()
}
