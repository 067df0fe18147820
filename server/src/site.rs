//! Sites and the directory of hosts; how admins change them, in [`directory`], and what sites have decided, in
//! [`settings`].

pub mod directory;
pub mod settings;

use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};
use vestibule_protocol::{
    changes::{DirectoryHost, Site},
    event::Name,
    id::{ENTROPY_BYTES, HostId, SiteId},
    timestamp::Timestamp,
};

use crate::store::Positions;

/// All sites, by name.
///
/// # Errors
/// What SQLite said.
pub fn all(connection: &Connection) -> rusqlite::Result<Vec<Site>> {
    connection
        .prepare_cached("SELECT id, name FROM sites ORDER BY name")?
        .query_map((), |row| Ok(Site { id: SiteId(row.get(0)?), name: name(row, 1)? }))?
        .collect()
}

/// The site of that name, made if there is none.
///
/// # Errors
/// What SQLite said.
pub fn find_or_add(
    connection: &Connection,
    name: &Name,
    now: Timestamp,
    entropy: [u8; ENTROPY_BYTES],
) -> rusqlite::Result<SiteId> {
    if let Some(site) = find(connection, name)? {
        return Ok(site);
    }
    let site = SiteId::new(now, entropy);
    let mut positions = Positions::begin(connection)?;
    connection.execute(
        "INSERT INTO sites (id, name, position) VALUES (?1, ?2, ?3)",
        params![site.0, name.as_str(), positions.take()],
    )?;
    positions.save(connection)?;
    Ok(site)
}

/// The site of that name.
///
/// # Errors
/// What SQLite said.
pub fn find(connection: &Connection, name: &Name) -> rusqlite::Result<Option<SiteId>> {
    connection
        .query_row("SELECT id FROM sites WHERE name = ?1", [name.as_str()], |row| row.get(0).map(SiteId))
        .optional()
}

/// Adds somebody whom visitors of the site can choose.
///
/// # Errors
/// What SQLite said.
pub fn add_host(
    connection: &Connection,
    site: SiteId,
    name: &Name,
    department: Option<&Name>,
    now: Timestamp,
    entropy: [u8; ENTROPY_BYTES],
) -> rusqlite::Result<HostId> {
    let host = HostId::new(now, entropy);
    let mut positions = Positions::begin(connection)?;
    connection.execute(
        "INSERT INTO hosts (id, site, name, department, position) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![host.0, site.0, name.as_str(), department.map(Name::as_str), positions.take()],
    )?;
    positions.save(connection)?;
    Ok(host)
}

/// A host of the columns id, name, department, gone.
pub(crate) fn host(row: &Row<'_>) -> rusqlite::Result<DirectoryHost> {
    let department: Option<String> = row.get(2)?;
    Ok(DirectoryHost {
        id: HostId(row.get(0)?),
        name: name(row, 1)?,
        department: department.map(|_| name(row, 2)).transpose()?,
        gone: row.get(3)?,
    })
}

/// A name in a column, where only checked ones are written.
pub(crate) fn name(row: &Row<'_>, column: usize) -> rusqlite::Result<Name> {
    Name::new(row.get_ref(column)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}
