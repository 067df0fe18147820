//! The database: one connection, transactions with a deadline, and a second try on a fresh connection.
//!
//! Any call on IndexedDB may hang or fail at any time: WebKit loses the connection to its storage process, a suspended
//! page can hold up everybody else, the disk fills. So nothing here waits without a deadline, every failure but a full
//! disk drops the connection and is tried once more on a new one, and what still fails is reported, never swallowed.
//! All transactions are safe to repeat: each reads what it depends on.

pub(crate) mod meta;
pub(crate) mod row;
mod schema;
pub(crate) mod table;

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
    rc::Rc,
};

use indexed_db_futures::{
    Build as _,
    database::Database,
    error::{DomException, Error, OpenDbError},
    internals::SystemRepr as _,
    transaction::{Transaction, TransactionDurability, TransactionMode, TransactionOptions},
};
pub(crate) use schema::{EVENTS, EventIndex, HOSTS, META, NEWS, VISITS};
pub(crate) use table::table;

use crate::{clock, error::StorageError};

/// How long a transaction may take that a person waits for, the opening of the database included, in ms. A strict commit
/// takes some ms and on a worn tablet some hundred; a person gives up at about twice this.
const DEADLINE_MS: u32 = 4_000;

/// How long a transaction may take that nobody waits for, in ms: an old tablet needs seconds for a snapshot of a large
/// site, and must not be told for that reason that its storage failed.
const RELAXED_DEADLINE_MS: u32 = 20_000;

/// How often a transaction is tried, each time on a fresh connection: a connection that was lost is found out by the
/// first, and what the second does not mend, a third would not.
const TRIES: u32 = 2;

/// The database of this device. Cheap to clone: all clones share one connection.
#[derive(Clone, Default)]
pub(crate) struct Store {
    connection: Rc<RefCell<Option<Database>>>,
    health: Rc<Cell<Health>>,
}

/// Whether events can be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Health {
    /// As far as is known.
    #[default]
    Working,
    /// A transaction failed, also on a fresh connection, and none has written anything since.
    Failed,
}

/// What a transaction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Reads only.
    Read,
    /// Writes what can be had again, such as the copy of the site: a power cut may undo it, but not tear it.
    Relaxed,
    /// Writes what must not be lost: the bytes are on the disk when it is done, as far as the browser can tell.
    Strict,
}

impl Access {
    const fn deadline_ms(self) -> u32 {
        match self {
            Self::Read | Self::Strict => DEADLINE_MS,
            Self::Relaxed => RELAXED_DEADLINE_MS,
        }
    }
}

impl Store {
    /// Runs `work` in one transaction on `stores` and waits until it has committed.
    ///
    /// `work` must await nothing but requests of the transaction: anything else would commit it half-way. It may run
    /// twice, the second time on a fresh connection.
    ///
    /// # Errors
    /// [`StorageError`] if the transaction did not take place, or can't be known to have.
    pub(crate) async fn transact<T>(
        &self,
        access: Access,
        stores: &[&str],
        work: impl AsyncFn(&Transaction<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let done = Cell::new(None);
        let mut tries = TRIES;
        let outcome = loop {
            tries -= 1;
            let attempt = Box::pin(async {
                done.set(Some(self.attempt(access, stores, &work).await?));
                Ok(())
            });
            let outcome = self.supervise(access.deadline_ms(), attempt).await;
            if tries == 0 || !matches!(outcome, Err(StorageError::TimedOut { .. } | StorageError::Failed(_))) {
                break outcome;
            }
        };
        match (&outcome, access) {
            (Err(_), _) => self.health.set(Health::Failed),
            (Ok(()), Access::Relaxed | Access::Strict) => self.health.set(Health::Working),
            // A full disk can still be read.
            (Ok(()), Access::Read) => {}
        }
        outcome.map(|()| done.take().expect("a transaction that has committed has done its work"))
    }

    /// Whether events can be kept.
    pub(crate) fn health(&self) -> Health {
        self.health.get()
    }

    /// Writes something that nobody reads, to find out whether a store that failed works again.
    ///
    /// # Errors
    /// [`StorageError`] while it does not.
    pub(crate) async fn probe(&self) -> Result<(), StorageError> {
        self.transact(Access::Strict, &[META], async |tx| meta::PROBE.set(&table(tx, META)?, &())).await
    }

    async fn attempt<T>(
        &self,
        access: Access,
        stores: &[&str],
        work: &impl AsyncFn(&Transaction<'_>) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let database = self.connect().await?;
        let transaction = begin(&database, access, stores)?;
        let done = work(&transaction).await?;
        commit(transaction).await?;
        Ok(done)
    }

    /// Gives an attempt its deadline, and the connection up if it fails.
    ///
    /// Boxed, like [`Store::connect`] and [`commit`], so that its code is not compiled into every transaction.
    fn supervise<'a>(
        &'a self,
        deadline_ms: u32,
        attempt: Pin<Box<dyn Future<Output = Result<(), StorageError>> + 'a>>,
    ) -> Pin<Box<dyn Future<Output = Result<(), StorageError>> + 'a>> {
        Box::pin(async move {
            let outcome = clock::within(deadline_ms, attempt).await;
            let outcome = outcome.unwrap_or_else(|clock::Elapsed| Err(StorageError::TimedOut { deadline_ms }));
            if outcome.is_err() {
                self.disconnect();
            }
            outcome
        })
    }

