//! Disks that fail: a small file system of a test's own, and files that nobody may write. The system fails the server's
//! writes; no switch in the server does.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// Room for the database and little else.
const SMALL: &str = "size=16m";

/// What takes the room that is left.
const FILLER: &str = "filler";

/// How much is written at once until nothing fits, in bytes: a page, so that less than one is left.
const PAGE_BYTES: usize = 4_096;

/// What a test writes, in files of its own.
pub struct Disk {
    folder: TempDir,
    is_mounted: Mounted,
    closed: Vec<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mounted {
    Yes,
    No,
}

impl Disk {
    /// A folder on the system's own disk.
    pub fn of_the_system() -> Self {
        Self { folder: TempDir::new().expect("a directory for the data"), is_mounted: Mounted::No, closed: Vec::new() }
    }

    /// A small one, in memory; `None` where the system lets nobody mount one.
    pub fn small() -> Option<Self> {
        let folder = TempDir::new().expect("a directory to mount it at");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", SMALL, "vestibule-drill"]).arg(folder.path());
        done(&mut mount).then_some(Self { folder, is_mounted: Mounted::Yes, closed: Vec::new() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all the room that is left. For [`Self::small`] only.
    pub fn fill(&self) {
        assert!(self.is_mounted == Mounted::Yes, "nobody fills the system's disk");
        let mut file = File::create(self.path().join(FILLER)).expect("an empty file fits");
        while file.write_all(&[0; PAGE_BYTES]).is_ok() {}
    }

    /// Gives it back.
    pub fn free(&self) {
        fs::remove_file(self.path().join(FILLER)).expect("it was filled");
    }

    /// Lets nobody write these files, not even who has them open, until [`Self::open_again`].
    ///
    /// # Panics
    /// Where [`Self::can_be_closed`] is not.
    pub fn close(&mut self, files: &[&str]) {
        for file in files {
            let path = self.path().join(file);
            assert!(attribute("+", &path), "{} can't be made immutable", path.display());
            self.closed.push(path);
        }
    }

    /// Lets them be written again.
    pub fn open_again(&mut self) {
        for path in self.closed.drain(..) {
            attribute("-", &path);
        }
    }

    /// Whether this user, on this file system, may make files immutable. Taking away the rights would not do: who has a
    /// file open goes on writing it, and root is asked for none.
    pub fn can_be_closed() -> bool {
        let probe = tempfile::NamedTempFile::new().expect("a file");
        let is_closed = attribute("+", probe.path()) && File::options().append(true).open(probe.path()).is_err();
        attribute("-", probe.path());
        is_closed
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.open_again();
        if self.is_mounted == Mounted::Yes {
            // Lazily: whoever has files on it ends in whatever order.
            done(Command::new("umount").arg("-l").arg(self.folder.path()));
        }
    }
}

fn attribute(sign: &str, path: &Path) -> bool {
    done(Command::new("chattr").arg(format!("{sign}i")).arg(path))
}

/// Runs it without a word. Whether it did what it was asked.
fn done(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
