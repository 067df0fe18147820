//! What an identity provider publishes about itself (OpenID Connect Discovery 1.0), fetched when it is first needed and
//! kept for an hour; its keys are looked up anew when a token names one that is not among them.

use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;
use vestibule_protocol::timestamp::Timestamp;

use super::{
    http::{FetchError, Http},
    id_token::KeySet,
};
use crate::{clock, limits};

/// Where the description lies, after the issuer's own address.
const PATH: &str = "/.well-known/openid-configuration";

/// What is known of a provider, and since when.
pub(super) struct Known {
    pub(super) about: Metadata,
    pub(super) keys: KeySet,
    fetched_at: Timestamp,
}

/// What is known of it, if it is known yet.
#[derive(Default)]
pub(super) struct Discovery(Mutex<Held>);

#[derive(Default)]
struct Held {
    known: Option<Arc<Known>>,
    failed_at: Option<Timestamp>,
}

/// The provider's own words.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) userinfo_endpoint: Option<Url>,
    jwks_uri: Url,
    /// How a program may show its secret; absent means in the `Authorization` header.
    pub(super) token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Whether its answers say whose they are (RFC 9207).
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

/// Why a provider is not known.
#[derive(Debug, thiserror::Error)]
pub(super) enum DiscoveryError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("it calls itself {0}: configure exactly that as the issuer")]
    OtherIssuer(String),
    #[error("it could not be asked a moment ago")]
    FailedLately,
    #[error("it names an address that is not https: {0}")]
    NotEncrypted(Url),
}

impl Discovery {
    /// What is known of the provider, as of the last hour.
    ///
    /// # Errors
    /// [`DiscoveryError`].
    pub(super) async fn known(&self, http: &Http, issuer: &Url, now: Timestamp) -> Result<Arc<Known>, DiscoveryError> {
        let mut held = self.0.lock().await;
        let is_within = |at: Timestamp, span_ms| now.ms_since(at).abs() < span_ms;
        if let Some(known) = held.known.as_ref().filter(|known| is_within(known.fetched_at, limits::PROVIDER_KNOWN_MS))
        {
            return Ok(Arc::clone(known));
        }
        // Who waited while somebody else asked in vain need not ask again.
        if held.failed_at.is_some_and(|at| is_within(at, limits::PROVIDER_RETRY_MS)) {
            return Err(DiscoveryError::FailedLately);
        }
        match fetch(http, issuer, now).await {
            Ok(known) => {
                let known = Arc::new(known);
                *held = Held { known: Some(Arc::clone(&known)), failed_at: None };
                Ok(known)
            }
            Err(error) => {
                held.failed_at = Some(clock::now());
                Err(error)
            }
        }
    }

    /// The same, fetched anew whatever is known: its keys have changed.
    ///
    /// # Errors
    /// [`DiscoveryError`].
    pub(super) async fn anew(&self, http: &Http, issuer: &Url, now: Timestamp) -> Result<Arc<Known>, DiscoveryError> {
        let known = Arc::new(fetch(http, issuer, now).await?);
        self.0.lock().await.known = Some(Arc::clone(&known));
        Ok(known)
    }
}

async fn fetch(http: &Http, issuer: &Url, now: Timestamp) -> Result<Known, DiscoveryError> {
    let base = issuer.as_str().trim_end_matches('/');
    let about: Metadata = http.get(&format!("{base}{PATH}"), None).await?;
    // Whether there is a slash at the end, only the provider knows; all else must be as it was configured.
    if about.issuer.trim_end_matches('/') != base {
        return Err(DiscoveryError::OtherIssuer(about.issuer));
    }
    // A provider on this machine, as for trying out, may speak plain http; from any other, plain http is a mistake.
    if issuer.scheme() == "https" {
        let named = [&about.authorization_endpoint, &about.token_endpoint, &about.jwks_uri];
        if let Some(plain) = named.into_iter().chain(&about.userinfo_endpoint).find(|url| url.scheme() != "https") {
            return Err(DiscoveryError::NotEncrypted(plain.clone()));
        }
    }
    let keys = http.get(about.jwks_uri.as_str(), None).await?;
    Ok(Known { about, keys, fetched_at: now })
}

impl Known {
    /// Exactly as its tokens name it.
    pub(super) fn issuer(&self) -> &str {
        &self.about.issuer
    }
}
