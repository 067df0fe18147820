//! Single facts: who this device is, where its stream ends, what the server last said. Each is JSON text under a name.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use vestibule_engine::{Memory, outbox::Head};
use vestibule_protocol::{account::Credentials, changes::Site, id::SiteId, timestamp::Timestamp};

use super::{
    META,
    row::Revision,
    table::{Reply, Table},
};
use crate::error::StorageError;

/// A fact of type `T`, by name.
pub(crate) struct Fact<T> {
    name: &'static str,
    of: PhantomData<T>,
}

/// Who this device is, once it is paired.
pub(crate) const CREDENTIALS: Fact<Credentials> = Fact::named("credentials");
/// Where the outbox ends; made with the first event.
pub(crate) const HEAD: Fact<Head> = Fact::named("head");
/// What the engine must not forget; read with [`memory`].
pub(crate) const MEMORY: Fact<Memory> = Fact::named("memory");
/// How far the copy of the site goes.
pub(crate) const COPY: Fact<Copied> = Fact::named("copy");
/// The last change of the database.
pub(crate) const REVISION: Fact<Revision> = Fact::named("revision");
/// Written to find out whether writing works.
pub(crate) const PROBE: Fact<()> = Fact::named("probe");

/// How far the copy of the site goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Copied {
    /// Of which site.
    pub(crate) site: SiteId,
    /// Its particulars, once known.
    pub(crate) about: Option<Site>,
    /// Where to go on.
    pub(crate) cursor: String,
    /// When the server gave its word, by the device's clock.
    pub(crate) as_of: Timestamp,
    /// When the server last gave the whole, by the device's clock.
    pub(crate) whole_at: Timestamp,
    /// The change of the database that replaced the whole.
    pub(crate) whole_since: Revision,
}

impl<T: Serialize + DeserializeOwned> Fact<T> {
    const fn named(name: &'static str) -> Self {
        Self { name, of: PhantomData }
    }

    /// Reads it.
    pub(crate) fn get(&self, meta: &Table<'_>) -> Reply<Option<T>>
    where
        T: 'static,
    {
        let text = meta.get::<String>(self.name);
        Box::pin(async {
            let Some(json) = text.await? else { return Ok(None) };
            serde_json::from_str(&json).map(Some).map_err(|_| StorageError::Unreadable { store: META })
        })
    }

    /// Writes it.
    pub(crate) fn set(&self, meta: &Table<'_>, value: &T) -> Result<(), StorageError> {
        meta.put_text(self.name, &to_json(value))
    }
}

/// What the engine remembers. If it can't be read it is empty: that costs a repetition, where an error would cost all.
pub(crate) fn memory(meta: &Table<'_>) -> Reply<Memory> {
    let text = meta.get::<String>(MEMORY.name);
    Box::pin(async { Ok(text.await?.map_or_else(Memory::default, |text| Memory::from_json(&text))) })
}

/// Takes the number for a transaction that changes rows.
pub(crate) async fn next_revision(meta: &Table<'_>) -> Result<Revision, StorageError> {
    let revision = REVISION.get(meta).await?.unwrap_or(0) + 1;
    REVISION.set(meta, &revision)?;
    Ok(revision)
}

/// The JSON text of a value that always has one.
pub(crate) fn to_json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("types with string keys and no failing parts always serialise")
}
