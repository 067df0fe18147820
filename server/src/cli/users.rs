//! `user list`, `user link`.

use std::path::Path;

use vestibule_protocol::account::Email;

use super::{CliError, add::write};
use crate::{
    access::{accounts, password_link, staff},
    audit::By,
    clock, store,
};

pub(super) fn list(data: &Path) -> Result<(), CliError> {
    for member in accounts::all(&store::connect_to_existing(data)?)? {
        let sites = member.sites.as_ref().map_or("every site".to_owned(), |sites| format!("{} sites", sites.len()));
        let closed = if member.closed_at.is_some() { ", closed" } else { "" };
        let role = staff::role_text(member.role);
        println!("{}  {}  {}  {role}, {sites}{closed}", member.id, member.email.as_str(), member.name.as_str());
    }
    Ok(())
}

pub(super) fn link(data: &Path, email: &Email) -> Result<(), CliError> {
    let link = write(data, |transaction| {
        let member = accounts::by_email(transaction, email)?.ok_or(CliError::NoSuchAccount)?;
        Ok(password_link::make(transaction, By::COMMAND_LINE, member.id, clock::now(), clock::entropy())?)
    })?;
    println!("/password#{}", link.token);
    Ok(())
}
