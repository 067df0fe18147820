//! A dashboard: what it shows is what it was told, page by page.

use std::collections::BTreeMap;

use vestibule_protocol::{
    id::{SiteId, VisitId},
    timestamp::Timestamp,
    visit::Visit,
};

use super::{mutation::Mutation, server::Server};

/// A reader of one site's changes.
#[derive(Default)]
pub struct Dashboard {
    /// What it shows.
    pub visits: BTreeMap<VisitId, Visit>,
    cursor: Option<String>,
}

impl Dashboard {
    /// Asks for one page; says whether there is more.
    pub fn poll(&mut self, server: &Server, site: SiteId, now: Timestamp, mutation: Option<Mutation>) -> bool {
        let page = server.changes(site, self.cursor.as_deref(), now);
        if page.snapshot {
            self.visits.clear();
        }
        for mut visit in page.visits {
            if mutation == Some(Mutation::ArrivalOrder) {
                visit.timeline.sort_by_key(|entry| entry.received_at);
            }
            self.visits.insert(visit.id, visit);
        }
        self.cursor = Some(page.cursor);
        page.more
    }
}
