//! What is said, in any language: a field for each text, with where it stands and what it must do there.
//!
//! The tone: plain, short, calm. Say what to do before what broke; never claim more than is known. "Saved" and
//! "delivered" are never the same word.

use super::message::{Counted, Message};

type Text = &'static str;

/// What both halves say.
pub struct Shared {
    // Buttons and marks.
    pub back: Text,
    pub close: Text,
    pub check_in: Text,
    pub check_out: Text,
    /// On a button while it works.
    pub saving: Text,
    /// While the app starts.
    pub starting: Text,
    /// Behind the label of a field that may stay empty.
    pub optional: Text,
    pub page_not_found: Text,
    pub your_name: Text,
    /// Asked before one leaves; {0} is the visitor.
    pub check_out_whom: Message<1>,
    /// Beside a visitor: {0} is the time.
    pub arrived_at: Message<1>,

    // Choosing a host.
    pub host_hint: Text,
    pub nobody: Text,
    pub nobody_hint: Text,
    /// Names `nobody` as the way out.
    pub no_host_found: Text,
    pub other_host: Text,

    // Under a field that can't be taken as it is: what to do.
    pub missing: Text,
    pub too_long: Text,
    pub not_an_email: Text,
    pub password_too_short: Text,
    pub nobody_chosen: Text,
    pub not_a_time: Text,

    // An entry was not kept: each begins by saying so.
    pub not_kept_unanswered: Text,
    pub not_kept_unpaired: Text,
    pub not_kept_too_large: Text,
    pub not_kept_full: Text,
    pub not_kept_failed: Text,
    pub not_kept_outdated: Text,

    // What the server said, or did not say.
    pub unreachable: Text,
    pub wrong_credentials: Text,
    pub wrong_code: Text,
    pub wrong_link: Text,
    pub too_many_tries: Text,
    pub too_many_codes: Text,
    pub unfit_password: Text,
    pub sign_in_again: Text,
    pub forbidden: Text,
    pub server_busy: Text,

    // The sync pill: as short as a telephone's screen wants it.
    pub pill_stopped: Text,
    pub pill_not_accepted: Text,
    pub pill_all_delivered: Text,
    pub pill_delivering: Counted,
    pub pill_connecting: Text,
    pub pill_waiting: Counted,
    pub pill_offline: Text,
    pub pill_offline_waiting: Counted,
}

/// What the kiosk says.
pub struct Kiosk {
    // A new device says what it is.
    pub chooser_heading: Text,
    pub chooser_kiosk: Text,
    pub chooser_kiosk_hint: Text,
    pub chooser_desk: Text,
    pub chooser_desk_hint: Text,

    // Pairing. The quoted button is the dashboard's.
    pub pair_heading: Text,
    pub pair_lead: Text,
    pub pair_code: Text,
    pub pair: Text,
    pub pairing: Text,
    pub pair_again: Text,
    pub leave_paired: Text,

    // In a tab of Safari on an iPad or iPhone, instead of pairing. The names of buttons are those of Apple.
    pub install_heading: Text,
    pub install_lead: Text,
    pub install_share: Text,
    pub install_add: Text,
    pub install_open: Text,

    // The first screen.
    pub welcome: Text,
    pub check_in_hint: Text,
    pub check_out_hint: Text,
    /// Names the row of languages, for those who hear it.
    pub languages: Text,

    // Checking in.
    pub check_in_heading: Text,
    pub your_company: Text,
    pub your_host: Text,
    pub expected_choose: Text,
    /// {0} is the time.
    pub expected_at: Message<1>,
    /// {0} is the time, {1} the host.
    pub expected_at_by: Message<2>,
    pub not_me: Text,
    /// A field, where the site lets nobody be found by their name.
    pub invitation: Text,
    pub invitation_hint: Text,

    // Checking out.
    pub check_out_heading: Text,
    pub find_hint: Text,
    /// Where the site wants the whole name.
    pub find_hint_name: Text,
    /// Where the site wants the code or the e-mail address: these three.
    pub check_out_heading_code: Text,
    pub code_or_email: Text,
    pub find_hint_code: Text,
    pub nobody_found: Text,
    pub not_leaving: Text,

    // The last screen.
    /// {0} is the visitor.
    pub checked_in: Message<1>,
    /// {0} is the visitor.
    pub goodbye: Message<1>,
    /// Before the visitor's code.
    pub reference: Text,
    /// Kept here, and the server is being told: no claim yet.
    pub sending: Text,
    /// Kept here; it will be delivered, nobody knows when.
    pub saved: Text,
    /// The server has said that it has it.
    pub delivered: Text,
    pub done: Text,
    /// {0} is a number of seconds.
    pub back_in: Message<1>,
    /// {0} is a number of seconds, after which what was typed is forgotten.
    pub clearing_in: Message<1>,

    // In place of a screen that could only confirm into a void.
    pub broken: Text,
    pub broken_lead: Text,

    // In place of all screens, once the device's access was withdrawn.
    /// {0} is the site.
    pub revoked: Message<1>,
    /// Where the site's name is not known.
    pub revoked_unnamed: Text,
    pub revoked_lead: Text,

    // The sync pill: tells staff who pass by what is wrong, and visitors that it need not trouble them.
    pub pill_pair_again: Text,
    pub pill_pair_again_waiting: Counted,
    pub pill_no_connection: Text,
    pub pill_no_connection_waiting: Counted,
    pub pill_retired_waiting: Counted,
}
