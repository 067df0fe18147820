//! What the server says of itself as it goes: the log, and traces for who asks for them.
//!
//! Traces go to an OpenTelemetry collector by OTLP over HTTP: one span a request, with its method, its path (which holds
//! ids and never names), its status and its name; within it the time that it read, waited for the writer and was
//! committed. A request that carries `traceparent` (W3C Trace Context) goes on with its sender's trace. Without a
//! collector none of this is built, and no request pays for it.

use std::io::{self, IsTerminal};

use axum::http::HeaderMap;
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::TracerProvider as _,
};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::Level;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use crate::limits;

/// Where a sender says which trace a request belongs to.
const TRACEPARENT: &str = "traceparent";

/// Where collectors take traces, below their address (the OTLP specification, "OTLP/HTTP Request").
const TRACES_PATH: &str = "v1/traces";

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// The traces of a running server; dropped, it sends what is left of them.
#[derive(Default)]
pub(crate) struct Traces(Option<SdkTracerProvider>);

/// The collector can't be used.
#[derive(Debug, thiserror::Error)]
#[error("traces can't be sent to {collector}: {cause}")]
pub struct TelemetryError {
    collector: String,
    cause: ExporterBuildError,
}

/// Begins the log, on standard error as `RUST_LOG` says, and the traces to a `collector`, as `http://localhost:4318`.
/// Call it once, outside the async runtime: what sends the traces has a thread of its own.
pub(crate) fn begin(format: LogFormat, collector: Option<&str>) -> Result<Traces, TelemetryError> {
    let traces = Traces(collector.map(provider).transpose()?);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let said = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // Only our own spans: those of what sends them would be sent too, and so on for ever.
    let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), Level::DEBUG);
    let spans = traces.0.as_ref().map(|provider| {
        let tracer = provider.tracer(env!("CARGO_PKG_NAME"));
        tracing_opentelemetry::layer().with_tracer(tracer).with_location(false).with_threads(false).with_filter(own)
    });
    tracing_subscriber::registry().with(spans).with(lines.with_filter(said)).init();
    Ok(traces)
}

/// Lets a span go on with the trace of who sent the request.
pub(crate) fn follow(span: &tracing::Span, headers: &HeaderMap) {
    if headers.contains_key(TRACEPARENT) {
        let sender = TraceContextPropagator::new().extract(&Fields(headers));
        // Fails where no traces are made.
        drop(span.set_parent(sender));
    }
}

fn provider(collector: &str) -> Result<SdkTracerProvider, TelemetryError> {
    let endpoint = format!("{}/{TRACES_PATH}", collector.trim_end_matches('/'));
    let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build();
    let exporter = exporter.map_err(|cause| TelemetryError { collector: collector.to_owned(), cause })?;
    let resource = Resource::builder().with_service_name(env!("CARGO_PKG_NAME")).build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Some(Err(error)) =
            self.0.as_ref().map(|provider| provider.shutdown_with_timeout(limits::TRACES_LAST_SENT_WITHIN))
        {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

struct Fields<'a>(&'a HeaderMap);

impl Extractor for Fields<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}
