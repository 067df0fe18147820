//! Which account somebody is whom an identity provider vouches for.
//!
//! The first time, by the e-mail address; from then on by the provider's own name for the person, so that an address that
//! is given to somebody else opens nothing.

use rusqlite::{Connection, OptionalExtension, params};
use vestibule_protocol::{
    account::{Email, Role},
    event::Name,
    id::StaffId,
    timestamp::Timestamp,
};

use super::{Addresses, Newcomers, id_token::Profile};
use crate::{
    access::{
        accounts, password,
        reach::Reach,
        staff::{self, Account, Staff},
    },
    audit::{self, Action, By},
    clock,
};

/// Somebody, as a provider names them.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) profile: Profile,
}

/// Why a person whom the provider vouches for is let in no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NobodyHere {
    /// There is no address to find an account by.
    NoEmail,
    /// The provider does not vouch for the address.
    UnverifiedEmail,
    /// No account has the address, and none is made.
    NoAccount,
    /// The account was closed.
    Closed,
    /// The account is somebody else's by now, by the same provider's word.
    SomebodyElse,
}

/// Finds the person's account, or makes it where that is configured, and remembers whose it is.
///
/// # Errors
/// What SQLite said.
pub(super) fn find(
    connection: &Connection,
    person: &Person,
    addresses: Addresses,
    newcomers: &[Newcomers],
    by: By,
    now: Timestamp,
) -> rusqlite::Result<Result<Staff, NobodyHere>> {
    if let Some(id) = linked(connection, person)? {
        return Ok(staff::by_id(connection, id)?.ok_or(NobodyHere::Closed));
    }
    let Some(email) = person.profile.email() else { return Ok(Err(NobodyHere::NoEmail)) };
    if addresses == Addresses::Verified && !person.profile.is_verified() {
        return Ok(Err(NobodyHere::UnverifiedEmail));
    }
    let staff = match accounts::by_email(connection, &email)? {
        Some(member) if member.closed_at.is_some() => return Ok(Err(NobodyHere::Closed)),
        Some(member) if is_anybodys(connection, &person.issuer, member.id)? => {
            return Ok(Err(NobodyHere::SomebodyElse));
        }
        Some(member) => staff::by_id(connection, member.id)?,
        None => join(connection, person, &email, newcomers, by, now)?,
    };
    let Some(staff) = staff else { return Ok(Err(NobodyHere::NoAccount)) };
    connection.execute(
        "INSERT INTO staff_identities (issuer, subject, staff, linked_at) VALUES (?1, ?2, ?3, ?4)",
        params![person.issuer, person.subject, staff.id.0, now.unix_ms()],
    )?;
    audit::note(connection, by, Action::IdentityLinked.to_staff(staff.id), now)?;
    Ok(Ok(staff))
}

/// Forgets by which identities somebody signs in; the next who shows the account's address takes it.
///
/// # Errors
/// What SQLite said.
pub(in crate::access) fn unlink(
    connection: &Connection,
    by: By,
    staff: StaffId,
    now: Timestamp,
) -> rusqlite::Result<()> {
    if connection.execute("DELETE FROM staff_identities WHERE staff = ?1", [staff.0])? > 0 {
        audit::note(connection, by, Action::IdentityUnlinked.to_staff(staff), now)?;
    }
    Ok(())
}

fn linked(connection: &Connection, person: &Person) -> rusqlite::Result<Option<StaffId>> {
    connection
        .prepare_cached("SELECT staff FROM staff_identities WHERE issuer = ?1 AND subject = ?2")?
        .query_row([&person.issuer, &person.subject], |row| row.get(0).map(StaffId))
        .optional()
}

fn is_anybodys(connection: &Connection, issuer: &str, staff: StaffId) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM staff_identities WHERE issuer = ?1 AND staff = ?2")?
        .exists(params![issuer, staff.0])
}

/// Makes an account for somebody whose address is of a domain that is let in.
fn join(
    connection: &Connection,
    person: &Person,
    email: &Email,
    newcomers: &[Newcomers],
    by: By,
    now: Timestamp,
) -> rusqlite::Result<Option<Staff>> {
    let domain = email.as_str().rsplit('@').next().unwrap_or_default();
    let Some(rule) = newcomers.iter().find(|rule| rule.domain.eq_ignore_ascii_case(domain)) else { return Ok(None) };
    let local = email.as_str().split('@').next().unwrap_or_default();
    let Some(name) = person.profile.name().or_else(|| Name::new(local).ok()) else { return Ok(None) };
    let account = Account { name: &name, email, password_hash: password::NONE, role: Role::from(rule.role) };
    let Some(staff) = staff::add(connection, &account, now, clock::entropy())? else { return Ok(None) };
    let reach = rule.site.map_or(Reach::Everywhere, |site| Reach::Only(vec![site]));
    reach.give(connection, staff.id)?;
    audit::note(connection, by, Action::StaffJoined.to_staff(staff.id), now)?;
    Ok(Some(Staff { reach, ..staff }))
}
