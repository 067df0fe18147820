//! `/api/v1/events`: CloudEvents in and out, verbatim.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State, rejection::BytesRejection, rejection::QueryRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use vestibule_protocol::{
    batch::{Outcome, QuarantineReason},
    id::{EventId, HistoryId, SiteId},
    limits::{BATCH_MAX_EVENTS, CHANGES_PAGE_MAX_ROWS},
    timestamp::Timestamp,
};

use super::{caller::Caller, record::record};
use crate::{app::App, clock, error::Error, ingest::decide::Arrival, limits, paging, store::Positions};

const ONE: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";

/// Which events.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// The site; a device need not name its own.
    #[param(value_type = Option<String>, format = Uuid)]
    site: Option<SiteId>,
    /// The cursor of the page before.
    after: Option<String>,
    /// At most so many, up to 500.
    limit: Option<usize>,
}

/// A page of the ledger, in the order of commit.
#[derive(Serialize, ToSchema)]
#[schema(as = PageOfEvents)]
pub(super) struct Page {
    /// The life of the server's database; a cursor of another one is answered 410.
    #[schema(value_type = String, format = Uuid)]
    history: HistoryId,
    /// Pass it back as `after`.
    cursor: String,
    /// Whether there is more now. A page may be empty and there be more.
    more: bool,
    /// The events.
    events: Vec<Received>,
}

/// An event, and when the server had it on disk.
#[derive(Serialize, ToSchema)]
pub(super) struct Received {
    /// By the server's clock.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// The CloudEvent, exactly as it was captured.
    #[schema(value_type = Object)]
    event: Box<RawValue>,
}

/// What became of an event.
#[derive(Serialize, ToSchema)]
pub(super) struct Taken {
    /// Its id, if it has one that can be read.
    #[schema(value_type = Option<String>, format = Uuid)]
    id: Option<EventId>,
    /// `accepted`; `duplicate`: held already, word for word; `conflict`: its id is held with other content; `refused`:
    /// it can't count, for `reason`.
    outcome: &'static str,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    reason: Option<QuarantineReason>,
}

