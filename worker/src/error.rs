//! What can go wrong with the browser's storage.

use vestibule_protocol::message::Refusal;
use wasm_bindgen::{JsCast as _, JsValue};

/// Why something is not in the database, or could not be read from it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    /// The device's disk, or the share of it that the browser grants, is full.
    #[error("the storage is full")]
    Full,
    /// No answer in time. A page that was suspended in the midst of a transaction can hold up the database for long.
    #[error("the storage did not answer within {deadline_ms} ms")]
    TimedOut {
        /// How long was waited.
        deadline_ms: u32,
    },
    /// Anything else, as the browser threw it: the connection was lost, the transaction aborted, the database is
    /// damaged.
    #[error("the storage failed: {0:?}")]
    Failed(JsValue),
    /// The browser has no such storage, as in a private window of some browsers.
    #[error("there is no storage")]
    Unavailable,
    /// A record is not what this version or an older one writes.
    #[error("a record can't be read")]
    Unreadable,
}

/// The name of the exception that browsers throw when there is no room.
const QUOTA: &str = "QuotaExceededError";

impl From<JsValue> for StorageError {
    fn from(thrown: JsValue) -> Self {
        match thrown.dyn_ref::<web_sys::DomException>() {
            Some(exception) if exception.name() == QUOTA => Self::Full,
            Some(_) | None => Self::Failed(thrown),
        }
    }
}

impl From<&StorageError> for Refusal {
    fn from(error: &StorageError) -> Self {
        match error {
            StorageError::Full => Self::StorageFull,
            StorageError::TimedOut { .. }
            | StorageError::Failed(_)
            | StorageError::Unavailable
            | StorageError::Unreadable => Self::StorageFailed,
        }
    }
}
