//! The few things that a page asks the server itself: pairing, everything about signing in, and how delivery stands.
//!
//! Nothing that people do to visits goes this way: that is the outbox's, which works without a server.

use std::{borrow::Cow, fmt::Display};

use leptos::prelude::window;
use serde::{Serialize, de::DeserializeOwned};
use vestibule_protocol::{
    account::{
        Code, Credentials, NewDevice, Pair, PairingCode, PasswordByLink, PasswordChange, PasswordProof, RecoveryCodes,
        SecondFactor, Session, SetUp, SignIn, SignInWays,
    },
    json,
    parcels::{Carried, Contents},
    problem::Problem,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, Request, RequestCredentials, RequestInit, RequestRedirect, Response};

/// How long an answer may take, in ms. A person is waiting: argon2id and a poor link fit in, a proxy that hangs does
/// not.
const ANSWER_TIMEOUT_MS: u32 = 10_000;

/// Why there is no answer to use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No answer in time, or one that is not Vestibule's: no network, a captive portal, a proxy's error page.
    #[error("the server does not answer")]
    Unreachable,
    /// The server says what is wrong.
    #[error("{0:?}")]
    Problem(Problem),
}

impl Failure {
    /// The stable code of the server's problem; empty if the server could not be reached.
    pub fn code(&self) -> &str {
        match self {
            Self::Unreachable => "",
            Self::Problem(problem) => &problem.code,
        }
    }

    /// Whether the server knows no session of this browser, so that the person must sign in.
    pub fn is_signed_out(&self) -> bool {
        matches!(self, Self::Problem(problem) if problem.status == 401)
    }
}

/// Turns a kiosk's one-time code into its credentials.
pub async fn pair(pair: &Pair) -> Result<Credentials, Failure> {
    call("POST", "/api/v1/devices/pair", json(pair)).await
}

/// Makes this browser of the staff a device.
pub async fn new_device(device: &NewDevice) -> Result<Credentials, Failure> {
    call("POST", "/api/v1/devices", json(device)).await
}

/// Asks for a code with which a kiosk can be paired.
pub async fn pairing_code(device: &NewDevice) -> Result<PairingCode, Failure> {
    call("POST", "/api/v1/pairing-codes", json(device)).await
}

/// Makes the first account, and signs it in.
pub async fn set_up(set_up: &SetUp) -> Result<Session, Failure> {
    call("POST", "/api/v1/setup", json(set_up)).await
}

/// Signs in; the browser holds the cookie.
pub async fn sign_in(sign_in: &SignIn) -> Result<Session, Failure> {
    call("POST", "/api/v1/session", json(sign_in)).await
}

/// In which ways one can sign in.
pub async fn sign_in_ways() -> Result<SignInWays, Failure> {
    call("GET", "/api/v1/sign-in", None).await
}

/// Chooses a password by a one-time link.
pub async fn choose_password(choice: &PasswordByLink) -> Result<(), Failure> {
    send("POST", "/api/v1/password", json(choice)).await.map(drop)
}

/// Another password for who is signed in.
pub async fn change_password(change: &PasswordChange) -> Result<(), Failure> {
    send("PUT", "/api/v1/session/password", json(change)).await.map(drop)
}

/// A secret for a second factor; it holds once [`confirm_second_factor`] has shown a code of it.
pub async fn offer_second_factor() -> Result<SecondFactor, Failure> {
    call("POST", "/api/v1/session/second-factor", None).await
}

/// Turns the second factor on.
pub async fn confirm_second_factor(code: &Code) -> Result<RecoveryCodes, Failure> {
    call("PUT", "/api/v1/session/second-factor", json(code)).await
}

/// Turns it off.
pub async fn give_up_second_factor(proof: &PasswordProof) -> Result<(), Failure> {
    send("DELETE", "/api/v1/session/second-factor", json(proof)).await.map(drop)
}

/// Ends every session of who is signed in.
pub async fn sign_out_everywhere() -> Result<(), Failure> {
    send("DELETE", "/api/v1/sessions", None).await.map(drop)
}

/// Who is signed in.
pub async fn session() -> Result<Session, Failure> {
    call("GET", "/api/v1/session", None).await
}

