//! The one thread that writes.
//!
//! It takes what is waiting, runs it in one transaction, commits, and answers everybody: one sync of the disk for many
//! requests. A job that fails takes nothing along if it has a savepoint of its own. A delivery has none, for it has no
//! reason to fail, and of one event the savepoint is a quarter of the work: it copies each page before it is changed. One
//! that fails all the same undoes its whole transaction, everybody in it comes again, and for a while after that
//! deliveries have savepoints too.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch},
    time::timeout,
};

use tracing::Instrument as _;

use super::{
    feed,
    queue::{Closed, Queue},
};
use crate::{clock, limits, metrics::Commits};

/// Why something was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// More is waiting than the disk can take; come back later.
    #[error("the write queue is full")]
    Busy,
    /// The disk is full or read-only or fails, or another process holds the database.
    #[error("the database can't be written: {0}")]
    NotWritable(Arc<rusqlite::Error>),
    /// What shared the transaction failed, and all of it was undone; come back.
    #[error("a write in the same transaction failed")]
    Undone,
    /// No commit within the deadline.
    #[error("the commit took too long")]
    TimedOut,
    /// The server is stopping.
    #[error("the writer has stopped")]
    Stopped,
    /// The work itself is at fault: trying again would fail again.
    #[error("a write failed: {0}")]
    Failed(rusqlite::Error),
}

pub(super) struct Writer {
    queue: Arc<Queue<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// For what is small.
    small_places: Arc<Semaphore>,
    /// For what is large, as are the bytes.
    places: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

/// What waits for the writer or is in its hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Large and small, of each at most [`limits::WRITE_QUEUE_JOBS`].
    pub jobs: usize,
    /// Of at most [`limits::WRITE_QUEUE_BYTES`]; what is small is not counted.
    pub bytes: usize,
}

struct Job {
    work: Work,
    undone: Undone,
    /// Its place, and its part of [`limits::WRITE_QUEUE_BYTES`] if it is large.
    _room: (OwnedSemaphorePermit, Option<OwnedSemaphorePermit>),
}

/// What is undone if a job fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undone {
    /// What it did itself.
    Alone,
    /// All that shares its transaction: only for work that nothing but a broken database or program makes fail.
    WithItsGroup,
}

/// Does the work on the connection, or hears that there is none to be had. Returns how to tell the caller of the commit;
/// or, if the caller knows already that nothing is kept, whose fault it was.
type Work = Box<dyn FnOnce(Result<&Connection, WriteError>) -> Result<Tell, Uncommitted> + Send>;
type Tell = Box<dyn FnOnce(Result<(), WriteError>)>;

impl Writer {
    /// Starts the thread; it ends after [`Self::stop`], or when the writer is dropped, its queue done.
    /// The log of the connection is folded by the thread `folding`, which ends with it.
    pub(super) fn start(
        connection: Connection,
        folding: JoinHandle<()>,
        feed: watch::Sender<i64>,
        commits: Commits,
    ) -> Self {
        let queue = Arc::new(Queue::new());
        let jobs = Arc::clone(&queue);
        // Named, so that an operator sees in `top -H` what is busy.
        let thread = thread::Builder::new().name("writer".to_owned()).spawn(move || {
            Writing { connection, feed, commits, careful_until: None }.run(&jobs);
            drop(folding.join());
        });
        let thread = thread.expect("the system gives a thread");
        let [small_places, places] = [(); 2].map(|()| Arc::new(Semaphore::new(limits::WRITE_QUEUE_JOBS)));
        let bytes = Arc::new(Semaphore::new(limits::WRITE_QUEUE_BYTES));
        Self { queue, thread: Mutex::new(Some(thread)), small_places, places, bytes }
    }

    pub(super) fn waiting(&self) -> Waiting {
        Waiting {
            jobs: (2 * limits::WRITE_QUEUE_JOBS)
                .saturating_sub(self.places.available_permits() + self.small_places.available_permits()),
            bytes: limits::WRITE_QUEUE_BYTES.saturating_sub(self.bytes.available_permits()),
        }
    }

