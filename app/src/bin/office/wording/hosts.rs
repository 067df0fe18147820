//! The words of the page of hosts.

use vestibule_protocol::directory::HostsAdded;

use vestibule_app::{csv::Unreadable, form::Wrong, guest_list::NoList, words::count};

pub const HOSTS: &str = "Hosts";
pub const FIND: &str = "Search a host";
pub const ADD: &str = "Add a host";
pub const IMPORT: &str = "From a file";
pub const LOADING: &str = "One moment…";
pub const CHANGE: &str = "Change";
pub const DEPARTMENT: &str = "Team or floor";
pub const DEPARTMENT_HINT: &str = "Tells two people of one name apart.";
pub const SAVE: &str = "Save";
pub const HAS_LEFT: &str = "Has left";
pub const IS_BACK: &str = "Is back";
pub const LEFT_MARK: &str = "has left; visitors can’t choose them";
pub const NOBODY: &str = "No hosts yet";
pub const NOBODY_HINT: &str =
    "Whom visitors can choose on the kiosks. Add them one by one, or all at once from a file.";
pub const NONE_FOUND: &str = "Nobody of this name";
pub const FILE_LABEL: &str = "Choose a file";
pub const FILE_HINT: &str = "A table as CSV, with the names of its columns in the first line: name, and if you like department. Who is here already stays as they are.";
pub const NAME: &str = "Name";
pub const LINE: &str = "Line";
pub const NOBODY_IN_FILE: &str = "Nobody is in the file.";

pub fn import(hosts: usize) -> String {
    match hosts {
        0 => "Add".to_owned(),
        1 => "Add one host".to_owned(),
        n => format!("Add {} hosts", count(n as u64)),
    }
}

pub const fn wrong_line(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::Missing => "the name is missing",
        _ => "this is too long",
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

pub fn wrong_lines(wrong: usize) -> String {
    if wrong == 1 {
        "One line is not right yet. Nobody is added before it is.".to_owned()
    } else {
        format!("{wrong} lines are not right yet. Nobody is added before they are.")
    }
}

pub fn added(told: HostsAdded) -> String {
    let HostsAdded { added, known } = told;
    match known {
        0 => format!("{} added.", count(added)),
        known => format!("{} added, {} were here.", count(added), count(known)),
    }
}

pub fn has_left(name: &str) -> String {
    format!("{name} has left")
}

pub fn is_back(name: &str) -> String {
    format!("{name} is back")
}

pub fn change(name: &str) -> String {
    format!("Change {name}")
}
