//! The one loop: asks the engine what to do, does it, and says what came of it.

use std::rc::Rc;

use vestibule_engine::{Action, Answer, Input, Post, Probed};
use vestibule_protocol::{
    batch::{RECEIPT_MEDIA_TYPE, SYNC_PATH},
    id::EventId,
    json,
};

use crate::{
    clock, directory,
    http::{Ask, Reply},
    outbox::{self, delivery},
    persistence,
    watchers::Tell,
    worker::Worker,
};

/// Performs what the engine asks for until it rests. It runs once at a time; inputs may come meanwhile.
pub(crate) async fn run(worker: &Rc<Worker>) {
    // Before the device is paired there is nobody to send as.
    if !matches!(outbox::credentials(&worker.store).await, Ok(Some(_))) {
        return;
    }
    loop {
        let action = worker.engine.borrow_mut().next(clock::now(), clock::entropy());
        let input = match action {
            Action::Load(load) => {
                let persisted = persistence::is_promised().await;
                match delivery::load(&worker.store, &load, clock::now(), clock::entropy(), persisted).await {
                    Ok(loaded) => Input::Loaded(loaded),
                    Err(_) => Input::OutboxFailed,
                }
            }
            Action::Send(post) => Input::Answered(send(worker, &post).await),
            Action::Record(record) => {
                match delivery::record(&worker.store, &record, clock::now(), clock::entropy()).await {
                    Ok(events) => {
                        delivered(worker, events).await;
                        Input::Recorded
                    }
                    Err(_) => Input::OutboxFailed,
                }
            }
            Action::Probe => Input::Probed(probe().await),
            Action::Wipe(wipe) => match directory::wipe(&worker.store, wipe).await {
                Ok(()) => {
                    worker.tell_news().await;
                    Input::Wiped
                }
                Err(_) => Input::OutboxFailed,
            },
            Action::Rest { .. } => return,
        };
        worker.engine.borrow_mut().handle(input, clock::now());
    }
}

/// Posts a batch, with the token as it is now.
async fn send(worker: &Worker, post: &Post) -> Answer {
    let Ok(Some(credentials)) = outbox::credentials(&worker.store).await else { return Answer::None };
    match Ask::post(SYNC_PATH, &credentials.token, &post.body, RECEIPT_MEDIA_TYPE).send().await {
        Some(Reply { status, content_type, retry_after_ms, body }) => {
            Answer::Response { status, media_type: content_type, retry_after_ms, body }
        }
        None => Answer::None,
    }
}

async fn probe() -> Probed {
    #[derive(serde::Deserialize)]
    struct Readiness<'a> {
        status: &'a str,
    }
    let Some(reply) = Ask::ready().send().await else { return Probed::NotReady };
    match json::read::<Readiness<'_>>(&reply.body) {
        Ok(Readiness { status: "ready" }) if reply.status == 200 => Probed::Ready,
        Ok(_) | Err(_) => Probed::NotReady,
    }
}

/// Tells the pages at once; the copy of the site follows when the loop rests.
async fn delivered(worker: &Rc<Worker>, events: Vec<EventId>) {
    if !events.is_empty() {
        worker.watchers.tell(&Tell::Delivered { events });
        worker.pull_when_rested();
    }
    worker.tell_news().await;
}
