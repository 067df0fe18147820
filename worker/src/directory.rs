//! The device's copy of the site: hosts and visits as the server last said, and this device's own events on top.
//!
//! An event is folded in until the copy contains it. The server may have counted it in a page that was already under
//! way when the receipt came, or not; so an event is settled only by a pull which began after the acknowledgement.
//! Hence nothing flickers when a receipt comes, and nothing vanishes in an outage.
//!
//! All of it is passed on as the text that it is. Pages read it, and fold.

mod pull;

pub(crate) use pull::{Pulled, pull};
use vestibule_engine::Wipe;
use vestibule_protocol::{
    id::{SiteId, VisitId},
    json::{self, RawValue},
    message::{OwnEvent, OwnEvents, PassedOn},
};
use web_sys::IdbKeyRange;

use crate::{
    error::StorageError,
    outbox,
    store::{
        Access, EVENTS, HOSTS, META, NEWS, Store, VISITS,
        meta::{self, Copied},
        row::{self, CopyRow, EventRow, Revision, Row},
        transaction::{Pending, Request, Transaction},
    },
};

/// Most visits that are read one by one to say what changed. Where more have, the whole is read at once, which is
/// faster.
const CHANGED_MAX_VISITS: usize = 200;

/// What pages see, and the change of the database that it includes.
pub(crate) struct Seen {
    /// What they see.
    pub(crate) view: PassedOn,
    /// The last change that it includes.
    pub(crate) revision: Revision,
}

/// Everything that is known of the site.
///
/// # Errors
/// [`StorageError`] if it can't be read.
pub(crate) fn whole(store: &Store) -> Pending<'_, Seen> {
    see(store, None)
}

/// What has changed since the change `shown`, by whichever worker; everything if the copy was replaced since.
///
/// # Errors
/// [`StorageError`] if it can't be read.
pub(crate) fn since(store: &Store, shown: Revision) -> Pending<'_, Seen> {
    see(store, Some(shown))
}

/// Performs [`vestibule_engine::Action::Wipe`]. What is left says which site it was: visitors are told so.
///
/// # Errors
/// [`StorageError`] if the transaction did not complete.
pub(crate) fn wipe(store: &Store, wipe: Wipe) -> Pending<'_, ()> {
    store.transact(Access::Relaxed, &[META, VISITS, HOSTS], async move |tx| {
        let (memory, copied, revision) = (meta::memory(tx)?, meta::COPY.get(tx)?, meta::REVISION.get(tx)?);
        tx.answered().await?;
        let Some(memory) = wipe.decide(&memory.answer()?) else { return Ok(()) };
        let revision = meta::next_revision(tx, &revision)?;
        tx.clear(VISITS)?;
        tx.clear(HOSTS)?;
        meta::SETTINGS.forget(tx)?;
        if let Some(copied) = copied.answer()? {
            meta::COPY.set(tx, &copied.wiped(revision))?;
        }
        // A pull that is under way must not bring it back.
        meta::PULL.set(tx, &revision)?;
        meta::MEMORY.set(tx, &memory)
    })
}

fn see(store: &Store, shown: Option<Revision>) -> Pending<'_, Seen> {
    store.transact(Access::Read, &[META, EVENTS, VISITS, HOSTS], async move |tx| {
        let base = Base::read(tx).await?;
        match shown {
            Some(shown) if shown == base.revision => Ok(base.unchanged()),
            Some(shown) if !base.is_replaced_since(shown) => base.changed(tx, shown).await,
            Some(_) | None => base.whole(tx).await,
        }
    })
}

/// What was read for a view.
#[derive(Default)]
struct Rows {
    settings: Option<Box<RawValue>>,
    hosts: Vec<CopyRow>,
    visits: Vec<CopyRow>,
    own: Vec<EventRow>,
}

type SettingsAsked = Request<Option<Box<RawValue>>>;

fn answer(asked: Option<SettingsAsked>) -> Result<Option<Box<RawValue>>, StorageError> {
    asked.map_or(Ok(None), |asked| asked.answer())
}

/// What a view begins with.
struct Base {
    site: Option<SiteId>,
    copied: Option<Copied>,
    revision: Revision,
    /// Whether the device's access was withdrawn: then pages see nobody, whatever is left.
    is_revoked: bool,
}

