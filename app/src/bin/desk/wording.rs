//! The words of the pages on delivery, devices and the roll call.
//!
//! Plain, short, calm. Say what is known, and of what is not known that it is not.

pub mod attention;
pub mod visits;

pub use vestibule_app::words::count;
use vestibule_protocol::{
    batch::{Outcome, QuarantineReason, Seq},
    standing::{Concern, DeviceReport, Fate},
    statement::Tally,
    timestamp::Timestamp,
    visit::{Kind, Oddity},
};

pub const PAGES: &str = "Pages";
pub const TODAY: &str = "Today";
pub const STATEMENT: &str = "Delivery";
pub const DEVICES: &str = "Devices";
pub const ROLL_CALL: &str = "Roll call";
pub const OFFICE: &str = "Office";
pub const PRINT: &str = "Print";
pub const YOUR_ACCOUNT: &str = "Your account";

// The statement.
pub const STATEMENT_TITLE: &str = "Delivery statement";
pub const PERIOD: &str = "Period";
pub const YESTERDAY: &str = "Yesterday";
pub const SEVEN_DAYS: &str = "7 days";
pub const EVERYTHING: &str = "All";
pub const SIGNED_COPY: &str = "Signed copy";
pub const FROM_THE_BEGINNING: &str = "from the beginning";
pub const NO_STATEMENT_YET: &str = "No statement on this device yet";
pub const NOTHING_CAPTURED: &str = "Nothing was captured in this time.";
pub const CAPTURED: &str = "captured";
pub const DELIVERED: &str = "delivered";
pub const WAITING: &str = "waiting";
pub const NEEDS_ATTENTION: &str = "need attention";
pub const WRITTEN_OFF: &str = "written off";
pub const NOT_PROVEN: &str = "Not proven yet: the device has more than has come.";
pub const ONLY_THE_FIRST: &str = "These are the first; the numbers above count all.";

// Devices.
pub const NO_DEVICES: &str = "No devices yet";
pub const NO_DEVICES_HINT: &str = "Pair a kiosk, and it appears here with its first word.";
pub const NEVER_HEARD: &str = "has not said anything yet";
pub const CAPTURED_TODAY_FACT: &str = "Captured today";
pub const WAITING_FACT: &str = "Waiting there";
pub const PROVEN_FACT: &str = "Proven by chain";
pub const PARKED_FACT: &str = "Set aside there";
pub const VERSION: &str = "Version";
pub const ENROLLED: &str = "Since";
pub const MORE: &str = "More";

// Bringing in what a kiosk could not deliver.
pub const BRING_IN: &str = "Bring in entries";
pub const BRING_IN_LEAD: &str = "Of a kiosk that can’t deliver them: from the file that was saved on it (press long on the site’s name there). What it delivers after all counts once.";
pub const CARRIED_FILE: &str = "The kiosk’s file";
pub const BRINGING_IN: &str = "Bringing them in…";
pub const NO_ENTRIES_IN_FILE: &str = "There are no entries of a kiosk in this file.";
pub const CARRIED_REVOKED: &str = "The access of this kiosk was withdrawn, so none of it counts by itself: the entries are kept apart, whole, and need somebody’s attention.";

// The roll call.
pub const ROLL_CALL_LEAD: &str =
    "Who is in the house, on every marshal’s device. It works without a server: marks made apart come together later.";
pub const START_ROLL_CALL: &str = "Start the roll call";
pub const END_ROLL_CALL: &str = "End the roll call";
pub const END_NOW: &str = "End it now";
pub const GO_ON: &str = "Go on";
pub const SAFE: &str = "Safe";
pub const NOT_FOUND: &str = "Not found";
pub const FIND_PERSON: &str = "Search a name";
pub const NOBODY_TO_CALL: &str = "Nobody is on site, as far as this device knows.";
pub const SOURCES: &str = "How far this list can be trusted";
pub const NO_KIOSKS_KNOWN: &str =
    "This device has never had the list of kiosks: it can’t say whether one of them holds people.";
pub const EARLIER_ROLL_CALLS: &str = "Earlier roll calls";
pub const REPORT: &str = "Report";
pub const ANOTHER_DEVICE: &str = "another device";

// A visit.
pub const AT_ONCE: &str = "delivered at once";
pub const CANCEL_VISIT: &str = "Cancel the visit";
pub const EXPECT_AGAIN: &str = "Expect them again";

