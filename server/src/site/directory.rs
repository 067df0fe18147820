//! Sites and hosts as admins keep them from the dashboard. Every device hears of a change as of any other.

use std::sync::Arc;

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::StatusCode,
};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Deserialize;
use vestibule_protocol::{
    changes::{DirectoryHost, Site},
    directory::{HOSTS_AT_ONCE, HostChange, HostPage, HostsAdded, NewHosts, SiteName},
    event::Name,
    id::{HostId, SiteId},
};

use super::host;
use crate::{
    access::staff::{AdminAuth, AdminWrite, HeadWrite},
    app::App,
    audit::{self, Action, Deed},
    body::JsonBody,
    clock,
    error::Error,
    limits, paging,
    store::{self, Positions},
};

/// `POST /api/v1/sites`.
pub async fn add_site(
    State(app): State<Arc<App>>,
    HeadWrite { by, .. }: HeadWrite,
    JsonBody(SiteName { name }): JsonBody<SiteName>,
) -> Result<(StatusCode, Json<Site>), Error> {
    let added = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            if super::find(connection, &name)?.is_some() {
                return Ok(Err(Error::NameTaken));
            }
            let now = clock::now();
            let id = super::find_or_add(connection, &name, now, clock::entropy())?;
            audit::note(connection, by, Action::SiteAdded.at(id), now)?;
            Ok(Ok(Site { id, name }))
        })
        .await??;
    Ok((StatusCode::CREATED, Json(added)))
}

/// `PATCH /api/v1/sites/{site}`.
pub async fn rename_site(
    State(app): State<Arc<App>>,
    AdminWrite { staff, by }: AdminWrite,
    site: Result<Path<SiteId>, PathRejection>,
    JsonBody(SiteName { name }): JsonBody<SiteName>,
) -> Result<Json<Site>, Error> {
    let Path(site) = site.map_err(|_| Error::NotFound)?;
    staff.must_reach(site)?;
    app.store
        .write(0, limits::WRITE_WAIT, move |connection| {
            match super::find(connection, &name)? {
                Some(other) if other != site => return Ok(Err(Error::NameTaken)),
                Some(_) => return Ok(Ok(Site { id: site, name })),
                None => {}
            }
            let mut positions = Positions::begin(connection)?;
            let rename = "UPDATE sites SET name = ?2, position = ?3 WHERE id = ?1";
            if connection.execute(rename, params![site.0, name.as_str(), positions.take()])? == 0 {
                return Ok(Err(Error::NotFound));
            }
            positions.save(connection)?;
            audit::note(connection, by, Action::SiteRenamed.at(site), clock::now())?;
            Ok(Ok(Site { id: site, name }))
        })
        .await?
        .map(Json)
}

/// Which hosts.
#[derive(Deserialize)]
pub struct Asked {
    /// The `next` of the page before.
    after: Option<HostId>,
    /// At most so many.
    limit: Option<usize>,
}

