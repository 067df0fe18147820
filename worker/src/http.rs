//! One request and its answer, within a deadline that covers the body too.
//!
//! Nothing between the worker and the server is trusted: a redirect, a cached answer, a portal's page in place of the
//! server's are no answers. What an answer means is for the caller to say.

use js_sys::Date;
use vestibule_engine::policy::PROBE_TIMEOUT_MS;
use vestibule_protocol::{limits::ANSWER_TIMEOUT_MS, problem, timestamp::Timestamp};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, Request, RequestCache, RequestCredentials, RequestInit, RequestRedirect,
    WorkerGlobalScope,
};

use crate::{clock, drill};

/// A request.
pub(crate) struct Ask<'a> {
    /// Where to, from the root of the origin.
    pub(crate) path: &'a str,
    /// The device's token, where one is needed.
    pub(crate) token: Option<&'a str>,
    /// The JSON to send; `None` makes it a GET.
    pub(crate) body: Option<&'a str>,
    /// The only type of body that is read, beside the server's problems.
    pub(crate) media_type: &'a str,
    /// How long it may take, the reading of the body included, in ms.
    pub(crate) deadline_ms: u32,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The `Content-Type`, as it came; empty if there was none.
    pub(crate) content_type: String,
    /// What `Retry-After` asks for, in ms.
    pub(crate) retry_after_ms: Option<u64>,
    /// The body, if it is of the media type that was asked for or a problem document, else empty.
    pub(crate) body: String,
}

impl<'a> Ask<'a> {
    /// A POST of JSON.
    pub(crate) const fn post(path: &'a str, token: &'a str, body: &'a str, media_type: &'a str) -> Self {
        Self { path, token: Some(token), body: Some(body), media_type, deadline_ms: ANSWER_TIMEOUT_MS }
    }

    /// A GET of JSON.
    pub(crate) const fn get(path: &'a str, token: &'a str) -> Self {
        Self { path, token: Some(token), body: None, media_type: JSON, deadline_ms: ANSWER_TIMEOUT_MS }
    }

    /// The question whether the server can write.
    pub(crate) const fn ready() -> Self {
        Self { path: "/readyz", token: None, body: None, media_type: JSON, deadline_ms: PROBE_TIMEOUT_MS }
    }

    /// Sends it, and waits for the whole answer; `None` if there is none in time.
    pub(crate) async fn send(&self) -> Option<Reply> {
        if drill::until(clock::now()).is_some() {
            return None;
        }
        let abort = AbortController::new().ok()?;
        let reply = clock::within(self.deadline_ms, self.exchange(&abort)).await;
        if reply.is_err() {
            abort.abort();
        }
        reply.ok()?.ok()
    }

    async fn exchange(&self, abort: &AbortController) -> Result<Reply, JsValue> {
        let request = Request::new_with_str_and_init(self.path, &self.init(abort)?)?;
        let answer = crate::scope::<WorkerGlobalScope>().fetch_with_request(&request);
        let response: web_sys::Response = JsFuture::from(answer).await?.dyn_into()?;
        let content_type = header(&response, "Content-Type").unwrap_or_default();
        // A body of another type may be anything, of any length: it is not read.
        let kind = essence(&content_type);
        let body = if kind == self.media_type || kind == problem::MEDIA_TYPE {
            JsFuture::from(response.text()?).await?.as_string().unwrap_or_default()
        } else {
            abort.abort();
            String::new()
        };
        let retry_after_ms = header(&response, "Retry-After").and_then(|value| retry_after_ms(&value, clock::now()));
        Ok(Reply { status: response.status(), content_type, retry_after_ms, body })
    }

    fn init(&self, abort: &AbortController) -> Result<RequestInit, JsValue> {
        let headers = Headers::new()?;
        headers.set("Accept", self.media_type)?;
        if let Some(token) = self.token {
            headers.set("Authorization", &format!("Bearer {token}"))?;
        }
        let init = RequestInit::new();
        if let Some(body) = self.body {
            headers.set("Content-Type", JSON)?;
            init.set_method("POST");
            init.set_body(&body.into());
        }
        init.set_headers(&headers);
        init.set_redirect(RequestRedirect::Error);
        init.set_cache(RequestCache::NoStore);
        init.set_credentials(RequestCredentials::Omit);
        init.set_signal(Some(&abort.signal()));
        Ok(init)
    }
}

const JSON: &str = "application/json";

fn header(response: &web_sys::Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}

/// A media type without its parameters.
pub(crate) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// What `Retry-After` asks for: seconds, or a date (RFC 9110 §10.2.3).
fn retry_after_ms(value: &str, now: Timestamp) -> Option<u64> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(seconds.saturating_mul(1_000));
    }
    let at = Date::parse(value);
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and Timestamp bounds it")]
    at.is_finite().then(|| u64::try_from(Timestamp::from_unix_ms(at as i64).ms_since(now)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_compared_without_its_parameters() {
        assert_eq!(essence("Application/JSON; charset=utf-8"), "application/json");
        assert_eq!(essence(""), "");
    }

    #[test]
    fn retry_after_in_seconds_never_overflows() {
        let now = Timestamp::default();
        assert_eq!(retry_after_ms(" 7 ", now), Some(7_000));
        assert_eq!(retry_after_ms("18446744073709551615", now), Some(u64::MAX));
    }
}