/// Hand in one event or up to 500.
///
/// Safe to repeat for ever: an event counts once by its id. One event that can't be taken is answered with a problem; of
/// a batch, each event has its own outcome, and those that can be taken are.
#[utoipa::path(
    post, path = "/api/v1/events", operation_id = "hand_in_events", tag = "events",
    request_body(
        description = "A CloudEvent in structured mode, or a batch",
        content(
            (Object = "application/cloudevents+json"),
            (Vec<Object> = "application/cloudevents-batch+json")
        )
    ),
    responses(
        (status = 200, description = "Held already; or the outcomes of a batch", body = Vec<Taken>),
        (status = 201, description = "Taken", body = Taken),
        (status = 409, description = "`id_conflict`: the id is held with other content"),
        (status = 422, description = "`unfit_event`: it can't count"),
        (status = 503, description = "`busy`, `disk_full`, `read_only`, `disk_failed` or `not_writable`: send it again later")
    )
)]
pub(super) async fn take(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Error> {
    let body = body?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_batch = match kind.split(';').next().unwrap_or_default().trim() {
        ONE => false,
        BATCH => true,
        _ => return Err(Error::UnsupportedMediaType),
    };
    let texts =
        if is_batch { serde_json::from_slice(&body) } else { serde_json::from_slice(&body).map(|one| vec![one]) };
    let texts: Vec<&RawValue> = texts.map_err(|_| Error::MalformedBody { why: "It is not JSON.".into() })?;
    if texts.len() > BATCH_MAX_EVENTS {
        return Err(Error::TooLarge);
    }
    // No slot has this number: these events are in none.
    let arrivals: Vec<Arrival> = texts.into_iter().map(|text| Arrival::read(0, text.get())).collect();
    let taken = app
        .store
        .write(2 * body.len(), limits::WRITE_WAIT, move |connection| {
            let now = clock::now();
            let mut positions = Positions::begin(connection)?;
            let mut taken = Vec::with_capacity(arrivals.len());
            for arrival in &arrivals {
                let site = arrival.event.as_ref().map(|event| event.source.site);
                let device = site.ok().map(|site| caller.device_at(connection, site)).transpose()?.flatten();
                let outcome = match (device, &arrival.event) {
                    (Some(device), _) => record(connection, arrival, &device, &mut positions, now)?,
                    (None, Ok(_)) => Outcome::Quarantined { reason: QuarantineReason::OtherSite },
                    (None, Err(reason)) => Outcome::Quarantined { reason: *reason },
                };
                taken.push((arrival.event.as_ref().ok().map(|event| event.id), outcome));
            }
            positions.save(connection)?;
            Ok(taken)
        })
        .await?;
    if is_batch {
        let taken: Vec<Taken> = taken.into_iter().map(|(id, outcome)| Taken::new(id, outcome)).collect();
        return Ok(Json(taken).into_response());
    }
    let (id, outcome) = taken.into_iter().next().ok_or(Error::NotFound)?;
    let status = match outcome {
        Outcome::Accepted => StatusCode::CREATED,
        Outcome::Conflict => return Err(Error::IdConflict),
        Outcome::Quarantined { reason } => return Err(Error::UnfitEvent(reason)),
        Outcome::Duplicate | Outcome::Retry => StatusCode::OK,
    };
    Ok((status, Json(Taken::new(id, outcome))).into_response())
}

/// Read the ledger, from the beginning or after a cursor.
///
/// Nothing is skipped and nothing comes twice, whatever is written meanwhile.
#[utoipa::path(
    get, path = "/api/v1/events", operation_id = "list_events", tag = "events", params(Asked),
    responses(
        (status = 200, description = "The next events", body = Page),
        (status = 410, description = "`history_changed`: the server was restored from a backup; begin anew, and know \
                                      events again by their ids")
    )
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Page>, Error> {
    let Query(Asked { site, after, limit }) =
        asked.map_err(|_| Error::MalformedBody { why: "The query is not site=&after=&limit=.".into() })?;
    let site = caller.site(site)?;
    let history = app.store.history();
    let after = after.map_or(Ok(0), |after| position(&after, history))?;
    let limit = paging::rows(limit, CHANGES_PAGE_MAX_ROWS);
    let rows = app
        .store
        .read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT position, source_site, received_at, text FROM events WHERE position > ?1 \
                     ORDER BY position LIMIT ?2",
                )?
                .query_map([after, limit as i64], |row| {
                    let text: String = row.get(3)?;
                    Ok((row.get(0)?, SiteId(row.get(1)?), Timestamp::from_unix_ms(row.get(2)?), text))
                })?
                .collect::<rusqlite::Result<Vec<(i64, SiteId, Timestamp, String)>>>()
        })
        .await?;
    let cursor = format!("{history}/{}", rows.last().map_or(after, |row| row.0));
    let more = rows.len() == limit;
    let events = rows
        .into_iter()
        .filter(|row| row.1 == site)
        .map(|(_, _, received_at, text)| Ok(Received { received_at, event: RawValue::from_string(text)? }))
        .collect::<Result<_, serde_json::Error>>()
        .map_err(|error| Error::Internal(error.into()))?;
    Ok(Json(Page { history, cursor, more, events }))
}

/// The place that a cursor names.
fn position(cursor: &str, history: HistoryId) -> Result<i64, Error> {
    let malformed = || Error::MalformedBody { why: "The cursor is none that was given out.".into() };
    let (of, position) = cursor.split_once('/').ok_or_else(malformed)?;
    if of.parse::<HistoryId>().map_err(|_| malformed())? != history {
        return Err(Error::HistoryChanged);
    }
    position.parse().map_err(|_| malformed())
}

impl Taken {
    const fn new(id: Option<EventId>, outcome: Outcome) -> Self {
        let (outcome, reason) = match outcome {
            Outcome::Accepted => ("accepted", None),
            Outcome::Duplicate => ("duplicate", None),
            Outcome::Conflict => ("conflict", None),
            Outcome::Quarantined { reason } => ("refused", Some(reason)),
            Outcome::Retry => ("retry", None),
        };
        Self { id, outcome, reason }
    }
}
