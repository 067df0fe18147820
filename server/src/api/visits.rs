//! `/api/v1/visits`: visits to read, and to act on.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State, rejection::PathRejection, rejection::QueryRejection},
    http::StatusCode,
};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use vestibule_protocol::{
    details::Details,
    event::{CheckedIn, CheckedOut, Event, EventData, Host, Registered, Source, Visitor},
    id::{EventId, SiteId, VisitId},
    limits::CHANGES_PAGE_MAX_ROWS,
    roll_call,
    timestamp::Timestamp,
    visit::{Entry, Oddity, State as VisitState, Visit},
};

use super::{caller::Caller, record::record};
use crate::{
    app::App, body::JsonBody, clock, error::Error, ingest::decide::Arrival, limits, paging, projection,
    store::Positions,
};

/// A visit as it stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Visit)]
pub(super) struct VisitView {
    /// Which.
    #[schema(value_type = String, format = Uuid)]
    id: VisitId,
    /// Where.
    #[schema(value_type = String, format = Uuid)]
    site: SiteId,
    /// `expected`, `on_site`, `left`, `cancelled` or `expired`.
    #[schema(value_type = String, example = "on_site")]
    state: VisitState,
    /// Who; absent while only events that don't say have arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Person>)]
    visitor: Option<Visitor>,
    /// Whom they visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<HostName>)]
    host: Option<Host>,
    /// When they are expected; absent for a walk-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expected_at: Option<Timestamp>,
    /// When they first came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    arrived_at: Option<Timestamp>,
    /// When they went.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    left_at: Option<Timestamp>,
    /// What staff should see, because events cross: `checked_in_twice`, `checked_out_unseen`,
    /// `arrived_though_cancelled`.
    #[schema(value_type = Vec<String>)]
    oddities: Vec<Oddity>,
    /// All that happened, with `occurred_at` beside `received_at`.
    #[schema(value_type = Vec<Object>)]
    timeline: Vec<Entry>,
}

/// The person who visits.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes vestibule_protocol's Visitor, which knows no OpenAPI")]
pub(super) struct Person {
    /// As they want to be called.
    name: String,
    /// Where they come from.
    company: Option<String>,
    /// As typed.
    email: Option<String>,
    /// As typed.
    phone: Option<String>,
}

/// The person visited.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes vestibule_protocol's Host, which knows no OpenAPI")]
pub(super) struct HostName {
    /// Which host of the site's directory.
    id: uuid::Uuid,
    /// As the visitor read it.
    name: String,
}

/// Which visits.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// The site; a device need not name its own.
    #[param(value_type = Option<String>, format = Uuid)]
    site: Option<SiteId>,
    /// Only visits in this state.
    #[param(value_type = Option<String>, example = "on_site")]
    state: Option<VisitState>,
    /// The `next` of the page before.
    after: Option<i64>,
    /// Look at so many visits at most, up to 500.
    limit: Option<usize>,
}

/// A page of visits, those that changed longest ago first.
#[derive(Serialize, ToSchema)]
#[schema(as = PageOfVisits)]
pub(super) struct Page {
    /// The visits. A page may have fewer than `limit`, or none, and not be the last.
    visits: Vec<VisitView>,
    /// Pass it back as `after`; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<i64>,
}

/// Somebody who is expected.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewVisit {
    /// Made by the caller, so that the request can be repeated: a visit that is there is answered as it stands.
    #[schema(value_type = Option<String>, format = Uuid)]
    id: Option<VisitId>,
    /// The site; a device need not name its own.
    #[schema(value_type = Option<String>, format = Uuid)]
    site: Option<SiteId>,
    /// Who comes.
    #[schema(value_type = Person)]
    visitor: Visitor,
    /// Whom they come to see.
    #[schema(value_type = Option<HostName>)]
    host: Option<Host>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    expected_at: Timestamp,
}

