//! Every word that people read, in every language, in one place.
//!
//! A language is one file of tables (`words/en.rs`), checked while the app is built: what a table lacks, or a place
//! that a sentence lacks, is an error. All of them are in the app, so that a kiosk speaks them without a server. Made so
//! they cost a kiosk a few KB, where a library that reads messages when it runs would cost a third of the app.

mod ar;
mod de;
mod en;
mod es;
mod fr;
mod language;
mod message;
mod nl;
pub mod table;

pub use language::{Language, Speech, kiosk, shared};

use vestibule_protocol::{
    limits,
    message::{LinkState, ParkedReason, Refusal, Status},
    visit::{Kind, Oddity},
};

use crate::{api::Failure, form::Wrong, outbox::NotKept, times::Span};

// The desk.
pub const SIGN_IN_HEADING: &str = "Sign in";
pub const SIGN_IN_LEAD: &str = "To the front desk.";
pub const EMAIL: &str = "E-mail";
pub const PASSWORD: &str = "Password";
pub const SIGN_IN: &str = "Sign in";
pub const SIGNING_IN: &str = "Signing in…";
pub const SIGN_OUT: &str = "Sign out";
pub const SIGN_IN_AGAIN: &str =
    "Your session has ended. Everything goes on working and is kept; sign in again for live updates.";
pub const NO_SITE: &str = "Your account has no site yet. Ask an administrator to add one.";
pub const DESK_BROKEN: &str = "This browser can’t keep entries safely just now: its storage failed or is full. Write arrivals down, free some space, and reload.";
pub const LISTS: &str = "Visits of today";
pub const EXPECTED: &str = "Expected";
pub const ON_SITE: &str = "On site";
pub const LEFT: &str = "Left";
pub const SEARCH: &str = "Search visitor, company or host";
pub const NEW_VISIT: &str = "New visit";
pub const UNKNOWN_VISITOR: &str = "Unknown visitor";
pub const SOME_VISITOR: &str = "A visitor";
pub const WAITING: &str = "Waiting to be delivered";
pub const DISMISS: &str = "Dismiss";
pub const EMPTY_EXPECTED: &str = "Nobody is expected";
pub const EMPTY_EXPECTED_HINT: &str =
    "Announce a visit with “New visit”, and it takes the visitor two taps to check in.";
pub const EMPTY_ON_SITE: &str = "Nobody is on site";
pub const EMPTY_ON_SITE_HINT: &str = "Arrivals appear here by themselves, as soon as a kiosk delivers them.";
pub const EMPTY_LEFT: &str = "Nobody has left today";
pub const EMPTY_LEFT_HINT: &str = "Visitors who check out are listed here until midnight.";
pub const NOTHING_FOUND: &str = "Nobody found";
pub const NOTHING_FOUND_HINT: &str = "Try fewer letters, or look in another list.";
pub const NO_WORD_YET: &str =
    "No list from the server yet. You can work all the same; it arrives as soon as the server answers.";

// A new visit.
pub const VISITOR_NAME: &str = "Visitor’s name";
pub const COMPANY: &str = "Company";
pub const HOST: &str = "Host";
pub const EXPECTED_AT: &str = "Expected at";
pub const ADD_EXPECTED: &str = "Add to expected";
pub const CHECK_IN_NOW: &str = "Check in now";

// Delivery.
pub const SYNC_HEADING: &str = "Delivery";
pub const SYNC_NOW: &str = "Sync now";
pub const SYNC_WAITING: &str = "Waiting on this device";
pub const SYNC_OLDEST: &str = "Oldest waiting";
pub const SYNC_BACKLOG: &str = "Not delivered yet";
pub const SYNC_PARKED: &str = "Needs attention";
pub const SYNC_PROVEN: &str = "Proven delivered";
pub const SYNC_LAST: &str = "Last receipt";
pub const SYNC_LIST_AGE: &str = "List from the server";
pub const SYNC_STORAGE: &str = "Storage";
pub const SYNC_CLOCK: &str = "Clock of this device";
pub const STORAGE_PERSISTENT: &str = "Safe: the browser promised to keep it";
pub const STORAGE_BEST_EFFORT: &str = "Works, but the browser may clear it";
pub const STORAGE_FAILED: &str = "Failed";
pub const NONE: &str = "none";
pub const NEVER: &str = "never";
pub const CLOCK_RIGHT: &str = "right";
pub const CLOCK_UNKNOWN: &str = "not measured yet";

// Pairing, from the desk.
pub const NOT_ACCEPTED: &str =
    "The server no longer accepts this browser. What it holds is kept, and is delivered once it is enrolled again.";
pub const ENROL_AGAIN: &str = "Enrol again";
pub const PAIR_A_KIOSK: &str = "Pair a kiosk";
pub const PAIR_A_KIOSK_LEAD: &str = "Give the kiosk a name that colleagues know, then type the code on it.";
pub const KIOSK_NAME: &str = "Name of the kiosk";
pub const KIOSK_NAME_EXAMPLE: &str = "Lobby";
pub const MAKE_CODE: &str = "Make a code";
pub const CODE_HINT: &str = "On the kiosk, choose “This is a kiosk” and type the code, or open the address below; its camera reads it off the square:";
pub const PAIRING_SQUARE: &str = "The address below, for a camera";