    pub(super) async fn run<T, F>(
        &self,
        bytes: usize,
        deadline: Duration,
        undone: Undone,
        work: F,
    ) -> Result<T, WriteError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let room = self.room(bytes).ok_or(WriteError::Busy)?;
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |connection| match connection.and_then(|connection| Ok(work(connection)?)) {
            Ok(value) => Ok(Box::new(move |committed| drop(answer.send(committed.map(|()| value))))),
            Err(error) => {
                let fault = Uncommitted::by(&error);
                drop(answer.send(Err(error)));
                Err(fault)
            }
        });
        self.queue.push(bytes, Job { work, undone, _room: room }).map_err(|Closed| WriteError::Stopped)?;
        // In the queue, and in the transaction that it shares.
        match timeout(deadline, answered).instrument(tracing::debug_span!("commit", bytes)).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(WriteError::Stopped),
            Err(_) => Err(WriteError::TimedOut),
        }
    }

    /// Room for work that holds so much; `None` if there is none now.
    fn room(&self, bytes: usize) -> Option<(OwnedSemaphorePermit, Option<OwnedSemaphorePermit>)> {
        if bytes <= limits::SMALL_WORK_BYTES {
            return Some((Arc::clone(&self.small_places).try_acquire_owned().ok()?, None));
        }
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let room = Arc::clone(&self.bytes).try_acquire_many_owned(u32::try_from(bytes).ok()?).ok()?;
        Some((place, Some(room)))
    }

    /// Ends the thread after what is queued now, and waits for that: a queue is done within the time of a few commits.
    pub(super) fn stop(&self) {
        self.queue.close();
        // Whether it had panicked was logged then.
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(thread.map(JoinHandle::join));
    }
}

impl WriteError {
    /// Why nothing can be written, in a word that programs and runbooks go by; part of the API.
    pub fn reason_code(&self) -> &'static str {
        let Self::NotWritable(cause) = self else { return "not_writable" };
        match cause.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => "disk_full",
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => "read_only",
            Some(ErrorCode::SystemIoFailure) => "disk_failed",
            _ => "not_writable",
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl From<rusqlite::Error> for WriteError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory,
            ) => Self::NotWritable(Arc::new(error)),
            _ => Self::Failed(error),
        }
    }
}

/// What the thread works with.
struct Writing {
    connection: Connection,
    feed: watch::Sender<i64>,
    commits: Commits,
    /// Until when no job is trusted not to fail.
    careful_until: Option<Instant>,
}

/// Why a group was not committed.
enum Uncommitted {
    /// One failed that was trusted not to.
    ByAJob,
    /// What SQLite said: the disk is full, or another process holds the database.
    BySqlite(Arc<rusqlite::Error>),
}

impl Writing {
    /// Ends when the queue is closed and done.
    fn run(mut self, queue: &Queue<Job>) {
        let mut expected = 1;
        loop {
            let group = queue.take_group(expected);
            if group.is_empty() {
                return;
            }
            // Not all of them: whoever does not come again must not keep the others.
            expected = group.len() * 4 / 5;
            self.write(group);
        }
    }

    /// One transaction. Whatever goes wrong with it as a whole, everybody in it is told.
    fn write(&mut self, group: Vec<Job>) {
        let mut waiting = group.into_iter();
        let mut done = Vec::with_capacity(waiting.len());
        self.commits.group_jobs.observe(waiting.len() as f64);
        let began = clock::instant();
        match self.commit(&mut waiting, &mut done) {
            Ok(position) => {
                self.commits.seconds.observe(began.elapsed().as_secs_f64());
                done.into_iter().for_each(|tell| tell(Ok(())));
                feed::announce(&self.feed, position);
            }
            Err(uncommitted) => {
                self.commits.failed.inc();
                let error = || uncommitted.to_error();
                tracing::error!(error = %error(), jobs = done.len() + waiting.len(), "could not commit");
                // For the senders it is the same whatever it was: nothing is kept, send it again.
                done.into_iter().for_each(|tell| tell(Err(error())));
                waiting.for_each(|job| drop((job.work)(Err(error()))));
            }
        }
    }

