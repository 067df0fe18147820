//! Errors as the server tells them: RFC 9457 `application/problem+json`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The media type of a [`Problem`].
pub const MEDIA_TYPE: &str = "application/problem+json";

/// The `code` by which a server refuses a batch of a stream that another device has begun. The device answers it with a
/// stream of its own.
pub const FOREIGN_STREAM: &str = "foreign_stream";

/// The `code` by which a server refuses reads to a device whose access was withdrawn. What it delivers is kept all the
/// same, and the receipts say so ([`Receipt::revoked`](crate::batch::Receipt::revoked)).
pub const DEVICE_REVOKED: &str = "device_revoked";

/// The `code` by which a server asks for the second factor: the password was right.
pub const CODE_NEEDED: &str = "code_needed";

/// What went wrong and what to do. `code` is the contract; `title` and `detail` are prose for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The HTTP status, repeated (RFC 9457 §3.1.2).
    pub status: u16,
    /// Which problem, for programs: stable, `snake_case`.
    pub code: Cow<'static, str>,
    /// What went wrong, in a few words that never vary.
    pub title: Cow<'static, str>,
    /// What to do about it, this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Cow<'static, str>>,
}
