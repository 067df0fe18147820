//! `GET /api/v1/sites/{site}/changes`: what a desk shows, whole or since last time.
//!
//! Every change has a feed position, given out in the order of commit, so "after position n" skips nothing. A snapshot
//! notes the position first and then walks what matters now; whatever changes under its feet comes again afterwards as
//! an increment. Rows are told whole, so hearing of one twice does no harm.

#[cfg(test)]
mod cost;
mod cursor;
pub(crate) mod sparing;

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use rusqlite::{Connection, params};
use serde::Deserialize;
use vestibule_protocol::{
    changes::{Changes, DirectoryHost, Site},
    id::{DeviceId, HistoryId, HostId, SiteId, VisitId},
    limits::CHANGES_PAGE_MAX_ROWS,
    timestamp::Timestamp,
    visit::Visit,
};

pub use self::cursor::Cursor;
use self::cursor::{Place, SnapshotPlace};
use crate::{
    access::Reader,
    app::App,
    clock,
    error::Error,
    limits, paging, projection,
    site::{self, name, settings},
};

/// What a reader may say.
#[derive(Deserialize)]
pub struct Asked {
    after: Option<String>,
    limit: Option<usize>,
}

/// `GET /api/v1/sites/{site}/changes?after=&limit=`.
pub async fn show(
    State(app): State<Arc<App>>,
    Reader { site, device }: Reader,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Changes>, Error> {
    let Query(Asked { after, limit }) =
        asked.map_err(|_| Error::MalformedBody { why: "The query is not after=<cursor>&limit=<rows>.".into() })?;
    let history = app.store.history();
    let after = after.and_then(|text| Cursor::parse(&text, history));
    let limit = paging::rows(limit, CHANGES_PAGE_MAX_ROWS);
    let reading =
        app.store.read(move |connection| page_for(connection, device, site, history, after, limit, clock::now()));
    Ok(Json(reading.await?))
}

/// The same as [`page`], with no more of people than `device` needs; a reader that is no device is told everything.
///
/// # Errors
/// What SQLite said.
pub fn page_for(
    connection: &Connection,
    device: Option<DeviceId>,
    site: SiteId,
    history: HistoryId,
    after: Option<Cursor>,
    limit: usize,
    now: Timestamp,
) -> rusqlite::Result<Changes> {
    let mut page = page(connection, site, history, after, limit, now)?;
    if let Some(device) = device.filter(|_| !page.visits.is_empty())
        && sparing::is_due(connection, device, site)?
    {
        page.visits.iter_mut().for_each(|visit| sparing::spare(visit, now));
    }
    Ok(page)
}

/// The next page of at most `limit` rows, in one state of the database.
///
/// Without a cursor that it can go on from, it begins a snapshot.
///
/// # Errors
/// What SQLite said.
pub fn page(
    connection: &Connection,
    site: SiteId,
    history: HistoryId,
    after: Option<Cursor>,
    limit: usize,
    now: Timestamp,
) -> rusqlite::Result<Changes> {
    let last = connection.prepare_cached("SELECT position FROM meta")?.query_row((), |row| row.get(0))?;
    let ask = Ask { connection, site, history, last, limit };
    match after.filter(|cursor| cursor.position <= last) {
        Some(Cursor { position, place: Place::Feed }) => match ask.increment(position)? {
            Some(page) => Ok(page),
            None => ask.snapshot(last, SnapshotPlace::START, now),
        },
        Some(Cursor { position, place: Place::Snapshot(place) }) => ask.snapshot(position, place, now),
        None => ask.snapshot(last, SnapshotPlace::START, now),
    }
}

struct Ask<'a> {
    connection: &'a Connection,
    site: SiteId,
    history: HistoryId,
    /// The feed's last position.
    last: i64,
    limit: usize,
}

