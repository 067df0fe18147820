//! `GET /api/v1/sites/{site}/stream`: the same changes, as they happen, as server-sent events.
//!
//! Nothing is broadcast: a commit only wakes the streams, and each reads on from its own cursor. So a stream that was
//! slow, asleep or cut off skips nothing, and one that nobody reads holds a page at most.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, Query, State},
    http::request::Parts,
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use serde::Deserialize;
use tokio::{
    sync::mpsc::{self, Sender},
    time::sleep,
};
use tokio_stream::wrappers::ReceiverStream;
use vestibule_protocol::{changes::Changes, limits::CHANGES_PAGE_MAX_ROWS};

use crate::{
    access::Reader,
    app::App,
    changes::{self, Cursor},
    clock, limits,
};

/// Where a browser that reconnects by itself says how far it was.
const LAST_EVENT_ID: &str = "last-event-id";

/// The name of the events.
const CHANGES: &str = "changes";

/// What a reader may say.
#[derive(Deserialize)]
pub struct Asked {
    after: Option<String>,
}

/// `GET /api/v1/sites/{site}/stream?after=`. `Last-Event-ID` wins over `after`, for it is the newer word.
pub async fn show(
    State(app): State<Arc<App>>,
    reader: Reader,
    Query(Asked { after }): Query<Asked>,
    asked: Parts,
) -> impl IntoResponse {
    let last_event_id = asked.headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
    let after = last_event_id.or(after).and_then(|text| Cursor::parse(&text, app.store.history()));
    // One page waits for the reader at most; the next is read when it has gone.
    let (sender, events) = mpsc::channel(1);
    tokio::spawn(async move {
        // However it ends, the browser comes back by itself and goes on from its cursor, if it may.
        tokio::select! {
            () = follow(&app, &reader, after, &sender) => {}
            () = shut_out(&app, asked) => {}
            () = sleep(limits::STREAM_LIFE) => {}
        }
    });
    Sse::new(ReceiverStream::new(events)).keep_alive(KeepAlive::new().interval(limits::STREAM_HEARTBEAT))
}

/// Sends what changes, until the reader is gone, the server stops or the database can't be read.
async fn follow(
    app: &App,
    &Reader { site, device }: &Reader,
    mut after: Option<Cursor>,
    sender: &Sender<Result<Event, Infallible>>,
) {
    let history = app.store.history();
    let mut feed = app.store.feed();
    let mut stopping = app.stopping.clone();
    // The first page goes out even if it is empty: it says that the stream stands.
    let mut is_news = true;
    // What a reader missed before it came says nothing about how fast news is told.
    let mut is_caught_up = false;
    loop {
        // Before reading, so that what is committed meanwhile wakes us again.
        feed.mark_unchanged();
        let reading = app.store.read(move |connection| {
            changes::page_for(connection, device, site, history, after, CHANGES_PAGE_MAX_ROWS, clock::now())
        });
        let Ok(page) = reading.await else { return };
        after = Cursor::parse(&page.cursor, history);
        is_news |= page.snapshot || page.site.is_some() || page.settings.is_some();
        is_news |= !page.hosts.is_empty() || !page.visits.is_empty();
        let more = page.more;
        if is_news {
            let Ok(event) = event(&page) else { return };
            if sender.send(Ok(event)).await.is_err() {
                return;
            }
            if let Some(lag_ms) = lag_ms(&page).filter(|_| is_caught_up) {
                app.metrics.told_after_ms(lag_ms);
            }
        }
        is_news = false;
        if more {
            continue;
        }
        is_caught_up = true;
        tokio::select! {
            changed = feed.changed() => if changed.is_err() { return },
            _ = stopping.wait_for(|stopping| *stopping) => return,
            () = sender.closed() => return,
        }
        sleep(limits::STREAM_PACE).await;
    }
}

/// Completes when who asked may read no more: shows them at the door again every so often.
async fn shut_out(app: &Arc<App>, asked: Parts) {
    let is_let_in = async || match Reader::from_request_parts(&mut asked.clone(), app).await {
        Ok(_) => true,
        // A database that is busy says nothing about anybody's rights.
        Err(error) => error.status().is_server_error(),
    };
    while is_let_in().await {
        sleep(limits::STREAM_ACCESS_LOOK).await;
    }
}

/// How long ago the newest event of a page was received.
fn lag_ms(page: &Changes) -> Option<i64> {
    let received = page.visits.iter().flat_map(|visit| &visit.timeline).filter_map(|entry| entry.received_at).max();
    received.map(|received| clock::now().ms_since(received))
}

fn event(page: &Changes) -> Result<Event, axum::Error> {
    Event::default().event(CHANGES).id(&page.cursor).json_data(page)
}