// Set-up.
pub const SETUP_HEADING: &str = "Make the first account";
pub const SETUP_LEAD: &str = "This link works once. The account you make runs the front desk: it sees visits, pairs kiosks and can add colleagues.";
pub const SETUP_NO_TOKEN: &str =
    "The address is incomplete. Open the whole link that the server printed when it started, with the part after “#”.";
pub const YOUR_EMAIL: &str = "Your e-mail";
pub const NEW_PASSWORD: &str = "A password";
pub const CREATE_ACCOUNT: &str = "Create account";
pub const CREATING_ACCOUNT: &str = "Creating account…";

/// What to do about a password.
pub fn password_hint() -> String {
    format!("At least {} characters. A short sentence is easy to remember.", limits::PASSWORD_MIN_CHARS)
}

/// The time that a row of the desk is about.
pub fn expected_time(time: &str) -> String {
    format!("expected {time}")
}

/// When one left.
pub fn left_at(time: &str) -> String {
    format!("left {time}")
}

/// When the server heard of what happened long before.
pub fn delivered_at(time: &str) -> String {
    format!("delivered {time}")
}

/// For staff, when events cross.
pub fn oddity(oddity: Oddity) -> &'static str {
    match oddity {
        Oddity::CheckedInTwice => "checked in twice",
        Oddity::CheckedOutUnseen => "checked out without having checked in",
        Oddity::ArrivedThoughCancelled => "came although cancelled",
    }
}

/// What the desk did, said back.
pub fn did(kind: Kind, name: &str) -> String {
    match kind {
        Kind::CheckedIn => format!("{name} is checked in."),
        Kind::CheckedOut => format!("{name} is checked out."),
        Kind::Registered => format!("{name} is expected."),
        Kind::Updated => format!("{name} is changed."),
        Kind::Cancelled => format!("{name} is cancelled."),
        Kind::AgreementSigned => format!("{name} has signed."),
        Kind::Photographed => format!("{name} has a photo."),
        Kind::RollCallStarted | Kind::RollCallMarked | Kind::RollCallEnded => format!("{name} is marked."),
    }
}

/// The button of a row, for those who hear it.
pub fn check_in_whom(name: &str) -> String {
    format!("Check in {name}")
}

/// How a device stands, in a sentence.
pub fn link(link: LinkState, last_receipt: Option<&str>) -> String {
    match (link, last_receipt) {
        (LinkState::Connected, _) => "Connected. What is captured here is delivered at once.".to_owned(),
        (LinkState::Unreachable, Some(since)) => {
            format!(
                "Can’t reach the server since {since}. Go on working: everything is kept here and delivered by itself."
            )
        }
        (LinkState::Unreachable, None) => {
            "Can’t reach the server. Go on working: everything is kept here and delivered by itself.".to_owned()
        }
        (LinkState::Unauthorized, _) => {
            "The server no longer accepts this device. What it holds is kept; ask an administrator to enrol it again."
                .to_owned()
        }
        (LinkState::Unknown, _) => "Connecting to the server…".to_owned(),
    }
}

/// What waits to be delivered, in a few words.
pub fn act(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::CheckedIn) => "arrival",
        Some(Kind::CheckedOut) => "departure",
        Some(Kind::Registered) => "announcement",
        Some(Kind::Updated) => "change",
        Some(Kind::Cancelled) => "cancellation",
        Some(Kind::AgreementSigned) => "signature",
        Some(Kind::Photographed) => "photo",
        Some(Kind::RollCallStarted) => "start of a roll call",
        Some(Kind::RollCallMarked) => "mark in a roll call",
        Some(Kind::RollCallEnded) => "end of a roll call",
        None => "entry",
    }
}

/// Why an event was set aside, and what to do about it.
pub fn parked(reason: ParkedReason) -> String {
    match reason {
        ParkedReason::RefusedByServer { status } => {
            format!("The server refused it (status {status}). It is kept here; show this to your administrator.")
        }
        ParkedReason::Unreadable => {
            "It was damaged on this device. Please enter it again, and show this to your administrator.".to_owned()
        }
    }
}

/// How many there are beside those that are listed.
pub fn and_more(more: usize) -> String {
    format!("and {more} more")
}

/// Up to which event delivery is proven.
pub fn proven_of(proven: u64, captured: u64) -> String {
    format!("{proven} of {captured}")
}

/// A number as people read it, its thousands apart.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// How long ago.
pub fn ago(span: Span) -> String {
    match span {
        Span::Moment => "just now".to_owned(),
        Span::Minutes(n) => format!("{n} min ago"),
        Span::Hours(n) => format!("{n} h ago"),
        Span::Days(1) => "a day ago".to_owned(),
        Span::Days(n) => format!("{n} days ago"),
    }
}

