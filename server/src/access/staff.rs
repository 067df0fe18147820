//! Members of the staff: their accounts, and how a request shows that somebody is signed in.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use axum_extra::extract::CookieJar;
use rusqlite::{Connection, OptionalExtension, Row, params};
use vestibule_protocol::{
    account::{Email, Role},
    event::Name,
    id::{ENTROPY_BYTES, SiteId, StaffId},
    timestamp::Timestamp,
};

use super::{
    origin,
    peer::Peer,
    reach::Reach,
    secret::{self, SecretHash},
    session::COOKIE,
};
use crate::{app::App, audit::By, clock, error::Error, surround};

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Who.
    pub id: StaffId,
    /// As colleagues know them.
    pub name: Name,
    /// What they may do.
    pub role: Role,
    /// For which sites.
    pub reach: Reach,
}

/// A request of somebody signed in. For reading; to change something, take [`StaffWrite`].
pub struct StaffAuth(pub Staff);

/// A request of somebody signed in, sent by our own pages and not by another website in their name.
pub struct StaffWrite {
    /// Who.
    pub staff: Staff,
    /// For the audit trail.
    pub by: By,
}

/// A [`StaffAuth`] of an admin, of some sites or of all.
pub struct AdminAuth(pub Staff);

/// A [`StaffWrite`] of an admin, of some sites or of all.
pub struct AdminWrite {
    /// Who.
    pub staff: Staff,
    /// For the audit trail.
    pub by: By,
}

/// A [`StaffAuth`] of an admin of every site: who else may see accounts, keys and the audit trail could see more than
/// their sites.
pub struct HeadAuth;

/// A [`StaffWrite`] of an admin of every site: who else may make accounts could make one that may do more than they.
pub struct HeadWrite {
    /// Who.
    pub staff: Staff,
    /// For the audit trail.
    pub by: By,
}

impl FromRequestParts<Arc<App>> for StaffAuth {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let cookies = CookieJar::from_headers(&parts.headers);
        let hash = secret::hash(cookies.get(COOKIE).ok_or(Error::Unauthenticated)?.value());
        let now = clock::now();
        let staff = app.store.read(move |connection| by_session(connection, &hash, now)).await?;
        let staff = staff.ok_or(Error::Unauthenticated)?;
        surround::note_who("staff", staff.id);
        Ok(Self(staff))
    }
}

impl FromRequestParts<Arc<App>> for StaffWrite {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let StaffAuth(staff) = StaffAuth::from_request_parts(parts, app).await?;
        let peer = Peer::of(parts, app);
        origin::check(&parts.headers, &peer)?;
        Ok(Self { by: By::staff(staff.id, peer.address), staff })
    }
}

impl FromRequestParts<Arc<App>> for AdminAuth {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let StaffAuth(staff) = StaffAuth::from_request_parts(parts, app).await?;
        staff.must_be_admin()?;
        Ok(Self(staff))
    }
}

impl FromRequestParts<Arc<App>> for AdminWrite {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let StaffWrite { staff, by } = StaffWrite::from_request_parts(parts, app).await?;
        staff.must_be_admin()?;
        Ok(Self { staff, by })
    }
}

impl FromRequestParts<Arc<App>> for HeadAuth {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        AdminAuth::from_request_parts(parts, app).await?.0.must_be_everywhere()?;
        Ok(Self)
    }
}

impl FromRequestParts<Arc<App>> for HeadWrite {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let AdminWrite { staff, by } = AdminWrite::from_request_parts(parts, app).await?;
        staff.must_be_everywhere()?;
        Ok(Self { staff, by })
    }
}

impl Staff {
    fn must_be_admin(&self) -> Result<(), Error> {
        match self.role {
            Role::Admin => Ok(()),
            Role::Receptionist | Role::Marshal => Err(Error::Forbidden),
        }
    }

    /// Whether they may act on what happens at the door: who calls the roll only looks.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if not.
    pub fn must_run_the_desk(&self) -> Result<(), Error> {
        match self.role {
            Role::Receptionist | Role::Admin => Ok(()),
            Role::Marshal => Err(Error::Forbidden),
        }
    }

