//! The visits that the ledger folds into, kept in step with it inside the same transaction.
//!
//! A visit of one event is that event, folded when it is read; from the second event on the row holds the visit whole.

use rusqlite::{Connection, OptionalExtension, Row, Statement, params, types::Type};
use vestibule_protocol::{
    event::{Event, EventData},
    id::VisitId,
    timestamp::Timestamp,
    visit::{EXPECTED_FOR_MS, State, Visit},
};

use crate::limits;

/// On site: in view for as long as it lasts.
const FOR_EVER: i64 = i64::MAX;

/// Folds an event that the ledger has just taken at `position` into its visit as it is `held`, by a prepared `WRITE`; if
/// there is none, it is one at the site where the event was captured.
///
/// # Errors
/// What SQLite said.
pub fn fold(
    statement: &mut Statement<'_>,
    held: Option<Visit>,
    event: &Event,
    position: i64,
    received_at: Timestamp,
) -> rusqlite::Result<()> {
    let mut visit = held.unwrap_or_else(|| Visit::new(event.visit, event.source.site));
    visit.apply(event, Some(received_at));
    write(statement, &visit, position, matters_until(&visit, received_at))
}

/// A visit as its events so far have made it.
///
/// # Errors
/// What SQLite said.
pub fn find(connection: &Connection, id: VisitId) -> rusqlite::Result<Option<Visit>> {
    connection
        .prepare_cached("SELECT json, event, received_at FROM visits_as_held WHERE id = ?1")?
        .query_row([id.0], read)
        .optional()
}

/// Begins a visit that there is not yet with the event that the ledger takes at the same position: its row says no more
/// than that.
pub(crate) const BEGIN: &str = "INSERT INTO visits (id, site, json, position, matters_until) \
    VALUES (?1, ?2, '', ?3, ?4) ON CONFLICT (id) DO NOTHING";

/// Does what a prepared [`BEGIN`] says; `false` if there is such a visit already.
///
/// # Errors
/// What SQLite said.
pub(crate) fn begin(
    statement: &mut Statement<'_>,
    event: &Event,
    position: i64,
    received_at: Timestamp,
) -> rusqlite::Result<bool> {
    let matters_until = match event.data {
        // Who has just come is on site: what the fold says of it, in less time.
        EventData::CheckedIn(_) => FOR_EVER,
        _ => matters_until(&of_one_event(event, received_at), received_at),
    };
    Ok(statement.execute(params![event.visit.0, event.source.site.0, position, matters_until])? == 1)
}

fn of_one_event(event: &Event, received_at: Timestamp) -> Visit {
    let mut visit = Visit::new(event.visit, event.source.site);
    visit.apply(event, Some(received_at));
    visit
}

/// Writes a visit in place of what is held of it.
pub(crate) const WRITE: &str = "INSERT INTO visits (id, site, json, position, matters_until) \
    VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET json = excluded.json, position = excluded.position, \
    matters_until = excluded.matters_until";

/// Does what a prepared [`WRITE`] says.
///
/// # Errors
/// What SQLite said.
pub(crate) fn write(
    statement: &mut Statement<'_>,
    visit: &Visit,
    position: i64,
    matters_until: i64,
) -> rusqlite::Result<()> {
    let json = serde_json::to_string(visit).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    statement.execute(params![visit.id.0, visit.site.0, json, position, matters_until])?;
    Ok(())
}

/// A visit from the columns json, event, received_at of `visits_as_held`, which come first in the row.
///
/// # Errors
/// If they hold none: the database was changed by another hand.
pub fn read(row: &Row<'_>) -> rusqlite::Result<Visit> {
    let unreadable = |column, cause| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, cause);
    let json = row.get_ref(0)?.as_str()?;
    if !json.is_empty() {
        return serde_json::from_str(json).map_err(|error| unreadable(0, error.into()));
    }
    let event = Event::parse(row.get_ref(1)?.as_str()?).map_err(|error| unreadable(1, error.into()))?;
    Ok(of_one_event(&event, Timestamp::from_unix_ms(row.get(2)?)))
}

/// Until when a desk needs the visit in view, having changed at `changed_at`, in ms since 1970.
pub(crate) fn matters_until(visit: &Visit, changed_at: Timestamp) -> i64 {
    let after_change = changed_at.plus_ms(limits::IN_VIEW_AFTER_CHANGE_MS).unix_ms();
    match (visit.state(changed_at), &visit.expected_at) {
        (State::OnSite, _) => FOR_EVER,
        (State::Expected, Some(expected)) => expected.value.plus_ms(EXPECTED_FOR_MS).unix_ms().max(after_change),
        _ => after_change,
    }
}
