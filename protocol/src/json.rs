//! JSON, read and written in little code.
//!
//! What a kiosk downloads is for a good part JSON: serde generates code for each type, and each calls into the format's.
//! `serde_json` says of every fault what was expected where, which is much of that code, and which nobody on a kiosk
//! reads. Here a text is what was expected or it is not ([`Invalid`]); what is written is byte for byte what
//! `serde_json` writes (`tests/json.rs` holds both against each other), and [`RawValue`] is the same type. The server,
//! which does say what was wrong with a request, reads requests with `serde_json`.

mod read;
mod write;

use serde::{Deserialize, Serialize};
pub use serde_json::value::RawValue;

/// How `serde_json` marks a [`RawValue`] to whoever reads or writes it.
const RAW: &str = "$serde_json::private::RawValue";

/// The text is not the JSON that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the JSON that was expected")]
pub struct Invalid;

/// Reads a value that takes up all of the text.
///
/// # Errors
/// [`Invalid`] if the text is no JSON, or not of that type.
pub fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Invalid> {
    let mut reader = read::Reader::new(text);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// The JSON text of a value.
pub fn write<T: Serialize + ?Sized>(value: &T) -> String {
    let mut writer = write::Writer::default();
    match value.serialize(&mut writer) {
        Ok(()) => writer.into_text(),
        Err(never) => match never {},
    }
}

/// A text as part of other JSON; `None` if it is not JSON itself.
pub fn raw(text: &str) -> Option<Box<RawValue>> {
    read::<&RawValue>(text).ok().map(ToOwned::to_owned)
}
