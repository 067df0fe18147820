//! The server over HTTP: the real router on a free port, on a database in a temporary directory.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod access;
mod attention;
mod audit;
mod changes;
mod command_line;
mod degrading;
mod devices;
mod directory;
mod durability;
mod fixture;
mod ingest;
mod integrators;
mod keys;
#[cfg(unix)]
mod log;
mod metrics;
mod migrations;
mod pages;
mod parcels;
mod privacy;
mod provider;
mod rates;
mod restore;
mod route_table;
mod settings;
mod staff;
mod standing;
mod statement;
mod static_files;
#[cfg(unix)]
mod stopping;
mod stream;
mod tls;
mod traces;
mod upkeep;
