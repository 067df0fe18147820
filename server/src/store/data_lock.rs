//! Keeps two servers off one data directory. SQLite would keep them from harm; live streams would still miss changes.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use super::{OpenError, make_directory};

const FILE: &str = "serve.lock";

/// Held while a server runs on a data directory; the system lets go of it however the process ends.
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the lock of `dir`, which is made if it isn't there.
    ///
    /// # Errors
    /// [`OpenError::InUse`] if another server holds it, [`OpenError::Directory`] if nobody could.
    pub fn take(dir: &Path) -> Result<Self, OpenError> {
        let unusable = |cause| OpenError::Directory { path: dir.to_owned(), cause };
        make_directory(dir).map_err(unusable)?;
        let file = File::options().create(true).truncate(false).write(true).open(dir.join(FILE)).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: dir.to_owned() }),
            Err(TryLockError::Error(cause)) => Err(unusable(cause)),
        }
    }
}
