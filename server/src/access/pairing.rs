//! Pairing: a one-time code, read off one screen and typed on another, makes a kiosk a device.

use std::{net::IpAddr, sync::Arc};

use axum::{Json, extract::State, http::StatusCode};
use rusqlite::{Connection, OptionalExtension, params};
use vestibule_protocol::{
    account::{Credentials, Pair, PairingCode},
    admin::{Device, DeviceKind, NewPairingCode},
    event::Name,
    id::{DeviceId, SiteId},
    timestamp::Timestamp,
};

use super::{
    device::{self, Kind},
    devices,
    peer::Peer,
    secret,
    staff::AdminWrite,
};
use crate::{
    app::App,
    audit::{self, Action, Actor, By, Deed},
    body::JsonBody,
    clock,
    error::Error,
    limits, site, store,
};

/// Digits and letters that nobody mistakes for one another, read or spoken: Crockford's 32, five bits each.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code: 45 bits.
pub const CODE_CHARS: usize = 9;

/// Characters between two hyphens: as many as one remembers while walking to the keyboard.
const GROUP_CHARS: usize = 4;

/// `POST /api/v1/pairing-codes`: a code for a kiosk of that name.
pub async fn make_code(
    State(app): State<Arc<App>>,
    AdminWrite { staff, by }: AdminWrite,
    JsonBody(NewPairingCode { site, name, device }): JsonBody<NewPairingCode>,
) -> Result<(StatusCode, Json<PairingCode>), Error> {
    staff.must_reach(site)?;
    let code = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            if !store::site_exists(connection, site)? {
                return Ok(Err(Error::NotFound));
            }
            if let Some(id) = device {
                let held = devices::find(connection, id)?;
                if !held.is_some_and(|held| held.kind == DeviceKind::Kiosk && staff.reach.covers(held.site)) {
                    return Ok(Err(Error::NotFound));
                }
            }
            let now = clock::now();
            let Some(code) = issue(connection, Kiosk { site, name: &name, device }, now, clock::entropy())? else {
                return Ok(Err(Error::TooManyCodes));
            };
            let subject = device.map(|device| device.0);
            audit::note(connection, by, Deed { action: Action::PairingCodeMade, subject, site: Some(site) }, now)?;
            Ok(Ok(code))
        })
        .await??;
    Ok((StatusCode::CREATED, Json(code)))
}

/// `POST /api/v1/devices/pair`: turns a code into a device. A code works once.
pub async fn pair(
    State(app): State<Arc<App>>,
    peer: Peer,
    JsonBody(Pair { code }): JsonBody<Pair>,
) -> Result<Json<Credentials>, Error> {
    app.tries.try_from(peer.address, clock::now())?;
    let code = normalise(&code).ok_or(Error::WrongCode)?;
    let from = peer.address;
    let credentials =
        app.store.write(0, limits::WRITE_WAIT, move |connection| redeem(connection, &code, from, clock::now())).await?;
    let credentials = credentials.ok_or(Error::WrongCode)?;
    app.tries.forgive(peer.address);
    Ok(Json(credentials))
}

/// What a code is for.
#[derive(Clone, Copy, Debug)]
pub struct Kiosk<'a> {
    /// The site that it will serve, which there is.
    pub site: SiteId,
    /// What staff will call it.
    pub name: &'a Name,
    /// The device that is paired again, instead of a new one.
    pub device: Option<DeviceId>,
}

/// Makes a code; `None` if [`limits::PAIRING_CODES_MAX`] hold already.
///
/// # Errors
/// What SQLite said.
pub fn issue(
    connection: &Connection,
    kiosk: Kiosk<'_>,
    now: Timestamp,
    entropy: [u8; CODE_CHARS],
) -> rusqlite::Result<Option<PairingCode>> {
    connection.execute("DELETE FROM pairing_codes WHERE expires_at <= ?1", [now.unix_ms()])?;
    let held: i64 = connection.query_row("SELECT count(*) FROM pairing_codes", (), |row| row.get(0))?;
    if held >= limits::PAIRING_CODES_MAX {
        return Ok(None);
    }
    let code = spell(&entropy);
    connection.execute(
        "INSERT INTO pairing_codes (code_hash, site, name, expires_at, device) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            secret::hash(&code),
            kiosk.site.0,
            kiosk.name.as_str(),
            now.plus_ms(limits::PAIRING_CODE_MS).unix_ms(),
            kiosk.device.map(|device| device.0),
        ],
    )?;
    let expires_in_s = u32::try_from(limits::PAIRING_CODE_MS / 1_000).unwrap_or(u32::MAX);
    Ok(Some(PairingCode { code: grouped(&code), expires_in_s }))
}

