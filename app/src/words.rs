//! Every word that people read, in one place: a translation replaces this file and nothing else.
//!
//! The tone: plain, short, calm. Say what to do before what broke; never claim more than is known.

use vestibule_protocol::{
    limits,
    message::{LinkState, ParkedReason, Refusal, Status},
    visit::{Kind, Oddity},
};

use crate::{api::Failure, form::Wrong, outbox::NotKept, times::Span};

/// The language of the words below (BCP 47): of the page, and of dates.
pub const LANG: &str = "en";
/// Which way it runs.
pub const DIR: &str = "ltr";

pub const BACK: &str = "Back";
pub const CLOSE: &str = "Close";
pub const STARTING: &str = "One moment…";
pub const OPTIONAL: &str = "optional";
pub const PAGE_NOT_FOUND: &str = "There is nothing at this address.";

// The chooser.
pub const CHOOSER_HEADING: &str = "How will you use this device?";
pub const CHOOSER_KIOSK: &str = "This is a kiosk";
pub const CHOOSER_KIOSK_HINT: &str = "Visitors check themselves in and out.";
pub const CHOOSER_DESK: &str = "I work here";
pub const CHOOSER_DESK_HINT: &str = "See who is expected, here and gone.";

// Pairing a kiosk.
pub const PAIR_HEADING: &str = "Pair this kiosk";
pub const PAIR_LEAD: &str = "On the dashboard, choose “Pair a kiosk”, then type the code that it shows.";
pub const PAIR_CODE: &str = "Pairing code";
pub const PAIR: &str = "Pair";
pub const PAIRING: &str = "Pairing…";
pub const PAIR_AGAIN: &str = "Pair again";
pub const LEAVE_PAIRED: &str = "Leave it as it is";

// The kiosk.
pub const WELCOME: &str = "Welcome";
pub const CHECK_IN: &str = "Check in";
pub const CHECK_IN_HINT: &str = "I have just arrived";
pub const CHECK_OUT: &str = "Check out";
pub const CHECK_OUT_HINT: &str = "I am leaving";
pub const CHECK_IN_HEADING: &str = "Good to see you. Who are you?";
pub const YOUR_NAME: &str = "Your name";
pub const YOUR_COMPANY: &str = "Your company";
pub const YOUR_HOST: &str = "Who are you visiting?";
pub const HOST_HINT: &str = "Type a few letters of the name. Leave it empty if you are not sure.";
pub const NOBODY: &str = "Nobody in particular";
pub const NOBODY_HINT: &str = "Reception will help you";
pub const NO_HOST_FOUND: &str = "No such name here. Try fewer letters, or choose “Nobody in particular”.";
pub const OTHER_HOST: &str = "Choose somebody else";
pub const EXPECTED_CHOOSE: &str = "Are you one of these visitors?";
pub const NOT_ME: &str = "That’s not me";
pub const SAVING: &str = "Saving…";
pub const DONE: &str = "Done";
pub const REFERENCE: &str = "Reference";
pub const SENDING: &str = "Saved. Telling reception…";
pub const SAVED: &str = "Saved on this device. It will be delivered to reception.";
pub const DELIVERED: &str = "Delivered to reception.";
pub const CHECK_OUT_HEADING: &str = "Leaving? Find your name.";
pub const FIND_HINT: &str = "Type at least two letters.";
pub const NOBODY_FOUND: &str = "Nobody of that name is on site. Check the spelling, or see reception.";
pub const NOT_LEAVING: &str = "Not me";
pub const KIOSK_BROKEN: &str = "Please see reception";
pub const KIOSK_BROKEN_LEAD: &str =
    "This kiosk can’t keep your details safely just now. Nothing you type here would reach reception.";

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
pub const WAITING: &str = "Waiting to be delivered";
pub const CHECKED_OUT_TOAST_UNDO: &str = "Still here after all";
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
pub const STOPPED: &str = "Not saving";

// Pairing, from the desk.
pub const NOT_ACCEPTED: &str =
    "The server no longer accepts this browser. What it holds is kept, and is delivered once it is enrolled again.";
pub const ENROL_AGAIN: &str = "Enrol again";
pub const PAIR_A_KIOSK: &str = "Pair a kiosk";
pub const PAIR_A_KIOSK_LEAD: &str = "Give the kiosk a name that colleagues know, then type the code on it.";
pub const KIOSK_NAME: &str = "Name of the kiosk";
pub const KIOSK_NAME_EXAMPLE: &str = "Lobby";
pub const MAKE_CODE: &str = "Make a code";
pub const CODE_HINT: &str = "Open this address on the kiosk, or choose “This is a kiosk” there and type the code:";

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

/// On the kiosk, beside the name of an expected visitor.
pub fn expected_at_by(time: &str, host: Option<&str>) -> String {
    match host {
        Some(host) => format!("Expected at {time} by {host}"),
        None => format!("Expected at {time}"),
    }
}

