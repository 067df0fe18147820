//! The engine, tried: each test is a story of a device, its server, and what happens between them.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod delivery;
mod firewalls;
mod histories;
mod outages;
mod proofs;
mod refusals;
mod revocation;
mod workers;
mod world;
