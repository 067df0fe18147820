//! The rows of the database, as they are stored and as the worker knows them.
//!
//! Stored are plain JavaScript objects, because indexes reach only into those. They are read and checked here, once.

use std::ops::Deref;

use vestibule_engine::outbox::{self, Settled, State, StateName};
use vestibule_protocol::{
    batch::{Link, Seq},
    json,
    timestamp::Timestamp,
};
use wasm_bindgen::prelude::*;

/// Counts the changes of the database: each transaction that changes rows takes the next number and writes it into
/// them, so that any worker finds what has changed since it last looked, whoever changed it.
pub(crate) type Revision = u64;

/// What stands in a store of rows.
pub(crate) trait Row: Sized {
    /// The object to store.
    fn to_js(&self) -> JsValue;

    /// What is stored, if this version can read it.
    fn from_js(stored: JsValue) -> Option<Self>;
}

/// An event in the outbox, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct EventRow {
    /// The record.
    pub(crate) row: outbox::Row,
    /// Its last change.
    pub(crate) revision: Revision,
}

/// A visit or a host in the copy of the site, as the JSON text that the server sent.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CopyRow {
    /// The visit's or host's id.
    pub(crate) id: String,
    /// Its JSON text.
    pub(crate) json: String,
    /// Its last change.
    pub(crate) revision: Revision,
}

impl EventRow {
    /// When the server had it on disk, if it has.
    pub(crate) fn received_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Pending | State::Parked(_) => None,
            State::Acknowledged { received_at, .. } => Some(received_at),
        }
    }
}

impl Deref for EventRow {
    type Target = outbox::Row;

    fn deref(&self) -> &outbox::Row {
        &self.row
    }
}

/// How the state stands in the indexes.
pub(crate) const fn state_key(state: StateName) -> &'static str {
    match state {
        StateName::Pending => "pending",
        StateName::Parked => "parked",
        StateName::Acknowledged => "acknowledged",
    }
}

#[wasm_bindgen]
extern "C" {
    /// The object that is stored.
    #[wasm_bindgen(extends = js_sys::Object)]
    type RawRow;

    #[wasm_bindgen(method, structural, getter)]
    fn id(this: &RawRow) -> Option<String>;
    #[wasm_bindgen(method, structural, setter)]
    fn set_id(this: &RawRow, value: &str);
    #[wasm_bindgen(method, structural, getter)]
    fn visit(this: &RawRow) -> Option<String>;
    #[wasm_bindgen(method, structural, setter)]
    fn set_visit(this: &RawRow, value: &str);
    #[wasm_bindgen(method, structural, getter)]
    fn at(this: &RawRow) -> Option<f64>;
    #[wasm_bindgen(method, structural, setter)]
    fn set_at(this: &RawRow, value: f64);
    #[wasm_bindgen(method, structural, getter)]
    fn stream(this: &RawRow) -> Option<String>;
    #[wasm_bindgen(method, structural, setter)]
    fn set_stream(this: &RawRow, value: &str);
    #[wasm_bindgen(method, structural, getter)]
    fn seq(this: &RawRow) -> Option<f64>;
    #[wasm_bindgen(method, structural, setter)]
    fn set_seq(this: &RawRow, value: f64);
    #[wasm_bindgen(method, structural, getter)]
    fn chain(this: &RawRow) -> Option<String>;
    #[wasm_bindgen(method, structural, setter)]
    fn set_chain(this: &RawRow, value: &str);
    #[wasm_bindgen(method, structural, getter)]
    fn text(this: &RawRow) -> Option<String>;
    #[wasm_bindgen(method, structural, setter)]
    fn set_text(this: &RawRow, value: &str);
    #[wasm_bindgen(method, structural, getter)]
    fn state(this: &RawRow) -> Option<String>;
    #[wasm_bindgen(method, structural, setter)]
    fn set_state(this: &RawRow, value: &str);
    #[wasm_bindgen(method, structural, getter)]
    fn reason(this: &RawRow) -> Option<String>;
    #[wasm_bindgen(method, structural, setter)]
    fn set_reason(this: &RawRow, value: &str);
    #[wasm_bindgen(method, structural, getter, js_name = acknowledgedAt)]
    fn acknowledged_at(this: &RawRow) -> Option<f64>;
    #[wasm_bindgen(method, structural, setter, js_name = acknowledgedAt)]
    fn set_acknowledged_at(this: &RawRow, value: f64);
    #[wasm_bindgen(method, structural, getter, js_name = receivedAt)]
    fn received_at(this: &RawRow) -> Option<f64>;
    #[wasm_bindgen(method, structural, setter, js_name = receivedAt)]
    fn set_received_at(this: &RawRow, value: f64);
    #[wasm_bindgen(method, structural, getter)]
    fn unsettled(this: &RawRow) -> Option<String>;
    #[wasm_bindgen(method, structural, setter)]
    fn set_unsettled(this: &RawRow, value: &str);
    #[wasm_bindgen(method, structural, getter)]
    fn revision(this: &RawRow) -> Option<f64>;
    #[wasm_bindgen(method, structural, setter)]
    fn set_revision(this: &RawRow, value: f64);
    #[wasm_bindgen(method, structural, getter)]
    fn json(this: &RawRow) -> Option<String>;
    #[wasm_bindgen(method, structural, setter)]
    fn set_json(this: &RawRow, value: &str);
}

