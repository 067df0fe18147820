//! `GET /api/v1/audit`, by pages, and `GET /api/v1/audit.csv`, whole.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Query, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
};
use rusqlite::{Connection, Row, params};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use vestibule_protocol::{
    admin::{AuditEntry, AuditPage},
    id::SiteId,
    timestamp::Timestamp,
};

use crate::{access::staff::HeadAuth, app::App, error::Error, limits, paging, store::ReadError};

/// Which entries.
#[derive(Deserialize)]
pub struct Asked {
    /// The `next` of the page before.
    before: Option<i64>,
    /// At most so many.
    limit: Option<usize>,
}

/// `GET /api/v1/audit?before=&limit=`: the newest entries, or those before a number.
pub async fn list(
    State(app): State<Arc<App>>,
    _head: HeadAuth,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<AuditPage>, Error> {
    let Query(Asked { before, limit }) =
        asked.map_err(|_| Error::MalformedBody { why: "The query is not before=&limit=.".into() })?;
    let limit = paging::rows(limit, limits::AUDIT_PAGE_ROWS);
    let entries = app.store.read(move |connection| newest(connection, before, limit)).await?;
    let next = entries.last().filter(|_| entries.len() == limit).map(|entry| entry.number);
    Ok(Json(AuditPage { entries, next }))
}

/// `GET /api/v1/audit.csv`: all of it, the newest first, sent as it is read.
pub async fn csv(State(app): State<Arc<App>>, _head: HeadAuth) -> Response {
    // One page waits for the reader at most.
    let (sender, pages) = mpsc::channel::<Result<Bytes, ReadError>>(1);
    tokio::spawn(async move {
        let mut text = "number,at,actor_kind,actor,action,subject,site,address\r\n".to_owned();
        let mut before = None;
        loop {
            let page = app.store.read(move |connection| newest(connection, before, limits::AUDIT_PAGE_ROWS)).await;
            let (page, is_end) = match page {
                Ok(entries) => {
                    before = entries.last().map(|entry| entry.number);
                    entries.iter().for_each(|entry| write_line(&mut text, entry));
                    (Ok(std::mem::take(&mut text).into()), entries.len() < limits::AUDIT_PAGE_ROWS)
                }
                Err(error) => (Err(error), true),
            };
            if sender.send(page).await.is_err() || is_end {
                return;
            }
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    (headers, Body::from_stream(ReceiverStream::new(pages))).into_response()
}

fn newest(connection: &Connection, before: Option<i64>, limit: usize) -> rusqlite::Result<Vec<AuditEntry>> {
    connection
        .prepare_cached(
            "SELECT number, at, actor_kind, actor, action, subject, site, address FROM audit WHERE number < ?1 \
             ORDER BY number DESC LIMIT ?2",
        )?
        .query_map(params![before.unwrap_or(i64::MAX), limit], entry)?
        .collect()
}

fn entry(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    Ok(AuditEntry {
        number: row.get(0)?,
        at: Timestamp::from_unix_ms(row.get(1)?),
        actor_kind: row.get(2)?,
        actor: row.get(3)?,
        action: row.get(4)?,
        subject: row.get(5)?,
        site: row.get::<_, Option<_>>(6)?.map(SiteId),
        address: row.get(7)?,
    })
}

/// Ids, words of ours and addresses: nothing in it needs quoting (RFC 4180), and nothing begins a formula.
fn write_line(text: &mut String, entry: &AuditEntry) {
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let AuditEntry { number, at, actor_kind, actor, action, subject, site, address } = entry;
    let (actor, subject, site) = (id(*actor), id(*subject), id(site.map(|site| site.0)));
    let address = address.as_deref().unwrap_or_default();
    write!(text, "{number},{at},{actor_kind},{actor},{action},{subject},{site},{address}\r\n")
        .expect("a String takes any text");
}
