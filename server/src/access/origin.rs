//! Keeps other websites from writing with the cookie of somebody who is signed in here.

use axum::http::{HeaderMap, Uri, header};

use super::peer::Peer;
use crate::error::Error;

/// What the browser says about where a request comes from; no website can forge it.
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Refuses a write that another website made the browser send. A client that says nothing of its origin is no browser,
/// and has no cookie that it was not given.
///
/// # Errors
/// [`Error::ForeignOrigin`].
pub fn check(headers: &HeaderMap, peer: &Peer) -> Result<(), Error> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text(SEC_FETCH_SITE), text(header::ORIGIN.as_str())) {
        (Some("same-origin" | "none"), _) | (None, None) => Ok(()),
        (Some(_), _) => Err(Error::ForeignOrigin),
        (None, Some(origin)) => {
            // Without a scheme it is no origin: a sandboxed frame's is "null".
            let origin = origin.parse::<Uri>().ok().filter(|origin| origin.scheme().is_some());
            let asked_by = origin.as_ref().and_then(Uri::authority).map(|authority| authority.as_str());
            let is_ours = asked_by.is_some_and(|asked_by| {
                let hosts = [peer.forwarded_host.as_deref(), text(header::HOST.as_str())];
                hosts.into_iter().flatten().any(|host| host == asked_by)
            });
            if is_ours { Ok(()) } else { Err(Error::ForeignOrigin) }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::no_browser(&[], true)]
    #[case::same_origin(&[("sec-fetch-site", "same-origin")], true)]
    #[case::another_site(&[("sec-fetch-site", "cross-site")], false)]
    #[case::a_sibling(&[("sec-fetch-site", "same-site")], false)]
    #[case::older_browser(&[("origin", "https://desk.example"), ("host", "desk.example")], true)]
    #[case::older_browser_elsewhere(&[("origin", "https://evil.example"), ("host", "desk.example")], false)]
    #[case::another_port(&[("origin", "http://desk.example:81"), ("host", "desk.example:80")], false)]
    #[case::behind_a_proxy(
        &[("origin", "https://public.example"), ("host", "10.0.0.7:8080")],
        true
    )]
    #[case::sandboxed(&[("origin", "null"), ("host", "null")], false)]
    fn only_our_own_pages_write(#[case] sent: &[(&'static str, &'static str)], #[case] is_taken: bool) {
        let headers =
            sent.iter().map(|&(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect::<HeaderMap>();
        let peer = Peer {
            address: std::net::Ipv4Addr::LOCALHOST.into(),
            is_https: true,
            forwarded_host: Some("public.example".to_owned()),
        };
        assert_eq!(check(&headers, &peer).is_ok(), is_taken);
    }
}
