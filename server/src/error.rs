//! Every way in which a request can fail, and how the server says so: RFC 9457, with a `code` that never changes.

use std::borrow::Cow;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use vestibule_protocol::{batch::QuarantineReason, limits::PROTOCOL, problem};

use crate::{
    access::password::Unfit,
    limits,
    site::settings::NotSet,
    store::{ReadError, WriteError},
};

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such route, site or thing.
    #[error("There is nothing here")]
    NotFound,
    /// The route has no such verb.
    #[error("This can't be done here")]
    MethodNotAllowed,
    /// The body is not what the route takes.
    #[error("The request's body can't be understood")]
    MalformedBody {
        /// What is wrong with it, without quoting it.
        why: Cow<'static, str>,
    },
    /// The body is of another media type or encoding.
    #[error("The request's body is of a kind that is not taken here")]
    UnsupportedMediaType,
    /// The body is over its limit.
    #[error("The request's body is too large")]
    TooLarge,
    /// The body did not arrive in time.
    #[error("The request took too long to arrive")]
    TooSlow,
    /// A batch of a protocol that this server does not speak.
    #[error("This version of the sync protocol is not supported")]
    UnsupportedProtocol,
    /// No credentials, or none that hold.
    #[error("Not signed in")]
    Unauthenticated,
    /// Sign-in failed; never says why.
    #[error("The e-mail address or the password is wrong")]
    WrongCredentials,
    /// The password was right, and the second factor is still to come.
    #[error("The code of the second factor is needed too")]
    CodeNeeded,
    /// The code of the second factor is none, or was used.
    #[error("This code does not hold")]
    WrongSecondFactor,
    /// The password that was to be proven is another.
    #[error("The password is wrong")]
    WrongPassword,
    /// An account has that address.
    #[error("There is an account with this e-mail address")]
    AccountExists,
    /// Nobody could make accounts any more.
    #[error("This is the last admin of every site")]
    LastAdmin,
    /// No such pairing code, or not any more.
    #[error("This pairing code does not hold")]
    WrongCode,
    /// No such link, or not any more.
    #[error("This link does not hold")]
    WrongLink,
    /// A parcel that none of the devices has sealed, or that was changed since.
    #[error("This is not of a device of yours")]
    BrokenSeal,
    /// Known, and not allowed.
    #[error("Not allowed")]
    Forbidden,
    /// A kiosk whose site lets it tell nobody's name.
    #[error(
        "A kiosk of this site reads and acts by its own way alone, for it finds people by code or e-mail address only; use an API key"
    )]
    SparedKiosk,
    /// A site that is not the device's.
    #[error("This device belongs to another site")]
    OtherSite,
    /// The device's access was withdrawn.
    #[error("This device's access was withdrawn")]
    DeviceRevoked,
    /// A stream that another device began.
    #[error("This stream belongs to another device")]
    ForeignStream,
    /// The device's last batch is not answered yet.
    #[error("Another batch of this device is in work")]
    BatchInWork,
    /// A write that another website made the browser send.
    #[error("The request comes from another website")]
    ForeignOrigin,
    /// Settings that don't fit together.
    #[error("These settings can't be taken")]
    UnfitSettings(#[source] NotSet),
    /// Somebody else has decided since the settings were read.
    #[error("Other settings hold by now")]
    OtherSettingsHold,
    /// A change that does not say of what it is one.
    #[error("The request must say which settings it is to replace")]
    IfMatchNeeded,
    /// The id of an event or a visit is held with other content.
    #[error("This id is taken by something else")]
    IdConflict,
    /// An event that can't count.
    #[error("This event can't be taken")]
    UnfitEvent(QuarantineReason),
    /// A check-in of a visit of which nothing has said yet who it is.
    #[error("Nothing has said yet who the visitor is")]
    VisitorUnknown,
    /// A cursor of before the server was restored from a backup.
    #[error("The server was restored from a backup since")]
    HistoryChanged,
    /// Too many wrong tries.
    #[error("Too many tries")]
    TooManyTries {
        /// What to wait, in seconds.
        after_s: u64,
    },
    /// By plain http, where there is https.
    #[error("Only https is answered here")]
    HttpsOnly,
    /// More than the client's measure.
    #[error("Too many requests")]
    TooManyRequests {
        /// What to wait, in seconds.
        after_s: u64,
    },
    /// Another one has the name.
    #[error("There is one of this name")]
    NameTaken,
    /// Somebody was faster.
    #[error("This was decided already")]
    AlreadyDecided,
    /// A password outside its limits.
    #[error("This password can't be used")]
    UnfitPassword(#[from] Unfit),
    /// Too many pairing codes hold at once.
    #[error("Too many pairing codes are in use")]
    TooManyCodes,
    /// More work waits than the server can do.
    #[error("The server is busy")]
    Busy,
    /// Nothing can be written at the moment.
    #[error("The server can't store anything at the moment")]
    NotWritable(#[source] WriteError),
    /// A fault of the server's.
    #[error("The server failed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// The HTTP status.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::MalformedBody { .. } | Self::UnsupportedProtocol | Self::UnfitPassword(_) => StatusCode::BAD_REQUEST,
            Self::Unauthenticated | Self::WrongCredentials | Self::CodeNeeded | Self::WrongSecondFactor => {
                StatusCode::UNAUTHORIZED
            }
            Self::WrongCode
            | Self::WrongPassword
            | Self::HttpsOnly
            | Self::WrongLink
            | Self::BrokenSeal
            | Self::Forbidden
            | Self::SparedKiosk
            | Self::OtherSite
            | Self::DeviceRevoked
            | Self::ForeignStream
            | Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::IdConflict
            | Self::VisitorUnknown
            | Self::AccountExists
            | Self::LastAdmin
            | Self::NameTaken
            | Self::AlreadyDecided => StatusCode::CONFLICT,
            Self::UnfitEvent(_) | Self::UnfitSettings(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::OtherSettingsHold => StatusCode::PRECONDITION_FAILED,
            Self::IfMatchNeeded => StatusCode::PRECONDITION_REQUIRED,
            Self::HistoryChanged => StatusCode::GONE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooManyTries { .. } | Self::TooManyRequests { .. } | Self::TooManyCodes | Self::BatchInWork => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Busy | Self::NotWritable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether it is what somebody meets who tries what they may not: it goes into the log. Not who merely has to sign
    /// in, or was too late.
    fn may_be_an_attack(&self) -> bool {
        match self.status() {
            StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE => true,
            StatusCode::UNAUTHORIZED => !matches!(self, Self::Unauthenticated | Self::CodeNeeded),
            StatusCode::TOO_MANY_REQUESTS => !matches!(self, Self::BatchInWork),
            _ => false,
        }
    }

    /// The code that programs go by; part of the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::MalformedBody { .. } => "malformed_body",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::UnsupportedProtocol => "unsupported_protocol",
            Self::Unauthenticated => "unauthenticated",
            Self::WrongCredentials => "wrong_credentials",
            Self::CodeNeeded => problem::CODE_NEEDED,
            Self::WrongSecondFactor => "wrong_second_factor",
            Self::WrongPassword => "wrong_password",
            Self::HttpsOnly => "https_only",
            Self::AccountExists => "account_exists",
            Self::LastAdmin => "last_admin",
            Self::WrongCode => "wrong_code",
            Self::WrongLink => "wrong_link",
            Self::BrokenSeal => "broken_seal",
            Self::Forbidden | Self::SparedKiosk => "forbidden",
            Self::OtherSite => "other_site",
            Self::DeviceRevoked => problem::DEVICE_REVOKED,
            Self::ForeignStream => problem::FOREIGN_STREAM,
            Self::BatchInWork => "batch_in_work",
            Self::ForeignOrigin => "foreign_origin",
            Self::IdConflict => "id_conflict",
            Self::UnfitEvent(_) => "unfit_event",
            Self::UnfitSettings(NotSet::Unfit(_)) => "unfit_settings",
            Self::UnfitSettings(NotSet::AgreementVersionTaken { .. }) => "agreement_version_taken",
            Self::OtherSettingsHold | Self::UnfitSettings(NotSet::OthersHold) => "other_settings_hold",
            Self::IfMatchNeeded => "if_match_needed",
            Self::VisitorUnknown => "visitor_unknown",
            Self::HistoryChanged => "history_changed",
            Self::TooManyTries { .. } => "too_many_tries",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::NameTaken => "name_taken",
            Self::AlreadyDecided => "already_decided",
            Self::UnfitPassword(_) => "unfit_password",
            Self::TooManyCodes => "too_many_codes",
            Self::Busy => "busy",
            Self::NotWritable(cause) => cause.reason_code(),
            Self::Internal(_) => "internal",
        }
    }

    /// What to do about it.
    fn detail(&self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::MalformedBody { why } => why.clone(),
            Self::UnsupportedProtocol => format!("This server speaks version {PROTOCOL}.").into(),
            Self::WrongCode => "Ask for a new one: a code holds for ten minutes and for one kiosk.".into(),
            Self::WrongLink => "It works once, and not for long. Ask for a new one.".into(),
            Self::BrokenSeal => "It was made elsewhere, or changed, or its device is of another site.".into(),
            Self::WrongSecondFactor => "A code counts once. Wait for the next, or use a recovery code.".into(),
            Self::LastAdmin => "Make another one first.".into(),
            Self::HttpsOnly => "Use https. Whatever secret was sent is to be replaced: others could read it.".into(),
            Self::ForeignStream => "Start a new stream and send the events again.".into(),
            Self::TooManyTries { after_s } => format!("Wait {after_s} s, then try again.").into(),
            Self::UnfitPassword(why) => format!("Choose another: {why}.").into(),
            Self::UnfitEvent(reason) => unfit(*reason),
            Self::UnfitSettings(why) => format!("{why}.").into(),
            Self::OtherSettingsHold => "Read them again, and make your change to those.".into(),
            Self::IfMatchNeeded => "Send If-Match, with the ETag that they were read with.".into(),
            Self::HistoryChanged => "Begin anew, without a cursor; know events again by their ids.".into(),
            Self::Busy | Self::NotWritable(_) => "Keep the events and send them again.".into(),
            _ => return None,
        })
    }

    /// What to wait before the next try, in seconds.
    fn retry_after_s(&self) -> Option<u64> {
        match self {
            Self::Busy | Self::NotWritable(_) => Some(limits::RETRY_AFTER_S),
            Self::BatchInWork => Some(limits::NEXT_BATCH_AFTER_S),
            Self::TooManyTries { after_s } | Self::TooManyRequests { after_s } => Some(*after_s),
            _ => None,
        }
    }
}

