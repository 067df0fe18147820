//! Brings the copy of the site up to date.
//!
//! What the server said is written in stages, each a transaction of bounded length, so that a visitor's check-in never
//! waits behind a snapshot of the whole site. A row that is written early is no harm: it is the server's newer word.
//! What a snapshot does not name goes at the end, and only the last stage moves the cursor: a pull that is cut short is
//! taken up from where the one before it ended. Of several pulls under way only the last to begin goes on writing.

use std::borrow::Cow;

use serde::Deserialize;
use vestibule_engine::outbox::{Row, Settled, StateName};
use vestibule_protocol::{
    account::Credentials,
    id::SiteId,
    json::{self, RawValue},
    limits,
    problem::{self, Problem},
    timestamp::Timestamp,
};
use web_sys::IdbKeyRange;

use crate::{
    clock,
    error::StorageError,
    http::{Ask, Reply, essence},
    store::{
        Access, EVENTS, HOSTS, META, NEWS, Store, VISITS,
        meta::{self, Copied},
        row::{self, CopyRow, EventRow, Revision},
        transaction::{Request, Transaction},
    },
};

/// Most pages that one pull takes, far more than any site has: a server that always says "more" ends here.
const MAX_PAGES: usize = 100;

/// Most rows that one stage writes: some ten ms on a tablet, which nobody notices who waits for an append behind it.
const STAGE_MAX_ROWS: u32 = 100;

/// How old the copy may grow by changes alone, in ms. Then the whole is asked for again, without the visits that are
/// long over: a kiosk that runs for months must not hold months of visitors.
const WHOLE_MAX_AGE_MS: i64 = 24 * 60 * 60 * 1_000;

/// What a pull came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pulled {
    /// The copy is as the server said.
    UpToDate,
    /// The server answered, but not with what was asked for, as when it does not accept the token, or is known to have
    /// withdrawn the device's access; the copy is as it was.
    Refused,
    /// No answer, or none of the server's; the copy is as it was.
    NoAnswer,
    /// The server answered that the device's access was withdrawn.
    Revoked,
    /// Another worker was faster; the copy is what it stored.
    Overtaken,
}

/// Asks the server for what has changed at the site and stores it.
///
/// # Errors
/// [`StorageError`] if the copy can't be read or stored.
pub(crate) async fn pull(store: &Store, credentials: &Credentials) -> Result<Pulled, StorageError> {
    let began_at = clock::now();
    let before = Before::read(store).await?;
    if before.is_revoked {
        // There is to be no copy. Should the device have its access back, a receipt says so.
        return Ok(Pulled::Refused);
    }
    let news = match collect(credentials, before.after(credentials, began_at)).await {
        Ok(news) => news,
        Err(told) => return Ok(told),
    };
    let mut writing = Writing { store, before: &before, news: &news, site: credentials.site, began_at, claim: None };
    for stage in news.stages(before.settled_until()) {
        let mut next = Some(stage);
        while let Some(stage) = next {
            next = match writing.perform(stage).await? {
                Progress::Overtaken => return Ok(Pulled::Overtaken),
                Progress::More(stage) => Some(stage),
                Progress::Done => None,
            };
        }
    }
    Ok(Pulled::UpToDate)
}

/// What was known when the pull began.
struct Before {
    copied: Option<Copied>,
    /// The last change of the database. An event that was acknowledged by then is in what the server now says.
    revision: Revision,
    is_revoked: bool,
}

/// All pages of a pull in one.
struct News {
    snapshot: bool,
    cursor: String,
    about: Option<Box<RawValue>>,
    settings: Option<Box<RawValue>>,
    rows: Vec<NewRow>,
}

/// A visit or a host, as the server sent it.
struct NewRow {
    store: &'static str,
    id: String,
    json: String,
}

/// What is read here of a page of [`vestibule_protocol::changes::Changes`]; the rest is kept as the text that it is.
#[derive(Deserialize)]
struct Page<'a> {
    cursor: String,
    snapshot: bool,
    more: bool,
    #[serde(default, borrow)]
    site: Option<&'a RawValue>,
    #[serde(default, borrow)]
    settings: Option<&'a RawValue>,
    #[serde(default, borrow)]
    hosts: Vec<&'a RawValue>,
    #[serde(default, borrow)]
    visits: Vec<&'a RawValue>,
}