/// List the visits of a site.
#[utoipa::path(
    get, path = "/api/v1/visits", operation_id = "list_visits", tag = "visits", params(Asked),
    responses((status = 200, description = "A page", body = Page))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Page>, Error> {
    let Query(Asked { site, state, after, limit }) =
        asked.map_err(|_| Error::MalformedBody { why: "The query is not site=&state=&after=&limit=.".into() })?;
    let site = caller.site(site)?;
    let limit = paging::rows(limit, CHANGES_PAGE_MAX_ROWS);
    let now = clock::now();
    let rows = app.store.read(move |connection| rows(connection, site, state, after.unwrap_or(0), limit)).await?;
    let next = rows.last().filter(|_| rows.len() == limit).map(|row| row.1);
    let stays = rows.into_iter().map(|(visit, _)| visit).filter(|visit| roll_call::of(visit).is_none());
    let visits = stays.map(|visit| VisitView::new(visit, now));
    Ok(Json(Page { visits: visits.filter(|visit| state.is_none_or(|state| visit.state == state)).collect(), next }))
}

/// The next visits of a site by their last change, each with its position; all that may be in that state, and others.
pub(crate) fn rows(
    connection: &Connection,
    site: SiteId,
    state: Option<VisitState>,
    after: i64,
    limit: usize,
) -> rusqlite::Result<Vec<(Visit, i64)>> {
    // Those on site are found among what matters, however many visits there were before: + keeps the position out of the
    // choice of the index.
    let sql = if state == Some(VisitState::OnSite) {
        "SELECT json, event, received_at, position FROM visits_as_held \
         WHERE site = ?1 AND matters_until = 9223372036854775807 AND +position > ?2 ORDER BY +position LIMIT ?3"
    } else {
        "SELECT json, event, received_at, position FROM visits_as_held WHERE site = ?1 AND position > ?2 \
         ORDER BY position LIMIT ?3"
    };
    connection
        .prepare_cached(sql)?
        .query_map(params![site.0, after, limit as i64], |row| Ok((projection::read(row)?, row.get(3)?)))?
        .collect()
}

/// Show a visit.
#[utoipa::path(
    get, path = "/api/v1/visits/{id}", operation_id = "show_visit", tag = "visits", params(("id" = uuid::Uuid, Path, description = "The visit")),
    responses((status = 200, description = "As it stands", body = VisitView), (status = 404, description = "`not_found`"))
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    id: Result<Path<VisitId>, PathRejection>,
) -> Result<Json<VisitView>, Error> {
    let Path(id) = id.map_err(|_| Error::NotFound)?;
    let visit = app.store.read(move |connection| projection::find(connection, id)).await?;
    let is_shown = |visit: &Visit| caller.sees(visit.site) && roll_call::of(visit).is_none();
    let visit = visit.filter(is_shown).ok_or(Error::NotFound)?;
    Ok(Json(VisitView::new(visit, clock::now())))
}

/// Register somebody who is expected.
#[utoipa::path(
    post, path = "/api/v1/visits", operation_id = "register_visit", tag = "visits", request_body = NewVisit,
    responses(
        (status = 201, description = "Registered", body = VisitView),
        (status = 200, description = "There is a visit of that id, as it stands", body = VisitView)
    )
)]
pub(super) async fn register(
    State(app): State<Arc<App>>,
    caller: Caller,
    JsonBody(new): JsonBody<NewVisit>,
) -> Result<(StatusCode, Json<VisitView>), Error> {
    let site = caller.site(new.site)?;
    let (visit, is_new) = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let now = clock::now();
            let id = new.id.unwrap_or_else(|| VisitId::new(now, clock::entropy()));
            if let Some(held) = projection::find(connection, id)? {
                return Ok(if caller.sees(held.site) { Ok((held, false)) } else { Err(Error::IdConflict) });
            }
            let details = Details::default();
            let data = Registered { visitor: new.visitor, host: new.host, expected_at: new.expected_at, details };
            Ok(act(connection, &caller, site, id, EventData::Registered(data))?.map(|visit| (visit, true)))
        })
        .await??;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(VisitView::new(visit, clock::now()))))
}

