//! Brings the copy of the site up to date.

use std::collections::BTreeMap;

use indexed_db_futures::transaction::Transaction;
use vestibule_engine::outbox::{Row, Settled, State};
use vestibule_protocol::{
    account::Credentials,
    changes::{Changes, DirectoryHost, Site},
    id::{EventId, HostId, VisitId},
    limits,
    timestamp::Timestamp,
    visit::Visit,
};

use crate::{
    clock,
    error::StorageError,
    http::Ask,
    outbox,
    store::{
        Access, EVENTS, HOSTS, META, Store, VISITS,
        meta::{self, Copied, to_json},
        row::{CopyRow, EventRow, Revision},
        table,
        table::Table,
    },
};

/// Most pages that one pull takes, far more than any site has: a server that always says "more" ends here.
const MAX_PAGES: usize = 100;

/// How old the copy may grow by changes alone, in ms. Then the whole is asked for again, without the visits that are
/// long over: a kiosk that runs for months must not hold months of visitors.
const WHOLE_MAX_AGE_MS: i64 = 24 * 60 * 60 * 1_000;

/// What a pull came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pulled {
    /// The copy is as the server said.
    UpToDate,
    /// No answer, or none that makes sense; the copy is as it was.
    NoAnswer,
    /// Another worker was faster; the copy is what it stored.
    Overtaken,
}

/// Asks the server for what has changed at the site and stores it, all pages in one transaction, so that half a
/// snapshot is never taken for a whole one.
///
/// # Errors
/// [`StorageError`] if the copy can't be read or stored.
pub(crate) async fn pull(store: &Store, credentials: &Credentials) -> Result<Pulled, StorageError> {
    let began_at = clock::now();
    let before = Before::read(store).await?;
    let Some(news) = collect(credentials, before.after(credentials, began_at)).await else {
        return Ok(Pulled::NoAnswer);
    };
    store
        .transact(Access::Relaxed, &[META, EVENTS, VISITS, HOSTS], async |tx| {
            let meta = table(tx, META)?;
            if meta::COPY.get(&meta).await? != before.copied {
                return Ok(Pulled::Overtaken);
            }
            news.store(tx, &before, credentials, began_at).await?;
            Ok(Pulled::UpToDate)
        })
        .await
}

/// What was known when the pull began.
struct Before {
    copied: Option<Copied>,
    /// Events that the server had by then: what it now says includes them.
    acknowledged: Vec<EventId>,
}

/// All pages of a pull in one.
struct News {
    snapshot: bool,
    cursor: String,
    about: Option<Site>,
    hosts: BTreeMap<HostId, DirectoryHost>,
    visits: BTreeMap<VisitId, Visit>,
}

impl Before {
    async fn read(store: &Store) -> Result<Self, StorageError> {
        store
            .transact(Access::Read, &[META, EVENTS], async |tx| {
                let copied = meta::COPY.get(&table(tx, META)?).await?;
                let unsettled = outbox::unsettled(tx, None).await?;
                let acknowledged = unsettled.iter().filter(|row| matches!(row.state, State::Acknowledged { .. }));
                Ok(Self { copied, acknowledged: acknowledged.map(|row| row.id).collect() })
            })
            .await
    }

    /// Where to go on; `None` to ask for the whole.
    fn after(&self, credentials: &Credentials, now: Timestamp) -> Option<&str> {
        let copied = self.copied.as_ref()?;
        // A clock that was set back makes the age negative: that, too, is no reason to trust the copy for ever.
        let is_young = (0..WHOLE_MAX_AGE_MS).contains(&now.ms_since(copied.whole_at));
        (is_young && copied.site == credentials.site).then_some(&*copied.cursor)
    }
}

/// Asks for page after page; `None` if one of them is no answer.
async fn collect(credentials: &Credentials, after: Option<&str>) -> Option<News> {
    let mut page = ask(credentials, after).await?;
    // Where nothing was to be gone on from, the first page is a whole, whatever it says.
    let mut news = News::new(&mut page, after.is_none());
    for _ in 1..MAX_PAGES {
        if !page.more {
            return Some(news);
        }
        page = ask(credentials, Some(&news.cursor)).await?;
        if page.snapshot {
            news = News::new(&mut page, true);
        } else {
            news.add(&mut page);
        }
    }
    None
}

async fn ask(credentials: &Credentials, after: Option<&str>) -> Option<Changes> {
    let limit = limits::CHANGES_PAGE_MAX_ROWS;
    let mut path = format!("/api/v1/sites/{}/changes?limit={limit}", credentials.site);
    if let Some(after) = after {
        path.push_str("&after=");
        path.push_str(&String::from(js_sys::encode_uri_component(after)));
    }
    let reply = Ask::get(&path, &credentials.token).send().await?;
    (reply.status == 200).then(|| serde_json::from_str(&reply.body).ok()).flatten()
}

impl News {
    fn new(page: &mut Changes, whole: bool) -> Self {
        let mut news = Self {
            snapshot: whole || page.snapshot,
            cursor: String::new(),
            about: None,
            hosts: BTreeMap::new(),
            visits: BTreeMap::new(),
        };
        news.add(page);
        news
    }

    fn add(&mut self, page: &mut Changes) {
        self.cursor.clone_from(&page.cursor);
        self.about = page.site.take().or(self.about.take());
        self.hosts.extend(page.hosts.drain(..).map(|host| (host.id, host)));
        self.visits.extend(page.visits.drain(..).map(|visit| (visit.id, visit)));
    }

    async fn store(
        &self,
        tx: &Transaction<'_>,
        before: &Before,
        credentials: &Credentials,
        began_at: Timestamp,
    ) -> Result<(), StorageError> {
        let (meta, events) = (table(tx, META)?, table(tx, EVENTS)?);
        let (hosts, visits) = (table(tx, HOSTS)?, table(tx, VISITS)?);
        let revision = meta::next_revision(&meta).await?;
        if self.snapshot {
            hosts.clear()?;
            visits.clear()?;
        }
        put(&hosts, self.hosts.values().map(|host| (host.id.to_string(), to_json(host))), revision)?;
        put(&visits, self.visits.values().map(|visit| (visit.id.to_string(), to_json(visit))), revision)?;
        settle(&events, &before.acknowledged, revision).await?;
        let kept = before.copied.as_ref().filter(|_| !self.snapshot);
        let copied = Copied {
            site: credentials.site,
            about: self.about.clone().or_else(|| kept.and_then(|copied| copied.about.clone())),
            cursor: self.cursor.clone(),
            as_of: began_at,
            whole_at: kept.map_or(began_at, |copied| copied.whole_at),
            whole_since: kept.map_or(revision, |copied| copied.whole_since),
        };
        meta::COPY.set(&meta, &copied)
    }
}

fn put(
    rows: &Table<'_>,
    values: impl Iterator<Item = (String, String)>,
    revision: Revision,
) -> Result<(), StorageError> {
    for (id, json) in values {
        rows.put(&CopyRow { id, json, revision })?;
    }
    Ok(())
}

async fn settle(events: &Table<'_>, acknowledged: &[EventId], revision: Revision) -> Result<(), StorageError> {
    for id in acknowledged {
        let row = events.get::<EventRow>(&id.to_string()).await?;
        // One that waits again, because the server was restored, is not settled.
        if let Some(row) = row.filter(|row| matches!(row.state, State::Acknowledged { .. })) {
            events.put(&EventRow { row: Row { settled: Settled::Yes, ..row.row }, revision })?;
        }
    }
    Ok(())
}