/// `GET /api/v1/sites/{site}/hosts?after=&limit=`: whom visitors can choose, and who has left.
pub async fn hosts(
    State(app): State<Arc<App>>,
    AdminAuth(admin): AdminAuth,
    site: Result<Path<SiteId>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<HostPage>, Error> {
    let Path(site) = site.map_err(|_| Error::NotFound)?;
    let Query(Asked { after, limit }) =
        asked.map_err(|_| Error::MalformedBody { why: "The query is not after=<host>&limit=<rows>.".into() })?;
    admin.must_reach(site)?;
    let limit = paging::rows(limit, limits::HOSTS_PAGE_ROWS);
    let page = app.store.read(move |connection| page(connection, site, after, limit)).await?;
    page.map(Json).ok_or(Error::NotFound)
}

/// `POST /api/v1/sites/{site}/hosts`: all of them, or none.
pub async fn add_hosts(
    State(app): State<Arc<App>>,
    AdminWrite { staff, by }: AdminWrite,
    site: Result<Path<SiteId>, PathRejection>,
    JsonBody(NewHosts { hosts }): JsonBody<NewHosts>,
) -> Result<Json<HostsAdded>, Error> {
    let Path(site) = site.map_err(|_| Error::NotFound)?;
    staff.must_reach(site)?;
    if hosts.len() > HOSTS_AT_ONCE {
        return Err(Error::TooLarge);
    }
    app.store
        .write(0, limits::WRITE_WAIT, move |connection| {
            if !store::site_exists(connection, site)? {
                return Ok(Err(Error::NotFound));
            }
            let mut told = HostsAdded { added: 0, known: 0 };
            for new in &hosts {
                let held = held(connection, site, &new.name, new.department.as_ref())?;
                match held {
                    Some((_, false)) => {
                        told.known += 1;
                        continue;
                    }
                    Some((id, true)) => write(connection, id, &new.name, new.department.as_ref(), false)?,
                    None => {
                        let now = clock::now();
                        super::add_host(connection, site, &new.name, new.department.as_ref(), now, clock::entropy())?;
                    }
                }
                told.added += 1;
            }
            if told.added > 0 {
                audit::note(connection, by, Action::HostsAdded.at(site), clock::now())?;
            }
            Ok(Ok(told))
        })
        .await?
        .map(Json)
}

/// `PATCH /api/v1/sites/{site}/hosts/{host}`.
pub async fn change_host(
    State(app): State<Arc<App>>,
    AdminWrite { staff, by }: AdminWrite,
    place: Result<Path<(SiteId, HostId)>, PathRejection>,
    JsonBody(change): JsonBody<HostChange>,
) -> Result<Json<DirectoryHost>, Error> {
    let Path((site, id)) = place.map_err(|_| Error::NotFound)?;
    staff.must_reach(site)?;
    app.store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let Some(before) = find(connection, site, id)? else { return Ok(Err(Error::NotFound)) };
            let after = DirectoryHost {
                id,
                name: change.name.unwrap_or_else(|| before.name.clone()),
                department: change.department.or_else(|| before.department.clone()),
                gone: change.gone.unwrap_or(before.gone),
            };
            if after != before {
                write(connection, id, &after.name, after.department.as_ref(), after.gone)?;
                let deed = Deed { action: Action::HostChanged, subject: Some(id.0), site: Some(site) };
                audit::note(connection, by, deed, clock::now())?;
            }
            Ok(Ok(after))
        })
        .await?
        .map(Json)
}

fn page(
    connection: &Connection,
    site: SiteId,
    after: Option<HostId>,
    limit: usize,
) -> rusqlite::Result<Option<HostPage>> {
    if !store::site_exists(connection, site)? {
        return Ok(None);
    }
    let mut hosts: Vec<DirectoryHost> = connection
        .prepare_cached(
            "SELECT id, name, department, gone FROM hosts WHERE site = ?1 AND (?2 IS NULL OR id > ?2) ORDER BY id LIMIT ?3",
        )?
        .query_map(params![site.0, after.map(|host| host.0), limit + 1], host)?
        .collect::<rusqlite::Result<_>>()?;
    let next = paging::cut(&mut hosts, limit, |host| host.id);
    Ok(Some(HostPage { hosts, next }))
}

fn find(connection: &Connection, site: SiteId, id: HostId) -> rusqlite::Result<Option<DirectoryHost>> {
    connection
        .prepare_cached("SELECT id, name, department, gone FROM hosts WHERE site = ?1 AND id = ?2")?
        .query_row(params![site.0, id.0], host)
        .optional()
}

/// The host of that name and department, and whether they have left.
fn held(
    connection: &Connection,
    site: SiteId,
    name: &Name,
    department: Option<&Name>,
) -> rusqlite::Result<Option<(HostId, bool)>> {
    connection
        .prepare_cached(
            "SELECT id, gone FROM hosts WHERE site = ?1 AND name = ?2 AND department IS ?3 ORDER BY gone, id LIMIT 1",
        )?
        .query_row(params![site.0, name.as_str(), department.map(Name::as_str)], |row| {
            Ok((HostId(row.get(0)?), row.get(1)?))
        })
        .optional()
}

fn write(
    connection: &Connection,
    id: HostId,
    name: &Name,
    department: Option<&Name>,
    gone: bool,
) -> rusqlite::Result<()> {
    let mut positions = Positions::begin(connection)?;
    connection
        .prepare_cached("UPDATE hosts SET name = ?2, department = ?3, gone = ?4, position = ?5 WHERE id = ?1")?
        .execute(params![id.0, name.as_str(), department.map(Name::as_str), gone, positions.take()])?;
    positions.save(connection)
}
