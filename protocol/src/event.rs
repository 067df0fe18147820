//! An event: what a person did, fixed as text when it is captured.
//!
//! The text is one CloudEvents 1.0 object in the JSON format (<https://github.com/cloudevents/spec>). It is written
//! once, by [`Event::to_text`] on the device that captures it, and from then on stored, hashed and sent verbatim;
//! everybody else only reads it, with [`Event::parse`].

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    details::Details,
    id::{DeviceId, EventId, HostId, SiteId, VisitId},
    json, limits,
    papers::{AgreementSigned, Photographed},
    roll_call::{RollCallEnded, RollCallMarked, RollCallStarted},
    text::Text,
    timestamp::Timestamp,
};

/// What happened to one visit or roll call, when, and on which device.
///
/// `Data` is how that is held: as what it is, or as [`WrittenData`] where it is only passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<Data = EventData> {
    /// Made with the event, never changed: sent twice, it counts once.
    pub id: EventId,
    /// Where it was captured.
    pub source: Source,
    /// The visit that it is about; or the roll call, of one that starts or ends it.
    pub visit: VisitId,
    /// The device's clock when the person acted.
    pub time: Timestamp,
    /// The server's clock minus the device's, in ms, as the device last measured it; `None` if it never did. The
    /// attribute is a JSON integer of up to 64 bits, wider than CloudEvents' `Integer`, so that a clock that is years
    /// off can still be corrected.
    pub clock_offset_ms: Option<i64>,
    /// What happened.
    pub data: Data,
}

/// The device that captured an event, and its site at that time; on the wire `/sites/<uuid>/devices/<uuid>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Source {
    /// The site.
    pub site: SiteId,
    /// The device.
    pub device: DeviceId,
}

/// What happened to a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventData {
    /// `vestibule.visit.registered.v1`: somebody is expected.
    Registered(Registered),
    /// `vestibule.visit.updated.v1`: particulars of the visit are other than was said before.
    Updated(Updated),
    /// `vestibule.visit.cancelled.v1`: nobody will come.
    Cancelled(Cancelled),
    /// `vestibule.visit.checked_in.v1`: the visitor is here.
    CheckedIn(CheckedIn),
    /// `vestibule.visit.checked_out.v1`: the visitor has gone.
    CheckedOut(CheckedOut),
    /// `vestibule.agreement.signed.v1`: the visitor agreed to something.
    AgreementSigned(AgreementSigned),
    /// `vestibule.visit.photographed.v1`: the visitor's photo was taken.
    Photographed(Photographed),
    /// `vestibule.rollcall.started.v1`: the subject is a roll call that begins.
    RollCallStarted(RollCallStarted),
    /// `vestibule.rollcall.marked.v1`: a marshal's word on the visitor.
    RollCallMarked(RollCallMarked),
    /// `vestibule.rollcall.ended.v1`: the subject is a roll call that is over.
    RollCallEnded(RollCallEnded),
}

/// What can be written into an event's text.
pub trait Written {
    /// The CloudEvents `type`.
    fn type_name(&self) -> &str;

    /// The CloudEvents `data`.
    fn to_json(&self) -> Cow<'_, RawValue>;
}

/// What happened to a visit, as its page has written it. The worker takes it as it is: the page has read the form, the
/// server reads the event, and a worker in between that reads it too is one more that must know every type.
#[derive(Clone, Serialize, Deserialize)]
pub struct WrittenData {
    #[serde(rename = "type")]
    kind: String,
    data: Box<RawValue>,
}

/// Somebody is expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// Who comes.
    pub visitor: Visitor,
    /// Whom they come to see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Host>,
    /// When, by the clock of the site.
    pub expected_at: Timestamp,
    /// What is known besides.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
}

/// What is other than was said before; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Updated {
    /// The visitor, whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visitor: Option<Visitor>,
    /// The host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Host>,
    /// When they are expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<Timestamp>,
    /// What is known besides, whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
}

/// Nobody will come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// Why, if somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Remark>,
}

