//! Forgetting by age: each site says after how many days.

use rusqlite::{Connection, params};
use vestibule_protocol::{
    id::{SiteId, VisitId},
    timestamp::Timestamp,
    visit::Visit,
};

use super::forget;
use crate::{app::App, clock, limits, projection, store::Positions};

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Forgets whose time has run out, of all sites, a few at a time so that deliveries go on meanwhile. Call it now and
/// then; gives how many visits that were.
///
/// # Errors
/// What the database said; what was done until then stays done.
pub async fn run_out(app: &App) -> Result<usize, crate::error::Error> {
    let mut done = 0;
    loop {
        let due = app.store.read(|connection| due(connection, clock::now())).await?;
        if due.is_empty() {
            return Ok(done);
        }
        done += due.len();
        app.store
            .write(0, limits::WRITE_WAIT, move |connection| {
                let mut positions = Positions::begin(connection)?;
                for visit in due {
                    forget(connection, visit, &mut positions, clock::now())?;
                }
                positions.save(connection)
            })
            .await?;
    }
}

/// The next visits whose last change is longer ago than their site keeps them, also those of people who never checked
/// out.
fn due(connection: &Connection, now: Timestamp) -> rusqlite::Result<Vec<VisitId>> {
    let sites: Vec<(SiteId, i64)> = connection
        .prepare_cached("SELECT id, retention_days FROM sites WHERE retention_days IS NOT NULL")?
        .query_map((), |row| Ok((SiteId(row.get(0)?), row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut due = Vec::new();
    for (site, days) in sites {
        let kept_since = now.plus_ms(-days.saturating_mul(DAY_MS));
        // A visit matters until two days after its last change at the least, so what is due is among the first of these;
        // who is on site matters for ever, and is looked at one by one.
        let matters_until = kept_since.plus_ms(limits::IN_VIEW_AFTER_CHANGE_MS).unix_ms();
        let mut statement = connection.prepare_cached(
            "SELECT json, event, received_at FROM visits_as_held WHERE site = ?1 AND erased_at IS NULL \
             AND (matters_until < ?2 OR matters_until = 9223372036854775807) ORDER BY matters_until",
        )?;
        let mut rows = statement.query(params![site.0, matters_until])?;
        while let Some(row) = rows.next()? {
            let visit = projection::read(row)?;
            if last_change(&visit).is_some_and(|at| at < kept_since) {
                due.push(visit.id);
            }
            if due.len() >= limits::FORGOTTEN_AT_ONCE {
                return Ok(due);
            }
        }
    }
    Ok(due)
}

/// The last thing that happened, or when they were expected, whichever is later.
fn last_change(visit: &Visit) -> Option<Timestamp> {
    let received = visit.timeline.iter().filter_map(|entry| entry.received_at).max();
    received.max(visit.expected_at.as_ref().map(|expected| expected.value))
}
