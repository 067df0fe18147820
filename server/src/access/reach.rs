//! For which sites somebody may act.

use rusqlite::{Connection, params};
use vestibule_protocol::id::{SiteId, StaffId};

/// The sites that somebody may act for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every one, those to come too.
    Everywhere,
    /// These.
    Only(Vec<SiteId>),
}

impl Reach {
    /// Whether the site is one of them.
    pub fn covers(&self, site: SiteId) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Only(sites) => sites.contains(&site),
        }
    }

    /// What the account is given in the database.
    pub(super) fn of_staff(connection: &Connection, staff: StaffId, everywhere: bool) -> rusqlite::Result<Self> {
        if everywhere {
            return Ok(Self::Everywhere);
        }
        connection
            .prepare_cached("SELECT site FROM staff_sites WHERE staff = ?1 ORDER BY site")?
            .query_map([staff.0], |row| row.get(0).map(SiteId))?
            .collect::<rusqlite::Result<_>>()
            .map(Self::Only)
    }

    /// Gives the account these sites in the place of those it had; each must be there.
    ///
    /// # Errors
    /// What SQLite said.
    pub fn give(&self, connection: &Connection, staff: StaffId) -> rusqlite::Result<()> {
        let everywhere = *self == Self::Everywhere;
        connection.execute("UPDATE staff SET every_site = ?2 WHERE id = ?1", params![staff.0, everywhere])?;
        connection.execute("DELETE FROM staff_sites WHERE staff = ?1", [staff.0])?;
        if let Self::Only(sites) = self {
            for site in sites {
                connection
                    .prepare_cached("INSERT INTO staff_sites (staff, site) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                    .execute(params![staff.0, site.0])?;
            }
        }
        Ok(())
    }
}
