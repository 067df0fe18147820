//! `/trust`: how an iPad comes to trust a server whose certificate no public authority vouches for. The only pages that
//! are answered over plain http where there is TLS: who needs them does not trust the certificate yet.
//!
//! Whoever sits between the iPad and the server could hand out an authority of their own instead. That is what the
//! fingerprint is for: `vestibule tls init` printed it, and the iPad shows that of what it is about to install.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{Uri, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use sha2::{Digest as _, Sha256};

use crate::{access::peer::Peer, app::App, error::Error, tls::local_ca::fingerprint};

/// The page, and what lies under it.
const PATH: &str = "/trust";

const PAGE: &str = include_str!("trust/page.html");
const STYLE: &str = include_str!("trust/page.css");
const PROFILE: &str = include_str!("trust/profile.xml");

/// Sends who comes by plain http to https, where the server speaks it. Nothing secret was asked or answered by then
/// unless the client sent it unasked; a program that does is told, and not redirected with its token.
pub(crate) fn refusal_of_plain_http(app: &App, parts: &Parts, peer: &Peer) -> Option<Response> {
    let path = parts.uri.path();
    let is_about_trust = path == PATH || path.starts_with("/trust/");
    if app.settings.tls.is_none() || is_about_trust || peer.is_https {
        return None;
    }
    if !parts.method.is_safe() || path.starts_with("/api/") {
        return Some(Error::HttpsOnly.into_response());
    }
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let there = parts.uri.path_and_query().map_or("/", |there| there.as_str());
    Some(match host.and_then(|host| format!("https://{host}{there}").parse::<Uri>().ok()) {
        Some(uri) => Redirect::permanent(&uri.to_string()).into_response(),
        None => Error::HttpsOnly.into_response(),
    })
}

/// `GET /trust`: what to do on an iPad, step by step.
pub(crate) async fn page(State(app): State<Arc<App>>) -> Result<Html<String>, Error> {
    let authority = app.settings.authority.as_deref().ok_or(Error::NotFound)?;
    Ok(Html(PAGE.replace("{fingerprint}", &fingerprint(authority))))
}

/// `GET /trust/page.css`.
pub(crate) async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// `GET /trust/authority.crt`: for every other sort of machine.
pub(crate) async fn certificate(State(app): State<Arc<App>>) -> Result<Response, Error> {
    let authority = app.settings.authority.as_deref().ok_or(Error::NotFound)?;
    Ok(([(header::CONTENT_TYPE, "application/x-x509-ca-cert")], authority.to_vec()).into_response())
}

/// `GET /trust/vestibule.mobileconfig`: what an iPad installs.
pub(crate) async fn profile(State(app): State<Arc<App>>) -> Result<Response, Error> {
    let authority = app.settings.authority.as_deref().ok_or(Error::NotFound)?;
    Ok(([(header::CONTENT_TYPE, "application/x-apple-aspen-config")], configuration(authority)).into_response())
}

/// A configuration profile with that certificate; the same each time, so that installing it again replaces it.
fn configuration(authority: &[u8]) -> String {
    let digest = Sha256::digest(authority);
    let id = |part: u8| {
        let mut bytes = [part; 16];
        bytes[1..].copy_from_slice(&digest[..15]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
    };
    PROFILE
        .replace("{certificate}", &BASE64.encode(authority))
        .replace("{profile}", &id(1))
        .replace("{payload}", &id(2))
}
