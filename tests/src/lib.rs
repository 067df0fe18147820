//! The whole system as people meet it: the built server as a process of its own, real browsers, a network that fails.
//!
//! `make test` builds `target/release/vestibule` and `dist/` first; these tests run what it built and mock nothing.
//! Every wait polls a condition until a deadline ([`wait::until`]); nothing sleeps and hopes.

pub mod backlog;
pub mod browser;
pub mod clock;
pub mod disk;
pub mod drill;
pub mod fleet;
pub mod kills;
pub mod lan;
pub mod lobby;
pub mod measured;
pub mod morning;
pub mod network;
pub mod people;
pub mod provider;
pub mod release;
pub mod server;
pub mod simulation;
pub mod wait;
pub mod wire;

use std::path::PathBuf;

/// The checkout.
pub fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_path_buf()
}
