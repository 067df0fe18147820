//! What both halves of the app share: the kiosk at the entrance (`src/bin/kiosk`) and the desk (`src/bin/desk`). They
//! are two programs, so that a kiosk downloads nothing of the desk.
//!
//! Screens read signals of the [`outbox`] and hand it what people do; the worker behind it keeps and delivers. [`api`] is
//! for signing in, pairing, and reading how delivery stands. What can be decided without a browser ([`matching`],
//! [`form`], [`lists`]) is plain functions with tests beside them.

pub mod api;
pub mod case;
pub mod clock;
pub mod csv;
pub mod decided;
pub mod delivery_facts;
pub mod directory;
pub mod field;
pub mod file;
pub mod focus;
pub mod form;
pub mod fragment;
pub mod guest_list;
pub mod handing_over;
pub mod host_list;
pub mod host_picker;
pub mod icon;
pub mod lists;
pub mod live;
pub mod look_up;
pub mod matching;
pub mod outbox;
pub mod qr;
pub mod reference;
pub mod route;
pub mod saving;
pub mod search_field;
pub mod sheet;
pub mod sign_in;
pub mod sign_out;
pub mod staff;
pub mod start;
pub mod sync_pill;
pub mod times;
pub mod words;
