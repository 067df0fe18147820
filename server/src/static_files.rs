//! The user interface: the files of `dist/`, packed ahead of time, and one of its three pages for whatever is a route of
//! the app: the kiosk's, the desk's or the office's.

use std::{
    io,
    path::{Path, PathBuf},
};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use tower_http::services::ServeDir;

use crate::error::Error;

/// A year: a file whose name carries the hash of its content never changes.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Keep it, but ask before using it: the pages, the service worker and the manifest name the newest of the others.
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");

/// The kiosk's page, and that of a device which has not said yet what it is.
const KIOSK: &str = "/kiosk.html";

/// The desk's page.
const DESK: &str = "/desk.html";

/// What the desk's page answers for, each with everything under it. The service worker says the same without a server
/// (`halfOf` in `worker/sw.js`).
const DESK_ROUTES: [&str; 3] = ["/dashboard", "/setup", "/password"];

/// The office's page, and what it answers for.
const OFFICE: &str = "/office.html";
const OFFICE_ROUTE: &str = "/office";

/// Fewest hex digits in a file's name that are taken for a hash; Trunk writes 16.
const HASH_MIN_DIGITS: usize = 8;

/// Where the files are.
#[derive(Clone)]
pub struct Dist {
    path: PathBuf,
    files: ServeDir,
}

impl Dist {
    /// The files under `path`, looked for when they are asked for: they may be built later.
    pub fn new(path: &Path) -> Self {
        let files = ServeDir::new(path).append_index_html_on_directories(false).precompressed_br().precompressed_gzip();
        Self { path: path.to_owned(), files }
    }

    /// Whether the user interface is there.
    pub fn is_built(&self) -> bool {
        [KIOSK, DESK, OFFICE].iter().all(|page| self.path.join(page.trim_start_matches('/')).is_file())
    }
}

/// Any path that is no route of the server's.
pub async fn show(State(mut dist): State<Dist>, mut request: Request) -> Result<Response, Error> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) || is_of_the_api(request.uri().path()) {
        return Err(Error::NotFound);
    }
    // A page has no dot in its last part. A file that is missing must not be answered with a page: a browser would keep
    // the page in the file's name.
    let is_page = !request.uri().path().rsplit('/').next().unwrap_or_default().contains('.');
    if is_page {
        *request.uri_mut() = Uri::from_static(page_of(request.uri().path()));
    }
    let path = request.uri().path().to_owned();
    let found = match dist.files.try_call(request).await {
        Ok(response) => Some(response).filter(|response| response.status() != StatusCode::NOT_FOUND),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(Error::Internal(error.into())),
    };
    let Some(found) = found else {
        return if is_page && !dist.is_built() { Ok(NOT_BUILT.into_response()) } else { Err(Error::NotFound) };
    };
    let mut response = found.map(Body::new);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, if carries_hash(&path) { IMMUTABLE } else { ASK_FIRST });
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    Ok(response)
}

/// The page that answers for a route of the app.
fn page_of(path: &str) -> &'static str {
    let is_under =
        |route: &&str| path.strip_prefix(*route).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    match path {
        _ if DESK_ROUTES.iter().any(is_under) => DESK,
        _ if is_under(&OFFICE_ROUTE) => OFFICE,
        _ => KIOSK,
    }
}

/// A program that asks for a route which isn't there must not be given a page.
fn is_of_the_api(path: &str) -> bool {
    path.strip_prefix("/api").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

const NOT_BUILT: (StatusCode, &str) = (
    StatusCode::NOT_FOUND,
    "The server runs, but the user interface is not where it looks for it. Build it with `make build`, or name the \
     folder with --dist.\n",
);

/// Whether the file's name holds the hash of its content, as in `app-0123456789abcdef_bg.wasm`.
fn carries_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split(['-', '_', '.']).any(|part| {
        part.len() >= HASH_MIN_DIGITS
            && part.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
            && part.bytes().any(|c| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::wasm("/kiosk-0a1b2c3d4e5f6071_bg.wasm", true)]
    #[case::script("/kiosk-0a1b2c3d4e5f6071.js", true)]
    #[case::in_a_folder("/assets/style-00112233445566aa.css", true)]
    #[case::page("/kiosk.html", false)]
    #[case::service_worker("/sw.js", false)]
    #[case::manifest("/manifest.webmanifest", false)]
    #[case::a_word_of_hex_letters("/facade-defaced.css", false)]
    #[case::sized_icon("/icon-512.png", false)]
    fn hashes_are_told_from_words(#[case] path: &str, #[case] is_hashed: bool) {
        assert_eq!(carries_hash(path), is_hashed);
    }
}
