//! `key add`, `key list`, `key revoke`.

use std::path::Path;

use vestibule_protocol::{
    admin::{ApiKey, NewApiKey, Scope},
    event::Name,
    id::KeyId,
    timestamp::Timestamp,
};

use super::{CliError, add::write};
use crate::{access::keys, audit::By, clock, site, store};

/// Prints the key, which nobody can see again.
pub(super) fn add(data: &Path, name: Name, scope: Scope, site: Option<&Name>, days: u16) -> Result<(), CliError> {
    let made = write(data, |transaction| {
        let site = match site {
            Some(name) => Some(site::find(transaction, name)?.ok_or(CliError::NoSuchSite)?),
            None => None,
        };
        let new = NewApiKey { name, scope, site, days };
        Ok(keys::add(transaction, By::COMMAND_LINE, &new, clock::now(), clock::entropy())?)
    })?;
    println!("{}", made.key);
    Ok(())
}

/// One line for people each: id, name, what it allows and where, and how it stands.
pub(super) fn list(data: &Path) -> Result<(), CliError> {
    let connection = store::connect_to_existing(data)?;
    let sites = site::all(&connection)?;
    for key in keys::all(&connection)? {
        let scope = match key.scope {
            Scope::Read => "read",
            Scope::Write => "read and write",
        };
        let of = |id| sites.iter().find(|site| site.id == id).map_or("?", |site| site.name.as_str());
        let site = key.site.map_or("every site", of);
        println!("{}  {}  {scope}, {site}; {}", key.id, key.name.as_str(), standing(&key, clock::now()));
    }
    Ok(())
}

pub(super) fn revoke(data: &Path, id: KeyId) -> Result<(), CliError> {
    let now = clock::now();
    let key =
        write(data, |transaction| keys::withdraw(transaction, By::COMMAND_LINE, id, now)?.ok_or(CliError::NoSuchKey))?;
    println!("{}", standing(&key, now));
    Ok(())
}

fn standing(key: &ApiKey, now: Timestamp) -> String {
    let access = match key.revoked_at {
        Some(at) => format!("revoked {at}"),
        None if key.expires_at <= now => format!("ended {}", key.expires_at),
        None => format!("holds until {}", key.expires_at),
    };
    match key.last_used_at {
        Some(at) => format!("{access}; used last {at}"),
        None => format!("{access}; never used"),
    }
}
