//! The words of the page of keys.

use vestibule_protocol::admin::Scope;

pub const KEYS: &str = "Keys";
pub const LEAD: &str = "By which programs read visits, or announce and check in.";
pub const DOCUMENTATION: &str = "What the API does";
pub const MAKE: &str = "Make a key";
pub const NONE_YET: &str = "No program has a key yet.";
pub const MORE: &str = "Show more";
pub const NAME: &str = "What it is for";
pub const NAME_HINT: &str = "The program, so that somebody knows later whether it is still needed.";
pub const ALLOWS: &str = "It may";
pub const READ: &str = "look";
pub const WRITE: &str = "look and act";
pub const FOR: &str = "For";
pub const THIS_SITE: &str = "this site";
pub const EVERY_SITE: &str = "every site";
pub const HOLDS: &str = "It holds for";
pub const MONTH: &str = "30 days";
pub const QUARTER: &str = "90 days";
pub const YEAR: &str = "a year";
pub const MADE: &str = "The new key";
pub const MADE_LEAD: &str =
    "Copy it to where the program keeps its secrets. It is not shown again: the server keeps only its hash.";
pub const WITHDRAW: &str = "Withdraw";
pub const WITHDRAW_LEAD: &str = "Programs that use it are refused from now on. It can’t be given back.";

pub const fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "may look",
        Scope::Write => "may look and act",
    }
}

pub fn withdraw(name: &str) -> String {
    format!("Withdraw the key of {name}")
}

pub fn withdrawn(time: &str) -> String {
    format!("withdrawn {time}")
}

pub fn holds_until(day: &str, is_over: bool) -> String {
    if is_over { format!("ended on {day}") } else { format!("holds until {day}") }
}

pub fn used(time: Option<&str>) -> String {
    time.map_or("not used yet".to_owned(), |time| format!("used {time}"))
}