/// What happened, after the time.
pub fn happened(kind: Kind) -> &'static str {
    match kind {
        Kind::Registered => "announced",
        Kind::Updated => "changed",
        Kind::Cancelled => "cancelled",
        Kind::CheckedIn => "arrived",
        Kind::CheckedOut => "left",
        Kind::RollCallMarked => "marked in a roll call",
        Kind::AgreementSigned => "agreement signed",
        Kind::Photographed => "photo taken",
        Kind::RollCallStarted => "roll call started",
        Kind::RollCallEnded => "roll call ended",
    }
}

/// What crossed, and what the list made of it.
pub fn crossing(oddity: Oddity) -> &'static str {
    match oddity {
        Oddity::CheckedInTwice => {
            "Checked in twice, as at two kiosks that could not hear of each other. It counts as one visit, from the earlier time."
        }
        Oddity::CheckedOutUnseen => {
            "Checked out without having checked in. Perhaps the arrival still waits on a kiosk; if it comes, both times stand."
        }
        Oddity::ArrivedThoughCancelled => {
            "The visit was cancelled, and the visitor came all the same. What counts is where they are."
        }
    }
}

/// Before a visitor whose row is opened, for those who hear it.
pub const DETAILS: &str = "Details of";

pub fn count_or_none(number: u64) -> String {
    if number == 0 { "none".to_owned() } else { count(number) }
}

pub fn from_to(from: &str, to: &str) -> String {
    format!("{from} – {to}")
}

/// Of the delivered, what staff have decided not to count.
pub fn dismissed(dismissed: u64) -> String {
    match dismissed {
        1 => "One of the delivered does not count, because staff decided so.".to_owned(),
        n => format!("{} of the delivered don’t count, because staff decided so.", count(n)),
    }
}

/// The sentence under the equation.
pub fn verdict(total: Tally) -> String {
    match (total.waiting, total.needs_attention()) {
        (0, 0) if total.written_off > 0 => "It closes: everything is delivered, or known to be gone.".to_owned(),
        (0, 0) => "It closes: everything that was captured is delivered.".to_owned(),
        (1, 0) => "One is on its way. It is kept on its device, and delivered by itself.".to_owned(),
        (n, 0) => {
            format!("{} are on their way. They are kept on their devices, and delivered by themselves.", count(n))
        }
        (0, n) => format!("Somebody must look at {}: see below which.", count(n)),
        (waiting, n) => format!("Somebody must look at {}; {} more are on their way.", count(n), count(waiting)),
    }
}

pub fn interrupted(from: &str, to: &str, late: u64) -> String {
    match late {
        1 => format!("Delivery was held up from {from} to {to}. One event came late."),
        n => format!("Delivery was held up from {from} to {to}. {} events came late.", count(n)),
    }
}

pub fn drawn_up_at(time: &str) -> String {
    format!(
        "As of {time}, by the server’s clock. A device’s captures since its last word are not in it: nobody but the device can know them."
    )
}

pub fn delivered_of(delivered: u64, captured: u64) -> String {
    format!("{} of {}", count(delivered), count(captured))
}

/// Where what a device captured is: `447 = 428 delivered + 17 waiting`. A line breaks between two terms only.
pub fn equation(tally: Tally) -> String {
    if tally.captured == 0 {
        return count_or_none(0);
    }
    let others =
        [(tally.waiting, WAITING), (tally.needs_attention(), NEEDS_ATTENTION), (tally.written_off, "written off")];
    let term = |sign: &str, number, words: &str| {
        format!(" {sign}\u{a0}{}\u{a0}{}", count(number), words.replace(' ', "\u{a0}"))
    };
    let mut line = format!("{}{}", count(tally.captured), term("=", tally.delivered, DELIVERED));
    line.extend(others.into_iter().filter(|(number, _)| *number > 0).map(|(number, words)| term("+", number, words)));
    line
}

pub fn proven(seq: Seq, time: &str) -> String {
    format!("Proven by chain up to {} at {time}", count(seq))
}

pub fn heard_last(time: &str) -> String {
    format!("last heard {time}")
}

/// What is open at a device, as the handle of the list of it.
pub fn open_in(tally: Tally) -> String {
    let parts = [
        (tally.waiting, "waiting"),
        (tally.parked, "set aside on the device"),
        (tally.quarantined, "kept apart here"),
        (tally.conflicting, "in conflict"),
        (tally.lost, "gone"),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{} {words}", count(n))).collect();
    parts.join(", ")
}

fn events(first: Seq, last: Seq) -> String {
    if first == last { format!("Event {first}") } else { format!("Events {first} to {last}") }
}

fn are(first: Seq, last: Seq) -> &'static str {
    if first == last { "is" } else { "are" }
}

