//! Releases of the app, one after the other.

use std::{fs, path::PathBuf};

use tempfile::TempDir;

use crate::workspace;

/// Names the folder with a build of an earlier version (`dist/`), for [`Release::before`].
const EARLIER: &str = "VESTIBULE_EARLIER_DIST";

/// What the worker's script begins with; then the version, 16 hex digits.
const VERSION: &str = "const SHELL = {\"version\":\"";

/// The version of a release that was not built.
const MADE_UP: &str = "0123456789abcdef";

/// A build of the app, in a folder.
pub struct Release {
    path: PathBuf,
    /// Which version its worker's script is of.
    pub version: String,
    /// Goes with it.
    _folder: Option<TempDir>,
}

impl Release {
    /// The one that `make build` has left in `dist/`.
    pub fn built() -> Self {
        Self::at(workspace().join("dist"), None)
    }

    /// One before it: the build of an earlier version, if `VESTIBULE_EARLIER_DIST` names one. Else the same pages and the
    /// same program under another version, with a script of its own: for a browser that is another release as any other,
    /// with its own cache to fill and its own worker to take over with, and of what is stored nothing is different.
    pub fn before() -> Self {
        if let Some(earlier) = std::env::var_os(EARLIER) {
            return Self::at(PathBuf::from(earlier), None);
        }
        let (built, folder) = (Self::built(), TempDir::new().expect("a directory for the release"));
        for entry in fs::read_dir(&built.path).expect("`make build` leaves dist/").flatten() {
            let name = entry.file_name();
            // What is packed of the script would be the other version's.
            if !name.to_string_lossy().starts_with("sw.js") {
                fs::copy(entry.path(), folder.path().join(name)).expect("the file can be copied");
            }
        }
        let script = fs::read_to_string(built.path.join("sw.js")).expect("`make build` leaves dist/sw.js");
        fs::write(folder.path().join("sw.js"), script.replace(&built.version, MADE_UP)).expect("the folder is ours");
        Self::at(folder.path().to_owned(), Some(folder))
    }

    fn at(path: PathBuf, folder: Option<TempDir>) -> Self {
        let script = fs::read_to_string(path.join("sw.js")).expect("a build has a worker's script");
        let rest = script.strip_prefix(VERSION).expect("it begins with its version");
        let version = rest.split('"').next().expect("one part at least").to_owned();
        Self { path, version, _folder: folder }
    }

    /// Where its files are.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }
}
