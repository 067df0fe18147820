//! The shape of the database. Upgrades only add: no store is ever dropped, no index changed, so that an event that
//! waits survives every new version, and an older worker can go on beside a newer one.

use indexed_db_futures::{Build as _, KeyPath, database::Database};

/// The name of the database.
pub(super) const NAME: &str = "vestibule";
/// The version that [`upgrade`] leads to.
pub(super) const VERSION: u32 = 1;

/// Single facts, by name: [`super::meta`].
pub(crate) const META: &str = "meta";
/// The outbox: [`super::row::EventRow`] by event id.
pub(crate) const EVENTS: &str = "events";
/// The copy of the site's visits: [`super::row::CopyRow`] by visit id.
pub(crate) const VISITS: &str = "visits";
/// The copy of the site's hosts: [`super::row::CopyRow`] by host id.
pub(crate) const HOSTS: &str = "hosts";

/// The index of every store of rows by `revision`, to find what has changed.
pub(crate) const NEWS: &str = "news";

/// The ways to find events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventIndex {
    /// By `[stream, seq]`; no two events share a slot.
    Slot,
    /// By `[state, stream, seq]`.
    State,
    /// By `[state, at]`.
    Age,
    /// By `unsettled`: the visit, for events that the copy of the site does not contain yet.
    Unsettled,
}

impl EventIndex {
    /// Its name in the database.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Slot => "slot",
            Self::State => "state",
            Self::Age => "age",
            Self::Unsettled => "unsettled",
        }
    }
}

/// Brings a database of version `from` (0: a new one) up to [`VERSION`].
pub(super) fn upgrade(from: f64, database: &Database) -> indexed_db_futures::Result<()> {
    if from == 0.0 {
        database.create_object_store(META).build()?;
        let events = database.create_object_store(EVENTS).with_key_path(KeyPath::One("id")).build()?;
        let slot = KeyPath::from(["stream", "seq"]);
        events.create_index(EventIndex::Slot.name(), slot).with_unique(true).build()?;
        events.create_index(EventIndex::State.name(), KeyPath::from(["state", "stream", "seq"])).build()?;
        events.create_index(EventIndex::Age.name(), KeyPath::from(["state", "at"])).build()?;
        events.create_index(EventIndex::Unsettled.name(), KeyPath::One("unsettled")).build()?;
        events.create_index(NEWS, KeyPath::One("revision")).build()?;
        for copy in [VISITS, HOSTS] {
            let rows = database.create_object_store(copy).with_key_path(KeyPath::One("id")).build()?;
            rows.create_index(NEWS, KeyPath::One("revision")).build()?;
        }
    }
    Ok(())
}
