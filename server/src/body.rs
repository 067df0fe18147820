//! Small JSON bodies, with the server's own words for what is wrong with them.

use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
};
use serde::de::DeserializeOwned;

use crate::error::Error;

/// A JSON body of at most [`crate::limits::BODY_MAX_BYTES`]. Demands `Content-Type: application/json`, which no form
/// of another website can send unasked.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        match Json::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Error::UnsupportedMediaType),
            Err(JsonRejection::BytesRejection(rejection)) => Err(rejection.into()),
            Err(JsonRejection::JsonDataError(_)) => {
                Err(Error::MalformedBody { why: "A member is missing, or does not fit.".into() })
            }
            Err(_) => Err(Error::MalformedBody { why: "It is not JSON.".into() }),
        }
    }
}
