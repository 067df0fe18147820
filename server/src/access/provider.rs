//! Signing in by an identity provider: OpenID Connect Core 1.0, the authorization code flow (§3.1) with PKCE (RFC 7636).
//!
//! Nothing is kept on the server while somebody is away at the provider. The browser holds one random secret in a cookie
//! that scripts can't read; `state`, `nonce` and the code verifier all follow from it. So an answer counts only in the
//! browser that asked, nobody can fill a table of begun sign-ins, and a restart in between is not noticed.

mod discovery;
mod http;
mod id_token;
pub(super) mod identity;

use std::{fmt, sync::Arc};

use axum::{
    Json,
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;
use url::{Url, form_urlencoded};
use vestibule_protocol::{
    account::{PROVIDER_SIGN_IN_PATH, ProviderName, REFUSED, Role, SignInWays},
    id::SiteId,
    timestamp::Timestamp,
};

use self::{
    discovery::{Discovery, DiscoveryError, Known},
    http::{FetchError, Http},
    id_token::{Claims, Expected, Profile, Untrusted},
    identity::{NobodyHere, Person},
};
use super::{
    peer::Peer,
    secret::{SECRET_BYTES, Secret, SecretHash},
    session,
};
use crate::{
    app::App,
    audit::{Action, By},
    clock,
    error::Error,
    limits,
};

/// Where the provider sends the browser back to; it must be told of this address, after the public one.
pub const CALLBACK_PATH: &str = "/api/v1/sign-in/provider/callback";

/// The cookie of a sign-in that is under way.
const COOKIE: &str = "vestibule_sign_in";

/// What is asked of the provider: who it is, the address, the name.
const SCOPE: &str = "openid email profile";

/// An identity provider, and what is known of it.
pub struct Provider {
    options: Options,
    http: Http,
    discovery: Discovery,
}

/// What whoever runs the server has decided about it.
#[derive(Clone)]
pub struct Options {
    /// As people call it: what stands on the button.
    pub name: ProviderName,
    /// Its address; its description lies below.
    pub issuer: Url,
    /// What it calls this server.
    pub client_id: String,
    /// What this server shows it; without one, it relies on PKCE alone.
    pub client_secret: Option<String>,
    /// Where browsers reach this server.
    pub public_url: Url,
    /// What it is to ask of somebody who is signed in there already, as `prompt` of OpenID Connect Core §3.1.2.1.
    pub prompt: Option<String>,
    /// Which addresses count.
    pub addresses: Addresses,
    /// For whom accounts are made.
    pub newcomers: Vec<Newcomers>,
}

/// Which of a provider's e-mail addresses count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Addresses {
    /// Those that the provider says it has verified.
    #[default]
    Verified,
    /// All: for a provider of one company that gives them out itself and does not say so.
    All,
}

/// People who have no account yet and are given one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newcomers {
    /// The domain of their addresses.
    pub domain: String,
    /// What they may do.
    pub role: NewcomersRole,
    /// At which site; absent means at each.
    pub site: Option<SiteId>,
}

/// What a newcomer may be: an admin is made by an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewcomersRole {
    /// [`Role::Receptionist`]
    Receptionist,
    /// [`Role::Marshal`]
    Marshal,
}

