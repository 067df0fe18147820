//! What can go wrong with the browser's storage.

use indexed_db_futures::error::{DomException, Error, OpenDbError};
use vestibule_protocol::message::Refusal;

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
    /// Anything else: the connection was lost, the transaction aborted, the database is damaged.
    #[error("the storage failed: {0}")]
    Failed(Box<Error>),
    /// The database can't be opened at all, as in a private window of some browsers.
    #[error("the storage can't be opened: {0}")]
    Unavailable(Box<OpenDbError>),
    /// A record is not what this version or an older one writes.
    #[error("a record of the store {store} can't be read")]
    Unreadable {
        /// Which store.
        store: &'static str,
    },
}

impl StorageError {
    /// The name of the exception that browsers throw when there is no room.
    const QUOTA: &str = "QuotaExceededError";

    /// What an exception of the browser means.
    pub(crate) fn from_exception(exception: &web_sys::DomException) -> Self {
        if exception.name() == Self::QUOTA { Self::Full } else { Self::Failed(Box::new(exception.clone().into())) }
    }
}

impl From<Error> for StorageError {
    fn from(error: Error) -> Self {
        match error {
            Error::DomException(DomException::Other(exception)) => Self::from_exception(&exception),
            Error::DomException(_) | Error::Serialisation(_) | Error::MissingData(_) | Error::Unknown(_) => {
                Self::Failed(Box::new(error))
            }
        }
    }
}

impl From<OpenDbError> for StorageError {
    fn from(error: OpenDbError) -> Self {
        match error {
            OpenDbError::Base(error) => error.into(),
            OpenDbError::VersionZero | OpenDbError::UnsupportedEnvironment | OpenDbError::NullFactory => {
                Self::Unavailable(Box::new(error))
            }
        }
    }
}

impl From<&StorageError> for Refusal {
    fn from(error: &StorageError) -> Self {
        match error {
            StorageError::Full => Self::StorageFull,
            StorageError::TimedOut { .. }
            | StorageError::Failed(_)
            | StorageError::Unavailable(_)
            | StorageError::Unreadable { .. } => Self::StorageFailed,
        }
    }
}
