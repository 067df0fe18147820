//! Requests to an identity provider: the only ones that the server makes by itself, and only to the addresses that the
//! provider's own description names. No redirect is followed, and nothing is waited for or read without a bound.

use axum::{body::Bytes, http::header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::ring;

use crate::limits;

/// Speaks http and https, by the authorities that this machine trusts.
pub(super) struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// Why there is no answer to use.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("it can't be reached: {0}")]
    Unreachable(#[from] hyper_util::client::legacy::Error),
    #[error("it does not answer in time")]
    TooSlow,
    #[error("its answer breaks off: {0}")]
    Broken(Box<dyn std::error::Error + Send + Sync>),
    #[error("its answer is too long")]
    TooLong,
    #[error("it answers {0}")]
    Refused(axum::http::StatusCode),
    #[error("its answer is not what was asked for: {0}")]
    Unexpected(#[from] serde_json::Error),
    #[error("its address can't be one: {0}")]
    Address(#[from] axum::http::Error),
}

impl Http {
    /// # Errors
    /// If this machine keeps no authorities.
    pub(super) fn new() -> std::io::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(ring::default_provider())?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// What lies at an address, shown to whoever bears the token.
    ///
    /// # Errors
    /// [`FetchError`].
    pub(super) async fn get<T: DeserializeOwned>(&self, address: &str, token: Option<&str>) -> Result<T, FetchError> {
        let mut request = axum::http::Request::get(address).header(header::ACCEPT, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(Full::default())?).await
    }

    /// Hands a form in.
    ///
    /// # Errors
    /// [`FetchError`].
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        address: &str,
        form: String,
        authorization: Option<String>,
    ) -> Result<T, FetchError> {
        let mut request = axum::http::Request::post(address)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        self.send(request.body(Full::from(form))?).await
    }

    async fn send<T: DeserializeOwned>(&self, request: axum::http::Request<Full<Bytes>>) -> Result<T, FetchError> {
        let answer = async {
            let response = self.0.request(request).await?;
            if !response.status().is_success() {
                return Err(FetchError::Refused(response.status()));
            }
            let body = Limited::new(response.into_body(), limits::PROVIDER_ANSWER_MAX_BYTES).collect().await;
            let body = body.map_err(|error| match error.downcast::<LengthLimitError>() {
                Ok(_) => FetchError::TooLong,
                Err(error) => FetchError::Broken(error),
            })?;
            Ok(serde_json::from_slice(&body.to_bytes())?)
        };
        timeout(limits::PROVIDER_ANSWER_TIME, answer).await.unwrap_or(Err(FetchError::TooSlow))
    }
}