/// Uses up a code, in the form of [`normalise`]; `None` if it does not hold.
fn redeem(connection: &Connection, code: &str, from: IpAddr, now: Timestamp) -> rusqlite::Result<Option<Credentials>> {
    let used = connection
        .query_row(
            "DELETE FROM pairing_codes WHERE code_hash = ?1 RETURNING site, name, expires_at, device",
            [secret::hash(code)],
            |row| {
                let device: Option<uuid::Uuid> = row.get(3)?;
                Ok((SiteId(row.get(0)?), site::name(row, 1)?, row.get::<_, i64>(2)?, device.map(DeviceId)))
            },
        )
        .optional()?;
    let Some((site, name, _, again)) = used.filter(|used| used.2 > now.unix_ms()) else {
        return Ok(None);
    };
    let again = again.map(|id| devices::find(connection, id)).transpose()?.flatten();
    let credentials = match again {
        Some(device) => pair_again(connection, &device, site, &name, now)?,
        None => device::enrol(connection, site, &name, Kind::Kiosk, now, clock::entropy(), clock::entropy())?,
    };
    let by = By { actor: Actor::Device(credentials.device), address: Some(from) };
    audit::note(connection, by, Action::DevicePaired.to_device(credentials.device, site), now)?;
    Ok(Some(credentials))
}

/// Gives a device that was paired before a fresh token, whoever holds the earlier one: it may be another machine.
fn pair_again(
    connection: &Connection,
    device: &Device,
    site: SiteId,
    name: &Name,
    now: Timestamp,
) -> rusqlite::Result<Credentials> {
    let by = By { actor: Actor::Device(device.id), address: None };
    let token = devices::replace_token(connection, device.id, None, now, clock::entropy())?;
    connection.execute("UPDATE devices SET revoked_at = NULL WHERE id = ?1", [device.id.0])?;
    devices::rename(connection, by, device, name, now)?;
    devices::move_to(connection, by, device, site, now)?;
    Ok(Credentials { device: device.id, site, token: token.text().to_owned() })
}

/// A code as typed, in the form in which it was made: case, spaces and hyphens don't matter, and neither do the letters
/// that look like digits.
fn normalise(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .take(CODE_CHARS + 1)
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect();
    (code.len() == CODE_CHARS && code.bytes().all(|c| ALPHABET.contains(&c))).then_some(code)
}

/// Five bits of each byte as a character.
pub(super) fn spell(entropy: &[u8]) -> String {
    // 256 is a multiple of 32, so every character is equally likely.
    entropy.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

pub(super) fn grouped(code: &str) -> String {
    code.as_bytes().chunks(GROUP_CHARS).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::as_shown("7K3M-9QRT-X", Some("7K3M9QRTX"))]
    #[case::lower_case_and_spaces(" 7k3m 9qrt x ", Some("7K3M9QRTX"))]
    #[case::letters_for_digits("oIl0-9QRT-X", Some("01109QRTX"))]
    #[case::too_short("7K3M-9QRT", None)]
    #[case::too_long("7K3M-9QRT-XX", None)]
    #[case::other_letters("7K3M-9QRT-U", None)]
    #[case::nothing("", None)]
    fn a_code_is_read_as_people_type_it(#[case] typed: &str, #[case] code: Option<&str>) {
        assert_eq!(normalise(typed).as_deref(), code);
    }

    #[test]
    fn a_code_is_shown_in_groups() {
        assert_eq!(grouped("7K3M9QRTX"), "7K3M-9QRT-X");
    }

    #[test]
    fn a_code_works_once_and_for_ten_minutes() {
        let dir = tempfile::tempdir().unwrap();
        let connection = store::connect(dir.path()).unwrap();
        let now = Timestamp::from_unix_ms(1_000_000);
        let name = Name::new("Lobby").unwrap();
        let site = site::find_or_add(&connection, &name, now, [0; 10]).unwrap();
        let (kiosk, from) = (Kiosk { site, name: &name, device: None }, Ipv4Addr::LOCALHOST.into());
        let code = issue(&connection, kiosk, now, [1; CODE_CHARS]).unwrap().unwrap().code;
        let code = normalise(&code).unwrap();
        assert!(redeem(&connection, &code, from, now).unwrap().is_some());
        assert!(redeem(&connection, &code, from, now).unwrap().is_none());
        issue(&connection, kiosk, now, [1; CODE_CHARS]).unwrap();
        assert!(redeem(&connection, &code, from, now.plus_ms(limits::PAIRING_CODE_MS)).unwrap().is_none());
    }
}
