//! Who calls the API, and for which site.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use rusqlite::Connection;
use vestibule_protocol::id::SiteId;

use crate::{
    access::{
        device::{self, Device, DeviceAuth},
        origin,
        peer::Peer,
        staff::{Staff, StaffAuth},
    },
    app::App,
    clock,
    error::Error,
    store,
};

/// Somebody who may use the API.
pub(super) enum Caller {
    /// By a device's token: for the device's site.
    Device(Device),
    /// By a session: for any site, which they name.
    Staff(Staff),
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        if parts.headers.contains_key(header::AUTHORIZATION) {
            let DeviceAuth(device) = DeviceAuth::from_request_parts(parts, app).await?;
            return if device.revoked_at.is_none() { Ok(Self::Device(device)) } else { Err(Error::DeviceRevoked) };
        }
        let StaffAuth(staff) = StaffAuth::from_request_parts(parts, app).await?;
        if !parts.method.is_safe() {
            origin::check(&parts.headers, &Peer::of(parts, app))?;
        }
        Ok(Self::Staff(staff))
    }
}

impl Caller {
    /// The site that is meant, if the caller may see it: a device need not name its own.
    pub(super) fn site(&self, named: Option<SiteId>) -> Result<SiteId, Error> {
        match (self, named) {
            (Self::Device(device), None) => Ok(device.site),
            (Self::Device(device), Some(site)) if device.site == site => Ok(site),
            (Self::Device(_), Some(_)) => Err(Error::OtherSite),
            (Self::Staff(staff), Some(site)) => staff.must_reach(site).map(|()| site),
            (Self::Staff(_), None) => Err(Error::MalformedBody { why: "Name the site.".into() }),
        }
    }

    /// Whether things of `site` are there for the caller.
    pub(super) fn sees(&self, site: SiteId) -> bool {
        match self {
            Self::Device(device) => device.site == site,
            Self::Staff(staff) => staff.reach.covers(site),
        }
    }

    /// The device under which the caller's events go into the ledger; a member of the staff has one at each site, which
    /// nobody can sign in with. `None` if there is no such site.
    pub(super) fn device_at(&self, connection: &Connection, site: SiteId) -> rusqlite::Result<Option<Device>> {
        match self {
            Self::Device(device) => Ok((device.site == site).then_some(*device)),
            Self::Staff(staff) if !staff.reach.covers(site) || !store::site_exists(connection, site)? => Ok(None),
            Self::Staff(staff) => {
                device::of_staff(connection, staff.id, &staff.name, site, clock::now(), clock::entropy()).map(Some)
            }
        }
    }
}
