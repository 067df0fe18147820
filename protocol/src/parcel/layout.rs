//! How a parcel's content is laid out: stream and site; the head's seq, and unless that is 0 its chain; then each event:
//! its seq, and its text after its length in bytes. Numbers are LEB128.

use uuid::Uuid;

use super::{Parcel, ParcelEvent};
use crate::{
    batch::{Link, Seq},
    chain::Digest,
    event::Source,
    id::{DeviceId, SiteId, StreamId},
    limits::BATCH_MAX_EVENTS,
};

/// The highest number that an event can have; as in a batch.
const SEQ_MAX: Seq = i64::MAX.unsigned_abs();

pub(super) fn write(parcel: &Parcel) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(parcel.stream.0.as_bytes());
    bytes.extend_from_slice(parcel.source.site.0.as_bytes());
    write_number(&mut bytes, parcel.head.seq);
    if parcel.head.seq > 0 {
        bytes.extend_from_slice(&parcel.head.chain.0);
    }
    for event in &parcel.events {
        write_number(&mut bytes, event.seq);
        write_number(&mut bytes, event.text.len() as u64);
        bytes.extend_from_slice(event.text.as_bytes());
    }
    bytes
}

/// `None` if it is nothing that [`write()`] has written of what fits a batch.
pub(super) fn read(bytes: &[u8], device: DeviceId) -> Option<Parcel> {
    let mut reader = Reader(bytes);
    let stream = StreamId(reader.id()?);
    let source = Source { site: SiteId(reader.id()?), device };
    let head = match reader.number()? {
        0 => Link::START,
        seq => Link { seq: (seq <= SEQ_MAX).then_some(seq)?, chain: Digest(reader.take(32)?.try_into().ok()?) },
    };
    let mut events = Vec::new();
    while !reader.0.is_empty() {
        let seq = reader.number().filter(|seq| (1..=SEQ_MAX).contains(seq))?;
        if events.len() == BATCH_MAX_EVENTS {
            return None;
        }
        events.push(ParcelEvent { seq, text: reader.text()?.into() });
    }
    Some(Parcel { source, stream, head, events })
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
        fn numbers_are_read_as_written(number in any::<u64>(), small in 0..70_000_u64) {
            let mut bytes = Vec::new();
            write_number(&mut bytes, number);
            write_number(&mut bytes, small);
            let mut reader = Reader(&bytes);
            prop_assert_eq!(reader.number(), Some(number));
            prop_assert_eq!(reader.number(), Some(small));
        }

        #[test]
        fn whatever_is_read_ends(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes, DeviceId(Uuid::nil()));
        }
    }
}
