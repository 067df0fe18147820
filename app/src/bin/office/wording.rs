//! The words of the office: in English so far, as those of the desk.

pub mod colleagues;
pub mod hosts;
pub mod keys;
pub mod settings;

use vestibule_app::icon::Icon;

use crate::screen::OfficeScreen;

pub const OFFICE: &str = "Office";
pub const PAGES: &str = "Pages";
pub const SITE: &str = "Site";
pub const SIGN_IN_LEAD: &str = "To the office: hosts, and what the kiosks of a site show and ask.";
pub const FRONT_DESK: &str = "Front desk";
pub const FOR_ADMINS: &str = "For administrators";
pub const FOR_ADMINS_LEAD: &str = "Your account runs the front desk. An administrator can change what you may do.";

/// The icon and the name of a page.
pub const fn page(screen: OfficeScreen) -> (Icon, &'static str) {
    match screen {
        OfficeScreen::Hosts => (Icon::PERSON, hosts::HOSTS),
        OfficeScreen::Settings => (Icon::SETTINGS, settings::SETTINGS),
        OfficeScreen::Colleagues => (Icon::ASSEMBLY, colleagues::COLLEAGUES),
        OfficeScreen::Keys => (Icon::KEYS, keys::KEYS),
    }
}
