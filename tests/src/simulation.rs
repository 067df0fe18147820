//! Simulation: whole fleets, deterministic from one seed, with everything going wrong that can.
//!
//! Real are the engine, the outbox's transactions, the protocol, the fold, and the server's ingest, ledger and feed on
//! SQLite. Simulated is what they stand on: IndexedDB, the contexts of a browser, the network, the clocks, the crashes.
//! [`plan::Plan`] is a history; [`world::World`] plays it; [`check`] says what must hold; [`mutation`] puts in the known
//! bugs that prove that it would be noticed if it did not. `docs/simulation.md` has the tables.

pub mod check;
pub mod coverage;
pub mod dashboard;
pub mod device;
pub mod fault;
pub mod gaps;
mod mutated;
pub mod mutation;
pub mod network;
pub mod people;
pub mod plan;
pub mod random;
pub mod server;
pub mod small_world;
pub mod storage;
pub mod tables;
pub mod versions;
pub mod world;
