//! The device's copy of the site: hosts and visits as the server last said, and this device's own events on top.
//!
//! An event is folded in until the copy contains it. The server may have counted it in a page that was already under
//! way when the receipt came, or not; so an event is settled only in the transaction that stores a pull which began
//! after the acknowledgement. Hence nothing flickers when a receipt comes, and nothing vanishes in an outage.

mod pull;

use std::collections::{BTreeMap, BTreeSet};

use indexed_db_futures::{KeyRange, primitive::TryFromJs, transaction::Transaction};
pub(crate) use pull::{Pulled, pull};
use serde::de::DeserializeOwned;
use vestibule_protocol::{
    id::{SiteId, VisitId},
    message::View,
    visit::Visit,
};

use crate::{
    error::StorageError,
    outbox,
    store::{
        Access, EVENTS, HOSTS, META, NEWS, Store, VISITS,
        meta::{self, Copied},
        row::{self, CopyRow, EventRow, Revision},
        table,
        table::{Reply, Table},
    },
};

/// What pages see, and the change of the database that it includes.
pub(crate) struct Seen {
    /// What they see.
    pub(crate) view: View,
    /// The last change that it includes.
    pub(crate) revision: Revision,
}

/// Everything that is known of the site.
///
/// # Errors
/// [`StorageError`] if it can't be read.
pub(crate) async fn whole(store: &Store) -> Result<Seen, StorageError> {
    store
        .transact(Access::Read, &[META, EVENTS, VISITS, HOSTS], async |tx| {
            let base = Base::read(tx).await?;
            base.whole(tx).await
        })
        .await
}

/// What has changed since the change `shown`, by whichever worker; everything if the copy was replaced since.
///
/// # Errors
/// [`StorageError`] if it can't be read.
pub(crate) async fn since(store: &Store, shown: Revision) -> Result<Seen, StorageError> {
    store
        .transact(Access::Read, &[META, EVENTS, VISITS, HOSTS], async |tx| {
            let base = Base::read(tx).await?;
            let is_replaced = base.copied.as_ref().is_none_or(|copied| copied.whole_since > shown);
            if is_replaced && base.revision > shown { base.whole(tx).await } else { base.changed(tx, shown).await }
        })
        .await
}

/// What a view begins with.
struct Base {
    site: Option<SiteId>,
    copied: Option<Copied>,
    revision: Revision,
}

impl Base {
    async fn read(tx: &Transaction<'_>) -> Result<Self, StorageError> {
        let meta = table(tx, META)?;
        let credentials = meta::CREDENTIALS.get(&meta);
        let copied = meta::COPY.get(&meta);
        let revision = meta::REVISION.get(&meta);
        let site = credentials.await?.map(|credentials| credentials.site);
        Ok(Self {
            site,
            copied: copied.await?.filter(|copied| Some(copied.site) == site),
            revision: revision.await?.unwrap_or(0),
        })
    }

    async fn whole(self, tx: &Transaction<'_>) -> Result<Seen, StorageError> {
        let (hosts, visits) = (table(tx, HOSTS)?, table(tx, VISITS)?);
        let (hosts, visits) = (hosts.all::<CopyRow>(), visits.all::<CopyRow>());
        let own = outbox::unsettled(tx, None).await?;
        let mut view = self.view();
        view.whole = true;
        // A copy of another site, from before the device was paired again, is not shown.
        if self.copied.is_some() {
            view.hosts = hosts.await?.iter().filter_map(parsed).collect();
            view.visits = visits.await?.iter().filter_map(parsed).collect();
        }
        self.fold(&mut view.visits, &own);
        Ok(Seen { view, revision: self.revision })
    }

    async fn changed(self, tx: &Transaction<'_>, shown: Revision) -> Result<Seen, StorageError> {
        let mut view = self.view();
        if self.revision == shown {
            return Ok(Seen { view, revision: shown });
        }
        let (hosts, visits) = (table(tx, HOSTS)?, table(tx, VISITS)?);
        let events = table(tx, EVENTS)?;
        let mut touched = BTreeSet::new();
        touched.extend(news::<EventRow>(&events, shown).await?.iter().map(|row| row.visit));
        if self.copied.is_some() {
            view.hosts = news::<CopyRow>(&hosts, shown).await?.iter().filter_map(parsed).collect();
            touched
                .extend(news::<CopyRow>(&visits, shown).await?.iter().filter_map(|row| row.id.parse::<VisitId>().ok()));
        }
        for id in touched {
            let copy = visits.get::<CopyRow>(&id.to_string()).await?;
            let own = outbox::unsettled(tx, Some(id)).await?;
            view.visits.extend(copy.filter(|_| self.copied.is_some()).as_ref().and_then(parsed::<Visit>));
            self.fold(&mut view.visits, &own);
        }
        Ok(Seen { view, revision: self.revision })
    }

    fn view(&self) -> View {
        View {
            whole: false,
            as_of: self.copied.as_ref().map(|copied| copied.as_of),
            site: self.copied.as_ref().and_then(|copied| copied.about.clone()),
            hosts: Vec::new(),
            visits: Vec::new(),
        }
    }

    /// Folds this device's own events of this site in, visits that the server does not know of included.
    fn fold(&self, visits: &mut Vec<Visit>, own: &[EventRow]) {
        if own.is_empty() {
            return;
        }
        let mut places = BTreeMap::new();
        places.extend(visits.iter().enumerate().map(|(place, visit)| (visit.id, place)));
        for row in own {
            let Some(event) = row.event().filter(|event| Some(event.source.site) == self.site) else { continue };
            let place = *places.entry(event.visit).or_insert_with(|| {
                visits.push(Visit::new(event.visit, event.source.site));
                visits.len() - 1
            });
            visits[place].apply(&event, row.received_at());
        }
    }
}

/// The rows that have changed since.
fn news<Row: TryFromJs + 'static>(rows: &Table<'_>, shown: Revision) -> Reply<Vec<Row>> {
    rows.some(NEWS, KeyRange::LowerBound(row::number_to_js(shown).into(), true), u32::MAX)
}

/// What the server sent, if this version understands it. What it does not is not worth failing the others for.
fn parsed<T: DeserializeOwned>(row: &CopyRow) -> Option<T> {
    serde_json::from_str(&row.json).ok()
}
