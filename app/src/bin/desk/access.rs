//! Who gets in: choosing a password by a link, and one's own account.

pub mod choose_password;
pub mod own_account;
mod second_factor;
mod words;
