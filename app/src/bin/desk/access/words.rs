//! The words about one's own account and its password.

pub use vestibule_app::sign_in::wording::failure;

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