/// How far the device's clock is off, in whole seconds: positive if it is slow.
pub fn clock_off(seconds: i64) -> String {
    if seconds > 0 { format!("{seconds} s slow") } else { format!("{} s fast", -seconds) }
}

/// How long a pairing code holds.
pub fn holds_for(seconds: u32) -> String {
    format!("It works once, within {} minutes.", seconds.div_ceil(60))
}

/// On the kiosk, beside the name of an expected visitor.
pub fn expected_at_by(time: &str, host: Option<&str>) -> String {
    match host {
        Some(host) => kiosk().expected_at_by.with([time, host]),
        None => kiosk().expected_at.with([time]),
    }
}

/// How the desk's browser stands, as short as a telephone's screen wants it; the sheet behind it has the sentences.
pub fn desk_pill(status: Option<&Status>) -> String {
    let words = shared();
    let Some(status) = status else { return words.starting.to_owned() };
    if status.revoked_at.is_some() {
        return words.pill_not_accepted.to_owned();
    }
    match (status.link, status.pending) {
        (LinkState::Unauthorized, _) => words.pill_not_accepted.to_owned(),
        (LinkState::Connected, 0) => words.pill_all_delivered.to_owned(),
        (LinkState::Connected, n) => words.pill_delivering.of(n),
        (LinkState::Unknown, 0) => words.pill_connecting.to_owned(),
        (LinkState::Unknown, n) => words.pill_waiting.of(n),
        (LinkState::Unreachable, 0) => words.pill_offline.to_owned(),
        (LinkState::Unreachable, n) => words.pill_offline_waiting.of(n),
    }
}

/// How a kiosk stands.
pub fn kiosk_pill(status: Option<&Status>) -> String {
    if let Some(status) = status.filter(|status| status.revoked_at.is_some()) {
        return match status.pending + status.parked {
            0 => shared().pill_all_delivered.to_owned(),
            n => kiosk().pill_retired_waiting.of(n),
        };
    }
    match status.map(|status| (status.link, status.pending)) {
        Some((LinkState::Unauthorized, 0)) => kiosk().pill_pair_again.to_owned(),
        Some((LinkState::Unauthorized, n)) => kiosk().pill_pair_again_waiting.of(n),
        Some((LinkState::Unreachable, 0)) => kiosk().pill_no_connection.to_owned(),
        Some((LinkState::Unreachable, n)) => kiosk().pill_no_connection_waiting.of(n),
        Some((LinkState::Connected | LinkState::Unknown, _)) | None => desk_pill(status),
    }
}

/// What to do about a field.
pub fn wrong(wrong: Wrong) -> &'static str {
    let words = shared();
    match wrong {
        Wrong::Missing => words.missing,
        Wrong::TooLong => words.too_long,
        Wrong::NotAnEmail => words.not_an_email,
        Wrong::PasswordTooShort => words.password_too_short,
        Wrong::NobodyChosen => words.nobody_chosen,
        Wrong::NotATime => words.not_a_time,
    }
}

/// What a person should do when an entry was not kept.
pub fn not_kept(why: NotKept) -> &'static str {
    let words = shared();
    match why {
        NotKept::Unanswered => words.not_kept_unanswered,
        NotKept::Refused(Refusal::NotEnrolled) => words.not_kept_unpaired,
        NotKept::Refused(Refusal::TooLarge) => words.not_kept_too_large,
        NotKept::Refused(Refusal::StorageFull) => words.not_kept_full,
        NotKept::Refused(Refusal::StorageFailed) => words.not_kept_failed,
        NotKept::Refused(Refusal::NotUnderstood) => words.not_kept_outdated,
    }
}

/// What a person should do about what the server said, or did not say.
pub fn failure(failure: &Failure) -> String {
    let words = shared();
    let advice = match failure.code() {
        "" => words.unreachable,
        "wrong_credentials" => words.wrong_credentials,
        "wrong_code" => words.wrong_code,
        "wrong_link" => words.wrong_link,
        "too_many_tries" => words.too_many_tries,
        "too_many_codes" => words.too_many_codes,
        "unfit_password" => words.unfit_password,
        "unauthenticated" => words.sign_in_again,
        "forbidden" | "other_site" => words.forbidden,
        "busy" | "not_writable" | "disk_full" | "read_only" | "disk_failed" => words.server_busy,
        _ => return server_said(failure),
    };
    advice.to_owned()
}

/// The server's own words, for a problem that this version has none for.
fn server_said(failure: &Failure) -> String {
    match failure {
        Failure::Problem(problem) => problem.detail.as_ref().unwrap_or(&problem.title).to_string(),
        Failure::Unreachable => String::new(),
    }
}

/// The name of a browser of the desk in the list of devices.
pub fn desk_device(browser: Option<&str>, machine: Option<&str>) -> String {
    match (browser, machine) {
        (Some(browser), Some(machine)) => format!("Front desk · {browser} on {machine}"),
        (Some(one), None) | (None, Some(one)) => format!("Front desk · {one}"),
        (None, None) => "Front desk".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
    }
}
