//! Single facts: who this device is, where its stream ends, what the server last said. Each is JSON text under a name.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use vestibule_engine::{Memory, outbox::Head};
use vestibule_protocol::{
    account::Credentials,
    id::SiteId,
    json::{self, RawValue},
    timestamp::Timestamp,
};
use wasm_bindgen::JsValue;

use super::{
    META,
    row::Revision,
    transaction::{Request, Transaction},
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
/// What the site has decided, as the server sent it: beside how far the copy goes, since it is large and changes seldom.
pub(crate) const SETTINGS: Fact<Box<RawValue>> = Fact::named("settings");
/// The first change of the pull that may write the copy: the last one to begin.
pub(crate) const PULL: Fact<Revision> = Fact::named("pull");
/// The last change of the database.
pub(crate) const REVISION: Fact<Revision> = Fact::named("revision");
/// Written to find out whether writing works.
pub(crate) const PROBE: Fact<()> = Fact::named("probe");

/// How far the copy of the site goes.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Copied {
    /// Of which site.
    pub(crate) site: SiteId,
    /// Its particulars, once known, as the server sent them.
    pub(crate) about: Option<Box<RawValue>>,
    /// Where to go on.
    pub(crate) cursor: String,
    /// When the server gave its word, by the device's clock.
    pub(crate) as_of: Timestamp,
    /// When the server last gave the whole, by the device's clock.
    pub(crate) whole_at: Timestamp,
    /// The change of the database that replaced the whole.
    pub(crate) whole_since: Revision,
    /// The change of the database up to which what the server has acknowledged is in it.
    #[serde(default)]
    pub(crate) settled_until: Revision,
    /// The change of the database that wrote [`SETTINGS`]; none: the site has decided nothing, or was never asked.
    #[serde(default)]
    pub(crate) settings_since: Option<Revision>,
}

impl Copied {
    /// What is left when everything was deleted by the change `revision`: which site it was.
    pub(crate) fn wiped(self, revision: Revision) -> Self {
        Self {
            cursor: String::new(),
            // Long ago, so that the whole is asked for, should the device have its access back.
            whole_at: Timestamp::default(),
            whole_since: revision,
            settings_since: None,
            ..self
        }
    }

    /// When the server gave its word; `None` where nothing of that is left.
    pub(crate) fn as_of(&self) -> Option<Timestamp> {
        (!self.cursor.is_empty()).then_some(self.as_of)
    }
}

impl<T: Serialize + DeserializeOwned> Fact<T> {
    const fn named(name: &'static str) -> Self {
        Self { name, of: PhantomData }
    }

    /// Asks for it.
    pub(crate) fn get(&self, tx: &Transaction) -> Result<Request<Option<T>>, StorageError> {
        tx.get_as(META, self.name, |stored| {
            let json = stored.as_string();
            json.map(|json| json::read(&json)).transpose().map_err(|_| StorageError::Unreadable)
        })
    }

    /// Deletes it.
    pub(crate) fn forget(&self, tx: &Transaction) -> Result<(), StorageError> {
        tx.delete(META, self.name)
    }

    /// Writes it.
    pub(crate) fn set(&self, tx: &Transaction, value: &T) -> Result<(), StorageError> {
        tx.put_text(META, self.name, &json::write(value))
    }
}

/// Asks what the engine remembers. If it can't be read it is empty: that costs a repetition, where an error would cost
/// all.
pub(crate) fn memory(tx: &Transaction) -> Result<Request<Memory>, StorageError> {
    tx.get_as(META, MEMORY.name, |stored: JsValue| {
        Ok(stored.as_string().map_or_else(Memory::default, |json| Memory::from_json(&json)))
    })
}

/// Takes the number for a transaction that changes rows, `last` being the answer for [`REVISION`].
pub(crate) fn next_revision(tx: &Transaction, last: &Request<Option<Revision>>) -> Result<Revision, StorageError> {
    let revision = last.answer()?.unwrap_or(0) + 1;
    REVISION.set(tx, &revision)?;
    Ok(revision)
}
