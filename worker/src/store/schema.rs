//! The shape of the database. Upgrades only add: no store is ever dropped, no index changed, so that an event that
//! waits survives every new version, and an older worker can go on beside a newer one.

use js_sys::Array;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{
    DomException, IdbDatabase, IdbIndexParameters, IdbObjectStore, IdbObjectStoreParameters, IdbVersionChangeEvent,
    WorkerGlobalScope,
};

use super::transaction::success;
use crate::error::StorageError;

/// The name of the database.
const NAME: &str = "vestibule";
/// The version that [`upgrade`] leads to.
const VERSION: u32 = 1;

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

/// Opens the database, made or upgraded if need be. A blocked upgrade needs no listener: the others yield, and if they
/// don't, the caller's deadline says so.
///
/// # Errors
/// [`StorageError`] if it can't be opened.
pub(super) async fn open() -> Result<IdbDatabase, StorageError> {
    let factory = crate::scope::<WorkerGlobalScope>().indexed_db()?.ok_or(StorageError::Unavailable)?;
    let request = factory.open_with_u32(NAME, VERSION)?;
    // What it throws ends the upgrade, and the database stays as it was.
    let on_upgrade = Closure::once(|event: IdbVersionChangeEvent| -> Result<(), JsValue> {
        let request: web_sys::IdbRequest = event.target().ok_or(JsValue::UNDEFINED)?.unchecked_into();
        upgrade(event.old_version(), request.result()?.unchecked_ref())
    });
    request.set_onupgradeneeded(Some(on_upgrade.as_ref().unchecked_ref()));
    if let Ok(database) = success(&request).await {
        return Ok(database.unchecked_into());
    }
    let failure = request.error()?.ok_or(StorageError::Unavailable)?;
    if !is_of_newer_version(&failure) {
        return Err(JsValue::from(failure).into());
    }
    // A newer worker has upgraded it. Upgrades only add, so that this version can go on with what it knows.
    let request = factory.open(NAME)?;
    Ok(success(&request).await?.unchecked_into())
}

fn is_of_newer_version(failure: &DomException) -> bool {
    failure.name() == "VersionError"
}

/// Brings a database of version `from` (0: a new one) up to [`VERSION`].
fn upgrade(from: f64, database: &IdbDatabase) -> Result<(), JsValue> {
    if from == 0.0 {
        database.create_object_store(META)?;
        let events = create_rows(database, EVENTS)?;
        let unique = IdbIndexParameters::new();
        unique.set_unique(true);
        let slot = EventIndex::Slot.name();
        events.create_index_with_str_sequence_and_optional_parameters(slot, &path(&["stream", "seq"]), &unique)?;
        events.create_index_with_str_sequence(EventIndex::State.name(), &path(&["state", "stream", "seq"]))?;
        events.create_index_with_str_sequence(EventIndex::Age.name(), &path(&["state", "at"]))?;
        events.create_index_with_str(EventIndex::Unsettled.name(), "unsettled")?;
        create_rows(database, VISITS)?;
        create_rows(database, HOSTS)?;
    }
    Ok(())
}

/// A store of rows by their id, with its news.
fn create_rows(database: &IdbDatabase, name: &str) -> Result<IdbObjectStore, JsValue> {
    let by_id = IdbObjectStoreParameters::new();
    by_id.set_key_path(&"id".into());
    let rows = database.create_object_store_with_optional_parameters(name, &by_id)?;
    rows.create_index_with_str(NEWS, "revision")?;
    Ok(rows)
}

fn path(members: &[&str]) -> JsValue {
    members.iter().copied().map(JsValue::from).collect::<Array>().into()
}
