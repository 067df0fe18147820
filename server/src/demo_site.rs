//! A site to try things out with.

use rusqlite::Connection;
use vestibule_protocol::{event::Name, id::SiteId, settings::SiteSettings, timestamp::Timestamp};

use crate::{
    audit::By,
    clock,
    site::{
        self,
        settings::{self, InPlaceOf},
    },
};

const NAME: &str = "Demo site";

/// What it has decided: a file, so that whoever sets up a site can begin with it.
const SETTINGS: &str = include_str!("demo_site/settings.json");

/// Names and departments.
const HOSTS: [(&str, &str); 12] = [
    ("Amara Okafor", "Finance"),
    ("Anneliese Grünwald", "Facilities"),
    ("Chen Wei", "Research"),
    ("Diego Fuentes Rivas", "Sales"),
    ("Fatima al-Zahra Haddad", "Legal"),
    ("Giulia De Santis", "Design"),
    ("Jürgen Böhm", "Workshop"),
    ("Keahi Nakamura", "Support"),
    ("Niamh Ní Bhriain", "People"),
    ("Priya Raghunathan", "Engineering"),
    ("Søren Østergaard", "Engineering"),
    ("Zofia Wiśniewska", "Management"),
];

/// Makes the site with its hosts, if there is no site at all.
///
/// # Errors
/// What SQLite said.
pub(crate) fn add_if_none(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    if site::all(connection)?.is_empty() { find_or_add(connection, now).map(drop) } else { Ok(()) }
}

/// The site, made with its hosts if it is not there.
///
/// # Errors
/// What SQLite said.
pub(crate) fn find_or_add(connection: &Connection, now: Timestamp) -> rusqlite::Result<SiteId> {
    let called = name(NAME)?;
    if let Some(site) = site::find(connection, &called)? {
        return Ok(site);
    }
    let site = site::find_or_add(connection, &called, now, clock::entropy())?;
    HOSTS.iter().try_for_each(|host| add_host(connection, site, host, now))?;
    let decided: SiteSettings = serde_json::from_str(SETTINGS).map_err(unfit)?;
    settings::set(connection, By::COMMAND_LINE, site, &decided, &InPlaceOf::Whatever, now)?.map_err(unfit)?;
    Ok(site)
}

fn add_host(
    connection: &Connection,
    site: SiteId,
    &(host, department): &(&str, &str),
    now: Timestamp,
) -> rusqlite::Result<()> {
    site::add_host(connection, site, &name(host)?, Some(&name(department)?), now, clock::entropy())?;
    Ok(())
}

fn name(text: &str) -> rusqlite::Result<Name> {
    Name::new(text).map_err(unfit)
}

fn unfit(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}