/// The provider's answer, by way of the browser.
#[derive(Deserialize)]
pub struct Answer {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// Why somebody is not signed in, told to their page, which has words for it.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the provider is not to be used: {0}")]
    Unreachable(#[from] FetchError),
    #[error("the provider is not to be used: {0}")]
    Unknown(#[from] DiscoveryError),
    #[error("the provider took too long")]
    TooSlow,
    #[error("the provider lets nobody in: {0}")]
    Refused(String),
    #[error("the answer belongs to no sign-in that was begun in this browser")]
    Stale,
    #[error("the provider's word is not believed: {0}")]
    Untrusted(#[from] Untrusted),
    #[error("nobody here: {0:?}")]
    NobodyHere(NobodyHere),
    #[error(transparent)]
    Here(#[from] Error),
}

/// What a sign-in is known by, all from one secret.
struct UnderWay {
    state: String,
    nonce: String,
    verifier: String,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: String,
}

/// What is said of a person where one asks with an access token.
#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    #[serde(flatten)]
    profile: Profile,
}

/// `GET /api/v1/sign-in`: in which ways one can sign in here.
pub async fn ways(State(app): State<Arc<App>>) -> Json<SignInWays> {
    let provider = app.settings.provider.as_ref().map(|provider| provider.options.name.clone());
    Json(SignInWays { provider })
}

/// `GET /api/v1/sign-in/provider`: sends the browser to the provider.
pub async fn begin(State(app): State<Arc<App>>, peer: Peer) -> Result<Response, Error> {
    let provider = app.settings.provider.as_ref().ok_or(Error::NotFound)?;
    let secret = Secret::new("", clock::entropy::<SECRET_BYTES>());
    let known = match provider.known(clock::now()).await {
        Ok(known) => known,
        Err(error) => return Ok(Refusal::from(error).tell()),
    };
    let cookie = Cookie::build((COOKIE, secret.text().to_owned()))
        .path(PROVIDER_SIGN_IN_PATH)
        .http_only(true)
        // The browser comes back from another website: with Strict it would come without.
        .same_site(SameSite::Lax)
        .secure(peer.is_https)
        .max_age(time::Duration::milliseconds(limits::PROVIDER_SIGN_IN_MS));
    let to = provider.authorization(&known, &UnderWay::of(secret.text()));
    Ok((CookieJar::new().add(cookie), Redirect::to(to.as_str())).into_response())
}

/// `GET /api/v1/sign-in/provider/callback`: the browser is back. Signs in, and shows the desk; if that can't be, it says
/// there why.
pub async fn come_back(
    State(app): State<Arc<App>>,
    peer: Peer,
    cookies: CookieJar,
    Query(answer): Query<Answer>,
) -> Result<Response, Error> {
    let provider = app.settings.provider.as_ref().ok_or(Error::NotFound)?;
    let secret = cookies.get(COOKIE).map(|cookie| cookie.value().to_owned());
    let former = session::former(&cookies);
    let done = sign_in(&app, provider, &peer, former, secret.as_deref(), answer);
    let over = cookies.remove(Cookie::build(COOKIE).path(PROVIDER_SIGN_IN_PATH));
    let done = timeout(limits::PROVIDER_SIGN_IN_TIME, done).await.unwrap_or(Err(Refusal::TooSlow));
    Ok(match done {
        Ok(session) => (over, session, Redirect::to(DESK)).into_response(),
        Err(refusal) => (over, refusal.tell()).into_response(),
    })
}

/// The desk's page.
const DESK: &str = "/dashboard";

async fn sign_in(
    app: &Arc<App>,
    provider: &Provider,
    peer: &Peer,
    former: Option<SecretHash>,
    secret: Option<&str>,
    answer: Answer,
) -> Result<CookieJar, Refusal> {
    let now = clock::now();
    app.tries.try_from(peer.address, now).map_err(Error::from)?;
    let under_way = UnderWay::of(secret.ok_or(Refusal::Stale)?);
    if answer.state.as_deref() != Some(&under_way.state) {
        return Err(Refusal::Stale);
    }
    let known = provider.known(now).await?;
    // Of RFC 9207: another provider's answer is not handed on to this one.
    let must_say = known.about.authorization_response_iss_parameter_supported;
    if answer.iss.as_deref().map_or(must_say, |iss| iss != known.issuer()) {
        return Err(Untrusted::OtherIssuer.into());
    }
    if let Some(error) = answer.error {
        return Err(Refusal::Refused(error));
    }
    let person = provider.ask(&known, &answer.code.ok_or(Refusal::Stale)?, &under_way, now).await?;
    let Options { addresses, newcomers, .. } = provider.options.clone();
    let by = By::nobody(peer.address);
    let staff = app
        .store
        .write(0, limits::WRITE_WAIT, move |connection| {
            identity::find(connection, &person, addresses, &newcomers, by, clock::now())
        })
        .await
        .map_err(Error::from)?
        .map_err(Refusal::NobodyHere)?;
    app.tries.forgive(peer.address);
    let (cookies, _) = session::open(app, peer, former, staff, Action::SignedInByProvider).await?;
    Ok(cookies)
}

impl Provider {
    /// A provider; nothing is asked of it until somebody signs in.
    ///
    /// # Errors
    /// If this machine keeps no authorities by which to know it.
    pub fn new(options: Options) -> std::io::Result<Self> {
        Ok(Self { options, http: Http::new()?, discovery: Discovery::default() })
    }

    async fn known(&self, now: Timestamp) -> Result<Arc<Known>, DiscoveryError> {
        self.discovery.known(&self.http, &self.options.issuer, now).await
    }

    /// Where to send the browser.
    fn authorization(&self, known: &Known, under_way: &UnderWay) -> Url {
        let mut to = known.about.authorization_endpoint.clone();
        to.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.options.client_id)
            .append_pair("redirect_uri", &self.callback())
            .append_pair("scope", SCOPE)
            .append_pair("state", &under_way.state)
            .append_pair("nonce", &under_way.nonce)
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(&under_way.verifier)))
            .append_pair("code_challenge_method", "S256");
        if let Some(prompt) = &self.options.prompt {
            to.query_pairs_mut().append_pair("prompt", prompt);
        }
        to
    }

    fn callback(&self) -> String {
        format!("{}{CALLBACK_PATH}", self.options.public_url.as_str().trim_end_matches('/'))
    }