pub fn missing(first: Seq, last: Seq, not_before: Option<&str>, not_after: &str) -> String {
    let events = events(first, last);
    let have = if first == last { "has" } else { "have" };
    match not_before {
        Some(not_before) => format!("{events} {have} not come; captured between {not_before} and {not_after}."),
        None => format!("{events} {have} not come; captured before {not_after}."),
    }
}

pub fn lost(first: Seq, last: Seq, not_after: &str) -> String {
    format!(
        "{} {} gone: the device told of them until {not_after}, and its storage was wiped before it delivered them. Look at the paper list of that time.",
        events(first, last),
        are(first, last),
    )
}

pub fn renumbered(first: Seq, last: Seq, told_at: &str) -> String {
    format!(
        "Of the events {first} to {last}, which the device told of at {told_at}, at least one is gone: its storage was set back, and it gave their numbers to others."
    )
}

pub fn quarantined(seq: Seq, reason: Option<QuarantineReason>, time: &str) -> String {
    format!("Event {seq} came at {time} and is kept apart: {}", why(reason))
}

fn why(reason: Option<QuarantineReason>) -> &'static str {
    match reason {
        Some(QuarantineReason::InvalidEvent) => "it is damaged.",
        Some(QuarantineReason::UnknownType) => "its kind is not known here; a newer server may know it.",
        Some(QuarantineReason::InvalidData) => "what it says does not fit its kind.",
        Some(QuarantineReason::TooLarge) => "it is too large.",
        Some(QuarantineReason::OtherSite) => "it was captured for another site.",
        Some(QuarantineReason::IdConflict) => "another event has the same identity.",
        Some(QuarantineReason::DeviceRevoked) => "the device’s access had been withdrawn.",
        Some(QuarantineReason::VisitFull) => "more has happened to its visit than one visit can hold.",
        Some(QuarantineReason::Unknown) | None => "this version does not know why.",
    }
}

pub fn conflicting(seq: Seq, time: &str) -> String {
    format!("A second, different event came as number {seq} at {time}. Both are kept, and both count.")
}

pub fn copy_of(time: &str) -> String {
    format!("The server can’t be reached. This is this device’s copy of {time}.")
}

pub fn copy_signed_out(time: &str) -> String {
    format!("Your session has ended. This is this device’s copy of {time}; sign in again for a new one.")
}

pub fn withdrawn(time: &str) -> String {
    format!("access withdrawn {time}")
}

pub fn heard(ago: &str) -> String {
    format!("heard {ago}")
}

pub fn waiting_since(waiting: u64, since: &str) -> String {
    format!("{}, the oldest since {since}", count(waiting))
}

pub fn up_to(seq: Seq, time: &str) -> String {
    format!("up to {} at {time}", count(seq))
}

pub fn clock(offset_ms: i64) -> String {
    let seconds = offset_ms / 1_000;
    match seconds {
        -2..=2 => "right".to_owned(),
        3.. => format!("{} slow", span(seconds)),
        _ => format!("{} fast", span(-seconds)),
    }
}

fn span(seconds: i64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// Why somebody should look at the device, and what to do.
pub fn concern(concern: Concern, device: &DeviceReport, shown: &impl Fn(Timestamp) -> String) -> String {
    match concern {
        Concern::Lost => format!(
            "At least {} that it told of are gone: its storage was wiped or set back. Look at the paper list, and record what is missing.",
            count(device.lost)
        ),
        Concern::Conflicting => {
            "Two different events came under one number: perhaps another device runs on a copy of its storage. Pair one of them again."
                .to_owned()
        }
        Concern::Quarantined => format!("{} of its events are kept apart and don’t count yet.", count(device.quarantined)),
        Concern::Parked => format!("It has set {} aside that the server would not take.", count(device.parked)),
        Concern::WaitingLong => {
            "What it holds has waited for long. Look at its network; nothing on it is lost meanwhile.".to_owned()
        }
        Concern::Silent => match device.last_word.as_ref() {
            Some(word) => format!("Silent since {}. What it has captured since, nobody else can know.", shown(word.at)),
            None => NEVER_HEARD.to_owned(),
        },
        Concern::ClockOff => match device.last_word.as_ref() {
            Some(word) => format!("Its clock is {}. Times are corrected; please set it.", clock(word.clock_offset_ms)),
            None => NEVER_HEARD.to_owned(),
        },
        Concern::NotPersisted => {
            "Its browser may clear what it stores. Install the app on its home screen.".to_owned()
        }
    }
}

pub fn numbering(short: &str) -> String {
    format!("Numbering …{short}")
}

pub fn numbering_state(head: Seq, watermark: Seq, missing: u64) -> String {
    match missing {
        0 => format!("all {} held", count(head)),
        n => format!("told of {}, held without a gap up to {}, {} missing", count(head), count(watermark), count(n)),
    }
}

pub fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::InUse => "in use",
        Fate::Complete => "ended; nothing of it was lost",
        Fate::CarriedOn => "ended; what was missing may still come in the next",
        Fate::Lost => "ended; what is missing is gone",
    }
}

