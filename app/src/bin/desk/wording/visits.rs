//! The words of the lists of the day, and of announcing and changing visits.

use vestibule_app::{
    csv::Unreadable,
    form::Wrong,
    guest_list::{Column, NoList},
    outbox::NotKept,
    words,
};

pub const EDIT: &str = "Change";
pub const LEAVE_AS_IT_IS: &str = "Leave as it is";
pub const SAVE_CHANGES: &str = "Save changes";
pub const UNDO: &str = "Undo";

// Announcing.
pub const HOW_MANY: &str = "How many";
pub const ONE: &str = "One visitor";
pub const SEVERAL: &str = "Several";
pub const GUESTS: &str = "Who comes";
pub const GUESTS_HINT: &str = "One a line: the name, then if you like the company and the e-mail address, after commas. Or a table as CSV, which names its columns in the first line: name, company, email, host, date, time.";
pub const GUESTS_FILE: &str = "Take them from a file";
pub const PARTY: &str = "They come together, as one party";
pub const LINE: &str = "Line";
pub const WHO: &str = "Who";
pub const WHOM: &str = "Host";
pub const WHEN: &str = "When";

// The lists.
pub const KEYS: &str = "Keys";
pub const KEYS_TITLE: &str = "Without a mouse";
pub const KEYS_USED: &str = "Use these keys";

/// What each key does, on the lists.
pub const KEY_HELP: [(&str, &str); 7] = [
    ("/", "Search"),
    ("n", "Announce a visit"),
    ("1 2 3", "Expected, on site, left"),
    ("↓ ↑", "Next and previous visit"),
    ("Enter", "Open the visit"),
    ("c", "Check the visit in or out"),
    ("?", "These keys"),
];

/// On the button that announces so many.
pub fn announce(visits: usize) -> String {
    match visits {
        0 => "Announce".to_owned(),
        1 => "Announce one visit".to_owned(),
        n => format!("Announce {n} visits"),
    }
}

pub fn saving(kept: usize, of: usize) -> String {
    format!("{kept} of {of}…")
}

pub fn kept_in_part(kept: usize, of: usize, why: NotKept) -> String {
    format!("{kept} of {of} are kept. {} Press again for the rest.", words::not_kept(why))
}

/// Above the preview, if so.
pub fn wrong_lines(wrong: usize) -> Option<String> {
    match wrong {
        0 => None,
        1 => Some("One line is not right yet. Nothing is announced before it is.".to_owned()),
        n => Some(format!("{n} lines are not right yet. Nothing is announced before they are.")),
    }
}

pub fn and_more(more: usize) -> String {
    format!("and {more} more, all of them right")
}

pub fn too_many(most: usize) -> String {
    format!("More than {most} at once; split the list.")
}

pub fn wrong_in(column: Column, wrong: Wrong) -> String {
    match (column, wrong) {
        (Column::Host, _) => "no single host has this name".to_owned(),
        (Column::Date, _) => "write the date as 2026-03-20".to_owned(),
        (Column::Time, _) => "write the time as 14:30".to_owned(),
        (Column::Name, Wrong::Missing) => "the name is missing".to_owned(),
        (Column::Email, Wrong::NotAnEmail) => "this is no e-mail address".to_owned(),
        (column, _) => format!("the {} is too long", name(column)),
    }
}

const fn name(column: Column) -> &'static str {
    match column {
        Column::Name => "name",
        Column::Company => "company",
        Column::Email => "e-mail address",
        Column::Host => "host",
        Column::Date => "date",
        Column::Time => "time",
    }
}

pub fn no_list(why: NoList) -> String {
    match why {
        NoList::Unreadable(Unreadable::OpenQuote { line }) => {
            format!("A quotation mark on line {line} is never closed.")
        }
        NoList::Unreadable(Unreadable::TooLong) => "The file has too many lines.".to_owned(),
        NoList::NoNames => "No column is called “name”.".to_owned(),
    }
}
