//! Every route, on one page, and what surrounds them all.

use std::{any::Any, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    http::{HeaderValue, Method, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, patch, post, put},
};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};
use vestibule_protocol::{
    account::PROVIDER_SIGN_IN_PATH,
    directory::HOSTS_MAX_BYTES,
    limits::{BATCH_MAX_BYTES, SETTINGS_MAX_BYTES},
};

use crate::{
    access::{
        accounts, device, devices, first_account, keys, own_account, pairing, password_link, provider, second_factor,
        session,
    },
    api,
    app::App,
    attention, audit, changes,
    error::Error,
    health, ingest, limits, metrics, parcels, privacy,
    site::{directory, settings},
    standing, statement,
    static_files::{self, Dist},
    stream,
    surround::surround,
    trust,
};

/// The whole server.
pub fn router(app: Arc<App>, dist: Dist) -> Router {
    table()
        .router
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .with_state(Arc::clone(&app))
        .fallback_service(get(static_files::show).fallback(async || Error::NotFound).with_state(dist))
        .layer(DefaultBodyLimit::max(limits::BODY_MAX_BYTES))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(app, surround))
}

/// Every route there is, the files of the user interface apart: what a test walks to see that each is as open as it
/// should be.
pub fn routes() -> Vec<(Method, &'static str)> {
    table().rows
}

fn table() -> Table {
    let sync = post(ingest::sync).layer(DefaultBodyLimit::max(BATCH_MAX_BYTES));
    let add_hosts = post(directory::add_hosts).layer(DefaultBodyLimit::max(HOSTS_MAX_BYTES));
    let change_settings = put(settings::change).layer(DefaultBodyLimit::max(SETTINGS_MAX_BYTES));
    let bring_in = post(parcels::bring_in).layer(DefaultBodyLimit::max(limits::PARCEL_BODY_MAX_BYTES));
    let table = Table::default()
        // Devices.
        .route(Method::POST, "/api/v1/sync", sync)
        .get("/api/v1/devices", devices::list)
        .post("/api/v1/devices", device::enrol_browser)
        .patch("/api/v1/devices/{id}", devices::change)
        .post("/api/v1/devices/{id}/revoke", devices::revoke_one)
        .post("/api/v1/device/token", devices::renew)
        .post("/api/v1/devices/pair", pairing::pair)
        .post("/api/v1/pairing-codes", pairing::make_code)
        .route(Method::POST, "/api/v1/parcels", bring_in)
        // What a desk shows.
        .get("/api/v1/sites/{site}/changes", changes::show)
        .get("/api/v1/sites/{site}/stream", stream::show)
        .get("/api/v1/sites/{site}/devices", standing::show)
        .get("/api/v1/sites/{site}/statement", statement::show)
        .get("/api/v1/statement-keys", statement::keys)
        .get("/api/v1/sites/{site}/attention", attention::show)
        .post("/api/v1/sites/{site}/attention/{number}", attention::decide)
        .post("/api/v1/sites/{site}/gaps/{number}", attention::settle_gap)
        // Staff.
        .post("/api/v1/setup", first_account::set_up)
        .get("/api/v1/session", session::show)
        .post("/api/v1/session", session::sign_in)
        .delete("/api/v1/session", session::sign_out)
        .delete("/api/v1/sessions", own_account::sign_out_everywhere)
        .put("/api/v1/session/password", own_account::change_password)
        .post("/api/v1/session/second-factor", second_factor::offer)
        .put("/api/v1/session/second-factor", second_factor::confirm)
        .delete("/api/v1/session/second-factor", second_factor::give_up)
        .post("/api/v1/password", password_link::choose)
        .get("/api/v1/sign-in", provider::ways)
        .get(PROVIDER_SIGN_IN_PATH, provider::begin)
        .get(provider::CALLBACK_PATH, provider::come_back)
        .get("/api/v1/staff", accounts::list)
        .post("/api/v1/staff", accounts::add)
        .patch("/api/v1/staff/{id}", accounts::change)
        .post("/api/v1/staff/{id}/password-link", accounts::make_link)
        .delete("/api/v1/staff/{id}/sessions", accounts::sign_out)
        .delete("/api/v1/staff/{id}/second-factor", accounts::remove_second_factor)
        .delete("/api/v1/staff/{id}/identity", accounts::unlink_identity)
        .get("/api/v1/keys", keys::list)
        .post("/api/v1/keys", keys::make)
        .delete("/api/v1/keys/{id}", keys::revoke)
        // What visitors may ask for.
        .post("/api/v1/visitors/export", privacy::export)
        .post("/api/v1/visitors/erase", privacy::erase)
        .get("/api/v1/sites/{site}/retention", privacy::show_retention)
        .put("/api/v1/sites/{site}/retention", privacy::set_retention)
        // What a site has decided.
        .post("/api/v1/sites", directory::add_site)
        .patch("/api/v1/sites/{site}", directory::rename_site)
        .get("/api/v1/sites/{site}/hosts", directory::hosts)
        .route(Method::POST, "/api/v1/sites/{site}/hosts", add_hosts)
        .patch("/api/v1/sites/{site}/hosts/{host}", directory::change_host)
        .get("/api/v1/sites/{site}/settings", settings::show)
        .route(Method::PUT, "/api/v1/sites/{site}/settings", change_settings)
        .get("/api/v1/sites/{site}/agreements/{id}/{version}", settings::show_agreement)
        .get("/api/v1/audit", audit::list)
        .get("/api/v1/audit.csv", audit::csv);
    // Integrators.
    api::routes(table)
        // An iPad that does not trust the certificate yet.
        .get("/trust", trust::page)
        .get("/trust/page.css", trust::style)
        .get("/trust/authority.crt", trust::certificate)
        .get("/trust/vestibule.mobileconfig", trust::profile)
        // Whoever watches over it.
        .get("/healthz", health::alive)
        .get("/readyz", health::ready)
        .get("/metrics", metrics::show)
        .no_store()
}

/// Routes that know what they are.
#[derive(Default)]
pub(crate) struct Table {
    router: Router<Arc<App>>,
    rows: Vec<(Method, &'static str)>,
}

impl Table {
    pub(crate) fn get<H: Handler<T, Arc<App>>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::GET, path, get(handler))
    }

    pub(crate) fn post<H: Handler<T, Arc<App>>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::POST, path, post(handler))
    }

    fn put<H: Handler<T, Arc<App>>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::PUT, path, put(handler))
    }

    fn patch<H: Handler<T, Arc<App>>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::PATCH, path, patch(handler))
    }

    fn delete<H: Handler<T, Arc<App>>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::DELETE, path, delete(handler))
    }

    /// A route with layers of its own; `how` answers that method only.
    pub(crate) fn route(mut self, method: Method, path: &'static str, how: MethodRouter<Arc<App>>) -> Self {
        self.rows.push((method, path));
        Self { router: self.router.route(path, how), rows: self.rows }
    }

    /// Nobody on the way may keep an answer of the routes so far.
    fn no_store(self) -> Self {
        let layer = SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Self { router: self.router.layer(layer), rows: self.rows }
    }
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    Error::Internal("a handler panicked".into()).into_response()
}