impl Base {
    async fn read(tx: &Transaction) -> Result<Self, StorageError> {
        let credentials = meta::CREDENTIALS.get(tx)?;
        let copied = meta::COPY.get(tx)?;
        let revision = meta::REVISION.get(tx)?;
        let memory = meta::memory(tx)?;
        tx.answered().await?;
        let site = credentials.answer()?.map(|credentials| credentials.site);
        Ok(Self {
            site,
            // A copy of another site, from before the device was paired again, is not shown.
            copied: copied.answer()?.filter(|copied| Some(copied.site) == site),
            revision: revision.answer()?.unwrap_or(0),
            is_revoked: memory.answer()?.revoked.is_some(),
        })
    }

    fn is_replaced_since(&self, shown: Revision) -> bool {
        self.is_revoked || self.copied.as_ref().is_none_or(|copied| copied.whole_since > shown)
    }

    fn unchanged(self) -> Seen {
        self.seen(false, Rows::default())
    }

    async fn whole(self, tx: &Transaction) -> Result<Seen, StorageError> {
        if self.is_revoked {
            return Ok(self.seen(true, Rows::default()));
        }
        let (hosts, visits) = (tx.all::<CopyRow>(HOSTS)?, tx.all::<CopyRow>(VISITS)?);
        let own = outbox::unsettled(tx, None)?;
        let settings = self.settings_since(tx, None)?;
        tx.answered().await?;
        let rows =
            Rows { settings: answer(settings)?, hosts: hosts.answer()?, visits: visits.answer()?, own: own.answer()? };
        Ok(self.seen(true, rows))
    }

    async fn changed(self, tx: &Transaction, shown: Revision) -> Result<Seen, StorageError> {
        let events = news::<EventRow>(tx, EVENTS, shown)?;
        let visits = news::<CopyRow>(tx, VISITS, shown)?;
        let hosts = news::<CopyRow>(tx, HOSTS, shown)?;
        let settings = self.settings_since(tx, Some(shown))?;
        tx.answered().await?;
        let mut touched: Vec<VisitId> = Vec::new();
        let by_events = events.answer()?.into_iter().map(|row| Some(row.visit));
        let by_copies = visits.answer()?.into_iter().map(|row| row.id.parse().ok());
        for visit in by_events.chain(by_copies).flatten() {
            if touched.len() > CHANGED_MAX_VISITS {
                return self.whole(tx).await;
            }
            if !touched.contains(&visit) {
                touched.push(visit);
            }
        }
        let mut asked = Vec::new();
        for &visit in &touched {
            asked.push((tx.get::<CopyRow>(VISITS, &visit.to_string())?, outbox::unsettled(tx, Some(visit))?));
        }
        tx.answered().await?;
        let (mut visits, mut own) = (Vec::new(), Vec::new());
        for (copy, events) in asked {
            visits.extend(copy.answer()?);
            own.append(&mut events.answer()?);
        }
        Ok(self.seen(false, Rows { settings: answer(settings)?, hosts: hosts.answer()?, visits, own }))
    }

    /// Asks what the site has decided, if there is something that changed after `shown`.
    fn settings_since(&self, tx: &Transaction, shown: Option<Revision>) -> Result<Option<SettingsAsked>, StorageError> {
        let since = self.copied.as_ref().and_then(|copied| copied.settings_since);
        since.filter(|since| Some(*since) > shown).map(|_| meta::SETTINGS.get(tx)).transpose()
    }

    /// What pages are told of these rows.
    fn seen(self, whole: bool, rows: Rows) -> Seen {
        let Rows { settings, mut hosts, mut visits, own } = rows;
        if self.copied.is_none() {
            (hosts, visits) = Default::default();
        }
        let Self { copied, revision, site, is_revoked: _ } = self;
        let (as_of, about) = copied.map_or((None, None), |copied| (copied.as_of(), copied.about));
        let events: Vec<_> = own.into_iter().filter_map(own_event).collect();
        Seen {
            view: PassedOn {
                whole,
                as_of,
                site: about,
                settings,
                hosts: hosts.into_iter().filter_map(passed_on).collect(),
                visits: visits.into_iter().filter_map(passed_on).collect(),
                own: site.filter(|_| !events.is_empty()).map(|site| OwnEvents { site, events }),
            },
            revision,
        }
    }
}

/// The rows that have changed since.
fn news<R: Row>(tx: &Transaction, store: &str, shown: Revision) -> Result<Request<Vec<R>>, StorageError> {
    let since = IdbKeyRange::lower_bound_with_open(&row::number_to_js(shown).into(), true)?;
    tx.some(store, NEWS, &since, u32::MAX)
}

fn passed_on(row: CopyRow) -> Option<Box<RawValue>> {
    json::raw(&row.json)
}

fn own_event(row: EventRow) -> Option<OwnEvent> {
    let received_at = row.received_at();
    Some(OwnEvent { event: json::raw(&row.text)?, received_at })
}