/// The kiosk's word to one who arrived.
pub fn checked_in(name: &str) -> String {
    format!("You are checked in, {name}.")
}

/// The kiosk's word to one who leaves.
pub fn goodbye(name: &str) -> String {
    format!("Goodbye, {name}.")
}

/// Asked before one leaves.
pub fn check_out_whom(name: &str) -> String {
    format!("Check out {name}?")
}

/// When one found at the exit arrived.
pub fn arrived_at(time: &str) -> String {
    format!("arrived {time}")
}

/// Before an idle kiosk forgets what was typed.
pub fn clearing_in(seconds: u32) -> String {
    format!("Clearing in {seconds} s. Touch to go on.")
}

/// Before the kiosk goes back to its welcome.
pub fn back_in(seconds: u32) -> String {
    format!("Back to the start in {seconds} s")
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
    }
}

/// The button of a row, for those who hear it.
pub fn check_in_whom(name: &str) -> String {
    format!("Check in {name}")
}

/// How the desk's browser stands, as short as a telephone's screen wants it; the sheet behind it has the sentences.
pub fn desk_pill(status: Option<&Status>) -> String {
    let Some(status) = status else { return STARTING.to_owned() };
    match (status.link, status.pending) {
        (LinkState::Unauthorized, _) => "Not accepted".to_owned(),
        (LinkState::Connected, 0) => "All delivered".to_owned(),
        (LinkState::Connected, n) => format!("Delivering {n}"),
        (LinkState::Unknown, 0) => "Connecting".to_owned(),
        (LinkState::Unknown, n) => format!("{n} waiting"),
        (LinkState::Unreachable, 0) => "Working offline".to_owned(),
        (LinkState::Unreachable, n) => format!("Offline, {n} waiting"),
    }
}

/// How a kiosk stands: tells staff who pass by what is wrong, and visitors that it need not trouble them.
pub fn kiosk_pill(status: Option<&Status>) -> String {
    let Some(status) = status else { return STARTING.to_owned() };
    match (status.link, status.pending) {
        (LinkState::Unauthorized, 0) => "For staff: pair this kiosk again. Checking in works.".to_owned(),
        (LinkState::Unauthorized, n) => {
            format!("For staff: pair this kiosk again to deliver {n} saved here. Checking in works.")
        }
        (LinkState::Unreachable, 0) => "No connection to reception. Checking in works all the same.".to_owned(),
        (LinkState::Unreachable, n) => {
            format!("No connection to reception. Checking in works all the same; {n} saved here until it is back.")
        }
        (LinkState::Connected | LinkState::Unknown, _) => desk_pill(Some(status)),
    }
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

/// What to do about a field.
pub fn wrong(wrong: Wrong) -> String {
    match wrong {
        Wrong::Missing => "Please fill this in.".to_owned(),
        Wrong::TooLong => "That is too long. Please shorten it.".to_owned(),
        Wrong::NotAnEmail => "Please check the e-mail address.".to_owned(),
        Wrong::PasswordTooShort => "Please choose a longer one.".to_owned(),
        Wrong::NobodyChosen => "Please choose a name from the list, or empty the field.".to_owned(),
        Wrong::NotATime => "Please choose a day and a time.".to_owned(),
    }
}

/// What a person should do when an entry was not kept.
pub fn not_kept(why: NotKept) -> &'static str {
    match why {
        NotKept::Unanswered => "That was not saved. Please try again; if it happens twice, reload the page.",
        NotKept::Refused(Refusal::NotEnrolled) => "That was not saved: this device must be paired first.",
        NotKept::Refused(Refusal::TooLarge) => "That was not saved: it is too much text. Please shorten it.",
        NotKept::Refused(Refusal::StorageFull) => {
            "That was not saved: the storage of this device is full. Please see reception."
        }
        NotKept::Refused(Refusal::StorageFailed) => {
            "That was not saved: the storage of this device does not work. Please see reception."
        }
        NotKept::Refused(Refusal::NotUnderstood) => {
            "That was not saved: a new version is ready. Please reload the page."
        }
    }
}

/// What a person should do about what the server said, or did not say.
pub fn failure(failure: &Failure) -> String {
    let advice = match failure.code() {
        "" => "The server can’t be reached just now. Check the network, then try again.",
        "wrong_credentials" => "E-mail and password don’t fit together. Please check both.",
        "wrong_code" => "That code does not hold, or was used already. Please check it, or make a new one.",
        "wrong_link" => "This link does not hold any more: an account was made with it, or a newer link was printed.",
        "too_many_tries" => "Too many tries. Please wait a minute, then try again.",
        "too_many_codes" => "Many codes are waiting to be used. Please use one of them, or wait until they run out.",
        "unfit_password" => "Please choose another password.",
        "unauthenticated" => "Please sign in again.",
        "forbidden" | "other_site" => "Your account may not do that. Ask an administrator.",
        "busy" | "not_writable" => "The server can’t store anything just now. Please try again in a minute.",
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