/// The visitor is here. Carries them in full, so that a walk-in needs no earlier event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedIn {
    /// Who came.
    pub visitor: Visitor,
    /// Whom they came to see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Host>,
    /// What is known besides; if nothing, what was known before stays.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
}

/// The visitor has gone. An object without members today, so that one can be added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedOut {}

/// A person's, company's or site's name.
pub type Name = Text<{ limits::NAME_MAX_CHARS }>;
/// A free remark.
pub type Remark = Text<{ limits::REMARK_MAX_CHARS }>;

/// The person who visits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    /// As they want to be called.
    pub name: Name,
    /// Where they come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<Name>,
    /// As typed; nobody has checked that it receives mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Text<{ limits::EMAIL_MAX_CHARS }>>,
    /// As typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Text<{ limits::PHONE_MAX_CHARS }>>,
}

/// The person visited. The name goes along with the id, so that an event can be read when the host has left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Which host of the site's directory.
    pub id: HostId,
    /// The name that the visitor chose.
    pub name: Name,
}

/// Why a text is no event that this version understands. The text is kept all the same: the server quarantines it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEvent {
    /// No CloudEvents 1.0 object, or an attribute is missing or malformed.
    #[error("not a CloudEvents 1.0 event with the attributes of Vestibule")]
    Envelope,
    /// A type that this version does not know.
    #[error("unknown event type")]
    UnknownType,
    /// The data are not of the shape that the type promises.
    #[error("the data do not fit the event's type")]
    Data,
}

const REGISTERED: &str = "vestibule.visit.registered.v1";
const UPDATED: &str = "vestibule.visit.updated.v1";
const CANCELLED: &str = "vestibule.visit.cancelled.v1";
const CHECKED_IN: &str = "vestibule.visit.checked_in.v1";
const CHECKED_OUT: &str = "vestibule.visit.checked_out.v1";
const AGREEMENT_SIGNED: &str = "vestibule.agreement.signed.v1";
const PHOTOGRAPHED: &str = "vestibule.visit.photographed.v1";
const ROLL_CALL_STARTED: &str = "vestibule.rollcall.started.v1";
const ROLL_CALL_MARKED: &str = "vestibule.rollcall.marked.v1";
const ROLL_CALL_ENDED: &str = "vestibule.rollcall.ended.v1";

impl<Data: Written> Event<Data> {
    /// The text that is stored, hashed and sent. Written once; whoever holds the event later holds this text.
    pub fn to_text(&self) -> Box<str> {
        let envelope = Envelope {
            specversion: Cow::Borrowed(SPEC_VERSION),
            id: self.id,
            source: self.source,
            kind: Cow::Borrowed(self.data.type_name()),
            subject: self.visit,
            time: self.time,
            datacontenttype: Some(Cow::Borrowed(JSON)),
            clockoffset: self.clock_offset_ms,
            data: self.data.to_json(),
        };
        json::write(&envelope).into_boxed_str()
    }
}

impl Event {
    /// Reads an event's text.
    ///
    /// # Errors
    /// [`InvalidEvent`] says what is wrong with it. Unknown attributes and unknown members of `data` are no error: a
    /// newer device may have more to say.
    pub fn parse(text: &str) -> Result<Self, InvalidEvent> {
        let envelope: Envelope<'_, &RawValue> = json::read(text).map_err(|_| InvalidEvent::Envelope)?;
        if envelope.specversion != SPEC_VERSION || envelope.datacontenttype.is_some_and(|kind| kind != JSON) {
            return Err(InvalidEvent::Envelope);
        }
        Ok(Self {
            id: envelope.id,
            source: envelope.source,
            visit: envelope.subject,
            time: envelope.time,
            clock_offset_ms: envelope.clockoffset,
            data: EventData::parse(&envelope.kind, envelope.data)?,
        })
    }

    /// When it happened by the server's clock, as far as the device knew: its own clock plus the measured offset.
    pub fn occurred_at(&self) -> Timestamp {
        self.time.plus_ms(self.clock_offset_ms.unwrap_or(0))
    }
}

