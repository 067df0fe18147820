//! The words about signing in, and about what the server said of a password or a code.

use crate::{api::Failure, words};

pub const CODE: &str = "Code";
pub const CODE_HINT: &str = "Six digits from the app on your telephone, or one of your recovery codes.";
pub const OR: &str = "or";

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
