//! The database of a device, and what browsers do to it.
//!
//! A transaction is a function on [`Tables`]: the outbox's own code decides, this only stores. What is committed and
//! what is on the disk are two states, so that a power cut takes back what was not written strictly.

use vestibule_protocol::{id::EventId, timestamp::Timestamp};

use super::{
    fault::{Fate, Fault},
    tables::Tables,
};

/// A device's IndexedDB.
#[derive(Clone, Default)]
pub struct Storage {
    /// As its contexts see it.
    pub tables: Tables,
    /// As it is on the disk.
    pub disk: Tables,
    /// An earlier state, to which it may be set back.
    pub snapshot: Tables,
    /// Events of commits that were reported strict and are not on the disk.
    pub lied_about: Vec<EventId>,
}

/// How a transaction is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// May be lost in a power cut.
    Relaxed,
    /// Must be on the disk when it is done.
    Strict,
}

/// Why a transaction did not, or perhaps did not, take place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageFailure {
    /// There is no room.
    Full,
    /// No answer, or an error.
    Failed,
}

/// How often a transaction is tried, each time on a fresh connection; as in `worker/src/store.rs`.
const TRIES: u32 = 2;

impl Storage {
    /// Runs a transaction as the worker does: what fails is tried once more, a full disk is not.
    ///
    /// # Errors
    /// [`StorageFailure`], upon which it may have been committed all the same.
    pub fn transact<T>(
        &mut self,
        fate: &mut Fate,
        now: Timestamp,
        access: Access,
        work: impl Fn(&mut Tables) -> T,
    ) -> Result<T, StorageFailure> {
        for _ in 0..TRIES {
            if fate.strikes(Fault::ConnectionLost, now) || fate.strikes(Fault::Abort, now) {
                continue;
            }
            if fate.strikes(Fault::Quota, now) {
                return Err(StorageFailure::Full);
            }
            let hangs = fate.strikes(Fault::Hang, now);
            if hangs && fate.random.chance(5_000) {
                continue;
            }
            let before: Vec<EventId> = self.tables.rows.keys().copied().collect();
            let outcome = work(&mut self.tables);
            match access {
                Access::Strict if fate.strikes(Fault::LyingDisk, now) => {
                    let fresh = self.tables.rows.keys().filter(|event| !before.contains(event));
                    self.lied_about.extend(fresh.copied());
                }
                Access::Strict => {
                    self.disk = self.tables.clone();
                    self.lied_about.clear();
                }
                // Now and then the browser writes by itself.
                Access::Relaxed if fate.random.chance(1_000) => {
                    self.disk = self.tables.clone();
                    self.lied_about.clear();
                }
                Access::Relaxed => {}
            }
            if fate.random.chance(500) {
                self.snapshot = self.tables.clone();
            }
            if !hangs {
                return Ok(outcome);
            }
        }
        Err(StorageFailure::Failed)
    }
}
