//! English.

use super::{
    message::{count, say},
    table::{Kiosk, Shared},
};

pub(super) static SHARED: Shared = Shared {
    back: "Back",
    close: "Close",
    check_in: "Check in",
    check_out: "Check out",
    saving: "Saving…",
    starting: "One moment…",
    optional: "optional",
    page_not_found: "There is nothing at this address.",
    your_name: "Your name",
    check_out_whom: say("Check out {0}?"),
    arrived_at: say("arrived {0}"),

    host_hint: "Type a few letters of the name. Leave it empty if you are not sure.",
    nobody: "Nobody in particular",
    nobody_hint: "Reception will help you",
    no_host_found: "No such name here. Try fewer letters, or choose “Nobody in particular”.",
    other_host: "Choose somebody else",

    missing: "Please fill this in.",
    too_long: "That is too long. Please shorten it.",
    not_an_email: "Please check the e-mail address.",
    password_too_short: "Please choose a longer one.",
    nobody_chosen: "Please choose a name from the list, or empty the field.",
    not_a_time: "Please choose a day and a time.",

    not_kept_unanswered: "That was not saved. Please try again; if it happens twice, reload the page.",
    not_kept_unpaired: "That was not saved: this device must be paired first.",
    not_kept_too_large: "That was not saved: it is too much text. Please shorten it.",
    not_kept_full: "That was not saved: the storage of this device is full. Please see reception.",
    not_kept_failed: "That was not saved: the storage of this device does not work. Please see reception.",
    not_kept_outdated: "That was not saved: a new version is ready. Please reload the page.",

    unreachable: "The server can’t be reached just now. Check the network, then try again.",
    wrong_credentials: "E-mail and password don’t fit together. Please check both.",
    wrong_code: "That code does not hold, or was used already. Please check it, or make a new one.",
    wrong_link: "This link does not hold any more: an account was made with it, or a newer link was printed.",
    too_many_tries: "Too many tries. Please wait a minute, then try again.",
    too_many_codes: "Many codes are waiting to be used. Please use one of them, or wait until they run out.",
    unfit_password: "Please choose another password.",
    sign_in_again: "Please sign in again.",
    forbidden: "Your account may not do that. Ask an administrator.",
    server_busy: "The server can’t store anything just now. Please try again in a minute.",

    pill_stopped: "Not saving",
    pill_not_accepted: "Not accepted",
    pill_all_delivered: "All delivered",
    pill_delivering: count("Delivering {n}"),
    pill_connecting: "Connecting",
    pill_waiting: count("{n} waiting"),
    pill_offline: "Working offline",
    pill_offline_waiting: count("Offline, {n} waiting"),
};

pub(super) static KIOSK: Kiosk = Kiosk {
    chooser_heading: "How will you use this device?",
    chooser_kiosk: "This is a kiosk",
    chooser_kiosk_hint: "Visitors check themselves in and out.",
    chooser_desk: "I work here",
    chooser_desk_hint: "See who is expected, here and gone.",

    pair_heading: "Pair this kiosk",
    pair_lead: "On the dashboard, choose “Pair a kiosk”, then type the code that it shows.",
    pair_code: "Pairing code",
    pair: "Pair",
    pairing: "Pairing…",
    pair_again: "Pair again",
    leave_paired: "Leave it as it is",

    install_heading: "Add Vestibule to the home screen first",
    install_lead: "In a tab, this device deletes what a page keeps after seven days without use, arrivals included. From the home screen it stays.",
    install_share: "Tap “Share” in Safari’s toolbar.",
    install_add: "Choose “Add to Home Screen”.",
    install_open: "Open Vestibule from the home screen, and pair it there.",

    welcome: "Welcome",
    check_in_hint: "I have just arrived",
    check_out_hint: "I am leaving",
    languages: "Language",

    check_in_heading: "Good to see you. Who are you?",
    your_company: "Your company",
    your_host: "Who are you visiting?",
    expected_choose: "Are you one of these visitors?",
    expected_at: say("Expected at {0}"),
    expected_at_by: say("Expected at {0} by {1}"),
    not_me: "That’s not me",

    check_out_heading: "Leaving? Find your name.",
    find_hint: "Type at least two letters.",
    nobody_found: "Nobody of that name is on site. Check the spelling, or see reception.",
    not_leaving: "Not me",

    checked_in: say("You are checked in, {0}."),
    goodbye: say("Goodbye, {0}."),
    reference: "Reference",
    sending: "Saved. Telling reception…",
    saved: "Saved on this device. It will be delivered to reception.",
    delivered: "Delivered to reception.",
    done: "Done",
    back_in: say("Back to the start in {0} s"),
    clearing_in: say("Clearing in {0} s. Touch to go on."),

    broken: "Please see reception",
    broken_lead: "This kiosk can’t keep your details safely just now. Nothing you type here would reach reception.",
    revoked: say("This device is no longer connected to {0}."),
    revoked_unnamed: "This device is no longer connected.",
    revoked_lead: "Please see reception. They check you in and out.",

    pill_pair_again: "For staff: pair this kiosk again. Checking in works.",
    pill_pair_again_waiting: count("For staff: pair this kiosk again to deliver {n} saved here. Checking in works."),
    pill_no_connection: "No connection to reception. Checking in works all the same.",
    pill_no_connection_waiting: count(
        "No connection to reception. Checking in works all the same; {n} saved here until it is back.",
    ),
    pill_retired_waiting: count("For staff: {n} saved here and not delivered yet."),
};
