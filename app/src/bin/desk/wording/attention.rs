//! The words of the page on what needs attention.

use vestibule_protocol::{
    attention::{Gap, GapKind, Verdict},
    batch::QuarantineReason,
};

use super::count;

pub const ATTENTION: &str = "Attention";
pub const TO_DECIDE: &str = "to decide";
pub const OPEN: &str = "Open";
pub const DECIDED: &str = "Decided";
pub const NOTHING_OPEN: &str = "Nothing needs attention";
pub const NOTHING_OPEN_HINT: &str = "Whatever the server can’t count, or that disagrees, appears here with its reason.";
pub const NOTHING_DECIDED: &str = "Nothing was decided yet";
pub const NOTHING_DECIDED_HINT: &str = "What you decide stays here for good, with your name and your note.";
pub const MORE: &str = "Show more";
pub const CAME_FIRST: &str = "Was there before";
pub const CAME_SECOND: &str = "Came second";
pub const CAN_T_READ: &str = "Nothing of it can be read.";
pub const FORGOTTEN: &str = "Its visitor was forgotten; the text is gone.";
pub const EXACT_TEXT: &str = "The exact text";

// Particulars.
pub const WHAT: &str = "What";
pub const WHEN: &str = "When";
pub const NAME: &str = "Name";
pub const COMPANY: &str = "Company";
pub const EMAIL: &str = "E-mail";
pub const PHONE: &str = "Telephone";
pub const HOST: &str = "Host";
pub const EXPECTED: &str = "Expected";

/// In the order in which they are shown.
pub const PARTICULARS: [&str; 8] = [WHAT, WHEN, NAME, COMPANY, EMAIL, PHONE, HOST, EXPECTED];

// Acts.
pub const ACCEPT: &str = "Let it count";
pub const BOTH_RIGHT: &str = "Both are right";
pub const SET_RIGHT: &str = "Set it right";
pub const MERGE: &str = "Merge";
pub const DISMISS: &str = "Dismiss";
pub const TAKE_NOTE: &str = "Take note";
pub const SEND_AGAIN: &str = "Send them again";
pub const SAVE_AS_FILE: &str = "Save as a file";

// The sheets.
pub const ACCEPT_LEAD: &str = "It goes into the list word for word, with the time at which it happened.";
pub const ACCEPT_COPY_LEAD: &str =
    "Another event has its identity, so that it goes into the list as a copy, with an identity of its own.";
pub const BOTH_RIGHT_LEAD: &str = "Both are in the list, and stay there. Only the number that they share was in doubt.";
pub const DISMISS_LEAD: &str = "It does not count, and the text is kept. Say why: nobody else can know later.";
pub const SET_RIGHT_LEAD: &str =
    "Say what it should have said. That is recorded as an event of yours; the damaged text is kept beside it.";
pub const MERGE_LEAD: &str = "Choose what is right of each. The visit then says so.";
pub const GAP_LEAD: &str = "Nobody can bring these events back. Look at the paper list of that time and enter what is missing; then say what came of it.";
pub const NOTE: &str = "Note";
pub const CONFIRM: &str = "Confirm";
pub const AN_ARRIVAL: &str = "Somebody arrived";
pub const A_DEPARTURE: &str = "Somebody left";
pub const AN_ANNOUNCEMENT: &str = "Somebody is expected";
pub const NOTHING_TO_MERGE: &str = "They don’t differ in what a visit says. Let both count, or dismiss this one.";

// What devices have set aside.
pub const SET_ASIDE_HERE: &str = "Set aside on this device";
pub const SET_ASIDE_ELSEWHERE: &str = "Set aside on other devices";
pub const SET_ASIDE_HINT: &str = "The server would not take these. They are kept here; send them again after an update, or save them as a file, which another desk can bring in: Devices, “Bring in entries”.";
pub const NEEDS_SERVER: &str = "What was kept apart is on the server, and can be read and decided when it answers again. Nothing is lost meanwhile.";

/// What stands over a doubt.
pub fn title(reason: Option<QuarantineReason>) -> &'static str {
    match reason {
        Some(QuarantineReason::InvalidEvent | QuarantineReason::InvalidData) => "A damaged entry",
        Some(QuarantineReason::UnknownType) => "An entry of an unknown kind",
        Some(QuarantineReason::TooLarge) => "An entry that is too large",
        Some(QuarantineReason::OtherSite) => "An entry for another site",
        Some(QuarantineReason::IdConflict) => "Two entries that disagree",
        Some(QuarantineReason::DeviceRevoked) => "An entry from a withdrawn device",
        Some(QuarantineReason::VisitFull) => "An entry too many for its visit",
        Some(QuarantineReason::Unknown) => "An entry that doesn’t count",
        None => "Two entries under one number",
    }
}

/// Why it needs somebody, and what is known of how it came about.
pub fn reason(reason: Option<QuarantineReason>) -> &'static str {
    match reason {
        Some(QuarantineReason::InvalidEvent) => "It is damaged, so that the server can’t tell what it says.",
        Some(QuarantineReason::InvalidData) => "Part of it does not fit its kind. What can be read stands below.",
        Some(QuarantineReason::UnknownType) => {
            "The device runs a newer version than the server, or a program made it up. A newer server may know it."
        }
        Some(QuarantineReason::TooLarge) => "It is larger than any entry that a device of ours makes.",
        Some(QuarantineReason::OtherSite) => {
            "The device served another site when this was captured, or its visit belongs to another site."
        }
        Some(QuarantineReason::IdConflict) => {
            "Both say that they are the same entry, and say different things. The first one counts."
        }
        Some(QuarantineReason::DeviceRevoked) => {
            "The device’s access had been withdrawn when this came. If a person used it in good faith, let it count."
        }
        Some(QuarantineReason::VisitFull) => {
            "More has happened to its visit than one visit can hold: something repeats itself."
        }
        Some(QuarantineReason::Unknown) => "This version does not know why. A newer one may.",
        None => {
            "A device gave one number twice, as when it runs on a copy of another’s storage. Both count, and both are in the list."
        }
    }
}

pub fn captured_as(seq: u64, device: &str, came: &str) -> String {
    format!("No. {seq} of {device}, came {came}")
}

pub fn verdict(how: Verdict) -> &'static str {
    match how {
        Verdict::Accepted => "Counts",
        Verdict::Dismissed => "Dismissed",
        Verdict::Replaced => "Set right",
    }
}

pub fn decided_by(how: Verdict, by: Option<&str>, time: &str) -> String {
    match by {
        Some(by) => format!("{}: {by}, {time}", verdict(how)),
        None => format!("{}: {time}", verdict(how)),
    }
}

pub fn gap_title(gap: &Gap) -> String {
    if gap.first == gap.last {
        format!("An entry of {} is gone", gap.device_name)
    } else {
        format!("Entries of {} are gone", gap.device_name)
    }
}

pub fn gap(gap: &Gap, told: &str) -> String {
    let events = if gap.first == gap.last {
        format!("number {}", gap.first)
    } else {
        format!("numbers {} to {}", gap.first, gap.last)
    };
    match gap.how {
        GapKind::Wiped => format!(
            "The device told of {events} until {told}. Then its storage was wiped before it had delivered them."
        ),
        GapKind::Renumbered => format!(
            "The device told of {events} until {told}. Then its storage was set back, and it gave them to others: at least one is gone."
        ),
    }
}

pub fn set_aside_on(device: &str, parked: u64) -> String {
    format!("{device}: {}. Open its delivery sheet there.", count(parked))
}