/// Check a visitor in. Who is on site stays so: repeating it does no harm.
#[utoipa::path(
    post, path = "/api/v1/visits/{id}/check-in", tag = "visits",
    params(("id" = uuid::Uuid, Path, description = "The visit")),
    responses(
        (status = 200, description = "On site", body = VisitView),
        (status = 404, description = "`not_found`"),
        (status = 409, description = "`visitor_unknown`: nothing has said yet who it is")
    )
)]
pub(super) async fn check_in(
    State(app): State<Arc<App>>,
    caller: Caller,
    id: Result<Path<VisitId>, PathRejection>,
) -> Result<Json<VisitView>, Error> {
    move_on(app, caller, id, VisitState::OnSite, |visit| {
        let visitor = visit.visitor.clone().ok_or(Error::VisitorUnknown)?.value;
        let host = visit.host.clone().map(|host| host.value);
        Ok(EventData::CheckedIn(CheckedIn { visitor, host, details: Details::default() }))
    })
    .await
}

/// Check a visitor out. Who has left stays so: repeating it does no harm.
#[utoipa::path(
    post, path = "/api/v1/visits/{id}/check-out", tag = "visits",
    params(("id" = uuid::Uuid, Path, description = "The visit")),
    responses((status = 200, description = "Gone", body = VisitView), (status = 404, description = "`not_found`"))
)]
pub(super) async fn check_out(
    State(app): State<Arc<App>>,
    caller: Caller,
    id: Result<Path<VisitId>, PathRejection>,
) -> Result<Json<VisitView>, Error> {
    move_on(app, caller, id, VisitState::Left, |_| Ok(EventData::CheckedOut(CheckedOut {}))).await
}

/// Brings a visit into a state, by the event that does it, unless it is there already.
async fn move_on(
    app: Arc<App>,
    caller: Caller,
    id: Result<Path<VisitId>, PathRejection>,
    into: VisitState,
    event: impl FnOnce(&Visit) -> Result<EventData, Error> + Send + 'static,
) -> Result<Json<VisitView>, Error> {
    let Path(id) = id.map_err(|_| Error::NotFound)?;
    let visit = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let Some(visit) = projection::find(connection, id)?.filter(|visit| caller.sees(visit.site)) else {
                return Ok(Err(Error::NotFound));
            };
            if visit.state(clock::now()) == into {
                return Ok(Ok(visit));
            }
            match event(&visit) {
                Ok(data) => act(connection, &caller, visit.site, id, data),
                Err(error) => Ok(Err(error)),
            }
        })
        .await??;
    Ok(Json(VisitView::new(visit, clock::now())))
}

/// Records what the caller does, here and now; gives the visit as it then stands.
fn act(
    connection: &Connection,
    caller: &Caller,
    site: SiteId,
    visit: VisitId,
    data: EventData,
) -> rusqlite::Result<Result<Visit, Error>> {
    let now = clock::now();
    let Some(device) = caller.device_at(connection, site)? else { return Ok(Err(Error::NotFound)) };
    let event = Event {
        id: EventId::new(now, clock::entropy()),
        source: Source { site, device: device.id },
        visit,
        time: now,
        clock_offset_ms: Some(0),
        data,
    };
    let mut positions = Positions::begin(connection)?;
    record(connection, &Arrival::read(0, &event.to_text()), &device, &mut positions, now)?;
    positions.save(connection)?;
    Ok(projection::find(connection, visit)?.ok_or(Error::NotFound))
}

impl VisitView {
    fn new(visit: Visit, now: Timestamp) -> Self {
        Self {
            id: visit.id,
            site: visit.site,
            state: visit.state(now),
            arrived_at: visit.arrived_at(),
            left_at: visit.left_at(),
            oddities: visit.oddities(),
            visitor: visit.visitor.map(|visitor| visitor.value),
            host: visit.host.map(|host| host.value),
            expected_at: visit.expected_at.map(|expected| expected.value),
            timeline: visit.timeline,
        }
    }
}
