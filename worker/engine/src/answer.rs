//! What an HTTP answer means. This is the only place that looks at a status.

use vestibule_protocol::{
    batch::{RECEIPT_MEDIA_TYPE, Receipt},
    id::BatchId,
    json, limits,
    problem::{self, Problem},
};

/// What came back for a [`Post`](crate::Post).
pub enum Answer {
    /// An HTTP response, read to its end within the deadline.
    Response {
        /// The status.
        status: u16,
        /// The `Content-Type`, as it came; empty if there was none.
        media_type: String,
        /// `Retry-After`, in ms from now, if there was one that could be read.
        retry_after_ms: Option<u64>,
        /// The body.
        body: String,
    },
    /// None: no network, a redirect, the deadline, or a body that broke off or is no text.
    None,
}

/// What an answer means.
///
/// | answer | meaning |
/// |---|---|
/// | 200, receipt's media type, this batch's id, this protocol | [`Verdict::Receipt`] |
/// | 413 | [`Verdict::Refused`]: fewer events, whoever said it |
/// | 400, 422 as a problem document | [`Verdict::Refused`]: find the event |
/// | 403 as a problem document of the code `foreign_stream` | [`Verdict::ForeignStream`] |
/// | 401, 403 as any other problem document | [`Verdict::Unauthorized`] |
/// | 429 | [`Verdict::Busy`] |
/// | any other 4xx but 401, 407, 408, 425 | [`Verdict::Blocked`]: see whether an empty batch passes |
/// | 503 | [`Verdict::NoReceipt`], with what it says about when |
/// | all else | [`Verdict::NoReceipt`] |
///
/// A captive portal or proxy says 401, 403 or 400 with a page of HTML: that is an outage, and must not pause the device.
/// A firewall says the same to one event whose text it takes for an attack: an event is suspected only if an empty batch
/// gets its receipt right after, and accused only if its neighbours get theirs. None of these deletes anything.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// All that it names is on the server's disk.
    Receipt(Box<Receipt>),
    /// The server won't take this batch as it is, ever.
    Refused {
        /// How it said so.
        status: u16,
    },
    /// The stream was begun by another device: this store was paired anew, or copied.
    ForeignStream,
    /// The server does not accept the device's token.
    Unauthorized,
    /// Something on the way won't let this batch pass; or it lets nothing pass.
    Blocked {
        /// How it said so.
        status: u16,
    },
    /// The server asks for rest.
    Busy {
        /// For how long, if it said so.
        retry_after_ms: Option<u64>,
    },
    /// Nothing is known: perhaps the batch was kept, perhaps not.
    NoReceipt {
        /// When to try again, if a server that is down for a while said so.
        retry_after_ms: Option<u64>,
    },
}

impl Answer {
    /// What this means for the batch `sent`.
    pub(crate) fn verdict(self, sent: BatchId) -> Verdict {
        let Self::Response { status, media_type, retry_after_ms, body } = self else {
            return Verdict::NoReceipt { retry_after_ms: None };
        };
        let is_problem = is(&media_type, problem::MEDIA_TYPE);
        match status {
            200 if is(&media_type, RECEIPT_MEDIA_TYPE) => receipt(&body, sent),
            413 => Verdict::Refused { status },
            400 | 422 if is_problem => Verdict::Refused { status },
            403 if is_problem && code_is(&body, problem::FOREIGN_STREAM) => Verdict::ForeignStream,
            401 | 403 if is_problem => Verdict::Unauthorized,
            429 => Verdict::Busy { retry_after_ms },
            503 => Verdict::NoReceipt { retry_after_ms },
            // The proxy's own sign-in, a deadline, a replay that is too early: none of them is about what was sent.
            401 | 407 | 408 | 425 => Verdict::NoReceipt { retry_after_ms: None },
            400..=499 => Verdict::Blocked { status },
            _ => Verdict::NoReceipt { retry_after_ms: None },
        }
    }
}

/// Reads a receipt, which must be for the batch `sent`.
fn receipt(body: &str, sent: BatchId) -> Verdict {
    match json::read::<Receipt>(body) {
        Ok(receipt) if receipt.batch == sent && receipt.protocol == limits::PROTOCOL => {
            Verdict::Receipt(Box::new(receipt))
        }
        Ok(_) | Err(_) => Verdict::NoReceipt { retry_after_ms: None },
    }
}

/// Whether a problem document is of this code.
fn code_is(body: &str, code: &str) -> bool {
    json::read::<Problem>(body).is_ok_and(|problem| problem.code == code)
}

/// Whether a `Content-Type` is this media type, whatever its parameters and case.
fn is(content_type: &str, media_type: &str) -> bool {
    content_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case(media_type))
}

/// Tells nothing of what the body says.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Response { status, media_type, retry_after_ms, body: _ } => f
                .debug_struct("Response")
                .field("status", status)
                .field("media_type", media_type)
                .field("retry_after_ms", retry_after_ms)
                .finish_non_exhaustive(),
            Self::None => f.write_str("None"),
        }
    }
}
