//! What is known of the site: the server's last word, with this device's own events on top.
//!
//! The worker passes on what it holds as it stands in its database, [`PassedOn`]; the page reads it, and folds the
//! device's own events in. What one version can't read, because a newer server or worker has written it, is left out:
//! it must not keep its neighbours from the screen.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    changes::{DirectoryHost, Site},
    event::Event,
    id::{SiteId, VisitId},
    json,
    timestamp::Timestamp,
    visit::Visit,
};

/// What is known of the site, as a page sees it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "PassedOn")]
pub struct View {
    /// Whether this is everything; otherwise only what changed.
    pub whole: bool,
    /// When the server last gave its word, by the device's clock; `None` if never.
    pub as_of: Option<Timestamp>,
    /// The site.
    pub site: Option<Site>,
    /// What the site has decided, if it changed or this is everything: the JSON of a
    /// [`SiteSettings`](crate::settings::SiteSettings), of which a page reads what it acts on. To read all of it costs a
    /// page a tenth of its size.
    pub settings: Option<Box<str>>,
    /// Hosts.
    pub hosts: Vec<DirectoryHost>,
    /// Visits, this device's own waiting events included.
    pub visits: Vec<Visit>,
}

/// A [`View`] as the worker passes it on.
#[derive(Clone, Serialize, Deserialize)]
pub struct PassedOn {
    /// As in the view.
    pub whole: bool,
    /// As in the view.
    pub as_of: Option<Timestamp>,
    /// As the server sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Box<RawValue>>,
    /// As the server sent it; if it changed, or this is everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Box<RawValue>>,
    /// As the server sent them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<Box<RawValue>>,
    /// As the server sent them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub visits: Vec<Box<RawValue>>,
    /// What the visits don't contain yet; `None` if there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnEvents>,
}

/// The events that were captured on this device and that the server's word does not contain yet: of each visit that has
/// any, all of them, whether its row is among the visits or not.
#[derive(Clone, Serialize, Deserialize)]
pub struct OwnEvents {
    /// The site that the device serves now. Events of another site, from before it was paired again, are not shown.
    pub site: SiteId,
    /// In any order.
    pub events: Vec<OwnEvent>,
}

/// An event that was captured on this device.
#[derive(Clone, Serialize, Deserialize)]
pub struct OwnEvent {
    /// Its exact text.
    pub event: Box<RawValue>,
    /// When the server had it on disk, if it has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
}

impl From<PassedOn> for View {
    fn from(passed_on: PassedOn) -> Self {
        let visits = readable::<Visit>(&passed_on.visits);
        Self {
            whole: passed_on.whole,
            as_of: passed_on.as_of,
            site: passed_on.site.and_then(|site| json::read(site.get()).ok()),
            settings: match passed_on.settings {
                Some(settings) => Some(settings.get().into()),
                None => passed_on.whole.then(|| NOTHING_DECIDED.into()),
            },
            hosts: readable(&passed_on.hosts).collect(),
            visits: match passed_on.own {
                None => visits.collect(),
                Some(own) => fold(visits, &own),
            },
        }
    }
}

/// The settings of a site that has decided nothing.
const NOTHING_DECIDED: &str = "{}";

/// Those that this version can read.
fn readable<T: DeserializeOwned>(texts: &[Box<RawValue>]) -> impl Iterator<Item = T> {
    texts.iter().filter_map(|text| json::read(text.get()).ok())
}

/// The visits with the device's own events folded in, those that the server does not know of included.
fn fold(visits: impl Iterator<Item = Visit>, own: &OwnEvents) -> Vec<Visit> {
    // One by one: to collect them all sorts them first, and no kiosk should download a sort for that.
    let mut folded = BTreeMap::<VisitId, Visit>::new();
    folded.extend(visits.map(|visit| (visit.id, visit)));
    for OwnEvent { event, received_at } in &own.events {
        if let Some(event) = Event::parse(event.get()).ok().filter(|event| event.source.site == own.site) {
            let visit = folded.entry(event.visit).or_insert_with(|| Visit::new(event.visit, own.site));
            visit.apply(&event, *received_at);
        }
    }
    folded.into_values().collect()
}

/// Tells nothing of visitors.
impl fmt::Debug for PassedOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PassedOn").field("whole", &self.whole).field("as_of", &self.as_of).finish_non_exhaustive()
    }
}
