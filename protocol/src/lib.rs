//! The language that every part of Vestibule shares, and nothing else: no I/O, no clock, no randomness.
//!
//! An action of a person becomes an [`event::Event`], fixed for ever as a piece of text when it is captured. A device
//! numbers its events in a stream and proves the numbering with a [`chain`]. It sends them in a [`batch::Batch`] and is
//! answered by a [`batch::Receipt`]. Folding the events of one stay, in any order, gives a [`visit::Visit`], which the
//! server tells every device of the site in [`changes::Changes`]. Staff read the [`standing`] of the devices, and a
//! delivery [`statement`] of what was captured and where it is. What a site has decided of its kiosks are its
//! [`settings`]. A page talks to its worker in [`message`]s. What nothing else brings, people carry: sealed in a
//! [`parcel`].
//!
//! Types here are the wire: a change to one of them is a change to the protocol, and `tests/wire.rs` holds the golden
//! JSON of each. Old devices meet new servers, so a field may be added when its absence has a meaning; none is ever
//! renamed or given a new sense.
#![warn(missing_docs)]

pub mod account;
pub mod admin;
pub mod attention;
pub mod batch;
pub mod chain;
pub mod changes;
pub mod details;
pub mod directory;
pub mod event;
pub mod export;
pub mod id;
pub mod json;
pub mod limits;
pub mod message;
pub mod papers;
pub mod parcel;
pub mod parcels;
pub mod privacy;
pub mod problem;
pub mod roll_call;
pub mod settings;
pub mod standing;
pub mod statement;
pub mod text;
pub mod timestamp;
pub mod visit;

/// How these types are read and written, for crates that keep types of their own the same way and need nothing else.
pub use serde;
