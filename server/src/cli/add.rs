//! `device add`, `user add`, `host add`, `demo`.

use std::{io, path::Path};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use vestibule_protocol::{
    account::{Email, Role},
    event::Name,
};

use super::CliError;
use crate::{
    access::{
        device::{self, Kind},
        pairing::{self, Kiosk},
        password::FitPassword,
        secret::Secret,
        staff::{self, Account},
    },
    audit::{self, Action, By},
    clock, demo_day, site, store,
};

/// Where a password comes from.
pub(super) enum Password {
    FromStdin,
    MadeUp,
}

/// Characters of a password that is made up: 80 bits, four to a character.
const MADE_UP_CHARS: usize = 20;

pub(super) fn device(data: &Path, site: &Name, name: &Name) -> Result<(), CliError> {
    let credentials = write(data, |transaction| {
        let now = clock::now();
        let site = site::find_or_add(transaction, site, now, clock::entropy())?;
        let made = device::enrol(transaction, site, name, Kind::Kiosk, now, clock::entropy(), clock::entropy())?;
        audit::note(transaction, By::COMMAND_LINE, Action::DeviceEnrolled.to_device(made.device, site), now)?;
        Ok(made)
    })?;
    println!("{}", serde_json::to_string(&credentials).map_err(io::Error::from)?);
    Ok(())
}

pub(super) fn demo_day(data: &Path, visits: usize) -> Result<(), CliError> {
    let day = write(data, |transaction| Ok(demo_day::add(transaction, visits, clock::now())?))?;
    println!("{} visits in {} events at the demo site; what is still to come is expected", day.visits, day.events);
    Ok(())
}

pub(super) fn pairing_code(data: &Path, site: &Name, name: &Name) -> Result<(), CliError> {
    let code = write(data, |transaction| {
        let now = clock::now();
        let site = site::find_or_add(transaction, site, now, clock::entropy())?;
        audit::note(transaction, By::COMMAND_LINE, Action::PairingCodeMade.at(site), now)?;
        let kiosk = Kiosk { site, name, device: None };
        pairing::issue(transaction, kiosk, now, clock::entropy())?.ok_or(CliError::TooManyCodes)
    })?;
    println!("{}", code.code);
    Ok(())
}

pub(super) fn user(data: &Path, name: &Name, email: &Email, role: Role, password: Password) -> Result<(), CliError> {
    let (password, is_made_up) = match password {
        Password::FromStdin => {
            let mut line = String::new();
            io::stdin().read_line(&mut line)?;
            (line.trim_end_matches(['\r', '\n']).to_owned(), false)
        }
        Password::MadeUp => {
            let mut made_up = Secret::new("", clock::entropy()).text().to_owned();
            made_up.truncate(MADE_UP_CHARS);
            (made_up, true)
        }
    };
    let password_hash = FitPassword::new(&password)?.hash();
    write(data, |transaction| {
        let account = Account { name, email, password_hash: &password_hash, role };
        let now = clock::now();
        let staff = staff::add(transaction, &account, now, clock::entropy())?.ok_or(CliError::AccountExists)?;
        Ok(audit::note(transaction, By::COMMAND_LINE, Action::StaffAdded.to_staff(staff.id), now)?)
    })?;
    if is_made_up {
        println!("{password}");
    }
    Ok(())
}

pub(super) fn host(data: &Path, site: &Name, name: &Name, department: Option<&Name>) -> Result<(), CliError> {
    let host = write(data, |transaction| {
        let now = clock::now();
        let site = site::find_or_add(transaction, site, now, clock::entropy())?;
        Ok(site::add_host(transaction, site, name, department, now, clock::entropy())?)
    })?;
    println!("{host}");
    Ok(())
}

/// One transaction, beside whatever server is running.
pub(super) fn write<T>(data: &Path, work: impl FnOnce(&Transaction<'_>) -> Result<T, CliError>) -> Result<T, CliError> {
    let mut connection: Connection = store::connect(data)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}
