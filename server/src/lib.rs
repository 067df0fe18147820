//! The Vestibule server.
//!
//! [`ingest`] takes what devices deliver into the ledger and, in the same transaction, folds it into the [`projection`];
//! [`changes`] and [`stream`] tell it to whoever shows it, [`standing`] and [`statement`] how delivery stands,
//! [`attention`] what staff must decide on; [`access`] decides who that may be. [`store`] has the one thread that writes.
//! [`router`] lists every route, [`limits`] everything that is bounded.
//!
//! Whatever decides takes the time and its randomness as arguments; [`clock`] is where they come from.
#![warn(missing_docs)]

pub mod access;
pub mod api;
pub mod app;
pub mod attention;
pub mod audit;
pub mod backup;
mod body;
pub mod changes;
pub mod cli;
pub mod clock;
mod demo_day;
mod demo_site;
pub mod error;
pub mod gap;
mod headers;
pub mod health;
pub mod ingest;
pub mod limits;
pub mod metrics;
mod paging;
pub mod parcels;
pub mod privacy;
pub mod projection;
mod rates;
pub mod router;
pub mod server;
pub mod settings;
pub mod site;
pub mod standing;
pub mod statement;
pub mod static_files;
pub mod store;
pub mod stream;
mod surround;
mod telemetry;
pub mod tls;
mod trust;
pub mod verify;
