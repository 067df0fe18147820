//! What people carry when nothing else gets it to the server: parcels of the outbox, sealed here.

use vestibule_protocol::{
    code::Code,
    event::Event,
    export::Export,
    id::EventId,
    json::{self, RawValue},
    limits,
    parcel::{Parcel, ParcelEvent, SealKey},
};

use crate::{outbox::Outbox, qr};

/// Most bytes of events in one piece of a file: one request of the desk's, answered before anybody wonders.
const PIECE_MAX_BYTES: usize = 96 * 1024;

/// What a file of pieces begins with, for whoever opens it in an editor.
const FILE_HEAD: &str = "Entries of a Vestibule device that are not delivered, sealed. Keep this file, and import it on \
    the dashboard: Devices, “Bring in entries”.";

/// What is not delivered, ready to be carried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many entries.
    pub entries: u64,
    /// How many more there are than one export holds.
    pub left_out: u64,
    /// The text of the file.
    pub file: String,
    /// A code for each entry, to be shown one after the other.
    pub codes: Vec<String>,
    /// How many entries are too long for a code and in the file only: those with a photo or a signature.
    pub only_in_file: u64,
}

/// The pass of who has just come: what the code on their screen says. `None` where the outbox does not give it, as that
/// of an older version, or if it is too long for a code.
pub async fn pass(outbox: Outbox, event: EventId) -> Option<String> {
    let (key, export) = given(outbox, Some(event)).await?;
    let code = seal(&key, &export, events(&export))?;
    (code.len() <= qr::MOST_SYMBOLS).then_some(code)
}

/// Everything that is not delivered; `None` where the outbox does not give it.
pub async fn backlog(outbox: Outbox) -> Option<Backlog> {
    let (key, export) = given(outbox, None).await?;
    let mut backlog = Backlog { left_out: export.left_out, file: FILE_HEAD.to_owned(), ..Backlog::default() };
    let mut piece = Vec::new();
    let mut bytes = 0;
    for event in events(&export) {
        backlog.entries += 1;
        match seal(&key, &export, vec![event.clone()]).filter(|code| code.len() <= qr::MOST_SYMBOLS) {
            Some(code) => backlog.codes.push(code),
            None => backlog.only_in_file += 1,
        }
        if bytes + event.text.len() > PIECE_MAX_BYTES {
            backlog.add_piece(&key, &export, std::mem::take(&mut piece));
            bytes = 0;
        }
        bytes += event.text.len();
        piece.push(event);
    }
    backlog.add_piece(&key, &export, piece);
    Some(backlog)
}

/// The pieces of a file, ready to be brought in one by one.
pub fn pieces(file: &str) -> Vec<String> {
    let is_parcel = |line: &&str| matches!(Code::read(line), Ok(Code::Parcel(_)));
    file.lines().map(str::trim).filter(is_parcel).map(str::to_owned).collect()
}

impl Backlog {
    fn add_piece(&mut self, key: &SealKey, export: &Export<Box<RawValue>>, events: Vec<ParcelEvent>) {
        if let Some(code) = seal(key, export, events) {
            self.file.push('\n');
            self.file.push_str(&code);
        }
    }
}

async fn given(outbox: Outbox, event: Option<EventId>) -> Option<(SealKey, Export<Box<RawValue>>)> {
    let (key, export) = outbox.hand_over(event).await?;
    Some((key, json::read(&export).ok()?))
}

/// The events that can be read. What was damaged can't be told to a server by hand either: it has no visit.
fn events(export: &Export<Box<RawValue>>) -> Vec<ParcelEvent> {
    let read = export.events.iter().filter_map(|event| {
        let text = event.event.get();
        let visit = Event::parse_written(text).ok()?.visit;
        Some(ParcelEvent { seq: event.seq, visit, text: text.into() })
    });
    read.filter(|event| event.text.len() <= limits::EVENT_MAX_BYTES).collect()
}

fn seal(key: &SealKey, export: &Export<Box<RawValue>>, events: Vec<ParcelEvent>) -> Option<String> {
    let parcel = Parcel { source: export.source?, stream: export.stream?, events };
    Some(Code::Parcel(parcel.seal(key)?).text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_file_the_pieces_are_read_and_the_words_are_not() {
        let code = "VBP06AV790001R0100000000000080SBCX40007004000000000005T2YA2049MMFJ0BD0P9BYB059YXAXBJ108YTAT7KCRWERBY0RP1NT0TMYF89RXD8Q2HXY8P59BX8YNA69S051BABCCCEMPEH1BBW1SMH1FCY3EQBEJQ0PX4YA62CJFDBSMCWST2Z7H79BEHQBFG1R1K48B1CFKV9KYN9RCB3XN4R6J6G00S2G";
        let file = format!("{FILE_HEAD}\r\n{code}\r\n\r\nVBV06AV790FKNY3X2JH1GPMWVWA08\r\n  {code}");
        assert_eq!(pieces(&file), [code, code]);
        assert_eq!(pieces("a guest list;of another program"), [""; 0]);
    }
}