    /// Turns a code into whom it is about.
    async fn ask(
        &self,
        known: &Arc<Known>,
        code: &str,
        under_way: &UnderWay,
        now: Timestamp,
    ) -> Result<Person, Refusal> {
        let Tokens { id_token, access_token } = match self.redeem(known, code, under_way).await {
            // By what it asks, a code that was used, or is another's: RFC 6749 §5.2.
            Err(FetchError::Refused(axum::http::StatusCode::BAD_REQUEST)) => return Err(Refusal::Stale),
            tokens => tokens?,
        };
        let (client_id, nonce) = (&self.options.client_id, &under_way.nonce);
        let believe = |known: &Known| {
            id_token::check(&id_token, &known.keys, Expected { issuer: known.issuer(), client_id, nonce, now })
        };
        let Claims { subject, mut profile } = match believe(known) {
            Err(Untrusted::UnknownKey) => believe(&*self.discovery.anew(&self.http, &self.options.issuer, now).await?)?,
            believed => believed?,
        };
        if profile.email().is_none()
            && let Some(endpoint) = &known.about.userinfo_endpoint
        {
            let info: UserInfo = self.http.get(endpoint.as_str(), Some(&access_token)).await?;
            // OpenID Connect Core §5.3.2: of another, it would be about another.
            if info.sub == subject {
                profile = info.profile;
            }
        }
        Ok(Person { issuer: known.issuer().to_owned(), subject, profile })
    }

    async fn redeem(&self, known: &Known, code: &str, under_way: &UnderWay) -> Result<Tokens, FetchError> {
        let (form, authorization) = self.bid(known, code, under_way);
        self.http.post(known.about.token_endpoint.as_str(), form, authorization).await
    }

    /// What turns a code into tokens: a form, and what stands in `Authorization`.
    fn bid(&self, known: &Known, code: &str, under_way: &UnderWay) -> (String, Option<String>) {
        let Options { client_id, client_secret, .. } = &self.options;
        let methods = known.about.token_endpoint_auth_methods_supported.as_deref();
        // The usual way, if the provider says nothing: RFC 6749 §2.3.1.
        let takes_basic = methods.is_none_or(|methods| methods.iter().any(|one| one == "client_secret_basic"));
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.callback())
            .append_pair("code_verifier", &under_way.verifier);
        let authorization = match client_secret {
            Some(secret) if takes_basic => {
                let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                Some(format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(client_id), encoded(secret)))))
            }
            Some(secret) => {
                form.append_pair("client_id", client_id).append_pair("client_secret", secret);
                None
            }
            None => {
                form.append_pair("client_id", client_id);
                None
            }
        };
        (form.finish(), authorization)
    }
}

impl UnderWay {
    fn of(secret: &str) -> Self {
        let derive = |what: &str| URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{what}:{secret}")));
        Self { state: derive("state"), nonce: derive("nonce"), verifier: derive("verifier") }
    }
}

impl Refusal {
    /// What the page goes by.
    const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(_) | Self::Unknown(_) | Self::TooSlow => "provider_unreachable",
            Self::Refused(_) => "provider_refused",
            Self::Stale => "sign_in_stale",
            Self::Untrusted(_) => "provider_untrusted",
            Self::NobodyHere(NobodyHere::NoEmail | NobodyHere::UnverifiedEmail) => "email_unverified",
            Self::NobodyHere(NobodyHere::NoAccount) => "no_account",
            Self::NobodyHere(NobodyHere::Closed) => "account_closed",
            Self::NobodyHere(NobodyHere::SomebodyElse) => "account_of_another",
            Self::Here(Error::TooManyTries { .. }) => "too_many_tries",
            Self::Here(_) => "not_stored",
        }
    }

    /// Back to the desk, which says it in words: whoever reads it came by a link, not by a script.
    fn tell(&self) -> Response {
        tracing::warn!(refusal = %self, "somebody could not sign in by the identity provider");
        let to = format!("{DESK}#{REFUSED}{}", self.code());
        ([(header::CACHE_CONTROL, "no-store")], Redirect::to(&to)).into_response()
    }
}

impl From<NewcomersRole> for Role {
    fn from(role: NewcomersRole) -> Self {
        match role {
            NewcomersRole::Receptionist => Self::Receptionist,
            NewcomersRole::Marshal => Self::Marshal,
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.options.issuer.as_str()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sign_in_is_known_by_tells_nothing_of_the_rest() {
        let (one, other) = (UnderWay::of("a"), UnderWay::of("b"));
        let all = [&one.state, &one.nonce, &one.verifier, &other.state, &other.nonce, &other.verifier];
        let distinct: std::collections::BTreeSet<_> = all.into_iter().collect();
        assert_eq!(distinct.len(), 6);
        // RFC 7636 §4.1: 43 to 128 characters.
        assert!(all.iter().all(|text| text.len() == 43));
    }
}
