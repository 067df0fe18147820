//! What admins are asked by visitors, and what they decide for a site.
//!
//! Who is meant stands in the body, never in an address: addresses end up in logs.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::value::RawValue;
use vestibule_protocol::{
    id::{SiteId, VisitId},
    limits::RETENTION_MAX_DAYS,
    privacy::{Erased, Export, Retention, VisitorAsked},
    timestamp::Timestamp,
};

use super::forget::{self, Whom};
use crate::{
    access::{
        reach::Reach,
        staff::{AdminAuth, AdminWrite},
    },
    app::App,
    audit::{self, Action, By, Deed},
    body::JsonBody,
    clock,
    error::Error,
    limits, projection,
    store::Positions,
};

/// `POST /api/v1/visitors/export`: everything that is held of a visitor, word for word.
pub async fn export(
    State(app): State<Arc<App>>,
    AdminWrite { staff, by }: AdminWrite,
    JsonBody(asked): JsonBody<VisitorAsked>,
) -> Result<Json<Export>, Error> {
    let reach = staff.reach;
    let visits = app.store.read(move |connection| meant(connection, &asked, &reach)).await?;
    let exported = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let now = clock::now();
            let mut export = Export { exported_at: now, visits: Vec::new(), events: Vec::new() };
            for id in visits {
                let Some(visit) = projection::find(connection, id)? else { continue };
                for entry in &visit.timeline {
                    let text: Option<String> = connection
                        .prepare_cached("SELECT text FROM events WHERE id = ?1")?
                        .query_row([entry.event.0], |row| row.get(0))
                        .optional()?;
                    let text = text.and_then(|text| RawValue::from_string(text).ok());
                    export.events.extend(text);
                }
                note(connection, by, Action::VisitorExported, id, visit.site, now)?;
                export.visits.push(visit);
            }
            Ok(export)
        })
        .await?;
    Ok(Json(exported))
}

/// `POST /api/v1/visitors/erase`: forgets a visitor, also in what devices deliver later. It can't be undone.
pub async fn erase(
    State(app): State<Arc<App>>,
    AdminWrite { staff, by }: AdminWrite,
    JsonBody(asked): JsonBody<VisitorAsked>,
) -> Result<Json<Erased>, Error> {
    // Whoever is forgotten by address is forgotten at every site, also by devices that have not delivered yet.
    if matches!(asked, VisitorAsked::Email(_)) && staff.reach != Reach::Everywhere {
        return Err(Error::Forbidden);
    }
    let reach = staff.reach;
    let looked_for = asked.clone();
    let visits = app.store.read(move |connection| meant(connection, &looked_for, &reach)).await?;
    if visits.is_empty() && matches!(asked, VisitorAsked::Visit(_)) {
        return Err(Error::NotFound);
    }
    let erased = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| erase_all(connection, by, &asked, &visits, clock::now()))
        .await?;
    Ok(Json(erased))
}

/// `GET /api/v1/sites/{site}/retention`.
pub async fn show_retention(
    State(app): State<Arc<App>>,
    AdminAuth(admin): AdminAuth,
    site: Result<Path<SiteId>, PathRejection>,
) -> Result<Json<Retention>, Error> {
    let Path(site) = site.map_err(|_| Error::NotFound)?;
    admin.must_reach(site)?;
    app.store.read(move |connection| retention(connection, site)).await?.map(Json).ok_or(Error::NotFound)
}

/// `PUT /api/v1/sites/{site}/retention`: from now on visitors of the site are forgotten after so many days.
pub async fn set_retention(
    State(app): State<Arc<App>>,
    AdminWrite { staff, by }: AdminWrite,
    site: Result<Path<SiteId>, PathRejection>,
    JsonBody(new): JsonBody<Retention>,
) -> Result<Json<Retention>, Error> {
    let Path(site) = site.map_err(|_| Error::NotFound)?;
    staff.must_reach(site)?;
    if new.days.is_some_and(|days| !(1..=RETENTION_MAX_DAYS).contains(&days)) {
        return Err(Error::MalformedBody { why: "Visitors are kept for 1 to 3650 days, or for ever.".into() });
    }
    let set = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let set =
                connection.execute("UPDATE sites SET retention_days = ?2 WHERE id = ?1", params![site.0, new.days])?;
            if set == 1 {
                audit::note(connection, by, Action::RetentionChanged.at(site), clock::now())?;
            }
            retention(connection, site)
        })
        .await?;
    set.map(Json).ok_or(Error::NotFound)
}

fn retention(connection: &Connection, site: SiteId) -> rusqlite::Result<Option<Retention>> {
    connection
        .prepare_cached("SELECT retention_days FROM sites WHERE id = ?1")?
        .query_row([site.0], |row| Ok(Retention { days: row.get(0)? }))
        .optional()
}

/// The visits that are meant, within reach. By address it reads the whole ledger: a reader's time, never the writer's.
fn meant(connection: &Connection, asked: &VisitorAsked, reach: &Reach) -> rusqlite::Result<BTreeSet<VisitId>> {
    let visits: BTreeSet<VisitId> = match asked {
        VisitorAsked::Visit(id) => BTreeSet::from([*id]),
        VisitorAsked::Email(email) => connection
            .prepare_cached(
                "SELECT DISTINCT visit FROM events \
                 WHERE lower(json_extract(text, '$.data.visitor.email')) = ?1",
            )?
            .query_map([email.as_str().to_lowercase()], |row| row.get(0).map(VisitId))?
            .collect::<rusqlite::Result<_>>()?,
    };
    let mut within = BTreeSet::new();
    for id in visits {
        if projection::find(connection, id)?.is_some_and(|visit| reach.covers(visit.site)) {
            within.insert(id);
        }
    }
    Ok(within)
}

fn erase_all(
    connection: &Connection,
    by: By,
    asked: &VisitorAsked,
    visits: &BTreeSet<VisitId>,
    now: Timestamp,
) -> rusqlite::Result<Erased> {
    let mut positions = Positions::begin(connection)?;
    let mut erased = Erased { visits: 0 };
    for id in visits {
        let Some(visit) = projection::find(connection, *id)? else { continue };
        if forget::forget(connection, *id, &mut positions, now)? {
            note(connection, by, Action::VisitorErased, *id, visit.site, now)?;
            erased.visits += 1;
        }
    }
    positions.save(connection)?;
    if let VisitorAsked::Email(email) = asked {
        forget::note_person(connection, email.as_str(), now, clock::entropy())?;
        forget::forget_quarantined(connection, &Whom::Address(email.as_str().to_owned()), now)?;
        if erased.visits == 0 {
            audit::note(connection, by, Deed { action: Action::VisitorErased, subject: None, site: None }, now)?;
        }
    }
    Ok(erased)
}

fn note(
    connection: &Connection,
    by: By,
    action: Action,
    visit: VisitId,
    site: SiteId,
    now: Timestamp,
) -> rusqlite::Result<()> {
    audit::note(connection, by, Deed { action, subject: Some(visit.0), site: Some(site) }, now)
}
