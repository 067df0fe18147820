//! The trail of who did what to accounts, devices, keys and texts in doubt, when, and from where. Rows are added inside the transaction
//! of what they tell of, and the database itself refuses to change or delete one. No visitor is in it.

mod trail;

use std::net::IpAddr;

use rusqlite::{Connection, params};
use uuid::Uuid;
use vestibule_protocol::{
    id::{DeviceId, KeyId, SiteId, StaffId},
    timestamp::Timestamp,
};

pub use self::trail::{csv, list};

/// Who does something, and from where.
#[derive(Clone, Copy, Debug)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// The address of the request; none for the command line.
    pub address: Option<IpAddr>,
}

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody signed in.
    Staff(StaffId),
    /// A device with its token.
    Device(DeviceId),
    /// A program with its key.
    Key(KeyId),
    /// Whoever can write the data directory.
    CommandLine,
    /// Somebody who has not shown who they are.
    Nobody,
}

impl By {
    /// Whoever can write the data directory.
    pub const COMMAND_LINE: Self = Self { actor: Actor::CommandLine, address: None };

    /// Somebody who has not shown who they are.
    pub const fn nobody(address: IpAddr) -> Self {
        Self { actor: Actor::Nobody, address: Some(address) }
    }

    /// Somebody signed in, from that address.
    pub const fn staff(staff: StaffId, address: IpAddr) -> Self {
        Self { actor: Actor::Staff(staff), address: Some(address) }
    }
}

/// What was done, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deed {
    /// What.
    pub action: Action,
    /// The id of whom or what it was done to.
    pub subject: Option<Uuid>,
    /// The site that it concerns.
    pub site: Option<SiteId>,
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What can be done. The texts are part of the API: one is never given a new sense.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// As the database, the API and the export have it.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

actions! {
    /// A code for a kiosk was made; the subject is the device that is paired again, if one is.
    PairingCodeMade = "pairing_code.made",
    /// A kiosk turned its code into a token.
    DevicePaired = "device.paired",
    /// A browser of the staff, or a device of the command line, was enrolled.
    DeviceEnrolled = "device.enrolled",
    /// It has another name.
    DeviceRenamed = "device.renamed",
    /// It serves another site.
    DeviceMoved = "device.moved",
    /// Its access was withdrawn.
    DeviceRevoked = "device.revoked",
    /// It has another token.
    DeviceTokenReplaced = "device.token_replaced",
    /// Events of its outbox were carried here by hand.
    ParcelBroughtIn = "device.parcel_brought_in",
    /// An account was made.
    StaffAdded = "staff.added",
    /// It has another role, or other sites.
    StaffChanged = "staff.changed",
    /// It was closed.
    StaffClosed = "staff.closed",
    /// It was opened again.
    StaffReopened = "staff.reopened",
    /// An account was made by itself, for somebody whom the identity provider vouches for.
    StaffJoined = "staff.joined",
    /// A session was opened.
    SignedIn = "staff.signed_in",
    /// A session was opened by the identity provider's word.
    SignedInByProvider = "staff.signed_in_by_provider",
    /// From now on the account is that of one person by the identity provider's word.
    IdentityLinked = "staff.identity_linked",
    /// It is so no more.
    IdentityUnlinked = "staff.identity_unlinked",
    /// A session was ended by its owner.
    SignedOut = "staff.signed_out",
    /// All their sessions were ended.
    SignedOutEverywhere = "staff.signed_out_everywhere",
    /// A wrong password, or a wrong code, for an account that there is.
    SignInFailed = "staff.sign_in_failed",
    /// Their password was changed by its owner.
    PasswordChanged = "staff.password_changed",
    /// A one-time link for their password was made.
    PasswordLinkMade = "staff.password_link_made",
    /// Their password was chosen by that link.
    PasswordChosenByLink = "staff.password_chosen_by_link",
    /// Signing in takes a second factor.
    SecondFactorAdded = "staff.second_factor_added",
    /// It takes none any more.
    SecondFactorRemoved = "staff.second_factor_removed",
    /// A recovery code was used.
    RecoveryCodeUsed = "staff.recovery_code_used",
    /// A key was made.
    KeyMade = "key.made",
    /// A key was withdrawn.
    KeyRevoked = "key.revoked",
    /// What is held of a visitor was drawn up; the subject is the visit.
    VisitorExported = "visitor.exported",
    /// A visitor was forgotten; the subject is the visit, if one was known.
    VisitorErased = "visitor.erased",
    /// A site was made.
    SiteAdded = "site.added",
    /// It has another name.
    SiteRenamed = "site.renamed",
    /// Hosts were added to a site's directory.
    HostsAdded = "host.added",
    /// A host has another name or department, has left, or has come back; the subject is the host.
    HostChanged = "host.changed",
    /// A text in doubt counts from now on; the subject is the device that captured it, as in the two below.
    DoubtAccepted = "doubt.accepted",
    /// It does not count.
    DoubtDismissed = "doubt.dismissed",
    /// Another event was recorded in its place.
    DoubtReplaced = "doubt.replaced",
    /// That events of a device are gone was noted.
    GapSettled = "gap.settled",
    /// Visitors of the site are kept for another number of days.
    RetentionChanged = "site.retention_changed",
    /// What the site has decided of its kiosks was changed.
    SettingsChanged = "site.settings_changed",
}

/// Adds a line. Call it in the transaction that does the deed, so that there is never one without the other.
///
/// # Errors
/// What SQLite said.
pub fn note(connection: &Connection, by: By, deed: Deed, now: Timestamp) -> rusqlite::Result<()> {
    let (kind, actor) = match by.actor {
        Actor::Staff(id) => ("staff", Some(id.0)),
        Actor::Device(id) => ("device", Some(id.0)),
        Actor::Key(id) => ("key", Some(id.0)),
        Actor::CommandLine => ("command_line", None),
        Actor::Nobody => ("nobody", None),
    };
    connection
        .prepare_cached(
            "INSERT INTO audit (at, actor_kind, actor, action, subject, site, address) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            now.unix_ms(),
            kind,
            actor,
            deed.action.text(),
            deed.subject,
            deed.site.map(|site| site.0),
            by.address.map(|address| address.to_string()),
        ])?;
    Ok(())
}

/// Whether that member of the staff has signed in from that address.
///
/// # Errors
/// What SQLite said.
pub fn has_signed_in_from(connection: &Connection, staff: StaffId, address: IpAddr) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM audit WHERE actor = ?1 AND action = ?2 AND address = ?3")?.exists(params![
        staff.0,
        Action::SignedIn.text(),
        address.to_string()
    ])
}

impl Action {
    /// Done to a device.
    pub const fn to_device(self, device: DeviceId, site: SiteId) -> Deed {
        Deed { action: self, subject: Some(device.0), site: Some(site) }
    }

    /// Done to a member of the staff.
    pub const fn to_staff(self, staff: StaffId) -> Deed {
        Deed { action: self, subject: Some(staff.0), site: None }
    }

    /// Done to a site as a whole.
    pub const fn at(self, site: SiteId) -> Deed {
        Deed { action: self, subject: None, site: Some(site) }
    }
}
