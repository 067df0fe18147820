//! What a kiosk is not told, where its site lets visitors be found by their code or e-mail address only.
//!
//! Such a kiosk shows nobody but who is due or on site, and that one only to themselves. So it is told nobody else: who
//! has left goes from its copy with the change that says so. Of who is due or here it is told the name and the address as
//! they are, and no hash of them: it must greet them by it and write it into their check-in while there is no server, and
//! a code of thirty bits or an address that people use every day is guessed from its hash by whoever holds the tablet.

use rusqlite::{Connection, params};
use vestibule_protocol::{
    event::Visitor,
    id::{DeviceId, SiteId},
    timestamp::Timestamp,
    visit::{Latest, State, Visit},
};

/// Whether the device is a kiosk of a site that has decided so. The API for others then tells it nothing at all.
pub(crate) fn is_due(connection: &Connection, device: DeviceId, site: SiteId) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM site_settings JOIN devices ON devices.id = ?1 AND devices.kind = 'kiosk' \
             WHERE site_settings.site = ?2 AND site_settings.json ->> '$.look_up' = 'code_or_email'",
        )?
        .exists(params![device.0, site.0])
}

/// Leaves out of a visit what such a kiosk does not need at `now`.
pub(super) fn spare(visit: &mut Visit, now: Timestamp) {
    match visit.state(now) {
        // Their check-in says again all that was known of them.
        State::Expected => {}
        State::OnSite => {
            visit.details = None;
            if let Some(Latest { value: Visitor { phone, .. }, .. }) = &mut visit.visitor {
                *phone = None;
            }
        }
        State::Left | State::Cancelled | State::Expired => {
            (visit.visitor, visit.host, visit.details) = (None, None, None);
        }
    }
    visit.signed.clear();
}