    fn connect(&self) -> Pin<Box<dyn Future<Output = Result<Database, StorageError>> + '_>> {
        Box::pin(async {
            if let Some(open) = &*self.connection.borrow() {
                return Ok(open.clone());
            }
            let database = open().await?;
            // Somebody else may have been faster.
            if let Some(open) = &*self.connection.borrow() {
                database.close();
                return Ok(open.clone());
            }
            self.yield_to_upgrades(&database)?;
            *self.connection.borrow_mut() = Some(database.clone());
            Ok(database)
        })
    }

    fn disconnect(&self) {
        if let Some(database) = self.connection.take() {
            database.close();
        }
    }

    /// Closes the connection when another worker, of a newer version, wants to upgrade the database, and forgets it
    /// when the browser closes it. The next transaction opens a new one.
    fn yield_to_upgrades(&self, database: &Database) -> Result<(), StorageError> {
        let mut changes = database.version_changes()?;
        let (store, database) = (self.clone(), database.clone());
        wasm_bindgen_futures::spawn_local(async move {
            // Whether it is an upgrade (`Some`) or the browser's doing (`None`), this connection is of no more use.
            let _ = changes.recv().await;
            let current = store.connection.borrow().as_ref().is_some_and(|open| open.as_sys() == database.as_sys());
            if current {
                store.disconnect();
            } else {
                database.close();
            }
        });
        Ok(())
    }
}

/// Opens the database, made or upgraded if need be. A blocked upgrade needs no listener: the others yield, and if they
/// don't, the deadline says so.
async fn open() -> Result<Database, StorageError> {
    let upgraded = Database::open(schema::NAME)
        .with_version(schema::VERSION)
        .with_on_upgrade_needed(|event, database| schema::upgrade(event.old_version(), &database))
        .await;
    match upgraded {
        // A newer worker has upgraded it. Upgrades only add, so that this version can go on with what it knows.
        Err(OpenDbError::Base(Error::DomException(DomException::Other(exception))))
            if exception.name() == "VersionError" =>
        {
            Ok(Database::open(schema::NAME).await?)
        }
        upgraded => Ok(upgraded?),
    }
}

fn begin<'a>(database: &'a Database, access: Access, stores: &[&str]) -> Result<Transaction<'a>, StorageError> {
    let (mode, durability) = match access {
        Access::Read => (TransactionMode::Readonly, TransactionDurability::Default),
        Access::Relaxed => (TransactionMode::Readwrite, TransactionDurability::Relaxed),
        Access::Strict => (TransactionMode::Readwrite, TransactionDurability::Strict),
    };
    let options = TransactionOptions::new().with_durability(durability);
    Ok(database.transaction(stores).with_mode(mode).with_options(options).build()?)
}

/// Commits, and waits until the browser says that it has.
fn commit(transaction: Transaction<'_>) -> Pin<Box<dyn Future<Output = Result<(), StorageError>> + '_>> {
    Box::pin(async {
        // A full disk shows at the commit, as an abort whose reason only the raw transaction tells.
        let raw = transaction.as_sys().clone();
        transaction.commit().await.map_err(|error| match raw.error() {
            Some(exception) => StorageError::from_exception(&exception),
            None => error.into(),
        })
    })
}