    fn must_be_everywhere(&self) -> Result<(), Error> {
        if self.reach == Reach::Everywhere { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Whether they may act for that site.
    ///
    /// # Errors
    /// [`Error::OtherSite`] if not.
    pub fn must_reach(&self, site: SiteId) -> Result<(), Error> {
        if self.reach.covers(site) { Ok(()) } else { Err(Error::OtherSite) }
    }
}

/// Makes an account; `None` if there is one of that address.
///
/// # Errors
/// What SQLite said.
pub fn add(
    connection: &Connection,
    account: &Account<'_>,
    now: Timestamp,
    entropy: [u8; ENTROPY_BYTES],
) -> rusqlite::Result<Option<Staff>> {
    let id = StaffId::new(now, entropy);
    let added = connection
        .prepare_cached(
            "INSERT INTO staff (id, name, email, password_hash, role, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT (email) DO NOTHING",
        )?
        .execute(params![
            id.0,
            account.name.as_str(),
            account.email.as_str(),
            account.password_hash,
            role_text(account.role),
            now.unix_ms(),
        ])?;
    Ok((added == 1).then(|| Staff { id, name: account.name.clone(), role: account.role, reach: Reach::Everywhere }))
}

/// What an account is made of.
pub struct Account<'a> {
    /// As colleagues know them.
    pub name: &'a Name,
    /// What they sign in with.
    pub email: &'a Email,
    /// From [`super::password`].
    pub password_hash: &'a str,
    /// What they may do.
    pub role: Role,
}

/// Whether there is any account.
///
/// # Errors
/// What SQLite said.
pub fn any(connection: &Connection) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM staff")?.exists(())
}

/// The account of that address, and the hash of its password.
///
/// # Errors
/// What SQLite said.
pub fn by_email(connection: &Connection, email: &Email) -> rusqlite::Result<Option<(Staff, String)>> {
    connection
        .prepare_cached(
            "SELECT id, name, role, every_site, password_hash FROM staff WHERE email = ?1 AND closed_at IS NULL",
        )?
        .query_row([email.as_str()], |row| Ok((staff(connection, row)?, row.get(4)?)))
        .optional()
}

/// The account, if it is open.
///
/// # Errors
/// What SQLite said.
pub(super) fn by_id(connection: &Connection, id: StaffId) -> rusqlite::Result<Option<Staff>> {
    connection
        .prepare_cached("SELECT id, name, role, every_site FROM staff WHERE id = ?1 AND closed_at IS NULL")?
        .query_row([id.0], |row| staff(connection, row))
        .optional()
}

pub(crate) fn by_session(
    connection: &Connection,
    hash: &SecretHash,
    now: Timestamp,
) -> rusqlite::Result<Option<Staff>> {
    connection
        .prepare_cached(
            "SELECT staff.id, staff.name, staff.role, staff.every_site FROM sessions \
             JOIN staff ON staff.id = sessions.staff \
             WHERE token_hash = ?1 AND expires_at > ?2 AND closed_at IS NULL",
        )?
        .query_row(params![hash, now.unix_ms()], |row| staff(connection, row))
        .optional()
}

/// Of the columns id, name, role, every_site.
fn staff(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<Staff> {
    let id = StaffId(row.get(0)?);
    let reach = Reach::of_staff(connection, id, row.get(3)?)?;
    Ok(Staff { id, name: crate::site::name(row, 1)?, role: role(row.get_ref(2)?.as_str()?), reach })
}

/// The role of that word in the database.
pub(super) fn role(text: &str) -> Role {
    match text {
        "admin" => Role::Admin,
        "marshal" => Role::Marshal,
        _ => Role::Receptionist,
    }
}

/// As the database has it.
pub(crate) const fn role_text(role: Role) -> &'static str {
    match role {
        Role::Receptionist => "receptionist",
        Role::Marshal => "marshal",
        Role::Admin => "admin",
    }
}