impl Event<WrittenData> {
    /// Reads an event's text as far as its envelope; what happened stays as it is written.
    ///
    /// # Errors
    /// [`InvalidEvent::Envelope`] if it is no event of this version.
    pub fn parse_written(text: &str) -> Result<Self, InvalidEvent> {
        let envelope: Envelope<'_, Box<RawValue>> = json::read(text).map_err(|_| InvalidEvent::Envelope)?;
        Ok(Self {
            id: envelope.id,
            source: envelope.source,
            visit: envelope.subject,
            time: envelope.time,
            clock_offset_ms: envelope.clockoffset,
            data: WrittenData::new(envelope.kind.into_owned(), envelope.data),
        })
    }
}

impl WrittenData {
    /// The data of an event of the CloudEvents type `kind`, as they were written.
    pub const fn new(kind: String, data: Box<RawValue>) -> Self {
        Self { kind, data }
    }

    /// The CloudEvents `type`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The JSON text of the data.
    pub fn json(&self) -> &str {
        self.data.get()
    }
}

impl Written for WrittenData {
    fn type_name(&self) -> &str {
        &self.kind
    }

    fn to_json(&self) -> Cow<'_, RawValue> {
        Cow::Borrowed(&self.data)
    }
}

impl Written for EventData {
    fn type_name(&self) -> &str {
        match self {
            Self::Registered(_) => REGISTERED,
            Self::Updated(_) => UPDATED,
            Self::Cancelled(_) => CANCELLED,
            Self::CheckedIn(_) => CHECKED_IN,
            Self::CheckedOut(_) => CHECKED_OUT,
            Self::AgreementSigned(_) => AGREEMENT_SIGNED,
            Self::Photographed(_) => PHOTOGRAPHED,
            Self::RollCallStarted(_) => ROLL_CALL_STARTED,
            Self::RollCallMarked(_) => ROLL_CALL_MARKED,
            Self::RollCallEnded(_) => ROLL_CALL_ENDED,
        }
    }

    fn to_json(&self) -> Cow<'_, RawValue> {
        let json = match self {
            Self::Registered(data) => json::write(data),
            Self::Updated(data) => json::write(data),
            Self::Cancelled(data) => json::write(data),
            Self::CheckedIn(data) => json::write(data),
            Self::CheckedOut(data) => json::write(data),
            Self::AgreementSigned(data) => json::write(data),
            Self::Photographed(data) => json::write(data),
            Self::RollCallStarted(data) => json::write(data),
            Self::RollCallMarked(data) => json::write(data),
            Self::RollCallEnded(data) => json::write(data),
        };
        Cow::Owned(json::raw(&json).expect("what was written as JSON is JSON"))
    }
}

impl EventData {
    /// Reads the `data` of an event whose CloudEvents `type` is `type_name`.
    fn parse(type_name: &str, data: &RawValue) -> Result<Self, InvalidEvent> {
        fn read<'a, T: Deserialize<'a>>(data: &'a RawValue) -> Result<T, InvalidEvent> {
            json::read(data.get()).map_err(|_| InvalidEvent::Data)
        }
        match type_name {
            REGISTERED => read(data).map(Self::Registered),
            UPDATED => read(data).map(Self::Updated),
            CANCELLED => read(data).map(Self::Cancelled),
            CHECKED_IN => read(data).map(Self::CheckedIn),
            CHECKED_OUT => read(data).map(Self::CheckedOut),
            AGREEMENT_SIGNED => read(data).map(Self::AgreementSigned),
            PHOTOGRAPHED => read(data).map(Self::Photographed),
            ROLL_CALL_STARTED => read(data).map(Self::RollCallStarted),
            ROLL_CALL_MARKED => read(data).map(Self::RollCallMarked),
            ROLL_CALL_ENDED => read(data).map(Self::RollCallEnded),
            _ => Err(InvalidEvent::UnknownType),
        }
    }
}

