//! `serve`: opens the data, says where to go, runs until it is told to stop.

use std::{
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
};

use rusqlite::{Connection, TransactionBehavior};
use tokio::net::TcpListener;
use vestibule_protocol::{account::PairingCode, event::Name};

use super::{Serve, provider::ProviderError};
use crate::{
    access::{
        device, first_account,
        pairing::{self, Kiosk},
        secret::Secret,
    },
    clock, demo_site, server,
    settings::{Rates, Settings},
    site,
    static_files::Dist,
    store::{self, DataLock, OpenError, Store},
    telemetry::{self, TelemetryError},
    tls::{self, Certificate, CertificateError, local_ca},
};

/// What the system says to a process whose file would grow beyond `ulimit -f`; the same number on every Unix that runs
/// on x86 or ARM.
#[cfg(unix)]
const SIGXFSZ: i32 = 25;

/// What a kiosk is called that was paired with the code printed at the start.
const FIRST_KIOSK: &str = "First kiosk";

/// Why the server can't start, or broke off.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What SQLite said at the start.
    #[error("the database can't be written: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The address is taken, or not ours.
    #[error("can't listen on {address}: {cause}{}", advice(.cause))]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// The certificate can't be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Nobody would hear the traces.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    /// The identity provider can't be used.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The system failed.
    #[error("the server broke off: {0}")]
    Io(#[from] io::Error),
}

/// What somebody needs who sees the server for the first time.
struct Invitation {
    setup: Option<Secret>,
    pairing: Option<PairingCode>,
}

pub(super) fn run(data: &Path, options: &Serve) -> Result<(), ServeError> {
    // Last of all to go, so that the last requests are in it.
    let _traces = telemetry::begin(options.log_format, options.otlp.as_deref())?;
    let _lock = DataLock::take(data)?;
    let invitation = invite(&mut store::connect(data)?, options)?;
    let provider = options.provider.provider(&store::connect(data)?)?;
    let store = Store::open(data)?;
    let dist = Dist::new(&options.dist);
    if !dist.is_built() {
        tracing::warn!(
            "no user interface in {}: build it with `make build`, or name the folder with --dist; the API is served",
            options.dist.display()
        );
    }
    let rates = if options.no_rate_limits { Rates::Unlimited } else { Rates::Limited };
    let certificate = certificate(data, options)?;
    let settings = Settings {
        trusted_proxies: options.trusted_proxy.clone(),
        rates,
        authority: tls::authority(data)?.map(Into::into),
        tls: certificate.map(Arc::new),
        provider: provider.map(Arc::new),
    };
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    if settings.tls.is_none() && !options.listen.ip().is_loopback() && settings.trusted_proxies.is_empty() {
        tracing::warn!(
            "plain http: kiosks keep and deliver everything, but can't be opened while the server is away, and others on \
             the network can read along; see `vestibule tls init`, or name the proxy that speaks TLS with --trusted-proxy"
        );
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(|cause| ServeError::Listen { address: options.listen, cause })?;
        let stop = stop_signal()?;
        announce(scheme, listener.local_addr()?, &invitation);
        Ok(server::run(listener, store, dist, settings, stop).await?)
    })
}

/// What the options say to speak TLS with.
fn certificate(data: &Path, options: &Serve) -> Result<Option<Certificate>, CertificateError> {
    match (&options.tls_cert, &options.tls_key) {
        (Some(chain), Some(key)) => Certificate::open(chain, key).map(Some),
        _ if options.tls => {
            let [chain, key] = local_ca::server_files(data);
            Certificate::open(&chain, &key).map(Some)
        }
        _ => Ok(None),
    }
}

/// Prepares the database for who comes first.
fn invite(connection: &mut Connection, options: &Serve) -> rusqlite::Result<Invitation> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = clock::now();
    if options.demo_site {
        demo_site::add_if_none(&transaction, now)?;
    }
    let setup = first_account::invite(&transaction, clock::entropy())?;
    let pairing = match site::all(&transaction)?.first() {
        Some(site) if !device::any_kiosk(&transaction)? => {
            let name = Name::new(FIRST_KIOSK).unwrap_or_else(|_| site.name.clone());
            pairing::issue(&transaction, Kiosk { site: site.id, name: &name, device: None }, now, clock::entropy())?
        }
        _ => None,
    };
    transaction.commit()?;
    Ok(Invitation { setup, pairing })
}

/// The first line is for programs, which wait for it; the others are for people. Whoever reads may leave after the first
/// line: that is no reason to stop serving.
fn announce(scheme: &str, address: SocketAddr, Invitation { setup, pairing }: &Invitation) {
    // Secrets stand after the #, which browsers keep to themselves.
    let base = format!("{scheme}://{}", reachable(address));
    let mut lines = vec![
        format!("listening on {scheme}://{address}"),
        format!("Kiosk      {base}/kiosk"),
        format!("Dashboard  {base}/dashboard"),
    ];
    if let Some(token) = setup {
        lines.push(format!("First account (one-time link)  {base}/setup#{}", token.text()));
    }
    if let Some(PairingCode { code, expires_in_s }) = pairing {
        let minutes = expires_in_s / 60;
        lines.push(format!("Pair a kiosk: code {code} (for {minutes} minutes)  {base}/kiosk#pair={code}"));
    }
    let mut out = io::stdout().lock();
    let printed = lines.iter().try_for_each(|line| writeln!(out, "{line}")).and_then(|()| out.flush());
    if let Err(error) = printed {
        tracing::warn!(%error, "could not print where to go");
    }
}

/// The address for a browser on this machine: nobody can open 0.0.0.0.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    }
}

fn advice(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::AddrInUse => "; another program has this port: stop it, or choose another with --listen",
        io::ErrorKind::PermissionDenied => "; ports below 1024 need special rights: choose another with --listen",
        _ => "",
    }
}

/// Completes at Ctrl-C, or when the system asks the process to end.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    // A file that may not grow any more is a failed write, to be answered 503, and no reason to end. Without a listener
    // the system ends the process.
    let _file_too_large = signal(SignalKind::from_raw(SIGXFSZ))?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes at Ctrl-C.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same as on Unix, where it can fail")]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
