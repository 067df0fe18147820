//! Who may do what. Every route but the health checks, the static files, and the three doors (pairing, signing in, the
//! first account) takes one of the extractors here, so that none is open by oversight.

pub mod accounts;
mod common_passwords;
pub mod delivery;
pub mod device;
pub mod devices;
pub mod first_account;
pub mod keys;
pub mod origin;
pub mod own_account;
pub mod pairing;
pub mod password;
pub mod password_link;
pub mod peer;
pub mod provider;
pub mod reach;
pub mod second_factor;
pub mod secret;
pub mod session;
pub mod staff;
pub mod throttle;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Path},
    http::{header, request::Parts},
};
use serde::Deserialize;
use vestibule_protocol::id::{DeviceId, SiteId};

use self::{device::DeviceAuth, staff::StaffAuth};
use crate::{app::App, error::Error, store};

/// Someone who may read the site of the route's `{site}`: a device of it, or staff.
pub struct Reader {
    /// The site, which there is.
    pub site: SiteId,
    /// The device, if it is one.
    pub device: Option<DeviceId>,
}

/// The site of a route, whatever else there is in its path.
#[derive(Deserialize)]
struct OfSite {
    site: SiteId,
}

impl FromRequestParts<Arc<App>> for Reader {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Error> {
        let site = Path::<OfSite>::from_request_parts(parts, app).await;
        if parts.headers.contains_key(header::AUTHORIZATION) {
            let DeviceAuth(device) = DeviceAuth::from_request_parts(parts, app).await?;
            if device.revoked_at.is_some() {
                return Err(Error::DeviceRevoked);
            }
            let Path(OfSite { site }) = site.map_err(|_| Error::NotFound)?;
            return if device.site == site {
                Ok(Self { site, device: Some(device.id) })
            } else {
                Err(Error::OtherSite)
            };
        }
        let StaffAuth(staff) = StaffAuth::from_request_parts(parts, app).await?;
        let Path(OfSite { site }) = site.map_err(|_| Error::NotFound)?;
        staff.must_reach(site)?;
        if !app.store.read(move |connection| store::site_exists(connection, site)).await? {
            return Err(Error::NotFound);
        }
        Ok(Self { site, device: None })
    }
}