/// As a page hands it to its worker, before it is an event: `{"type":"…","data":{…}}`.
impl Serialize for EventData {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        TypedData { kind: Cow::Borrowed(self.type_name()), data: self.to_json() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for EventData {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let typed: TypedData<'_, Box<RawValue>> = TypedData::deserialize(deserializer)?;
        Self::parse(&typed.kind, &typed.data).map_err(serde::de::Error::custom)
    }
}

/// Tells nothing of the visitor.
impl fmt::Debug for WrittenData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrittenData").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/sites/{}/devices/{}", self.site, self.device)
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        source.to_string()
    }
}

impl TryFrom<String> for Source {
    type Error = InvalidEvent;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromStr for Source {
    type Err = InvalidEvent;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<&str> = text.split('/').collect();
        let ["", "sites", site, "devices", device] = parts[..] else { return Err(InvalidEvent::Envelope) };
        Ok(Self {
            site: site.parse().map_err(|_| InvalidEvent::Envelope)?,
            device: device.parse().map_err(|_| InvalidEvent::Envelope)?,
        })
    }
}

const SPEC_VERSION: &str = "1.0";
const JSON: &str = "application/json";

/// The CloudEvents object, attributes in the order in which they are written.
#[derive(Serialize, Deserialize)]
struct Envelope<'a, Data> {
    #[serde(borrow)]
    specversion: Cow<'a, str>,
    id: EventId,
    source: Source,
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    subject: VisitId,
    time: Timestamp,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    datacontenttype: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clockoffset: Option<i64>,
    data: Data,
}

#[derive(Serialize, Deserialize)]
struct TypedData<'a, Data> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    data: Data,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const CHECK_IN: &str = r#"{"specversion":"1.0","id":"0195b3a4-6f9d-7c3e-8a51-0c2d4e6f8a01","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.visit.checked_in.v1","subject":"0195b3a4-6f9d-7c3e-8a51-0c2d4e6f8a02","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"visitor":{"name":"Ada Lovelace","company":"Analytical Engines"}}}"#;

    #[test]
    fn text_and_back_is_the_same_text() {
        let event = Event::parse(CHECK_IN).unwrap();
        assert_eq!(&*event.to_text(), CHECK_IN);
        assert_eq!(event.occurred_at().to_string(), "2026-03-20T15:04:03.873Z");
    }

    #[rstest]
    #[case::no_json("", "", InvalidEvent::Envelope)]
    #[case::other_version(r#""1.0""#, r#""2.0""#, InvalidEvent::Envelope)]
    #[case::no_uuid("0195b3a4-6f9d-7c3e-8a51-0c2d4e6f8a01", "41", InvalidEvent::Envelope)]
    #[case::other_source("/sites/", "/places/", InvalidEvent::Envelope)]
    #[case::no_time("2026-03-20T15:04:05.123Z", "noon", InvalidEvent::Envelope)]
    #[case::not_json_data("application/json", "text/xml", InvalidEvent::Envelope)]
    #[case::unknown_type("checked_in", "beamed_up", InvalidEvent::UnknownType)]
    #[case::blank_name("Ada Lovelace", "  ", InvalidEvent::Data)]
    #[case::other_shape(r#"{"name""#, r#"{"nome""#, InvalidEvent::Data)]
    fn says_what_is_wrong(#[case] part: &str, #[case] instead: &str, #[case] error: InvalidEvent) {
        let text = if part.is_empty() { String::new() } else { CHECK_IN.replacen(part, instead, 1) };
        assert_eq!(Event::parse(&text), Err(error));
    }

    #[test]
    fn what_a_newer_device_adds_is_no_error() {
        let text = CHECK_IN.replacen(r#""data":{"#, r#""badge":7,"data":{"colour":"red","#, 1);
        assert_eq!(Event::parse(&text), Event::parse(CHECK_IN));
    }

    #[test]
    fn debug_tells_no_name() {
        let debug = format!("{:?}", Event::parse(CHECK_IN));
        assert!(!debug.contains("Ada") && !debug.contains("Analytical"), "{debug}");
    }
}