impl Row for EventRow {
    fn to_js(&self) -> JsValue {
        let raw: RawRow = js_sys::Object::new().unchecked_into();
        let visit = self.visit.to_string();
        raw.set_id(&self.id.to_string());
        raw.set_visit(&visit);
        raw.set_at(millis_to_js(self.at));
        raw.set_stream(&self.stream.to_string());
        raw.set_seq(number_to_js(self.link.seq));
        raw.set_chain(&self.link.chain.to_string());
        raw.set_text(&self.text);
        raw.set_state(state_key(self.state.name()));
        match self.state {
            State::Pending => {}
            State::Parked(reason) => raw.set_reason(&json::write(&reason)),
            State::Acknowledged { at, received_at } => {
                raw.set_acknowledged_at(millis_to_js(at));
                raw.set_received_at(millis_to_js(received_at));
            }
        }
        match self.settled {
            // A row without the member is not in the index.
            Settled::Yes => {}
            Settled::No => raw.set_unsettled(&visit),
        }
        raw.set_revision(number_to_js(self.revision));
        raw.into()
    }

    fn from_js(stored: JsValue) -> Option<Self> {
        let raw: RawRow = stored.unchecked_into();
        let row = outbox::Row {
            id: parsed(raw.id())?,
            visit: parsed(raw.visit())?,
            at: moment(raw.at())?,
            stream: parsed(raw.stream())?,
            link: Link { seq: number(raw.seq())?, chain: parsed(raw.chain())? },
            text: raw.text()?.into_boxed_str(),
            state: state(&raw)?,
            settled: if raw.unsettled().is_some() { Settled::No } else { Settled::Yes },
        };
        Some(Self { row, revision: number(raw.revision())? })
    }
}

impl Row for CopyRow {
    fn to_js(&self) -> JsValue {
        let raw: RawRow = js_sys::Object::new().unchecked_into();
        raw.set_id(&self.id);
        raw.set_json(&self.json);
        raw.set_revision(number_to_js(self.revision));
        raw.into()
    }

    fn from_js(stored: JsValue) -> Option<Self> {
        let raw: RawRow = stored.unchecked_into();
        Some(Self { id: raw.id()?, json: raw.json()?, revision: number(raw.revision())? })
    }
}

fn state(raw: &RawRow) -> Option<State> {
    let name = raw.state()?;
    let is = |state: StateName| name == state_key(state);
    if is(StateName::Pending) {
        Some(State::Pending)
    } else if is(StateName::Parked) {
        Some(State::Parked(json::read(&raw.reason()?).ok()?))
    } else if is(StateName::Acknowledged) {
        Some(State::Acknowledged { at: moment(raw.acknowledged_at())?, received_at: moment(raw.received_at())? })
    } else {
        None
    }
}

fn parsed<T: std::str::FromStr>(text: Option<String>) -> Option<T> {
    text?.parse().ok()
}

fn moment(millis: Option<f64>) -> Option<Timestamp> {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and Timestamp bounds it")]
    millis.map(|millis| Timestamp::from_unix_ms(millis as i64))
}

fn number(value: Option<f64>) -> Option<Seq> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a count")]
    value.filter(|value| *value >= 0.0).map(|value| value as Seq)
}

/// Counts stay far below 2^53, where floats begin to skip whole numbers.
#[expect(clippy::cast_precision_loss, reason = "see above")]
pub(crate) fn number_to_js(value: u64) -> f64 {
    value as f64
}

/// Milliseconds of the years 0 to 9999 are whole numbers below 2^53.
#[expect(clippy::cast_precision_loss, reason = "see above")]
pub(crate) fn millis_to_js(at: Timestamp) -> f64 {
    at.unix_ms() as f64
}
