//! The visits, folded again from the ledger.

use rusqlite::{Connection, Row, TransactionBehavior};
use vestibule_protocol::{
    event::Event,
    id::{SiteId, VisitId},
    timestamp::Timestamp,
    visit::Visit,
};

use super::{Difference, Listener, Meter, count};
use crate::{projection, store::Positions};

/// A visit as its events say.
struct Folded {
    visit: Visit,
    /// Feed position of the last event.
    position: i64,
    /// When the last event came.
    received_at: Timestamp,
}

/// A visit as its row says.
struct Held {
    id: VisitId,
    /// `None` if it can't be read.
    visit: Option<Visit>,
    position: i64,
    matters_until: i64,
}

/// What a visit that differs is to become; `None` if there is no event of it.
struct Mend {
    id: VisitId,
    folded: Option<Folded>,
}

/// Visits that are rebuilt in one transaction: deliveries wait for some milliseconds.
const SLICE_VISITS: usize = 200;

/// Compares every visit with what its events fold into.
pub(super) fn check(connection: &Connection, tell: Listener<'_>) -> rusqlite::Result<()> {
    compare(connection, tell, &mut |_| {})
}

/// Rebuilds every visit that is not what its events fold into, and names it. Differences are looked for in one state of
/// the database; the visits are rebuilt a few at a time, with what came since, so that deliveries go on. Dashboards hear
/// of what was rebuilt as of any change, and of a visit that was taken away when they next ask for everything.
///
/// # Errors
/// What SQLite said; what was rebuilt by then stays.
pub fn repair(connection: &mut Connection, tell: Listener<'_>) -> rusqlite::Result<()> {
    let state = connection.transaction()?;
    let reached: i64 = state.query_row("SELECT position FROM meta", (), |row| row.get(0))?;
    let mut mends = Vec::new();
    compare(&state, tell, &mut |mend| mends.push(mend))?;
    state.finish()?;
    for slice in mends.chunks_mut(SLICE_VISITS) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        catch_up(&transaction, slice, reached)?;
        let mut positions = Positions::begin(&transaction)?;
        for mend in slice {
            match &mend.folded {
                Some(folded) => {
                    let mut statement = transaction.prepare_cached(projection::WRITE)?;
                    projection::write(&mut statement, &folded.visit, positions.take(), folded.matters_until())?;
                }
                None => {
                    transaction.prepare_cached("DELETE FROM visits WHERE id = ?1")?.execute([mend.id.0])?;
                }
            }
        }
        positions.save(&transaction)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Folds in what came after the position that the differences were looked for at.
fn catch_up(connection: &Connection, slice: &mut [Mend], reached: i64) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT visit, source_site, text, position, received_at FROM events WHERE position > ?1 ORDER BY position",
    )?;
    let mut rows = statement.query([reached])?;
    while let Some(row) = rows.next()? {
        let id = VisitId(row.get(0)?);
        // In the order in which they were compared.
        if let Ok(place) = slice.binary_search_by_key(&id, |mend| mend.id) {
            let folded = slice[place].folded.take();
            slice[place].folded = Some(Folded::with(folded, row)?);
        }
    }
    Ok(())
}

/// Walks rows and folded events side by side, both in the order of the visits' ids.
fn compare(connection: &Connection, tell: Listener<'_>, mend: &mut dyn FnMut(Mend)) -> rusqlite::Result<()> {
    let mut meter = Meter::new(tell, "visits", count(connection, "events")?);
    let mut statement = connection
        .prepare("SELECT json, event, received_at, id, position, matters_until FROM visits_as_held ORDER BY id")?;
    let mut rows = statement.query_map((), held)?.peekable();
    let mut settle = |folded: Folded, meter: &mut Meter<'_>| -> rusqlite::Result<()> {
        let id = folded.visit.id;
        while let Some(row) = rows.next_if(|row| row.as_ref().is_ok_and(|row| row.id < id)) {
            without_events(&row?, meter, mend);
        }
        match rows.next_if(|row| row.as_ref().map_or(true, |row| row.id == id)).transpose()? {
            Some(row) if row.is(&folded) => return Ok(()),
            Some(_) => meter.difference(Difference::Visit(id)),
            None => meter.difference(Difference::VisitMissing(id)),
        }
        mend(Mend { id, folded: Some(folded) });
        Ok(())
    };
    let mut statement = connection
        .prepare("SELECT visit, source_site, text, position, received_at FROM events ORDER BY visit, position")?;
    let mut events = statement.query(())?;
    let mut folding: Option<Folded> = None;
    while let Some(row) = events.next()? {
        let id = VisitId(row.get(0)?);
        if let Some(done) = folding.take_if(|folding| folding.visit.id != id) {
            settle(done, &mut meter)?;
        }
        folding = Some(Folded::with(folding.take(), row)?);
        meter.row();
    }
    if let Some(last) = folding {
        settle(last, &mut meter)?;
    }
    for row in rows {
        without_events(&row?, &mut meter, mend);
    }
    Ok(())
}

fn without_events(row: &Held, meter: &mut Meter<'_>, mend: &mut dyn FnMut(Mend)) {
    meter.difference(Difference::VisitWithoutEvents(row.id));
    mend(Mend { id: row.id, folded: None });
}

fn held(row: &Row<'_>) -> rusqlite::Result<Held> {
    Ok(Held {
        id: VisitId(row.get(3)?),
        visit: projection::read(row).ok(),
        position: row.get(4)?,
        matters_until: row.get(5)?,
    })
}

impl Held {
    /// A repair gave it a later position than its last event has, so that readers hear of it.
    fn is(&self, folded: &Folded) -> bool {
        self.visit.as_ref() == Some(&folded.visit)
            && self.position >= folded.position
            && self.matters_until == folded.matters_until()
    }
}

impl Folded {
    /// What it is with one event more, of the columns visit, source_site, text, position, received_at.
    fn with(folded: Option<Self>, row: &Row<'_>) -> rusqlite::Result<Self> {
        let (id, site) = (VisitId(row.get(0)?), SiteId(row.get(1)?));
        let (position, received_at) = (row.get(3)?, Timestamp::from_unix_ms(row.get(4)?));
        let mut visit = folded.map_or_else(|| Visit::new(id, site), |folded| folded.visit);
        // One that can't be read is a difference of the ledger's, and named there.
        if let Ok(event) = Event::parse(row.get_ref(2)?.as_str()?) {
            visit.apply(&event, Some(received_at));
        }
        Ok(Self { visit, position, received_at })
    }

    fn matters_until(&self) -> i64 {
        projection::matters_until(&self.visit, self.received_at)
    }
}
