//! The words about signing in and one's own account.

use vestibule_app::{api::Failure, words};

pub const CODE: &str = "Code";
pub const CODE_HINT: &str = "Six digits from the app on your telephone, or one of your recovery codes.";
pub const OR: &str = "or";

pub const CHOOSE_PASSWORD: &str = "Choose your password";
pub const CHOOSE_PASSWORD_LEAD: &str = "The link works once. With your new password you sign in afterwards; wherever you are signed in now, you are signed out.";
pub const NO_TOKEN: &str =
    "This link is not whole. Open it again from the message, or ask an administrator for a new one.";
pub const KEEP_PASSWORD: &str = "Save the password";
pub const KEEPING: &str = "Saving…";
pub const PASSWORD_CHOSEN: &str = "Your password is saved. Sign in with it.";

pub const PASSWORD_PART: &str = "Password";
pub const NEW_PASSWORD: &str = "New password";
pub const CURRENT_PASSWORD: &str = "Current password";
pub const PASSWORD_CHANGED: &str = "Your password is changed. Other browsers are signed out.";
pub const SECOND_FACTOR_PART: &str = "Second factor";
pub const SECOND_FACTOR_OFF: &str = "With a second factor, your password alone opens nothing: signing in also takes a code from an app on your telephone.";
pub const SECOND_FACTOR_ON: &str = "Signing in takes your password and a code from the app on your telephone.";
pub const SET_UP: &str = "Set it up";
pub const REPLACE: &str = "Use another telephone";
pub const ADD_TO_APP: &str =
    "In the authenticator app on your telephone, add an account: point the camera at the square, or type the key.";
pub const SQUARE: &str = "The key, for a camera";
pub const OPEN_IN_APP: &str = "The app is on this device";
pub const KEY: &str = "Key";
pub const FIRST_CODE: &str = "The code that the app shows now";
pub const CONFIRM: &str = "Turn it on";
pub const RECOVERY_CODES: &str = "Recovery codes";
pub const RECOVERY_CODES_LEAD: &str = "Keep these where your telephone is not. Each replaces a code once, for the day when the telephone is lost. They are not shown again.";
pub const GIVE_UP: &str = "Turn it off";
pub const EVERYWHERE_PART: &str = "Signed in elsewhere?";
pub const EVERYWHERE_LEAD: &str = "Ends your sessions in every browser, this one too. Kiosks are not touched.";
pub const SIGN_OUT_EVERYWHERE: &str = "Sign out everywhere";
pub const TRAIL_PART: &str = "Audit trail";
pub const TRAIL_LEAD: &str =
    "Who did what to accounts, devices, keys and visitors’ data, as a table to keep or to search.";
pub const EXPORT_TRAIL: &str = "Download as CSV";

/// What to do about what the server said, or did not say.
pub fn failure(failure: &Failure) -> String {
    let advice = match failure.code() {
        "wrong_second_factor" => WRONG_SECOND_FACTOR,
        "wrong_password" => WRONG_PASSWORD,
        "wrong_link" => WRONG_LINK,
        // Its length was looked at before it was sent.
        "unfit_password" => COMMON_PASSWORD,
        _ => return words::failure(failure),
    };
    advice.to_owned()
}

const WRONG_SECOND_FACTOR: &str = "That code does not hold. Type the one that the app shows now: each counts once.";
const WRONG_PASSWORD: &str = "That is not your current password.";
const WRONG_LINK: &str = "This link does not hold any more: it was used, it is more than a day old, or a newer one was made. Ask an administrator for a new one, or sign in if you have a password.";

const COMMON_PASSWORD: &str = "That password is one of those that are guessed first. Please choose another: a short sentence is easy to remember.";

pub fn sign_in_with(provider: &str) -> String {
    format!("Sign in with {provider}")
}

/// What to do about a refusal after coming back from the identity provider; `None` for a reason of a newer version.
pub fn refused(code: &str) -> Option<&'static str> {
    Some(match code {
        "provider_unreachable" => {
            "The sign-in service can’t be reached just now. Try again in a minute, or sign in with your password."
        }
        "provider_refused" => {
            "The sign-in service did not let you in. If you did not cancel it yourself, ask an administrator."
        }
        "sign_in_stale" => "That sign-in took too long, or was begun in another browser. Please begin again.",
        "provider_untrusted" => {
            "The sign-in service’s answer could not be trusted. Please begin again; if it happens twice, tell an administrator."
        }
        "email_unverified" => {
            "The sign-in service does not say that your e-mail address is verified. Verify it there, or ask an administrator."
        }
        "no_account" => "There is no account here with your e-mail address. Ask an administrator for one.",
        "account_closed" => "Your account here was closed. Ask an administrator.",
        "account_of_another" => {
            "The account with your e-mail address belongs to somebody else at the sign-in service. Ask an administrator to free it."
        }
        "too_many_tries" => "Too many tries. Wait a minute, then try again.",
        "not_stored" => "The server can’t sign anybody in just now. Try again in a minute.",
        _ => return None,
    })
}

pub const REFUSED_OTHERWISE: &str = "You could not be signed in. Please begin again.";
