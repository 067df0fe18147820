//! What a text says, read kindly: where an event can't be read, whatever of it can.

use serde::de::DeserializeOwned;
use serde_json::Value;
use vestibule_protocol::{attention::Said, limits::NAME_MAX_CHARS, timestamp::Timestamp};

/// Most characters of a text that are shown: what a person reads, and more than any event that somebody typed.
const SHOWN_MAX_CHARS: usize = 4_000;

/// What `text` says.
pub(super) fn read(text: &str) -> Said {
    let shown = text.chars().take(SHOWN_MAX_CHARS).collect();
    let Ok(event) = serde_json::from_str::<Value>(text) else { return Said { text: shown, ..Said::default() } };
    let (data, visitor) = (&event["data"], &event["data"]["visitor"]);
    let offset_ms = event["clockoffset"].as_i64().unwrap_or(0);
    Said {
        visit: member(&event["subject"]),
        kind: event["type"].as_str().and_then(|name| member(&Value::from(kind_name(name)?))),
        occurred_at: member::<Timestamp>(&event["time"]).map(|at| at.plus_ms(offset_ms)),
        name: words(&visitor["name"]),
        company: words(&visitor["company"]),
        email: words(&visitor["email"]),
        phone: words(&visitor["phone"]),
        host: member(&data["host"]),
        expected_at: member(&data["expected_at"]),
        text: shown,
    }
}

/// `vestibule.visit.checked_in.v1` as the timeline calls it, `checked_in`.
fn kind_name(type_name: &str) -> Option<String> {
    let mut parts = type_name.split('.').skip(1);
    match (parts.next()?, parts.next()?) {
        ("rollcall", what) => Some(format!("roll_call_{what}")),
        ("agreement", what) => Some(format!("agreement_{what}")),
        (_, what) => Some(what.to_owned()),
    }
}

fn member<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

/// At most as long as the field that it would be typed into.
fn words(value: &Value) -> Option<String> {
    Some(value.as_str()?.chars().take(NAME_MAX_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use vestibule_protocol::visit::Kind;

    use super::*;

    #[test]
    fn of_a_damaged_text_is_told_what_is_left() {
        let said = read(r#"{"type":"vestibule.visit.checked_in.v1","data":{"visitor":{"name":"Ada","company":7}}}"#);
        assert_eq!((said.kind, said.name.as_deref(), said.company), (Some(Kind::CheckedIn), Some("Ada"), None));
        assert_eq!(read("{"), Said { text: "{".to_owned(), ..Said::default() });
    }

    #[test]
    fn a_kind_of_a_newer_version_is_none_that_is_known() {
        assert_eq!(read(r#"{"type":"vestibule.visit.beamed_up.v1"}"#).kind, None);
        assert_eq!(read(r#"{"type":"vestibule.rollcall.started.v1"}"#).kind, Some(Kind::RollCallStarted));
        assert_eq!(read(r#"{"type":"vestibule.agreement.signed.v1"}"#).kind, Some(Kind::AgreementSigned));
    }
}
