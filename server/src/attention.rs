//! What staff must decide on, and their decisions: `/api/v1/sites/{site}/attention` and `…/gaps`.
//!
//! A text that can't count, or that came for a number which was taken, stays where it is for ever; a decision adds to
//! its row in `doubts`, to the audit trail, and where something is to count, an event to the ledger. So the delivery
//! statement closes when everything is decided, and nothing has disappeared.

mod decision;
mod said;

use std::sync::Arc;

use axum::{
    Json,
    extract::{
        FromRequestParts, Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{StatusCode, request::Parts},
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Deserialize;
use vestibule_protocol::{
    attention::{Attention, Decided, Decision, Doubt, Gap, GapKind, Noted, Verdict},
    batch::Seq,
    event::{Name, Remark},
    id::{DeviceId, SiteId, StreamId},
    standing::Fate,
    timestamp::Timestamp,
};

use self::decision::Counting;
use crate::{
    access::{
        reach::Reach,
        staff::{Staff, StaffAuth, StaffWrite},
    },
    app::App,
    audit::{self, Action, By},
    body::JsonBody,
    clock,
    error::Error,
    ingest::ledger,
    limits, paging, site,
    standing::{self, numbering},
    store,
};

/// The columns of a doubt, of which the site is the first parameter.
macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT doubts.number, doubts.device, devices.name, streams.id, doubts.seq, reason, received_at, decision, ",
            "decided_at, staff.name, note FROM doubts ",
            "JOIN devices ON devices.id = doubts.device JOIN streams ON streams.number = doubts.stream ",
            "LEFT JOIN staff ON staff.id = doubts.decided_by WHERE devices.site = ?1 AND ",
            $which
        )
    };
}

/// What a reader may say.
#[derive(Deserialize)]
pub struct Asked {
    before: Option<i64>,
    limit: Option<usize>,
    decided: Option<String>,
}

/// Which doubts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Open,
    Decided,
}

/// A request by which somebody who runs the site's desk decides on what has that number there.
pub struct Deciding {
    staff: Staff,
    by: By,
    site: SiteId,
    number: i64,
}

impl FromRequestParts<Arc<App>> for Deciding {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let StaffWrite { staff, by } = StaffWrite::from_request_parts(parts, app).await?;
        let place = Path::<(SiteId, i64)>::from_request_parts(parts, app).await;
        let Path((site, number)) = place.map_err(|_| Error::NotFound)?;
        staff.must_reach(site)?;
        staff.must_run_the_desk()?;
        Ok(Self { staff, by, site, number })
    }
}

/// `GET /api/v1/sites/{site}/attention?before=&limit=&decided`: the newest first.
pub async fn show(
    State(app): State<Arc<App>>,
    StaffAuth(staff): StaffAuth,
    site: Result<Path<SiteId>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Attention>, Error> {
    let Path(site) = site.map_err(|_| Error::NotFound)?;
    let Query(Asked { before, limit, decided }) =
        asked.map_err(|_| Error::MalformedBody { why: "The query is not before=&limit=&decided.".into() })?;
    staff.must_reach(site)?;
    let limit = paging::rows(limit, limits::ATTENTION_PAGE_ROWS);
    let which = if decided.is_some() { Which::Decided } else { Which::Open };
    let reach = staff.reach;
    let page = app.store.read(move |connection| page(connection, site, &reach, which, before, limit)).await?;
    page.map(Json).ok_or(Error::NotFound)
}

/// `POST /api/v1/sites/{site}/attention/{number}`: decides on one, once.
pub async fn decide(
    State(app): State<Arc<App>>,
    Deciding { staff, by, site, number }: Deciding,
    JsonBody(decision): JsonBody<Decision>,
) -> Result<Json<Doubt>, Error> {
    app.store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let now = clock::now();
            let Some(kept) = decision::find(connection, site, number)? else { return Ok(Err(Error::NotFound)) };
            if kept.is_decided {
                return Ok(Err(Error::AlreadyDecided));
            }
            let (verdict, event) = match decision::carry_out(connection, &staff, &kept, &decision, now)? {
                Ok(done) => done,
                Err(error) => return Ok(Err(error)),
            };
            decision::write_down(connection, &kept, verdict, event, &decision, staff.id, now)?;
            let action = match verdict {
                Verdict::Accepted => Action::DoubtAccepted,
                Verdict::Dismissed => Action::DoubtDismissed,
                Verdict::Replaced => Action::DoubtReplaced,
            };
            audit::note(connection, by, action.to_device(kept.device, site), now)?;
            Ok(one(connection, site, &staff.reach, number)?.ok_or(Error::NotFound))
        })
        .await?
        .map(Json)
}

/// `POST /api/v1/sites/{site}/gaps/{number}`: takes note that events are gone.
pub async fn settle_gap(
    State(app): State<Arc<App>>,
    Deciding { staff, by, site, number }: Deciding,
    JsonBody(Noted { note }): JsonBody<Noted>,
) -> Result<StatusCode, Error> {
    app.store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let now = clock::now();
            let Some(gap) = gaps(connection, site)?.into_iter().find(|gap| gap.number == number) else {
                return Ok(Err(Error::NotFound));
            };
            // The lower heads of a numbering that was wiped are gone with its highest.
            let settle = "UPDATE told_heads SET settled_at = ?2, settled_by = ?3, note = ?4 WHERE settled_at IS NULL \
                 AND (number = ?1 OR (?5 AND broken_at IS NULL AND seq <= ?6 \
                 AND stream = (SELECT stream FROM told_heads WHERE number = ?1)))";
            let is_wiped = gap.how == GapKind::Wiped;
            connection
                .execute(settle, params![number, now.unix_ms(), staff.id.0, note.as_str(), is_wiped, gap.last])?;
            audit::note(connection, by, Action::GapSettled.to_device(gap.device, site), now)?;
            Ok(Ok(StatusCode::NO_CONTENT))
        })
        .await?
}

