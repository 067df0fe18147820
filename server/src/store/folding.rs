//! Folds the write-ahead log into the database beside the writer.
//!
//! Left to itself, SQLite folds at a commit: every so often one commit copies the whole log and syncs both files, and
//! everybody behind it waits. SQLite allows the copying beside a writer, so a thread does it ahead of time; the commit
//! at which the log begins anew finds only the last pages left to do.

use std::{
    ffi::c_int,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, sync_channel},
    thread::{self, JoinHandle},
};

use rusqlite::{Connection, hooks::Wal};

/// Pages by which the log grows between two folds: 8 MiB. A page that is written again and again, as the ends of the
/// indexes are, is folded once for all of them.
const FOLDED_EVERY_PAGES: c_int = 2_048;

/// Pages of log, 128 MiB, from which on the commits fold what the thread has left, so that the log can begin anew: some
/// tens of milliseconds for which everybody waits. The fewer of them, the better; more of a log than this makes its
/// reading slower, at a start after a crash too. When less comes than the thread can fold, the log begins anew by itself.
const BEGINS_ANEW_AT_PAGES: c_int = 32_768;

/// Makes the log of the writer's `connection` to `file` be folded beside it. The thread ends when the connection is
/// closed; join it before others take the file to be at rest.
///
/// # Errors
/// What SQLite said.
pub(super) fn beside(connection: &mut Connection, file: &Path) -> rusqlite::Result<JoinHandle<()>> {
    // One wake is enough: it folds all that there is.
    let (wake, woken) = sync_channel(1);
    let mut folded_at = 0;
    connection.wal_hook(Some(move |log: &mut Wal, pages: c_int| {
        if pages < folded_at {
            // It has begun anew.
            folded_at = 0;
        }
        if pages - folded_at >= FOLDED_EVERY_PAGES {
            folded_at = pages;
            if pages >= BEGINS_ANEW_AT_PAGES {
                // Fails while the thread is at it, or the disk is full: the commit stands, and a later one tries again.
                drop(log.checkpoint());
            } else {
                let _ = wake.try_send(());
            }
        }
        Ok(())
    }))?;
    let file = file.to_owned();
    // Named, so that an operator sees in `top -H` what is busy.
    let folding = thread::Builder::new().name("folding".to_owned()).spawn(move || fold_when_woken(file, &woken));
    Ok(folding.expect("the system gives a thread"))
}

fn fold_when_woken(file: PathBuf, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        // Opened for each time: a connection that is kept would keep the log from being removed at the end.
        let folded = Connection::open(&file)
            .and_then(|connection| connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(())));
        if let Err(error) = folded {
            tracing::warn!(%error, "could not fold the log into the database");
        }
    }
}
