//! Signing in and out. A session is a row of the database; its cookie is out of the reach of scripts.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

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
use vestibule_protocol::{
    account::{Email, Session, SignIn},
    id::StaffId,
};

use super::{
    origin, password,
    peer::Peer,
    second_factor,
    secret::{self, SECRET_BYTES, Secret, SecretHash},
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
    JsonBody(SignIn { email, password, code }): JsonBody<SignIn>,
) -> Result<(CookieJar, Json<Session>), Error> {
    origin::check(&headers, &peer)?;
    let (now, address) = (clock::now(), peer.address);
    let account = secret::hash(&email.as_str().to_lowercase());
    app.tries.try_from(address, now)?;
    app.tries.try_account(account, address, now)?;
    let held = app.store.read(move |connection| held(connection, &email, address)).await?;
    if held.as_ref().is_none_or(|held| !held.is_known_here) {
        app.tries.try_as_stranger(account, now)?;
    }
    let (staff, hash) = held.map(|held| ((held.staff, held.has_second_factor), held.password_hash)).unzip();
    let is_right = password::verify(&app, password, hash).await?;
    let Some((staff, has_second_factor)) = staff else { return Err(Error::WrongCredentials) };
    let by = By::nobody(address);
    if !is_right {
        note_failure(&app, by, staff.id).await?;
        return Err(Error::WrongCredentials);
    }
    if has_second_factor {
        let Some(code) = code else {
            // They are on their way; only a wrong code counts against them.
            app.tries.forgive(address);
            app.tries.forgive_account(account, address);
            return Err(Error::CodeNeeded);
        };
        // One try at a time for one account, wherever from: a code has six digits only.
        app.tries.try_account(secret::hash(&staff.id.to_string()), Ipv4Addr::UNSPECIFIED.into(), now)?;
        let id = staff.id;
        let accept = move |connection: &Connection| second_factor::accept(connection, by, id, &code, clock::now());
        if !app.store.write(0, limits::WRITE_WAIT, accept).await? {
            note_failure(&app, by, staff.id).await?;
            return Err(Error::WrongSecondFactor);
        }
        app.tries.forgive_account(secret::hash(&staff.id.to_string()), Ipv4Addr::UNSPECIFIED.into());
    }
    app.tries.forgive(address);
    app.tries.forgive_account(account, address);
    open(&app, &peer, former(&CookieJar::from_headers(&headers)), staff, Action::SignedIn).await
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
    Ok((StatusCode::NO_CONTENT, without_cookie(cookies)))
}

/// Has the browser forget its session.
pub(super) fn without_cookie(cookies: CookieJar) -> CookieJar {
    cookies.remove(Cookie::build(COOKIE).path("/"))
}

/// The session that the browser has already.
pub(super) fn former(cookies: &CookieJar) -> Option<SecretHash> {
    cookies.get(COOKIE).map(|cookie| secret::hash(cookie.value()))
}

/// Opens a session for somebody who has shown who they are, in place of the `former` one of that browser; `how` is what
/// the trail says of it.
pub(super) async fn open(
    app: &Arc<App>,
    peer: &Peer,
    former: Option<SecretHash>,
    staff: Staff,
    how: Action,
) -> Result<(CookieJar, Json<Session>), Error> {
    let secret = Secret::new("", clock::entropy::<SECRET_BYTES>());
    let hash = secret.hash();
    let by = By::staff(staff.id, peer.address);
    let session = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            let now = clock::now();
            audit::note(connection, by, how.to_staff(staff.id), now)?;
            // Nobody could end the former one any more: its cookie is about to be written over.
            connection.execute(
                "DELETE FROM sessions WHERE expires_at <= ?1 OR token_hash = ?2",
                params![now.unix_ms(), former],
            )?;
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

/// What bears on somebody's sign-in.
struct Held {
    staff: Staff,
    password_hash: String,
    has_second_factor: bool,
    /// Whether they have signed in from that address before.
    is_known_here: bool,
}

fn held(connection: &Connection, email: &Email, address: IpAddr) -> rusqlite::Result<Option<Held>> {
    let Some((staff, password_hash)) = staff::by_email(connection, email)? else { return Ok(None) };
    Ok(Some(Held {
        has_second_factor: second_factor::is_set(connection, staff.id)?,
        is_known_here: audit::has_signed_in_from(connection, staff.id, address)?,
        password_hash,
        staff,
    }))
}

/// Leaves a line in the trail that a password or a code of that account was wrong.
///
/// # Errors
/// [`Error`] if it can't be written.
pub(super) async fn note_failure(app: &App, by: By, staff: StaffId) -> Result<(), Error> {
    let note =
        move |connection: &Connection| audit::note(connection, by, Action::SignInFailed.to_staff(staff), clock::now());
    Ok(app.store.write(0, limits::WRITE_WAIT, note).await?)
}

fn session(connection: &Connection, staff: Staff) -> rusqlite::Result<Session> {
    let mut sites = site::all(connection)?;
    sites.retain(|site| staff.reach.covers(site.id));
    let second_factor = second_factor::is_set(connection, staff.id)?;
    Ok(Session { staff: staff.id, name: staff.name, role: staff.role, sites, second_factor })
}