// The roll call.

pub fn called_since(time: &str) -> String {
    format!("Since {time}")
}

pub fn called_from_to(from: &str, to: &str) -> String {
    format!("{from} – {to}")
}

pub fn safe_of(safe: usize, all: usize) -> String {
    format!("{safe} of {all} safe")
}

pub fn still_open(open: usize, not_found: usize) -> String {
    match (open, not_found) {
        (0, 0) => "Everybody is accounted for.".to_owned(),
        (open, 0) => format!("{open} to look for."),
        (0, n) => format!("{n} not found."),
        (open, n) => format!("{open} to look for, {n} not found."),
    }
}

pub fn people_to_call(people: usize) -> String {
    match people {
        0 => NOBODY_TO_CALL.to_owned(),
        1 => "One person is on site, as far as this device knows.".to_owned(),
        n => format!("{n} people are on site, as far as this device knows."),
    }
}

pub fn end_asked(open: usize) -> String {
    match open {
        0 => "Everybody is accounted for. End it?".to_owned(),
        1 => "One person is not accounted for. End it all the same?".to_owned(),
        n => format!("{n} people are not accounted for. End it all the same?"),
    }
}

pub fn on_site_since(time: &str) -> String {
    format!("on site since {time}")
}

pub fn came_since(time: &str) -> String {
    format!("came at {time}, after the call began")
}

pub fn left_since(time: &str) -> String {
    format!("checked out at {time}, after the call began")
}

pub fn marked(safe: bool, time: &str, device: &str) -> String {
    if safe { format!("safe, {time}, {device}") } else { format!("not found, {time}, {device}") }
}

pub fn list_of(time: &str) -> String {
    format!("The server’s list of {time}, with everything that this device holds.")
}

pub fn list_never() -> String {
    "This device has never had the server’s list: here is only what it recorded itself.".to_owned()
}

pub fn source_heard(name: &str, ago: &str) -> String {
    format!("{name}: heard {ago}")
}

pub fn source_silent(name: &str, since: &str) -> String {
    format!("{name}: silent since {since}, may hold people")
}

pub fn source_holds(name: &str, waiting: u64, ago: &str) -> String {
    format!("{name}: holds {} that have not come, heard {ago}", count(waiting))
}

pub fn source_never(name: &str) -> String {
    format!("{name}: has not said anything yet")
}

pub fn mark_safe(name: &str) -> String {
    format!("{name} is safe")
}

pub fn mark_not_found(name: &str) -> String {
    format!("{name} was not found")
}

/// Whose file was brought in, and how much was in it.
pub fn carried_from(device: &str, entries: usize) -> String {
    match entries {
        1 => format!("One entry of “{device}”"),
        entries => format!("{entries} entries of “{device}”"),
    }
}

/// What became of an entry that was carried here.
pub const fn came_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "new here",
        Outcome::Duplicate => "here already",
        Outcome::Conflict => "here with other content: both are kept",
        Outcome::Quarantined { .. } => "kept apart",
        Outcome::Retry => "not kept: bring it in again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_captured_is_the_sum_of_what_is_said_of_it() {
        let line = |tally: Tally| equation(tally.summed()).replace('\u{a0}', " ");
        assert_eq!(line(Tally::default()), "none");
        assert_eq!(line(Tally { delivered: 12, ..Tally::default() }), "12 = 12 delivered");
        let all = Tally { delivered: 400, waiting: 17, parked: 1, quarantined: 2, written_off: 3, ..Tally::default() };
        assert_eq!(line(all), "423 = 400 delivered + 17 waiting + 3 need attention + 3 written off");
    }
}
