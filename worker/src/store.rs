//! The database: one connection, transactions with a deadline, and a second try on a fresh connection.
//!
//! Any call on IndexedDB may hang or fail at any time: WebKit loses the connection to its storage process, a suspended
//! page can hold up everybody else, the disk fills. So nothing here waits without a deadline, every failure but a full
//! disk drops the connection and is tried once more on a new one, and what still fails is reported, never swallowed.
//! All transactions are safe to repeat: each reads what it depends on.

pub(crate) mod meta;
pub(crate) mod row;
mod schema;
pub(crate) mod transaction;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

pub(crate) use schema::{EVENTS, EventIndex, HOSTS, META, NEWS, VISITS};
use transaction::Pending;
pub(crate) use transaction::Transaction;
use vestibule_engine::outbox::StateName;
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::IdbDatabase;

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
    connection: Rc<RefCell<Option<Connection>>>,
    tally: Rc<Cell<Option<Tally>>>,
    health: Rc<Cell<Health>>,
}

/// How many events there were after a change of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    /// The change. Every transaction that changes rows is one: while it is the last, the counts hold, whoever else
    /// works on the database.
    pub(crate) revision: row::Revision,
    /// Events that wait for a receipt.
    pub(crate) pending: u64,
    /// Events set aside.
    pub(crate) parked: u64,
}

impl Tally {
    /// When one event that `was` so `is` now so.
    pub(crate) fn with_one(self, was: StateName, is: StateName) -> Self {
        let moved = |count: u64, state| (count + u64::from(is == state)).saturating_sub(u64::from(was == state));
        Self { pending: moved(self.pending, StateName::Pending), parked: moved(self.parked, StateName::Parked), ..self }
    }
}

/// An open database, until it is dropped.
struct Connection {
    database: IdbDatabase,
    _on_end: Closure<dyn FnMut()>,
}

/// One try of a transaction's work; gives the transaction back to be committed.
type Attempt<'a> = &'a dyn Fn(Transaction) -> Pending<'a, Transaction>;

/// What a transaction came to, whatever it was allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Did {
    Read,
    Written,
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
    /// `work` must await nothing but [`Transaction::answered`] and what is made of it: anything else would commit it
    /// half-way. It may run twice, the second time on a fresh connection.
    ///
    /// Only this frame is compiled for every transaction; [`Store::perform`] is there once.
    ///
    /// # Errors
    /// [`StorageError`] if the transaction did not take place, or can't be known to have.
    pub(crate) fn transact<'a, T: 'a>(
        &'a self,
        access: Access,
        stores: &'a [&'a str],
        work: impl AsyncFn(&Transaction) -> Result<T, StorageError> + 'a,
    ) -> Pending<'a, T> {
        Box::pin(async move {
            let (work, done) = (&work, &Cell::new(None));
            let attempt = |tx| -> Pending<'_, Transaction> {
                Box::pin(async move {
                    done.set(Some(work(&tx).await?));
                    Ok(tx)
                })
            };
            self.perform(access, stores, &attempt).await?;
            Ok(done.take().expect("a transaction that has committed has done its work"))
        })
    }

    /// Whether events can be kept.
    pub(crate) fn health(&self) -> Health {
        self.health.get()
    }

    /// The counts, if they were taken after this change. To count is slow where much waits: Chromium goes through every
    /// key, and a person's next append waits for it.
    pub(crate) fn tally(&self, revision: row::Revision) -> Option<Tally> {
        self.tally.get().filter(|tally| tally.revision == revision)
    }

    /// Notes the counts.
    pub(crate) fn remember(&self, tally: Tally) {
        self.tally.set(Some(tally));
    }

    /// Notes that the change `revision` was so many more pending events and nothing else that counts.
    pub(crate) fn has_more(&self, revision: row::Revision, pending: u64) {
        if let Some(before) = self.tally(revision - 1) {
            self.remember(Tally { revision, pending: before.pending + pending, ..before });
        }
    }

    /// Writes something that nobody reads, to find out whether a store that failed works again.
    ///
    /// # Errors
    /// [`StorageError`] while it does not.
    pub(crate) fn probe(&self) -> Pending<'_, ()> {
        self.transact(Access::Strict, &[META], async |tx| meta::PROBE.set(tx, &()))
    }

    /// Tries until it succeeds or is not worth another try, and notes the outcome.
    fn perform<'a>(&'a self, access: Access, stores: &'a [&'a str], attempt: Attempt<'a>) -> Pending<'a, ()> {
        Box::pin(async move {
            let mut tries = TRIES;
            let outcome = loop {
                tries -= 1;
                let outcome = self.perform_once(access, stores, attempt).await;
                if tries == 0 || !matches!(outcome, Err(StorageError::TimedOut { .. } | StorageError::Failed(_))) {
                    break outcome;
                }
            };
            match outcome {
                Err(_) => self.health.set(Health::Failed),
                Ok(Did::Written) => self.health.set(Health::Working),
                // A full disk can still be read.
                Ok(Did::Read) => {}
            }
            outcome.map(drop)
        })
    }

    /// Tries once, within the deadline, and gives the connection up if that fails.
    async fn perform_once(&self, access: Access, stores: &[&str], attempt: Attempt<'_>) -> Result<Did, StorageError> {
        let deadline_ms = access.deadline_ms();
        let transaction = async {
            let database = self.connect().await?;
            let transaction = attempt(Transaction::begin(&database, access, stores)?).await?;
            transaction.commit().await?;
            Ok(if transaction.has_written() { Did::Written } else { Did::Read })
        };
        let outcome = clock::within(deadline_ms, transaction).await;
        let outcome = outcome.unwrap_or_else(|clock::Elapsed| Err(StorageError::TimedOut { deadline_ms }));
        if outcome.is_err() {
            self.disconnect();
        }
        outcome
    }

    async fn connect(&self) -> Result<IdbDatabase, StorageError> {
        if let Some(database) = self.connected() {
            return Ok(database);
        }
        let database = schema::open().await?;
        // Somebody else may have been faster.
        if let Some(faster) = self.connected() {
            database.close();
            return Ok(faster);
        }
        self.connection.replace(Some(Connection::new(&database, self.clone())));
        Ok(database)
    }

    fn connected(&self) -> Option<IdbDatabase> {
        self.connection.borrow().as_ref().map(|connection| connection.database.clone())
    }

    fn disconnect(&self) {
        // What is opened next may be another database, with another count of changes.
        self.tally.take();
        self.connection.take();
    }
}

impl Connection {
    /// Gives the connection up when another worker, of a newer version, wants to upgrade the database, and when the
    /// browser closes it. The next transaction opens a new one.
    fn new(database: &IdbDatabase, store: Store) -> Self {
        let on_end = Closure::<dyn FnMut()>::new(move || store.disconnect());
        let listener = Some(on_end.as_ref().unchecked_ref());
        database.set_onversionchange(listener);
        database.set_onclose(listener);
        Self { database: database.clone(), _on_end: on_end }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.database.set_onversionchange(None);
        self.database.set_onclose(None);
        self.database.close();
    }
}