/// Signs out; done already is as good.
pub async fn sign_out() -> Result<(), Failure> {
    match send("DELETE", "/api/v1/session", None).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.is_signed_out() => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// Brings in the events of a parcel that somebody has carried here.
pub async fn bring_in(parcel: String) -> Result<Contents, Failure> {
    call("POST", "/api/v1/parcels", json(&Carried { parcel })).await
}

/// Reads what staff may read, at a path of the server's.
pub async fn read<Answer: DeserializeOwned>(path: &str) -> Result<Answer, Failure> {
    call("GET", path, None).await
}

/// Most pages that [`all_pages`] asks for, each of hundreds of rows: what a server that never came to an end would be
/// believed.
const PAGES_MAX: usize = 50;

/// Reads a list that the server tells by pages, whole: what matters may be on the last one. `next` takes a page for what
/// it has, with whatever was read before it, and gives the cursor of the next one.
pub async fn all_pages<Page: DeserializeOwned, Cursor: Display>(
    path: &str,
    mut next: impl FnMut(Page) -> Option<Cursor>,
) -> Result<(), Failure> {
    let mut after = next(read(path).await?);
    for _ in 1..PAGES_MAX {
        let Some(cursor) = after else { break };
        after = next(read(&format!("{path}?after={cursor}")).await?);
    }
    Ok(())
}

/// What is done at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Something happens, or comes to be.
    Post,
    /// It is so from now on.
    Put,
    /// Part of it is other than before.
    Patch,
    /// It is no more.
    Delete,
}

impl Method {
    const fn name(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A body for [`tell`] and [`ask`].
pub fn body(of: &impl Serialize) -> String {
    json::write(of)
}

/// Does what staff may do, at a path of the server's; whatever it answers beside that it is done is of no matter.
pub async fn tell(method: Method, path: &str, body: String) -> Result<(), Failure> {
    send(method.name(), path, Some(body)).await.map(|_| ())
}

/// Does what staff may do, and reads the answer.
pub async fn ask<Answer: DeserializeOwned>(method: Method, path: &str, body: String) -> Result<Answer, Failure> {
    call(method.name(), path, Some(body)).await
}

/// What the server holds, and the tag by which it knows it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged<T> {
    /// It.
    pub value: T,
    /// The entity tag (RFC 9110 §8.8.3).
    pub tag: String,
}

/// Reads what is changed by [`put`].
pub async fn read_tagged<T: DeserializeOwned>(path: &str) -> Result<Tagged<T>, Failure> {
    tagged(fetch("GET", path, None, Headers::new()).await).await
}

/// Puts `value` in the place of what `tag` names; refused with 412 if something else is there by now.
pub async fn put<T: Serialize + DeserializeOwned>(path: &str, value: &T, tag: &str) -> Result<Tagged<T>, Failure> {
    let only_if = Headers::new().and_then(|headers| headers.set("if-match", tag).map(|()| headers));
    tagged(fetch("PUT", path, json(value), only_if).await).await
}

async fn tagged<T: DeserializeOwned>(answer: Result<Response, JsValue>) -> Result<Tagged<T>, Failure> {
    let answer = answer.map_err(|_| Failure::Unreachable)?;
    let text = text_of(&answer).await?;
    match (json::read(&text), answer.headers().get("etag")) {
        (Ok(value), Ok(Some(tag))) => Ok(Tagged { value, tag }),
        _ => Err(Failure::Unreachable),
    }
}

fn json(body: &impl Serialize) -> Option<String> {
    Some(json::write(body))
}

async fn call<Answer: DeserializeOwned>(method: &str, path: &str, body: Option<String>) -> Result<Answer, Failure> {
    let text = send(method, path, body).await?;
    json::read(&text).map_err(|_| Failure::Unreachable)
}

/// Sends, and gives the text of an answer with a status of success.
async fn send(method: &str, path: &str, body: Option<String>) -> Result<String, Failure> {
    let answer = fetch(method, path, body, Headers::new()).await.map_err(|_| Failure::Unreachable)?;
    text_of(&answer).await
}

/// The text of an answer with a status of success.
async fn text_of(answer: &Response) -> Result<String, Failure> {
    let text = match answer.text() {
        Ok(text) => JsFuture::from(text).await,
        Err(error) => Err(error),
    };
    let text = text.ok().and_then(|text| text.as_string()).ok_or(Failure::Unreachable)?;
    if answer.ok() {
        return Ok(text);
    }
    match json::read(&text) {
        Ok(problem) => Err(Failure::Problem(problem)),
        // A server of ours that is too busy for words still means what its status says.
        Err(_) if answer.status() == 401 => Err(Failure::Problem(Problem {
            status: 401,
            code: Cow::Borrowed("unauthenticated"),
            title: Cow::Borrowed("Not signed in"),
            detail: None,
        })),
        Err(_) => Err(Failure::Unreachable),
    }
}

async fn fetch(
    method: &str,
    path: &str,
    body: Option<String>,
    headers: Result<Headers, JsValue>,
) -> Result<Response, JsValue> {
    let headers = headers?;
    headers.set("accept", "application/json, application/problem+json")?;
    let init = RequestInit::new();
    init.set_method(method);
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_redirect(RequestRedirect::Error);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(ANSWER_TIMEOUT_MS)));
    if let Some(body) = body {
        headers.set("content-type", "application/json")?;
        init.set_body(&body.into());
    }
    init.set_headers(&headers);
    let request = Request::new_with_str_and_init(path, &init)?;
    JsFuture::from(window().fetch_with_request(&request)).await?.dyn_into()
}