    /// Runs the jobs and commits; returns the feed's position then. On an error, those whose work was done are in `done`,
    /// those who were not reached still in `waiting`.
    fn commit(&mut self, waiting: &mut impl Iterator<Item = Job>, done: &mut Vec<Tell>) -> Result<i64, Uncommitted> {
        let is_careful = self.careful_until.is_some_and(|until| clock::instant() < until);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for job in waiting {
            // A panic drops the caller's channel, which tells it enough.
            let work =
                || catch_unwind(AssertUnwindSafe(|| (job.work)(Ok(&transaction)))).unwrap_or(Err(Uncommitted::ByAJob));
            if job.undone == Undone::WithItsGroup && !is_careful {
                let worked = work();
                if matches!(worked, Err(Uncommitted::ByAJob)) {
                    self.careful_until = Some(clock::instant() + limits::CAREFUL_AFTER_FAILURE);
                }
                done.push(worked?);
                continue;
            }
            transaction.prepare_cached("SAVEPOINT job")?.execute(())?;
            match work() {
                Ok(tell) => done.push(tell),
                // The error has ended the whole transaction, as a full disk does: nobody's work is kept.
                Err(fault) if transaction.is_autocommit() => return Err(fault),
                Err(_) => drop(transaction.prepare_cached("ROLLBACK TO job")?.execute(())?),
            }
            transaction.prepare_cached("RELEASE job")?.execute(())?;
        }
        let position = feed::last(&transaction)?;
        transaction.commit()?;
        Ok(position)
    }
}

impl Uncommitted {
    /// Whose fault it was that a job heard this.
    fn by(error: &WriteError) -> Self {
        match error {
            WriteError::NotWritable(cause) => Self::BySqlite(Arc::clone(cause)),
            _ => Self::ByAJob,
        }
    }

    /// What those are told whose work it was not.
    fn to_error(&self) -> WriteError {
        match self {
            Self::ByAJob => WriteError::Undone,
            Self::BySqlite(error) => WriteError::NotWritable(Arc::clone(error)),
        }
    }
}

