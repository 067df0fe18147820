//! `device list`, `device revoke`, `device rename`, `device move`.

use std::path::Path;

use rusqlite::Connection;
use vestibule_protocol::{admin::Device, event::Name, id::DeviceId};

use super::{CliError, add::write};
use crate::{access::devices, audit::By, clock, site, store};

/// One line for people each: id, site, name, and how it stands.
pub(super) fn list(data: &Path) -> Result<(), CliError> {
    let connection = store::connect_to_existing(data)?;
    let sites = site::all(&connection)?;
    for device in devices::all(&connection)? {
        let site = sites.iter().find(|site| site.id == device.site).map_or("?", |site| site.name.as_str());
        println!("{}  {site}  {}  {}", device.id, device.name.as_str(), standing(&device));
    }
    Ok(())
}

/// The same, as JSON for programs.
pub(super) fn list_json(data: &Path) -> Result<(), CliError> {
    let devices = devices::all(&store::connect_to_existing(data)?)?;
    println!("{}", serde_json::to_string(&devices).map_err(std::io::Error::from)?);
    Ok(())
}

pub(super) fn revoke(data: &Path, id: DeviceId) -> Result<(), CliError> {
    let device = write(data, |transaction| {
        devices::revoke(transaction, By::COMMAND_LINE, &held(transaction, id)?, clock::now())?;
        held(transaction, id)
    })?;
    println!("{}", standing(&device));
    Ok(())
}

pub(super) fn rename(data: &Path, id: DeviceId, name: &Name) -> Result<(), CliError> {
    write(data, |transaction| {
        let device = held(transaction, id)?;
        Ok(devices::rename(transaction, By::COMMAND_LINE, &device, name, clock::now())?)
    })
}

pub(super) fn move_to(data: &Path, id: DeviceId, site: &Name) -> Result<(), CliError> {
    write(data, |transaction| {
        let device = held(transaction, id)?;
        let now = clock::now();
        let site = site::find_or_add(transaction, site, now, clock::entropy())?;
        devices::move_to(transaction, By::COMMAND_LINE, &device, site, now)?;
        Ok(())
    })
}

fn held(connection: &Connection, id: DeviceId) -> Result<Device, CliError> {
    devices::find(connection, id)?.ok_or(CliError::NoSuchDevice)
}

fn standing(device: &Device) -> String {
    let access = match device.revoked_at {
        Some(at) => format!("revoked {at}; what it still brings is kept apart"),
        None => "holds".to_owned(),
    };
    match device.last_word {
        None => format!("{access}; never heard of"),
        Some(word) if word.held == 0 => format!("{access}; by its last word, at {}, it held nothing", word.at),
        Some(word) => format!("{access}; by its last word, at {}, it still held {} events", word.at, word.held),
    }
}
