//! The words of the page of colleagues.

use vestibule_app::api::Failure;
use vestibule_protocol::account::Role;

pub const COLLEAGUES: &str = "Colleagues";
pub const LEAD: &str = "Who signs in here, and what they may do.";
pub const ADD: &str = "Add a colleague";
pub const NAME: &str = "Name";
pub const EMAIL: &str = "E-mail";
pub const MAY: &str = "What they may do";
pub const RECEPTIONIST: &str = "run the front desk";
pub const MARSHAL: &str = "read, and call the roll";
pub const ADMIN: &str = "administer";
pub const SITES: &str = "For which sites";
pub const EVERY_SITE: &str = "every site, those to come too";
pub const MAKE_LINK: &str = "Make an account and a link";
pub const LINK: &str = "A link to choose a password";
pub const SAVE: &str = "Save";
pub const CHANGE: &str = "Change";
pub const NEW_LINK: &str = "Make a link for another password";
pub const SIGN_OUT: &str = "Sign out everywhere";
pub const REMOVE_SECOND_FACTOR: &str = "Remove the second factor";
pub const CLOSE: &str = "Close the account";
pub const OPEN_AGAIN: &str = "Open the account again";
pub const CLOSED: &str = "closed";
pub const NO_SECOND_FACTOR: &str = "no second factor";

pub const fn role(role: Role) -> &'static str {
    match role {
        Role::Receptionist => "Front desk",
        Role::Marshal => "Marshal",
        Role::Admin => "Administrator",
    }
}

pub fn change(name: &str) -> String {
    format!("Change {name}")
}

pub fn link_lead(expires_in_s: u32) -> String {
    format!(
        "Give them this link. It works once, within {} hours, and is not shown again.",
        expires_in_s.div_ceil(3_600)
    )
}

/// What the server said, where this page knows better words.
pub fn failure(failure: &Failure) -> Option<String> {
    let words = match failure.code() {
        "forbidden" => "Only an administrator of every site keeps accounts.",
        "account_exists" => "Somebody signs in with this e-mail address already.",
        "last_admin" => "This is the last administrator of every site. Make another one first.",
        _ => return None,
    };
    Some(words.to_owned())
}