impl From<rusqlite::Error> for Uncommitted {
    fn from(error: rusqlite::Error) -> Self {
        Self::BySqlite(Arc::new(error))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::store::Store;

    const SOON: Duration = Duration::from_secs(5);

    fn name_site(connection: &Connection, name: &str) -> rusqlite::Result<usize> {
        connection.execute("INSERT INTO sites (id, name, position) VALUES (randomblob(16), ?1, 1)", [name])
    }

    /// A writer beside which nobody folds.
    fn writer(connection: Connection) -> Writer {
        let (feed, _) = watch::channel(0);
        Writer::start(connection, thread::spawn(|| {}), feed, Commits::default())
    }

    #[tokio::test]
    async fn a_job_that_fails_or_panics_takes_nothing_along() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let (first, failing, panicking, last) = tokio::join!(
            store.write(1, SOON, |connection| name_site(connection, "first")),
            store.write(1, SOON, |connection| {
                name_site(connection, "undone")?;
                connection.execute("no such statement", ())
            }),
            store.write(1, SOON, |connection| -> rusqlite::Result<()> {
                name_site(connection, "undone too")?;
                panic!("as a bug would")
            }),
            store.write(1, SOON, |connection| name_site(connection, "last")),
        );
        assert_eq!((first.unwrap(), last.unwrap()), (1, 1));
        assert!(matches!(failing, Err(WriteError::Failed(_))));
        assert!(matches!(panicking, Err(WriteError::Stopped)));
        let names = store.read(|connection| {
            connection
                .prepare("SELECT name FROM sites ORDER BY name")?
                .query_map((), |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<String>>>()
        });
        assert_eq!(names.await.unwrap(), ["first", "last"]);
    }

    #[tokio::test]
    async fn a_delivery_that_fails_undoes_its_group_once_and_itself_alone_when_it_comes_again() {
        let dir = tempfile::tempdir().unwrap();
        let writer = writer(crate::store::connect(dir.path()).unwrap());
        let fails = |connection: &Connection| -> rusqlite::Result<()> {
            name_site(connection, "failed")?;
            Err(rusqlite::Error::QueryReturnedNoRows)
        };
        let mut rounds = Vec::new();
        for round in ["first", "second"] {
            // Until all are queued, the thread is kept at something else.
            let (hold, held) = std::sync::mpsc::channel::<()>();
            let holding = writer.run(1, SOON, Undone::Alone, move |_| {
                let _let_go = held.recv();
                Ok(())
            });
            let before = writer.run(1, SOON, Undone::WithItsGroup, move |connection| {
                name_site(connection, &format!("{round} before"))
            });
            let failing = writer.run(1, SOON, Undone::WithItsGroup, fails);
            let after = writer
                .run(1, SOON, Undone::WithItsGroup, move |connection| name_site(connection, &format!("{round} after")));
            let let_go = async { drop(hold) };
            let (_, before, failed, after, ()) = tokio::join!(biased; holding, before, failing, after, let_go);
            assert!(matches!(failed, Err(WriteError::Failed(_))), "{failed:?}");
            rounds.push([before, after]);
        }
        assert!(matches!(rounds[0], [Err(WriteError::Undone), Err(WriteError::Undone)]), "{rounds:?}");
        assert!(matches!(rounds[1], [Ok(1), Ok(1)]), "{rounds:?}");
        let database = crate::store::connect(dir.path()).unwrap();
        let count = |name: &str| -> i64 {
            database.query_row("SELECT count(*) FROM sites WHERE name LIKE ?1", [name], |row| row.get(0)).unwrap()
        };
        assert_eq!(["first%", "second%", "failed"].map(count), [0, 2, 0]);
    }

    #[tokio::test]
    async fn a_locked_database_is_not_writable_and_recovers_by_itself() {
        let dir = tempfile::tempdir().unwrap();
        let connection = crate::store::connect(dir.path()).unwrap();
        connection.busy_timeout(Duration::ZERO).unwrap();
        let writer = writer(connection);
        let mut other = crate::store::connect(dir.path()).unwrap();
        let holding = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        let refused = writer.run(1, SOON, Undone::Alone, |connection| name_site(connection, "early")).await;
        assert!(matches!(refused, Err(WriteError::NotWritable(_))), "{refused:?}");
        drop(holding);
        writer.run(1, SOON, Undone::Alone, |connection| name_site(connection, "late")).await.unwrap();
    }

    #[rstest]
    #[case::alone(Undone::Alone)]
    #[case::with_its_group(Undone::WithItsGroup)]
    #[tokio::test]
    async fn a_full_disk_is_not_writable_is_said_to_all_and_recovers_by_itself(#[case] undone: Undone) {
        const PAGE_BYTES: usize = 4_096;
        let dir = tempfile::tempdir().unwrap();
        let connection = crate::store::connect(dir.path()).unwrap();
        let pages: u32 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        connection.pragma_update(None, "max_page_count", pages + 2).unwrap();
        let writer = writer(connection);
        let long = "x".repeat(100 * PAGE_BYTES);
        let (small, large, also_small) = tokio::join!(
            writer.run(1, SOON, undone, |connection| name_site(connection, "small")),
            writer.run(1, SOON, undone, move |connection| name_site(connection, &long)),
            writer.run(1, SOON, undone, |connection| name_site(connection, "small too")),
        );
        assert!(matches!(large, Err(WriteError::NotWritable(_))), "{large:?}");
        // Nobody is told that it was a neighbour's fault.
        for told in [&small, &also_small] {
            assert!(told.as_ref().err().is_none_or(|error| error.reason_code() == "disk_full"), "{told:?}");
        }
        let kept = [small.is_ok(), also_small.is_ok()];
        // Somebody makes room.
        writer
            .run(1, SOON, Undone::Alone, |connection| connection.pragma_update(None, "max_page_count", 1_000_000))
            .await
            .unwrap();
        let long = "x".repeat(100 * PAGE_BYTES);
        writer.run(1, SOON, Undone::Alone, move |connection| name_site(connection, &long)).await.unwrap();
        let database = crate::store::connect(dir.path()).unwrap();
        let held = ["small", "small too"]
            .map(|name| database.prepare("SELECT 1 FROM sites WHERE name = ?1").unwrap().exists([name]).unwrap());
        assert_eq!(held, kept, "what was answered for is there, and nothing else");
    }

    #[tokio::test]
    async fn more_bytes_than_may_wait_are_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let refused = store.write(limits::WRITE_QUEUE_BYTES + 1, SOON, |_| Ok(())).await;
        assert!(matches!(refused, Err(WriteError::Busy)));
    }

    #[tokio::test]
    async fn what_is_queued_when_the_store_closes_is_still_committed() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let queued = store.write(1, SOON, |connection| name_site(connection, "queued"));
        let closing = async { store.close() };
        let (queued, ()) = tokio::join!(biased; queued, closing);
        assert_eq!(queued.unwrap(), 1);
        assert!(matches!(store.write(1, SOON, |_| Ok(())).await, Err(WriteError::Stopped)));
    }
}
