//! The words of the page of what a site decides.

use vestibule_protocol::limits::PIN_DIGITS;

pub const SETTINGS: &str = "Settings";
pub const LEAD: &str =
    "What the kiosks of this site show and ask. Every kiosk hears of a change at once, without a reload.";
/// What kiosks do not act on yet must not be taken for what they do.
pub const NOT_YET: &str = "Kiosks act on the staff PIN and on how visitors are found. They do not show the welcome, colour, languages, visitor types, agreements and badges yet: those are kept, and every visitor meets one form with name, company and host.";
pub const SAVE: &str = "Save";
pub const SAVED: &str = "Saved. The kiosks have it by now, or as soon as they are reached.";
pub const SHOW_HELD: &str = "Undo my changes";
pub const SOMETHING_WRONG: &str = "Something is not right yet; it says so beside it.";
pub const NEW: &str = "New";
pub const MOVE_UP: &str = "Move up";
pub const TAKE_AWAY: &str = "Take away";

pub const PART_LOOK: &str = "Welcome";
pub const WELCOME: &str = "Under the greeting";
pub const OWN_COLOUR: &str = "A colour of your own for what one taps";
pub const COLOUR: &str = "Colour";

pub const PART_LANGUAGES: &str = "Languages";
pub const LANGUAGES_HINT: &str = "Those that the kiosks offer. The first is that of the staff, in which labels stand where they are not written in the visitor’s.";

pub const PART_TYPES: &str = "Visitors";
pub const VISITOR_TYPES: &str = "What visitors can be";
pub const ADD_TYPE: &str = "Add a type";
pub const TYPE_LABEL: &str = "What it is called";
pub const COMPANY: &str = "Company";
pub const EMAIL: &str = "E-mail";
pub const PHONE: &str = "Telephone";
pub const HOST: &str = "Host";
pub const PHOTO: &str = "Photo";
pub const NOT_ASKED: &str = "not asked";
pub const MAY_STAY_EMPTY: &str = "optional";
pub const REQUIRED: &str = "required";
pub const QUESTIONS: &str = "Questions of your own";
pub const ADD_QUESTION: &str = "Add a question";
pub const QUESTION: &str = "The question";
pub const HINT: &str = "What helps to answer it";
pub const ANSWERED: &str = "It is answered";
pub const BY_TEXT: &str = "by a line of text";
pub const BY_CHOICE: &str = "by one of several answers";
pub const BY_YES_NO: &str = "by yes or no";
pub const ANSWERS: &str = "Answers to choose from";
pub const ADD_ANSWER: &str = "Add an answer";
pub const ANSWER: &str = "The answer";
pub const MUST_BE_ANSWERED: &str = "Nobody goes on without an answer";

pub const PART_AGREEMENTS: &str = "Agreements";
pub const AGREEMENTS: &str = "What visitors agree to";
pub const ADD_AGREEMENT: &str = "Add an agreement";
pub const AGREEMENT_TITLE: &str = "Title";
pub const AGREEMENT_TEXT: &str = "Text";
pub const VERSION_HINT: &str =
    "An empty line begins a paragraph. Another text becomes another version: what somebody signed never changes.";
pub const AGREED: &str = "Visitors agree";
pub const BY_SIGNATURE: &str = "by their signature";
pub const BY_TICK: &str = "by ticking a box";
pub const FOR_TYPES: &str = "Who is asked";
pub const FOR_TYPES_HINT: &str = "Where none is ticked, everybody is asked.";

pub const PART_KIOSK: &str = "At the kiosk";
pub const LOOK_UP: &str = "Visitors find themselves";
pub const BY_BEGINNING: &str = "by the first letters of their name";
pub const BY_FULL_NAME: &str = "by their whole name";
pub const BY_CODE: &str = "by their code or e-mail address only";
pub const BADGE: &str = "Badge";
pub const NO_BADGE: &str = "none";
pub const BADGE_ROLL: &str = "on a label roll, 62 mm wide";
pub const BADGE_A6: &str = "on A6";
pub const PIN: &str = "PIN of the staff panel";
pub const PIN_HELD: &str = "There is one. Type another to change it.";
pub const NO_PIN: &str = "There is none: nobody opens the staff panel.";
pub const REMOVE_PIN: &str = "Remove the PIN";

pub fn wrong_pin() -> String {
    format!("A PIN is of {} to {} digits.", PIN_DIGITS.start(), PIN_DIGITS.end())
}

/// On the handle of the other languages.
pub fn also_in(others: usize) -> String {
    match others {
        0 => "In other languages".to_owned(),
        1 => "In one other language".to_owned(),
        n => format!("In {n} other languages"),
    }
}

pub fn version(title: &str, version: u32) -> String {
    format!("{title}, version {version}")
}

/// What a part of the settings is called, by its name in the document.
pub fn part(name: &'static str) -> &'static str {
    match name {
        "welcome" => "the welcome",
        "accent" => "the colour",
        "logo" => "the logo",
        "languages" => "the languages",
        "visitor_types" => "the visitor types",
        "agreements" => "the agreements",
        "look_up" => "how visitors find themselves",
        "party_max" => "the size of parties",
        "badge" => "the badge",
        "staff_pin" => "the PIN",
        "auto_check_out_hour" => "the hour of checking out",
        "opening_hours" => "the opening hours",
        other => other,
    }
}

/// Somebody else saved meanwhile: what they changed, and what both changed.
pub fn others_hold(theirs: &[&str], both: &[&str]) -> String {
    let mut words = "Somebody else saved meanwhile; nothing of yours is saved yet.".to_owned();
    if !theirs.is_empty() {
        words.push_str(&format!(" They changed {}: that is now here too.", theirs.join(", ")));
    }
    if !both.is_empty() {
        words.push_str(&format!(" You both changed {}: here is yours.", both.join(", ")));
    }
    words.push_str(" Look it over, and save again.");
    words
}
