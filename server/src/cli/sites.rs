//! `site settings`, `site pin`.

use std::{fs, io, io::Read as _, path::Path};

use vestibule_protocol::{
    event::Name,
    settings::{PinHash, SiteSettings},
};

use super::{CliError, add::write};
use crate::{
    audit::By,
    clock,
    site::{
        self,
        settings::{self, InPlaceOf, Version},
    },
    store,
};

/// Where settings come from when a file is named so: standard input.
const STDIN: &str = "-";

/// Prints what a site has decided, as JSON that can be set again.
pub(super) fn show(data: &Path, name: &Name) -> Result<(), CliError> {
    let connection = store::connect(data)?;
    let site = site::find(&connection, name)?.ok_or(CliError::NoSuchSite)?;
    let held = settings::find(&connection, site)?;
    println!("{}", serde_json::to_string_pretty(&held).map_err(io::Error::from)?);
    Ok(())
}

/// Decides for a site, whole; where a file says what `was` decided when it was read, in the place of that only.
pub(super) fn set(data: &Path, name: &Name, file: &Path, was: Option<&Path>) -> Result<(), CliError> {
    let in_place_of = match was {
        Some(was) => InPlaceOf::These(vec![Version::of(&read(was)?)]),
        None => InPlaceOf::Whatever,
    };
    let new = read(file)?;
    change(data, name, &in_place_of, |_| new)
}

/// Gives the staff panel of a site's kiosks another PIN, read from standard input; none if the line is empty.
pub(super) fn pin(data: &Path, name: &Name) -> Result<(), CliError> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let typed = line.trim();
    let staff_pin = if typed.is_empty() { None } else { Some(PinHash::new(typed, clock::entropy())?) };
    // In one transaction with what it is put into.
    change(data, name, &InPlaceOf::Whatever, |held| SiteSettings { staff_pin, ..held })
}

fn read(file: &Path) -> Result<SiteSettings, CliError> {
    let text = if file.as_os_str() == STDIN {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text)?;
        text
    } else {
        fs::read_to_string(file)?
    };
    serde_json::from_str(&text).map_err(CliError::MalformedSettings)
}

fn change(
    data: &Path,
    name: &Name,
    in_place_of: &InPlaceOf,
    change: impl FnOnce(SiteSettings) -> SiteSettings,
) -> Result<(), CliError> {
    write(data, |transaction| {
        let site = site::find(transaction, name)?.ok_or(CliError::NoSuchSite)?;
        let new = change(settings::find(transaction, site)?);
        Ok(settings::set(transaction, By::COMMAND_LINE, site, &new, in_place_of, clock::now())??)
    })
}
