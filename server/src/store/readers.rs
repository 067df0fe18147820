//! Connections for reading: they see the last commit, and never wait for the writer.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OpenFlags};
use tokio::{sync::Semaphore, time::timeout};
use tracing::Instrument as _;

use super::STATEMENTS_KEPT;
use crate::limits;

/// Why something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// All connections were busy for [`limits::READ_WAIT`].
    #[error("too many reads at once")]
    Busy,
    /// What SQLite said.
    #[error("the database can't be read: {0}")]
    Failed(#[from] rusqlite::Error),
    /// The query panicked.
    #[error("a query panicked")]
    Panicked,
}

pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    room: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, idle: Arc::default(), room: Arc::new(Semaphore::new(limits::READERS)) }
    }

    pub(super) async fn run<T, F>(&self, query: F) -> Result<T, ReadError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let Ok(Ok(room)) = timeout(limits::READ_WAIT, Arc::clone(&self.room).acquire_owned()).await else {
            return Err(ReadError::Busy);
        };
        let (idle, path) = (Arc::clone(&self.idle), self.path.clone());
        let read = tokio::task::spawn_blocking(move || {
            let _room = room;
            let held = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = held.map_or_else(|| open(&path), Ok)?;
            let transaction = connection.unchecked_transaction()?;
            let result = query(&transaction);
            transaction.finish()?;
            // A connection that failed is not trusted again.
            if result.is_ok() {
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            }
            result
        });
        Ok(read.instrument(tracing::debug_span!("query")).await.map_err(|_| ReadError::Panicked)??)
    }
}

fn open(path: &PathBuf) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(limits::LOCK_WAIT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(connection)
}
