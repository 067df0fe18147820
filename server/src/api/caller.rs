//! Who calls the API, and for which site.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use rusqlite::Connection;
use vestibule_protocol::{account::Role, admin::Scope, id::SiteId};

use crate::{
    access::{
        device::{self, Device, DeviceAuth, bearer},
        keys::{self, Key},
        origin,
        peer::Peer,
        reach::Reach,
        secret::{self, API_KEY_PREFIX},
        staff::{Staff, StaffAuth},
    },
    app::App,
    changes::sparing,
    clock,
    error::Error,
    store,
};

/// Somebody who may use the API: to look, whoever they are; to act, if the request does and they may.
pub(super) enum Caller {
    /// By a device's token: for the device's site. No kiosk that is told no more of people than it shows.
    Device(Device),
    /// By a session: for the sites of the account, which they name.
    Staff(Staff),
    /// By an API key: for the key's site, or any, which they name.
    Key(Key),
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let acts = !parts.method.is_safe();
        if let Some(key) = bearer(&parts.headers).filter(|token| token.starts_with(API_KEY_PREFIX)) {
            let key = keys::show(app, secret::hash(key)).await?;
            return if acts && key.scope == Scope::Read { Err(Error::Forbidden) } else { Ok(Self::Key(key)) };
        }
        if parts.headers.contains_key(header::AUTHORIZATION) {
            let DeviceAuth(device) = DeviceAuth::from_request_parts(parts, app).await?;
            if device.revoked_at.is_some() {
                return Err(Error::DeviceRevoked);
            }
            let is_spared = app.store.read(move |connection| sparing::is_due(connection, device.id, device.site));
            return if is_spared.await? { Err(Error::SparedKiosk) } else { Ok(Self::Device(device)) };
        }
        let StaffAuth(staff) = StaffAuth::from_request_parts(parts, app).await?;
        if acts {
            origin::check(&parts.headers, &Peer::of(parts, app))?;
            // Who calls the roll looks; what happens at the door is the desk's.
            if staff.role == Role::Marshal {
                return Err(Error::Forbidden);
            }
        }
        Ok(Self::Staff(staff))
    }
}

impl Caller {
    /// The site that is meant, if the caller may see it: who has one only need not name it.
    pub(super) fn site(&self, named: Option<SiteId>) -> Result<SiteId, Error> {
        match (self.only_site(), named) {
            (Some(only), None) => Ok(only),
            (_, Some(site)) if self.sees(site) => Ok(site),
            (_, Some(_)) => Err(Error::OtherSite),
            (None, None) => Err(Error::MalformedBody { why: "Name the site.".into() }),
        }
    }

    /// Whether things of `site` are there for the caller.
    pub(super) fn sees(&self, site: SiteId) -> bool {
        match self {
            Self::Device(device) => device.site == site,
            Self::Staff(Staff { reach, .. }) | Self::Key(Key { reach, .. }) => reach.covers(site),
        }
    }

    /// The device under which the caller's events go into the ledger; a member of the staff and a key have one at each
    /// site, which nobody can show. `None` if there is no such site for the caller.
    pub(super) fn device_at(&self, connection: &Connection, site: SiteId) -> rusqlite::Result<Option<Device>> {
        if !self.sees(site) || !store::site_exists(connection, site)? {
            return Ok(None);
        }
        let (whom, name) = match self {
            Self::Device(device) => return Ok(Some(*device)),
            Self::Staff(staff) => (staff.id.0, &staff.name),
            Self::Key(key) => (key.id.0, &key.name),
        };
        device::standing_in_for(connection, whom, name, site, clock::now(), clock::entropy()).map(Some)
    }

    fn only_site(&self) -> Option<SiteId> {
        match self {
            Self::Device(device) => Some(device.site),
            Self::Key(Key { reach: Reach::Only(sites), .. }) => sites.first().copied(),
            Self::Staff(_) | Self::Key(_) => None,
        }
    }
}
