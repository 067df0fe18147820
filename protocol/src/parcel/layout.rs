//! How a parcel's content is laid out, as short as it goes: a pass must fit a code that a camera reads off a badge.
//!
//! Stream and site; then each event: its seq, a byte that says in which form it follows, and that. An event's text is
//! taken apart only if putting it together again gives the same text to the byte; else it follows whole. Numbers are
//! LEB128, signed ones zigzag before that.

use uuid::Uuid;

use super::{Parcel, ParcelEvent};
use crate::{
    event::{Event, Source, WrittenData},
    id::{DeviceId, EventId, SiteId, StreamId, VisitId},
    json,
    timestamp::Timestamp,
};

/// The text, after its visit.
const WHOLE: u8 = 0;
/// Its parts: id, visit, time, clock offset, type, data.
const IN_PARTS: u8 = 1;
/// The same without the visit, which stands outside.
const IN_PARTS_OF_THE_VISIT: u8 = 2;

/// What every type of ours begins with, and is left out.
const TYPE_PREFIX: &str = "vestibule.";

pub(super) fn write(parcel: &Parcel, outside: VisitId) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(parcel.stream.0.as_bytes());
    bytes.extend_from_slice(parcel.source.site.0.as_bytes());
    for event in &parcel.events {
        write_number(&mut bytes, event.seq);
        match in_parts(event, parcel.source) {
            Some(parts) => write_parts(&mut bytes, &parts, outside),
            None => {
                bytes.push(WHOLE);
                bytes.extend_from_slice(event.visit.0.as_bytes());
                write_text(&mut bytes, &event.text);
            }
        }
    }
    bytes
}

/// `None` if it is nothing that [`write()`] has written.
pub(super) fn read(bytes: &[u8], device: DeviceId, outside: VisitId) -> Option<Parcel> {
    let mut reader = Reader(bytes);
    let stream = StreamId(reader.id()?);
    let source = Source { site: SiteId(reader.id()?), device };
    let mut events = Vec::new();
    while !reader.0.is_empty() {
        let seq = reader.number()?;
        let (visit, text) = match reader.byte()? {
            WHOLE => (VisitId(reader.id()?), reader.text()?.into()),
            IN_PARTS => read_parts(&mut reader, source, None)?,
            IN_PARTS_OF_THE_VISIT => read_parts(&mut reader, source, Some(outside))?,
            _ => return None,
        };
        events.push(ParcelEvent { seq, visit, text });
    }
    Some(Parcel { source, stream, events })
}

/// The event, if its parts make up its text again.
fn in_parts(event: &ParcelEvent, source: Source) -> Option<Event<WrittenData>> {
    let parts = Event::parse_written(&event.text).ok()?;
    let is_all = parts.source == source
        && parts.visit == event.visit
        && parts.data.kind().starts_with(TYPE_PREFIX)
        && parts.to_text() == event.text;
    is_all.then_some(parts)
}

fn write_parts(bytes: &mut Vec<u8>, event: &Event<WrittenData>, outside: VisitId) {
    bytes.push(if event.visit == outside { IN_PARTS_OF_THE_VISIT } else { IN_PARTS });
    bytes.extend_from_slice(event.id.0.as_bytes());
    if event.visit != outside {
        bytes.extend_from_slice(event.visit.0.as_bytes());
    }
    write_signed(bytes, event.time.unix_ms());
    // 0 stands for none, so what there is counts from 1.
    match event.clock_offset_ms {
        None => write_number(bytes, 0),
        Some(offset) => {
            write_number(bytes, 1);
            write_signed(bytes, offset);
        }
    }
    write_text(bytes, event.data.kind().strip_prefix(TYPE_PREFIX).unwrap_or_default());
    write_text(bytes, event.data.json());
}

fn read_parts(reader: &mut Reader<'_>, source: Source, visit: Option<VisitId>) -> Option<(VisitId, Box<str>)> {
    let id = EventId(reader.id()?);
    let visit = match visit {
        Some(visit) => visit,
        None => VisitId(reader.id()?),
    };
    let time = Timestamp::from_unix_ms(reader.signed()?);
    let clock_offset_ms = match reader.number()? {
        0 => None,
        _ => Some(reader.signed()?),
    };
    let kind = format!("{TYPE_PREFIX}{}", reader.text()?);
    let data = WrittenData::new(kind, json::raw(reader.text()?)?);
    Some((visit, Event { id, source, visit, time, clock_offset_ms, data }.to_text()))
}

fn write_text(bytes: &mut Vec<u8>, text: &str) {
    write_number(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

fn write_signed(bytes: &mut Vec<u8>, number: i64) {
    write_number(bytes, (number << 1 ^ number >> 63).cast_unsigned());
}

fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// What is left to read; every method takes from the front, and is `None` where nothing fits.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn id(&mut self) -> Option<Uuid> {
        Uuid::from_slice(self.take(16)?).ok()
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        str::from_utf8(self.take(length)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_are_read_as_written(number in any::<i64>(), small in -70_000_i64..70_000) {
            let mut bytes = Vec::new();
            write_signed(&mut bytes, number);
            write_signed(&mut bytes, small);
            write_number(&mut bytes, number.cast_unsigned());
            let mut reader = Reader(&bytes);
            prop_assert_eq!(reader.signed(), Some(number));
            prop_assert_eq!(reader.signed(), Some(small));
            prop_assert_eq!(reader.number(), Some(number.cast_unsigned()));
        }

        #[test]
        fn whatever_is_read_ends(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes, DeviceId(Uuid::nil()), VisitId(Uuid::nil()));
        }
    }
}
