//! Clocks that a test sets.
//!
//! The server's: libfaketime between it and the system, so that whatever it asks for the time of day is told another one;
//! how long something takes it is told rightly, and its timers run as ever. A browser does not start with that library
//! before it (Firefox's own allocator waits for it for ever), so a device's clock is set where the product reads it:
//! `Date.now`, in the page by the driver, and in the worker by a piece of script that the network adds to the worker's.

use std::{fs, path::PathBuf};

use tempfile::NamedTempFile;

use crate::browser::Browser;

/// How often the library looks into the file, in seconds: the least that it can.
const LOOKS_EVERY_S: &str = "1";

/// The clock of the programs that are started by it.
pub struct Clock {
    library: PathBuf,
    file: NamedTempFile,
}

impl Clock {
    /// One that is right; `None` where the library is not installed (`scripts/setup tests` does it on Debian).
    pub fn right() -> Option<Self> {
        let architectures = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
        let library = architectures
            .map(|architecture| architecture.path().join("faketime/libfaketimeMT.so.1"))
            .find(|path| path.exists())?;
        let clock = Self { library, file: NamedTempFile::new().expect("a file for the time") };
        clock.set(0);
        Some(clock)
    }

    /// Sets it so many seconds ahead of the system's, or back.
    pub fn set(&self, ahead_s: i64) {
        // In one piece: a program may read it at any moment.
        let next = NamedTempFile::new_in(self.file.path().parent().expect("it lies in a folder")).expect("a file");
        fs::write(next.path(), format!("{ahead_s:+}s\n")).expect("the file can be written");
        next.persist(self.file.path()).expect("the folder can be written");
    }

    /// What a program is started with to go by it.
    pub fn environment(&self) -> [(&'static str, String); 5] {
        [
            ("LD_PRELOAD", self.library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.path().display().to_string()),
            ("FAKETIME_CACHE_DURATION", LOOKS_EVERY_S.to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("NO_FAKE_STAT", "1".to_owned()),
        ]
    }
}

/// Sets a device's clock so many seconds ahead of the system's, or back: in the page that is shown, and in the worker, if
/// it comes through a network with `set_by_test` in its script.
pub async fn set_device(browser: &Browser, ahead_s: i64) {
    browser.run(&format!("const aheadMs = {ahead_s} * 1000;\n{PAGE}")).await;
}

/// The worker's script, with what lets [`set_device`] set its clock.
pub(crate) fn set_by_test(script: &str) -> String {
    format!("{script}\n{WORKER}")
}

/// A worker that begins another life asks what time it is, and goes by the system's clock until it hears.
const PAGE: &str = r#"
    window.rightNow ??= Date.now;
    Date.now = () => rightNow() + aheadMs;
    window.clock ??= new BroadcastChannel("clock");
    clock.onmessage = ({ data }) => { if (data === "what time is it?") clock.postMessage(aheadMs); };
    clock.postMessage(aheadMs);
"#;

const WORKER: &str = r#"{
    const rightNow = Date.now;
    let ahead = 0;
    Date.now = () => rightNow() + ahead;
    const clock = new BroadcastChannel("clock");
    clock.onmessage = ({ data }) => { if (typeof data === "number") ahead = data; };
    clock.postMessage("what time is it?");
}"#;
