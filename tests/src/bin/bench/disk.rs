//! The disk itself: the bytes of a batch appended to a file and synced, one batch after the other. What no store that
//! keeps its word can do without.

use std::{fs::File, io::Write, path::Path, time::Duration};

use vestibule_protocol::account::Credentials;

use crate::{
    load::{Client, Counted, Measured},
    machine::now,
};

/// Appends until the window is over.
pub(crate) fn measure(dir: &Path, credentials: &Credentials, batch: usize, window: Duration) -> Measured {
    let mut file = File::create(dir.join("appended")).expect("a fresh directory");
    let mut client = Client::new(credentials.clone());
    let mut counted = Counted::default();
    let mut busy = Duration::ZERO;
    // Making the bytes is no part of it.
    while busy < window {
        let bytes = client.batch(batch);
        let began = now();
        file.write_all(bytes.as_bytes()).and_then(|()| file.sync_data()).expect("the disk takes it");
        let took = began.elapsed();
        busy += took;
        counted.took.push(took);
        counted.events += batch as u64;
    }
    Measured::new(counted, busy)
}
