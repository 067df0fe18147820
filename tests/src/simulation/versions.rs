//! Two versions of the app at once on one device: a page that was not reloaded beside a worker that was, or the reverse.
//!
//! The one before this knows less: not all of the memory, not every column of a record. Its limits are others: small
//! batches, oldest first. In half of the histories the two have different schemas as well; then the old one can't open a
//! database that the new one has upgraded, and the new one can't upgrade it while an old one that is suspended holds it
//! open.

use std::collections::BTreeMap;

use vestibule_engine::{
    Loaded,
    outbox::{Row, Settled},
};
use vestibule_protocol::{id::EventId, timestamp::Timestamp};

use super::{device::Device, random::Random, tables::Tables};

/// How often, in ten thousand transactions of the old version, it writes a memory that this one can't read at all.
pub const GARBLES: u64 = 200;
/// Such a memory.
pub const UNREADABLE: &str = r#"{"version":0,"hold":"2026"}"#;
/// Most events in a batch of the old version.
const OLD_BATCH_MAX_EVENTS: usize = 3;

/// How the schemas of the two versions compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schemas {
    /// Both read and write the same database.
    Same,
    /// The new one upgrades it, and the old one can't open it any more.
    Different,
}

impl Schemas {
    /// Those of one history.
    pub fn of_a_history(random: &mut Random) -> Self {
        if random.chance(5_000) { Self::Same } else { Self::Different }
    }
}

/// Whether the context can open the database of its device now, which the new version upgrades thereby.
pub fn opens(schemas: Schemas, device: &mut Device, context: usize, now: Timestamp) -> bool {
    if schemas == Schemas::Same {
        return true;
    }
    if device.contexts[context].is_old {
        return !device.is_upgraded;
    }
    // A context that runs closes its connection when it is told of the upgrade; one that is suspended does not hear it.
    let is_held_open =
        device.contexts.iter().any(|other| other.is_old && other.asleep_until > now) && !device.is_upgraded;
    device.is_upgraded |= !is_held_open;
    !is_held_open
}

/// What the old version loads.
pub fn load_as_old(loaded: &mut Loaded) {
    loaded.records.sort_by_key(|record| record.seq);
    loaded.records.truncate(OLD_BATCH_MAX_EVENTS);
}

/// What a transaction of the old version leaves of what it does not know.
pub fn write_as_old(tables: &mut Tables, before: &BTreeMap<EventId, Row>) {
    for row in tables.rows.values_mut().filter(|row| before.get(&row.id) != Some(*row)) {
        row.settled = Settled::No;
    }
    let Ok(mut memory) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&tables.memory) else {
        return;
    };
    for name in ["false_starts", "foreign_streams", "probe_from", "forgot_at", "revoked"] {
        memory.remove(name);
    }
    tables.memory = serde_json::Value::Object(memory).to_string();
}