fn page(
    connection: &Connection,
    site: SiteId,
    reach: &Reach,
    which: Which,
    before: Option<i64>,
    limit: usize,
) -> rusqlite::Result<Option<Attention>> {
    if !store::site_exists(connection, site)? {
        return Ok(None);
    }
    let open = connection
        .prepare_cached(
            "SELECT count(*) FROM doubts JOIN devices ON devices.id = doubts.device \
             WHERE decision IS NULL AND site = ?1",
        )?
        .query_row([site.0], |row| row.get(0))?;
    let sql = match which {
        Which::Open => select!("decision IS NULL AND doubts.number < ?2 ORDER BY doubts.number DESC LIMIT ?3"),
        Which::Decided => select!("decision IS NOT NULL AND doubts.number < ?2 ORDER BY doubts.number DESC LIMIT ?3"),
    };
    let mut doubts: Vec<Doubt> = connection
        .prepare_cached(sql)?
        .query_map(params![site.0, before.unwrap_or(i64::MAX), limit + 1], |row| doubt(connection, reach, row))?
        .collect::<rusqlite::Result<_>>()?;
    let next = paging::cut(&mut doubts, limit, |doubt| doubt.number);
    let gaps = if which == Which::Open && before.is_none() { gaps(connection, site)? } else { Vec::new() };
    Ok(Some(Attention { as_of: clock::now(), open, doubts, gaps, next }))
}

fn one(connection: &Connection, site: SiteId, reach: &Reach, number: i64) -> rusqlite::Result<Option<Doubt>> {
    connection
        .prepare_cached(select!("doubts.number = ?2"))?
        .query_row(params![site.0, number], |row| doubt(connection, reach, row))
        .optional()
}

fn doubt(connection: &Connection, reach: &Reach, row: &Row<'_>) -> rusqlite::Result<Doubt> {
    let number = row.get(0)?;
    let kept = decision::read(connection, number)?;
    let said = said::read(&kept.text);
    let against = kept.against(connection)?.map(|text| said::read(&text));
    let acceptable = !kept.is_decided
        && match kept.counting(connection, reach)? {
            Ok(Counting::Already | Counting::AsItIs(_) | Counting::UnderAnotherId(_)) => true,
            Err(_) => false,
        };
    let verdict = match row.get_ref(7)?.as_str_or_null()? {
        None => None,
        Some("accepted") => Some(Verdict::Accepted),
        Some("replaced") => Some(Verdict::Replaced),
        Some(_) => Some(Verdict::Dismissed),
    };
    let by: Option<String> = row.get(9)?;
    let note: Option<String> = row.get(10)?;
    let at: Option<i64> = row.get(8)?;
    Ok(Doubt {
        number,
        device: DeviceId(row.get(1)?),
        device_name: site::name(row, 2)?,
        stream: StreamId(row.get(3)?),
        seq: row.get(4)?,
        reason: ledger::reason(row, 5)?,
        received_at: Timestamp::from_unix_ms(row.get(6)?),
        said,
        against,
        acceptable,
        decided: verdict.map(|how| Decided {
            how,
            at: Timestamp::from_unix_ms(at.unwrap_or(0)),
            by: by.and_then(|name| Name::new(&name).ok()),
            note: note.and_then(|note| Remark::new(&note).ok()),
        }),
    })
}

/// What is gone at a site, and of which nobody has taken note.
fn gaps(connection: &Connection, site: SiteId) -> rusqlite::Result<Vec<Gap>> {
    let mut gaps = Vec::new();
    for device in standing::installations(connection, site, None, usize::MAX >> 1)? {
        for broken in standing::broken(connection, device.id)?.open {
            gaps.push(Gap {
                number: broken.number,
                device: device.id,
                device_name: device.name.clone(),
                stream: broken.stream,
                first: broken.first,
                last: broken.last,
                told_at: broken.told_at,
                how: GapKind::Renumbered,
            });
        }
        for stream in numbering::of_device(connection, device.id)? {
            if stream.fate != Fate::Lost || stream.unsettled_count() == 0 {
                continue;
            }
            let told: Option<(i64, Seq, i64)> = connection
                .prepare_cached(
                    "SELECT number, seq, told_at FROM told_heads \
                     WHERE stream = ?1 AND broken_at IS NULL AND settled_at IS NULL ORDER BY seq DESC, number DESC LIMIT 1",
                )?
                .query_row([stream.number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            let Some((number, last, told_at)) = told else { continue };
            let first = stream.missing().into_iter().map(|(first, _)| first.max(stream.settled + 1)).min();
            gaps.push(Gap {
                number,
                device: device.id,
                device_name: device.name.clone(),
                stream: stream.id,
                first: first.unwrap_or(last),
                last,
                told_at: Timestamp::from_unix_ms(told_at),
                how: GapKind::Wiped,
            });
        }
    }
    Ok(gaps)
}
