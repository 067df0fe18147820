//! What people carry when nothing else gets it to the server: the outbox's backlog as a file, sealed here.

use serde::Deserialize;
use vestibule_protocol::{
    batch::{Link, Seq},
    event::Source,
    id::{EventId, StreamId},
    json::{self, RawValue},
    limits::BATCH_MAX_EVENTS,
    parcel::{Parcel, ParcelEvent, SealKey, Sealed},
};

use crate::outbox::Outbox;

/// Most bytes of events in one piece of a file, should more than one fit: one request of the desk's, answered before
/// anybody wonders.
const PIECE_MAX_BYTES: usize = 96 * 1024;

/// What a file is called; browsers number the next ones of it themselves.
pub const FILE_NAME: &str = "vestibule-entries.txt";

/// What a file begins with, for whoever opens it in an editor.
const FILE_HEAD: &str = "Vestibule: entries that are not delivered, sealed. Bring them in on the dashboard: Devices.";

/// What is not delivered, ready to be carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// What is in the file.
    pub events: Vec<EventId>,
    /// How many more there are than one file holds.
    pub left_out: u64,
    /// The text of the file.
    pub file: String,
}

/// What is sealed of an [`Export`](vestibule_protocol::export::Export).
#[derive(Deserialize)]
struct Exported<'a> {
    source: Option<Source>,
    key: Option<SealKey>,
    stream: Option<StreamId>,
    head: Link,
    left_out: u64,
    #[serde(borrow)]
    events: Vec<ExportedEvent<'a>>,
}

#[derive(Deserialize)]
struct ExportedEvent<'a> {
    id: EventId,
    seq: Seq,
    #[serde(borrow)]
    event: &'a RawValue,
}

/// Everything that is not delivered; `None` where the outbox does not give it.
pub async fn backlog(outbox: Outbox) -> Option<Backlog> {
    outbox.export().await.as_deref().and_then(Backlog::of)
}

/// The pieces of a file, ready to be brought in one by one.
pub fn pieces(file: &str) -> Vec<String> {
    file.lines().filter_map(|line| Sealed::read(line).ok()).map(|sealed| sealed.text()).collect()
}

impl Backlog {
    fn of(export: &str) -> Option<Self> {
        let Exported { source, key, stream, head, left_out, events } = json::read(export).ok()?;
        let (source, stream, key) = (source?, stream?, key?);
        let mut file = FILE_HEAD.to_owned();
        let mut rest = events.as_slice();
        while !rest.is_empty() {
            let (piece, others) = rest.split_at(piece_of(rest));
            rest = others;
            let sealed = Parcel { source, stream, head, events: piece.iter().map(carried).collect() }.seal(&key)?;
            file.push('\n');
            file.push_str(&sealed.text());
        }
        Some(Self { events: events.iter().map(|event| event.id).collect(), left_out, file })
    }
}

/// How many of the events go into the next piece: one at least.
fn piece_of(events: &[ExportedEvent<'_>]) -> usize {
    let mut bytes = 0;
    let fits = |event: &&ExportedEvent<'_>| {
        bytes += event.event.get().len();
        bytes <= PIECE_MAX_BYTES
    };
    events.iter().take(BATCH_MAX_EVENTS).take_while(fits).count().max(1)
}

/// An event as it is carried; also one whose text was damaged, so that it is no JSON and stands there as a string.
fn carried(event: &ExportedEvent<'_>) -> ParcelEvent {
    let json = event.event.get();
    let text = json::read::<String>(json).map_or_else(|_| json.into(), String::into_boxed_str);
    ParcelEvent { seq: event.seq, text }
}

#[cfg(test)]
mod tests {
    use vestibule_protocol::{chain::Digest, export, limits::PROTOCOL, timestamp::Timestamp};

    use super::*;

    const TOKEN: &str = "vd_0123456789";
    const SOURCE: &str = "/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002";

    fn export(texts: &[String]) -> String {
        let now = Timestamp::from_unix_ms(1_800_000_000_000);
        let chain = Digest([3; 32]);
        let event = |(n, text): (usize, &String)| export::ExportedEvent {
            id: EventId::new(now.plus_ms(n as i64), [7; 10]),
            seq: n as u64 + 1,
            chain,
            parked: None,
            event: json::raw(text).expect("the JSON in tests is good"),
        };
        json::write(&export::Export {
            protocol: PROTOCOL,
            source: SOURCE.parse().ok(),
            key: Some(SealKey::of_token(TOKEN)),
            exported_at: now,
            stream: Some(StreamId::new(now, [9; 10])),
            head: Link { seq: texts.len() as u64, chain },
            left_out: 0,
            events: texts.iter().enumerate().map(event).collect(),
        })
    }

    /// What the server finds in a file.
    fn brought(file: &str) -> Vec<ParcelEvent> {
        let key = SealKey::of_token(TOKEN);
        let open = |piece: &String| Sealed::read(piece).ok()?.open(&key).ok();
        pieces(file).iter().flat_map(|piece| open(piece).expect("the seal holds").events).collect()
    }

    #[test]
    fn a_file_holds_every_text_to_the_byte_in_pieces_that_a_request_takes() {
        let long = format!("{{\"x\":\"{}\"}}", "y".repeat(60_000));
        let short = "{\"x\": 1}".to_owned();
        let texts: Vec<_> = [vec![short.clone(); 1_200], vec![long; 3], vec![short]].concat();
        let backlog = Backlog::of(&export(&texts)).expect("the device is paired");
        assert_eq!(backlog.events.len(), texts.len());
        assert_eq!(pieces(&backlog.file).len(), 5);
        let read: Vec<_> = brought(&backlog.file).iter().map(|event| event.text.to_string()).collect();
        assert_eq!(read, texts);
    }

    #[test]
    fn a_damaged_text_is_in_the_file_as_it_is() {
        let damaged = "{\"specversion\":\"1.0\",\"id";
        let backlog = Backlog::of(&export(&[json::write(damaged)])).expect("the device is paired");
        assert_eq!(&*brought(&backlog.file)[0].text, damaged);
    }

    #[test]
    fn of_a_file_the_pieces_are_read_and_the_words_are_not() {
        let backlog = Backlog::of(&export(&["{}".to_owned()])).expect("the device is paired");
        let file = backlog.file.replace('\n', "\r\n\r\n  ").to_lowercase();
        assert_eq!(pieces(&file).len(), 1);
        assert_eq!(pieces("a guest list;of another program"), [""; 0]);
    }
}