impl Ask<'_> {
    /// What changed after `position`; `None` if that is too much to catch up with.
    fn increment(&self, position: i64) -> rusqlite::Result<Option<Changes>> {
        // One more than fits shows that there is more.
        let rows = i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1);
        let mut site = self.site_after(position)?;
        let mut settings = settings::changed_after(self.connection, self.site, position)?;
        let mut hosts: Vec<(i64, DirectoryHost)> = self
            .connection
            .prepare_cached(
                "SELECT id, name, department, gone, position FROM hosts WHERE site = ?1 AND position > ?2 \
                 ORDER BY position LIMIT ?3",
            )?
            .query_map(params![self.site.0, position, rows], |row| Ok((row.get(4)?, site::host(row)?)))?
            .collect::<Result<_, _>>()?;
        let mut visits: Vec<(i64, Visit)> = self
            .connection
            .prepare_cached(
                "SELECT json, event, received_at, position FROM visits_as_held WHERE site = ?1 AND position > ?2 \
                 ORDER BY position LIMIT ?3",
            )?
            .query_map(params![self.site.0, position, rows], |row| Ok((row.get(3)?, projection::read(row)?)))?
            .collect::<Result<_, _>>()?;
        let mut positions: Vec<i64> = site
            .iter()
            .map(|row| row.0)
            .chain(settings.iter().map(|row| row.0))
            .chain(hosts.iter().map(|row| row.0))
            .chain(visits.iter().map(|row| row.0))
            .collect();
        positions.sort_unstable();
        let more = positions.len() > self.limit;
        if more && self.is_far_behind(position)? {
            return Ok(None);
        }
        let reached = if more { positions[self.limit - 1] } else { self.last };
        site = site.filter(|row| row.0 <= reached);
        settings = settings.filter(|row| row.0 <= reached);
        hosts.retain(|row| row.0 <= reached);
        visits.retain(|row| row.0 <= reached);
        Ok(Some(Changes {
            history: self.history,
            cursor: Cursor::feed(reached).text(self.history),
            snapshot: false,
            more,
            site: site.map(|row| row.1),
            settings: settings.map(|row| row.1),
            hosts: hosts.into_iter().map(|row| row.1).collect(),
            visits: visits.into_iter().map(|row| row.1).collect(),
        }))
    }

    /// A page of the snapshot that was begun at `position`, from `place` on.
    fn snapshot(&self, position: i64, place: SnapshotPlace, now: Timestamp) -> rusqlite::Result<Changes> {
        let is_first = place == SnapshotPlace::START;
        let mut page = Changes {
            history: self.history,
            cursor: String::new(),
            snapshot: is_first,
            more: true,
            site: if is_first { self.site_after(0)?.map(|row| row.1) } else { None },
            settings: None,
            hosts: Vec::new(),
            visits: Vec::new(),
        };
        if is_first {
            page.settings = settings::changed_after(self.connection, self.site, 0)?.map(|row| row.1);
        }
        let mut room = self.limit;
        let mut after_visit = None;
        match place {
            SnapshotPlace::Hosts { after } => {
                page.hosts = self.hosts_by_id(after, room + 1)?;
                if page.hosts.len() > room {
                    page.hosts.truncate(room);
                    let after = page.hosts.last().map(|host| host.id);
                    page.cursor = Cursor::snapshot(position, SnapshotPlace::Hosts { after }).text(self.history);
                    return Ok(page);
                }
                room -= page.hosts.len();
            }
            SnapshotPlace::Visits { until, after } => after_visit = Some((until, after)),
        }
        let mut visits = self.visits_that_matter(after_visit, room + 1, now)?;
        if visits.len() > room {
            visits.truncate(room);
            // With no room at all, the next page begins where this one would have.
            let (until, after) = visits
                .last()
                .map(|(until, visit)| (*until, visit.id))
                .or(after_visit)
                .unwrap_or((now.unix_ms(), VisitId(uuid::Uuid::max())));
            page.cursor = Cursor::snapshot(position, SnapshotPlace::Visits { until, after }).text(self.history);
        } else {
            page.cursor = Cursor::feed(position).text(self.history);
            page.more = position < self.last;
        }
        page.visits = visits.into_iter().map(|(_, visit)| visit).collect();
        Ok(page)
    }

    /// The site, if it changed after `position`.
    fn site_after(&self, position: i64) -> rusqlite::Result<Option<(i64, Site)>> {
        self.connection
            .prepare_cached("SELECT position, name FROM sites WHERE id = ?1 AND position > ?2")?
            .query_map(params![self.site.0, position], |row| {
                Ok((row.get(0)?, Site { id: self.site, name: name(row, 1)? }))
            })?
            .next()
            .transpose()
    }

    fn hosts_by_id(&self, after: Option<HostId>, rows: usize) -> rusqlite::Result<Vec<DirectoryHost>> {
        self.connection
            .prepare_cached(
                "SELECT id, name, department, gone FROM hosts WHERE site = ?1 AND id > ?2 AND NOT gone \
                 ORDER BY id LIMIT ?3",
            )?
            .query_map(params![self.site.0, after.map_or(uuid::Uuid::nil(), |host| host.0), rows], site::host)?
            .collect()
    }

    /// The visits in view at `now`, each with the time until which it is, which is also their order.
    fn visits_that_matter(
        &self,
        after: Option<(i64, VisitId)>,
        rows: usize,
        now: Timestamp,
    ) -> rusqlite::Result<Vec<(i64, Visit)>> {
        let (until, id) = after.map_or((now.unix_ms(), uuid::Uuid::max()), |(until, id)| (until, id.0));
        self.connection
            .prepare_cached(
                "SELECT json, event, received_at, matters_until FROM visits_as_held \
                 WHERE site = ?1 AND (matters_until, id) > (?2, ?3) \
                 ORDER BY matters_until, id LIMIT ?4",
            )?
            .query_map(params![self.site.0, until, id, rows], |row| Ok((row.get(3)?, projection::read(row)?)))?
            .collect()
    }

    fn is_far_behind(&self, position: i64) -> rusqlite::Result<bool> {
        let rows: usize = self
            .connection
            .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM visits WHERE site = ?1 AND position > ?2 LIMIT ?3)")?
            .query_row(params![self.site.0, position, limits::CATCH_UP_MAX_ROWS + 1], |row| row.get(0))?;
        Ok(rows > limits::CATCH_UP_MAX_ROWS)
    }
}