fn unfit(reason: QuarantineReason) -> Cow<'static, str> {
    let why = match reason {
        QuarantineReason::InvalidEvent => "It is no CloudEvents 1.0 object with the attributes of Vestibule.",
        QuarantineReason::UnknownType => "Its type is not known.",
        QuarantineReason::InvalidData => "Its data don't fit its type.",
        QuarantineReason::TooLarge => "It is over 64 KiB.",
        QuarantineReason::OtherSite => "It is of a site, or about a visit of a site, that you can't write for.",
        QuarantineReason::IdConflict => "Its id is held with other content.",
        QuarantineReason::DeviceRevoked => "The device's access was withdrawn.",
        QuarantineReason::VisitFull => {
            return format!("The visit has {} events already.", limits::VISIT_MAX_EVENTS).into();
        }
        QuarantineReason::Unknown => "It can't count.",
    };
    why.into()
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        // Once, here, whatever the cause; what was sent is never part of it.
        match &self {
            Self::Internal(cause) => tracing::error!(%cause, "a request failed"),
            Self::NotWritable(cause) => tracing::warn!(%cause, "a request could not be stored"),
            refusal if refusal.may_be_an_attack() => tracing::info!(code = refusal.code(), "a request was refused"),
            _ => {}
        }
        let problem = problem::Problem {
            status: self.status().as_u16(),
            code: self.code().into(),
            title: self.to_string().into(),
            detail: self.detail(),
        };
        let mut response = (self.status(), axum::Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(problem::MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s() {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<NotSet> for Error {
    fn from(why: NotSet) -> Self {
        match why {
            NotSet::OthersHold => Self::OtherSettingsHold,
            NotSet::Unfit(_) | NotSet::AgreementVersionTaken { .. } => Self::UnfitSettings(why),
        }
    }
}

impl From<WriteError> for Error {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Busy => Self::Busy,
            WriteError::NotWritable(_) | WriteError::Undone | WriteError::TimedOut | WriteError::Stopped => {
                Self::NotWritable(error)
            }
            WriteError::Failed(_) => Self::Internal(error.into()),
        }
    }
}

impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Busy => Self::Busy,
            ReadError::Failed(_) | ReadError::Panicked => Self::Internal(error.into()),
        }
    }
}
