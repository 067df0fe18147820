//! Signing in and out. A session is a row of the database; its cookie is out of the reach of scripts.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use rusqlite::{Connection, params};
use vestibule_protocol::account::{Session, SignIn};

use super::{
    origin, password,
    peer::Peer,
    secret::{self, SECRET_BYTES, Secret},
    staff::{self, Staff, StaffAuth, StaffWrite},
};
use crate::{
    app::App,
    audit::{self, Action, By},
    body::JsonBody,
    clock,
    error::Error,
    limits, site,
};

/// The session's cookie.
pub const COOKIE: &str = "vestibule_session";

/// `POST /api/v1/session`: sign in. A wrong address and a wrong password are answered alike, and take as long.
pub async fn sign_in(
    State(app): State<Arc<App>>,
    peer: Peer,
    headers: HeaderMap,
    JsonBody(SignIn { email, password }): JsonBody<SignIn>,
) -> Result<(CookieJar, Json<Session>), Error> {
    origin::check(&headers, &peer)?;
    app.tries.try_from(peer.address, clock::now())?;
    let account = app.store.read(move |connection| staff::by_email(connection, &email)).await?;
    let (staff, hash) = account.unzip();
    let is_right = password::verify(&app, password, hash).await?;
    let staff = staff.filter(|_| is_right).ok_or(Error::WrongCredentials)?;
    app.tries.forgive(peer.address);
    open(&app, &peer, staff).await
}

/// `GET /api/v1/session`: who is signed in.
pub async fn show(State(app): State<Arc<App>>, StaffAuth(staff): StaffAuth) -> Result<Json<Session>, Error> {
    Ok(Json(app.store.read(move |connection| session(connection, staff)).await?))
}

/// `DELETE /api/v1/session`: sign out.
pub async fn sign_out(
    State(app): State<Arc<App>>,
    StaffWrite { staff, by }: StaffWrite,
    cookies: CookieJar,
) -> Result<(StatusCode, CookieJar), Error> {
    if let Some(cookie) = cookies.get(COOKIE) {
        let hash = secret::hash(cookie.value());
        app.store
            .write(0, limits::WRITE_WAIT, move |connection| {
                audit::note(connection, by, Action::SignedOut.to_staff(staff.id), clock::now())?;
                connection.execute("DELETE FROM sessions WHERE token_hash = ?1", [hash])
            })
            .await?;
    }
    Ok((StatusCode::NO_CONTENT, cookies.remove(Cookie::build(COOKIE).path("/"))))
}

/// Opens a session for somebody who has shown who they are.
pub(super) async fn open(app: &Arc<App>, peer: &Peer, staff: Staff) -> Result<(CookieJar, Json<Session>), Error> {
    let secret = Secret::new("", clock::entropy::<SECRET_BYTES>());
    let hash = secret.hash();
    let by = By::staff(staff.id, peer.address);
    let session = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let now = clock::now();
            audit::note(connection, by, Action::SignedIn.to_staff(staff.id), now)?;
            connection.execute("DELETE FROM sessions WHERE expires_at <= ?1", [now.unix_ms()])?;
            connection.execute(
                "INSERT INTO sessions (token_hash, staff, expires_at) VALUES (?1, ?2, ?3)",
                params![hash, staff.id.0, now.plus_ms(limits::SESSION_MS).unix_ms()],
            )?;
            session(connection, staff)
        })
        .await?;
    let cookie = Cookie::build((COOKIE, secret.text().to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(peer.is_https)
        .max_age(time::Duration::milliseconds(limits::SESSION_MS));
    Ok((CookieJar::new().add(cookie), Json(session)))
}

fn session(connection: &Connection, staff: Staff) -> rusqlite::Result<Session> {
    let mut sites = site::all(connection)?;
    sites.retain(|site| staff.reach.covers(site.id));
    Ok(Session { staff: staff.id, name: staff.name, role: staff.role, sites })
}
