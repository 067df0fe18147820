//! The rows of the database, as they are stored and as the worker knows them.
//!
//! Stored are plain JavaScript objects, because indexes reach only into those. They are read and checked here, once.

use std::ops::Deref;

use indexed_db_futures::{
    error::SimpleValueError,
    primitive::{TryFromJs, TryToJs},
};
use vestibule_engine::outbox::{Row, Settled, State, StateName};
use vestibule_protocol::{
    batch::{Link, Seq},
    event::Event,
    timestamp::Timestamp,
};
use wasm_bindgen::prelude::*;

/// Counts the changes of the database: each transaction that changes rows takes the next number and writes it into
/// them, so that any worker finds what has changed since it last looked, whoever changed it.
pub(crate) type Revision = u64;

/// An event in the outbox, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct EventRow {
    /// The record.
    pub(crate) row: Row,
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
    /// The event, if this version understands it.
    pub(crate) fn event(&self) -> Option<Event> {
        Event::parse(&self.text).ok()
    }

    /// When the server had it on disk, if it has.
    pub(crate) fn received_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Pending | State::Parked(_) => None,
            State::Acknowledged { received_at, .. } => Some(received_at),
        }
    }
}

impl Deref for EventRow {
    type Target = Row;

    fn deref(&self) -> &Row {
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

/// A row with a field that is missing or makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the row has no valid {field}")]
struct InvalidRow {
    field: &'static str,
}

impl TryToJs for EventRow {
    fn try_to_js(&self) -> indexed_db_futures::Result<JsValue> {
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
            State::Parked(reason) => raw.set_reason(&super::meta::to_json(&reason)),
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
        Ok(raw.into())
    }
}

impl TryFromJs for EventRow {
    fn from_js(js: JsValue) -> Result<Self, SimpleValueError> {
        let raw: RawRow = js.unchecked_into();
        let read = || -> Result<Self, InvalidRow> {
            let row = Row {
                id: parsed(raw.id(), "id")?,
                visit: parsed(raw.visit(), "visit")?,
                at: moment(raw.at(), "at")?,
                stream: parsed(raw.stream(), "stream")?,
                link: Link { seq: number(raw.seq(), "seq")?, chain: parsed(raw.chain(), "chain")? },
                text: raw.text().ok_or(InvalidRow { field: "text" })?.into_boxed_str(),
                state: state(&raw)?,
                settled: if raw.unsettled().is_some() { Settled::No } else { Settled::Yes },
            };
            Ok(Self { row, revision: number(raw.revision(), "revision")? })
        };
        read().map_err(|invalid| SimpleValueError::Other(invalid.into()))
    }
}

impl TryToJs for CopyRow {
    fn try_to_js(&self) -> indexed_db_futures::Result<JsValue> {
        let raw: RawRow = js_sys::Object::new().unchecked_into();
        raw.set_id(&self.id);
        raw.set_json(&self.json);
        raw.set_revision(number_to_js(self.revision));
        Ok(raw.into())
    }
}

impl TryFromJs for CopyRow {
    fn from_js(js: JsValue) -> Result<Self, SimpleValueError> {
        let raw: RawRow = js.unchecked_into();
        let read = || -> Result<Self, InvalidRow> {
            Ok(Self {
                id: raw.id().ok_or(InvalidRow { field: "id" })?,
                json: raw.json().ok_or(InvalidRow { field: "json" })?,
                revision: number(raw.revision(), "revision")?,
            })
        };
        read().map_err(|invalid| SimpleValueError::Other(invalid.into()))
    }
}

fn state(raw: &RawRow) -> Result<State, InvalidRow> {
    let name = raw.state();
    let is = |state: StateName| name.as_deref() == Some(state_key(state));
    if is(StateName::Pending) {
        Ok(State::Pending)
    } else if is(StateName::Parked) {
        let reason = raw.reason().and_then(|json| serde_json::from_str(&json).ok());
        Ok(State::Parked(reason.ok_or(InvalidRow { field: "reason" })?))
    } else if is(StateName::Acknowledged) {
        Ok(State::Acknowledged {
            at: moment(raw.acknowledged_at(), "acknowledgedAt")?,
            received_at: moment(raw.received_at(), "receivedAt")?,
        })
    } else {
        Err(InvalidRow { field: "state" })
    }
}

fn parsed<T: std::str::FromStr>(text: Option<String>, field: &'static str) -> Result<T, InvalidRow> {
    text.and_then(|text| text.parse().ok()).ok_or(InvalidRow { field })
}

fn moment(millis: Option<f64>, field: &'static str) -> Result<Timestamp, InvalidRow> {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and Timestamp bounds it")]
    millis.map(|millis| Timestamp::from_unix_ms(millis as i64)).ok_or(InvalidRow { field })
}

fn number(value: Option<f64>, field: &'static str) -> Result<Seq, InvalidRow> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a count")]
    value.filter(|value| *value >= 0.0).map(|value| value as Seq).ok_or(InvalidRow { field })
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