impl Before {
    async fn read(store: &Store) -> Result<Self, StorageError> {
        store
            .transact(Access::Read, &[META], async |tx| {
                let (copied, revision, memory) = (meta::COPY.get(tx)?, meta::REVISION.get(tx)?, meta::memory(tx)?);
                tx.answered().await?;
                Ok(Self {
                    copied: copied.answer()?,
                    revision: revision.answer()?.unwrap_or(0),
                    is_revoked: memory.answer()?.revoked.is_some(),
                })
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

    fn settled_until(&self) -> Revision {
        self.copied.as_ref().map_or(0, |copied| copied.settled_until)
    }
}

/// Asks for page after page; what came of it if one of them is not what was asked for.
async fn collect(credentials: &Credentials, after: Option<&str>) -> Result<News, Pulled> {
    // Where nothing was to be gone on from, the first page is a whole, whatever it says.
    let mut news =
        News { snapshot: after.is_none(), cursor: String::new(), about: None, settings: None, rows: Vec::new() };
    let mut after = after.map(str::to_owned);
    for _ in 0..MAX_PAGES {
        let body = ask(credentials, after.as_deref()).await?;
        let page: Page<'_> = json::read(&body).map_err(|_| Pulled::NoAnswer)?;
        let more = page.more;
        news.add(page);
        if !more {
            return Ok(news);
        }
        after = Some(news.cursor.clone());
    }
    Err(Pulled::NoAnswer)
}

async fn ask(credentials: &Credentials, after: Option<&str>) -> Result<String, Pulled> {
    let limit = limits::CHANGES_PAGE_MAX_ROWS;
    let mut path = format!("/api/v1/sites/{}/changes?limit={limit}", credentials.site);
    if let Some(after) = after {
        path.push_str("&after=");
        path.push_str(&String::from(js_sys::encode_uri_component(after)));
    }
    let reply = Ask::get(&path, &credentials.token).send().await.ok_or(Pulled::NoAnswer)?;
    match reply.status {
        200 => Ok(reply.body),
        403 if code_of(&reply).is_some_and(|code| code == problem::DEVICE_REVOKED) => Err(Pulled::Revoked),
        // A proxy or portal says so with a page of its own: that is an outage.
        400..500 if essence(&reply.content_type) == problem::MEDIA_TYPE => Err(Pulled::Refused),
        _ => Err(Pulled::NoAnswer),
    }
}

/// The code of a problem document.
fn code_of(reply: &Reply) -> Option<Cow<'static, str>> {
    json::read::<Problem>(&reply.body).ok().map(|problem| problem.code)
}

impl News {
    fn add(&mut self, page: Page<'_>) {
        if page.snapshot {
            self.snapshot = true;
            self.rows.clear();
            self.settings = None;
        }
        self.cursor = page.cursor;
        self.about = page.site.map(ToOwned::to_owned).or(self.about.take());
        self.settings = page.settings.map(ToOwned::to_owned).or(self.settings.take());
        self.rows.extend(page.hosts.into_iter().filter_map(|host| NewRow::of(HOSTS, host)));
        self.rows.extend(page.visits.into_iter().filter_map(|visit| NewRow::of(VISITS, visit)));
    }

    /// What is to be written, in this order.
    fn stages(&self, settled_until: Revision) -> Vec<Stage<'_>> {
        let mut stages: Vec<_> = self.rows.chunks(STAGE_MAX_ROWS as usize).map(Stage::Rows).collect();
        if self.snapshot {
            stages.extend([Stage::Stale(HOSTS), Stage::Stale(VISITS)]);
        }
        stages.push(Stage::Settle { after: settled_until });
        stages
    }
}

impl NewRow {
    /// `None` for what has no id, and so can't be found again.
    fn of(store: &'static str, raw: &RawValue) -> Option<Self> {
        #[derive(Deserialize)]
        struct Identified {
            id: String,
        }
        let Identified { id } = json::read(raw.get()).ok()?;
        Some(Self { store, id, json: raw.get().to_owned() })
    }
}

/// What one transaction writes.
#[derive(Clone, Copy)]
enum Stage<'a> {
    /// These rows.
    Rows(&'a [NewRow]),
    /// Of this store, the rows that the snapshot did not name: they are deleted.
    Stale(&'static str),
    /// That the copy now contains the events that were acknowledged before the pull began, those changed after `after`;
    /// and, with the last of them, how far the copy goes.
    Settle { after: Revision },
}

/// How far a stage has come.
enum Progress<'a> {
    /// Another worker has begun to write; this one must not go on.
    Overtaken,
    /// This is left of it.
    More(Stage<'a>),
    /// It is done.
    Done,
}

/// A pull that is being written.
struct Writing<'a> {
    store: &'a Store,
    before: &'a Before,
    news: &'a News,
    site: SiteId,
    began_at: Timestamp,
    /// The change that its first stage was.
    claim: Option<Revision>,
}

impl<'a> Writing<'a> {
    async fn perform(&mut self, stage: Stage<'a>) -> Result<Progress<'a>, StorageError> {
        let this = &*self;
        let performed = this.store.transact(Access::Relaxed, &[META, EVENTS, VISITS, HOSTS], async move |tx| {
            let (copied, claim) = (meta::COPY.get(tx)?, meta::PULL.get(tx)?);
            let (revision, memory) = (meta::REVISION.get(tx)?, meta::memory(tx)?);
            let stale = this.ask_stale(tx, stage)?;
            let events = this.ask_events(tx, stage)?;
            tx.answered().await?;
            let is_overtaken = match this.claim {
                None => mark(copied.answer()?.as_ref()) != mark(this.before.copied.as_ref()),
                Some(own) => claim.answer()? != Some(own),
            };
            let is_overtaken = is_overtaken || memory.answer()?.revoked.is_some();
            let revision = meta::next_revision(tx, &revision)?;
            if is_overtaken {
                return Ok((Progress::Overtaken, revision));
            }
            if this.claim.is_none() {
                meta::PULL.set(tx, &revision)?;
            }
            let progress = match stage {
                Stage::Rows(rows) => write(tx, rows, revision)?,
                Stage::Stale(store) => forget(tx, store, &answers(stale)?)?,
                Stage::Settle { .. } => {
                    let progress = settle(tx, stage, answers(events)?, revision)?;
                    if let Progress::Done = progress {
                        meta::COPY.set(tx, &this.copied(revision))?;
                        if let Some(settings) = &this.news.settings {
                            meta::SETTINGS.set(tx, settings)?;
                        }
                    }
                    progress
                }
            };
            Ok((progress, revision))
        });
        let (progress, revision) = performed.await?;
        self.claim.get_or_insert(revision);
        Ok(progress)
    }

    fn ask_stale(&self, tx: &Transaction, stage: Stage<'_>) -> Result<Option<Request<Vec<String>>>, StorageError> {
        let (Stage::Stale(store), Some(claim)) = (stage, self.claim) else { return Ok(None) };
        let keys = IdbKeyRange::upper_bound_with_open(&row::number_to_js(claim).into(), true)?;
        tx.ids(store, NEWS, &keys, STAGE_MAX_ROWS).map(Some)
    }

    fn ask_events(&self, tx: &Transaction, stage: Stage<'_>) -> Result<Option<Request<Vec<EventRow>>>, StorageError> {
        let Stage::Settle { after } = stage else { return Ok(None) };
        if after >= self.before.revision {
            return Ok(None);
        }
        let (after, until) = (row::number_to_js(after).into(), row::number_to_js(self.before.revision).into());
        let keys = IdbKeyRange::bound_with_lower_open(&after, &until, true)?;
        tx.some(EVENTS, NEWS, &keys, STAGE_MAX_ROWS).map(Some)
    }

    fn copied(&self, revision: Revision) -> Copied {
        let kept = self.before.copied.as_ref().filter(|_| !self.news.snapshot);
        Copied {
            site: self.site,
            about: self.news.about.clone().or_else(|| kept.and_then(|copied| copied.about.clone())),
            cursor: self.news.cursor.clone(),
            as_of: self.began_at,
            whole_at: kept.map_or(self.began_at, |copied| copied.whole_at),
            whole_since: kept.map_or(revision, |copied| copied.whole_since),
            settled_until: self.before.revision,
            settings_since: match &self.news.settings {
                Some(_) => Some(revision),
                None => kept.and_then(|copied| copied.settings_since),
            },
        }
    }
}

/// What tells one state of the copy from another: every pull moves it.
fn mark(copied: Option<&Copied>) -> Option<(&str, SiteId, Timestamp, Revision)> {
    copied.map(|copied| (&*copied.cursor, copied.site, copied.as_of, copied.settled_until))
}

fn answers<T>(request: Option<Request<Vec<T>>>) -> Result<Vec<T>, StorageError> {
    request.map_or(Ok(Vec::new()), |request| request.answer())
}

fn write<'a>(tx: &Transaction, rows: &[NewRow], revision: Revision) -> Result<Progress<'a>, StorageError> {
    for NewRow { store, id, json } in rows {
        tx.put(store, &CopyRow { id: id.clone(), json: json.clone(), revision })?;
    }
    Ok(Progress::Done)
}

fn forget<'a>(tx: &Transaction, store: &'static str, ids: &[String]) -> Result<Progress<'a>, StorageError> {
    for id in ids {
        tx.delete(store, id)?;
    }
    Ok(if is_full(ids) { Progress::More(Stage::Stale(store)) } else { Progress::Done })
}

/// Settles those of the events that are acknowledged. One that waits again, because the server was restored, is not.
fn settle<'a>(
    tx: &Transaction,
    stage: Stage<'a>,
    events: Vec<EventRow>,
    revision: Revision,
) -> Result<Progress<'a>, StorageError> {
    let (mut settled, last, is_full) = (0, events.last().map(|last| last.revision), is_full(&events));
    for EventRow { row, .. } in events {
        if row.state.name() == StateName::Acknowledged && row.settled == Settled::No {
            settled += 1;
            tx.put(EVENTS, &EventRow { row: Row { settled: Settled::Yes, ..row }, revision })?;
        }
    }
    Ok(match last {
        // Those that were settled are out of the way: their change is this one.
        Some(_) if is_full && settled > 0 => Progress::More(stage),
        Some(last) if is_full => Progress::More(Stage::Settle { after: last }),
        Some(_) | None => Progress::Done,
    })
}

/// Whether there may be more.
fn is_full<T>(rows: &[T]) -> bool {
    rows.len() >= STAGE_MAX_ROWS as usize
}
