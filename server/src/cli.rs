//! The command line. Every command takes `--data DIR` and works beside a running server.

mod add;
mod devices;
mod gap;
mod keys;
mod provider;
mod serve;
mod sites;
mod tls;
mod upkeep;
mod users;

use std::{
    net::{AddrParseError, IpAddr, SocketAddr},
    path::PathBuf,
};

use clap::{Parser, Subcommand, ValueEnum};
use ipnet::IpNet;
use vestibule_protocol::{
    account::{Email, Role},
    admin::Scope,
    event::Name,
    id::{DeviceId, KeyId},
    limits::KEY_MAX_DAYS,
    settings::InvalidPin,
    text::InvalidText,
};

pub use self::{provider::ProviderError, serve::ServeError};
use crate::{
    access::password::Unfit,
    backup::BackupError,
    site::settings::NotSet,
    statement::signature::Refuted,
    store::OpenError,
    telemetry::LogFormat,
    tls::local_ca::{Authority, LocalCaError},
};

/// Visitor management that does not lose a visitor.
#[derive(Parser)]
#[command(name = "vestibule", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Where the data is.
    #[arg(long, global = true, env = "VESTIBULE_DATA", value_name = "DIR", default_value = "data")]
    data: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(Box<Serve>),
    /// Devices: kiosks, and browsers of the staff.
    #[command(subcommand)]
    Device(Device),
    /// Members of the staff.
    #[command(subcommand)]
    User(User),
    /// Keys by which programs use the API.
    #[command(subcommand)]
    Key(Key),
    /// Certificates for machines that no public authority can vouch for.
    #[command(subcommand)]
    Tls(Tls),
    /// The people whom visitors come to see.
    #[command(subcommand)]
    Host(Host),
    /// What a site has decided of its kiosks.
    #[command(subcommand)]
    Site(Site),
    /// Copy the database to a file while the server runs, and read it back. Only then may devices forget what it holds.
    Backup {
        /// Where to; an earlier backup there is replaced once the new one is whole.
        file: PathBuf,
    },
    /// Put a backup in the place of the database, which is kept beside it; the devices then send what is newer. Stop the
    /// server first.
    Restore {
        /// The backup.
        file: PathBuf,
    },
    /// What devices have told of and the server does not hold.
    #[command(subcommand)]
    Gap(Gap),
    /// Add a day of visits to the demo site, as a kiosk and a desk would have delivered it; it is a quarter past one.
    Demo {
        /// How many visits, those still to come included.
        #[arg(long, value_name = "NUMBER", default_value_t = 120, value_parser = clap::value_parser!(u16).range(1..=5_000))]
        visits: u16,
    },
    /// Recompute every chain and every visit from the stored texts, and name what differs.
    Verify {
        /// Rebuild the visits that differ; deliveries go on meanwhile.
        #[arg(long)]
        repair: bool,
    },
    /// Check a signed delivery statement, with or without a server: that nothing was changed since it was signed, and
    /// that its numbers add up.
    VerifyStatement {
        /// The file, as the dashboard's "Signed" gave it.
        file: PathBuf,
        /// The fingerprint that the key must have, as whoever runs the server says it. Without it, compare by eye.
        #[arg(long)]
        key: Option<String>,
    },
}

#[derive(clap::Args)]
struct Serve {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, env = "VESTIBULE_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The built user interface.
    #[arg(long, env = "VESTIBULE_DIST", value_name = "DIR", default_value = "dist")]
    dist: PathBuf,
    /// A proxy, or a network of them as 10.0.0.0/8, whose X-Forwarded-For, -Proto and -Host are believed. Can be given
    /// more than once.
    #[arg(long, env = "VESTIBULE_TRUSTED_PROXY", value_name = "ADDR", value_delimiter = ',', value_parser = proxy)]
    trusted_proxy: Vec<IpNet>,
    /// Speak TLS, with the certificate that `vestibule tls init` made.
    #[arg(long, conflicts_with = "tls_cert")]
    tls: bool,
    /// Speak TLS, with this certificate and those that vouch for it (PEM). Read anew when it changes, or at SIGHUP.
    #[arg(long, env = "VESTIBULE_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key (PEM).
    #[arg(long, env = "VESTIBULE_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Send traces to this OpenTelemetry collector (OTLP over HTTP), as http://localhost:4318. They name no visitor.
    #[arg(long, env = "VESTIBULE_OTLP", value_name = "URL")]
    otlp: Option<String>,
    /// How the lines of the log are written.
    #[arg(long, env = "VESTIBULE_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,
    /// Don't count how much anybody asks: for measuring, or where something in front of the server does.
    #[arg(long)]
    no_rate_limits: bool,
    /// While there is no site, make one to try things out with.
    #[arg(long)]
    demo_site: bool,
    #[command(flatten)]
    provider: provider::Arguments,
}

#[derive(Subcommand)]
enum Device {
    /// Let a kiosk in: prints a pairing code, which holds for ten minutes.
    Add {
        /// The site; made if there is none of that name.
        #[arg(long, value_parser = Name::new)]
        site: Name,
        /// What staff call the device: "Lobby 2".
        #[arg(long, value_parser = Name::new)]
        name: Name,
        /// Enrol the device here and now, and print its credentials as JSON.
        #[arg(long)]
        token: bool,
    },
    /// Show the devices, and what they still held by their last word.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Withdraw a device's access. What it still brings is kept apart, for staff to look at.
    Revoke {
        /// Its id, from `device list`.
        device: DeviceId,
    },
    /// Give a device another name.
    Rename {
        /// Its id, from `device list`.
        device: DeviceId,
        /// The name.
        #[arg(long, value_parser = Name::new)]
        name: Name,
    },
    /// Make a device serve another site. What it captured before counts for the site that it was at.
    Move {
        /// Its id, from `device list`.
        device: DeviceId,
        /// The site; made if there is none of that name.
        #[arg(long, value_parser = Name::new)]
        site: Name,
    },
}

#[derive(Subcommand)]
enum User {
    /// Make an account.
    Add {
        /// As colleagues know them.
        #[arg(long, value_parser = Name::new)]
        name: Name,
        /// What they sign in with.
        #[arg(long, value_parser = email)]
        email: Email,
        /// What they may do.
        #[arg(long)]
        role: RoleName,
        /// Read the password from standard input, instead of making one up and printing it once.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Show the accounts.
    List,
    /// Print a one-time link by which somebody chooses a new password, for when no admin can sign in.
    Link {
        /// What they sign in with.
        #[arg(long, value_parser = email)]
        email: Email,
    },
}

#[derive(Subcommand)]
enum Key {
    /// Make a key, and print it this once.
    Add {
        /// What it is for.
        #[arg(long, value_parser = Name::new)]
        name: Name,
        /// What it allows: to look, or to look and to act.
        #[arg(long)]
        scope: ScopeName,
        /// The one site that it is for, instead of every one.
        #[arg(long, value_parser = Name::new)]
        site: Option<Name>,
        /// For how many days it holds.
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..=i64::from(KEY_MAX_DAYS)))]
        days: u16,
    },
    /// Show the keys: what each allows, until when, and when it was used last.
    List,
    /// Withdraw a key: it opens nothing from the next request on.
    Revoke {
        /// Its id, as `key list` shows it.
        key: KeyId,
    },
}

#[derive(Subcommand)]
enum Tls {
    /// Make a certificate for this machine's names and addresses, and an authority that vouches for it. Again, it renews
    /// the certificate; a running server takes it up by itself.
    Init {
        /// A name or an address under which browsers reach the server, instead of those that this machine knows of. Can
        /// be given more than once.
        #[arg(long, value_name = "NAME")]
        name: Vec<String>,
        /// Make a new authority too. Every iPad must install it then.
        #[arg(long)]
        new_authority: bool,
    },
}

#[derive(Subcommand)]
enum Host {
    /// Add somebody to a site's directory.
    Add {
        /// The site; made if there is none of that name.
        #[arg(long, value_parser = Name::new)]
        site: Name,
        /// As visitors read it.
        #[arg(long, value_parser = Name::new)]
        name: Name,
        /// What tells two hosts of one name apart: team, floor.
        #[arg(long, value_parser = Name::new)]
        department: Option<Name>,
    },
}

#[derive(Subcommand)]
enum Site {
    /// Print what a site has decided, as JSON, or decide it.
    Settings {
        /// The site.
        #[arg(long, value_parser = Name::new)]
        site: Name,
        /// Take these instead, whole: a file as the command prints them, or - for standard input. Kiosks hear of it at
        /// once.
        #[arg(long, value_name = "FILE")]
        set: Option<PathBuf>,
        /// Only in the place of these, a file as the command printed them before: what somebody else has decided since
        /// is not undone.
        #[arg(long, value_name = "FILE", requires = "set")]
        was: Option<PathBuf>,
    },
    /// Set the PIN that opens the staff panel of the site's kiosks, read from standard input; an empty line: none.
    Pin {
        /// The site.
        #[arg(long, value_parser = Name::new)]
        site: Name,
    },
}

#[derive(Subcommand)]
enum Gap {
    /// Name each one that nobody has settled.
    List,
    /// Take note that one is cleared up, so that it is no alarm any more.
    Settle {
        /// Its number, as the list says.
        number: i64,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    Receptionist,
    Marshal,
    Admin,
}

#[derive(Clone, Copy, ValueEnum)]
enum ScopeName {
    Read,
    Write,
}

/// Why a command failed, in words for who typed it.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The data can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The server can't start, or broke off.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// What SQLite said.
    #[error("the database can't be written: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Too short, too long, or too common.
    #[error("the password can't be used: {0}")]
    UnfitPassword(#[from] Unfit),
    /// The address has an account.
    #[error("there is an account with this e-mail address already")]
    AccountExists,
    /// No account of that address.
    #[error("there is no account with this e-mail address; `vestibule user list` shows them")]
    NoSuchAccount,
    /// No device of that id.
    #[error("there is no such device; `vestibule device list` shows them")]
    NoSuchDevice,
    /// No key of that id.
    #[error("there is no such key; `vestibule key list` shows them")]
    NoSuchKey,
    /// No site of that name.
    #[error("there is no such site")]
    NoSuchSite,
    /// The file holds no settings.
    #[error("these are no settings: {0}")]
    MalformedSettings(#[source] serde_json::Error),
    /// They can't be taken.
    #[error(transparent)]
    Settings(#[from] NotSet),
    /// Not of digits, or too few.
    #[error(transparent)]
    Pin(#[from] InvalidPin),
    /// Too many codes hold.
    #[error("too many pairing codes are in use; wait ten minutes")]
    TooManyCodes,
    /// The backup or the restore failed.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Nobody is told of a gap that there is not.
    #[error("there is no gap of the number {0}, or it is settled already")]
    NoSuchGap(i64),
    /// The file is no signed statement.
    #[error(transparent)]
    Statement(#[from] Refuted),
    /// Somebody else signed it.
    #[error("the signature fits, but it is of the key {found}, not of the one you named")]
    OtherKey {
        /// The fingerprint of the key that signed.
        found: String,
    },
    /// There is no certificate.
    #[error(transparent)]
    LocalCa(#[from] LocalCaError),
    /// A check found something.
    #[error("{0} differences; see above")]
    Differences(usize),
    /// Input or output failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Does what the command line says.
///
/// # Errors
/// [`CliError`], to be printed. A command line that makes no sense ends the process with clap's own words.
pub fn run() -> Result<(), CliError> {
    let Arguments { command, data } = Arguments::parse();
    match command {
        Command::Serve(options) => Ok(serve::run(&data, &options)?),
        Command::Device(Device::Add { site, name, token: true }) => add::device(&data, &site, &name),
        Command::Device(Device::Add { site, name, token: false }) => add::pairing_code(&data, &site, &name),
        Command::Device(Device::List { json: false }) => devices::list(&data),
        Command::Device(Device::List { json: true }) => devices::list_json(&data),
        Command::Device(Device::Revoke { device }) => devices::revoke(&data, device),
        Command::Device(Device::Rename { device, name }) => devices::rename(&data, device, &name),
        Command::Device(Device::Move { device, site }) => devices::move_to(&data, device, &site),
        Command::User(User::Add { name, email, role, password_stdin }) => {
            let password = if password_stdin { add::Password::FromStdin } else { add::Password::MadeUp };
            add::user(&data, &name, &email, role.into(), password)
        }
        Command::Tls(Tls::Init { name, new_authority }) => {
            tls::init(&data, name, if new_authority { Authority::Replace } else { Authority::Keep })
        }
        Command::User(User::List) => users::list(&data),
        Command::User(User::Link { email }) => users::link(&data, &email),
        Command::Key(Key::Add { name, scope, site, days }) => keys::add(&data, name, scope.into(), site.as_ref(), days),
        Command::Key(Key::List) => keys::list(&data),
        Command::Key(Key::Revoke { key }) => keys::revoke(&data, key),
        Command::Backup { file } => upkeep::backup(&data, &file),
        Command::Restore { file } => upkeep::restore(&data, &file),
        Command::Demo { visits } => add::demo_day(&data, visits.into()),
        Command::Gap(Gap::List) => gap::list(&data),
        Command::Gap(Gap::Settle { number }) => gap::settle(&data, number),
        Command::Verify { repair: false } => upkeep::verify(&data, upkeep::Mend::Nothing),
        Command::Verify { repair: true } => upkeep::verify(&data, upkeep::Mend::Projection),
        Command::VerifyStatement { file, key } => upkeep::verify_statement(&file, key.as_deref()),
        Command::Site(Site::Settings { site, set: None, .. }) => sites::show(&data, &site),
        Command::Site(Site::Settings { site, set: Some(file), was }) => sites::set(&data, &site, &file, was.as_deref()),
        Command::Site(Site::Pin { site }) => sites::pin(&data, &site),
        Command::Host(Host::Add { site, name, department }) => add::host(&data, &site, &name, department.as_ref()),
    }
}

impl From<RoleName> for Role {
    fn from(role: RoleName) -> Self {
        match role {
            RoleName::Receptionist => Self::Receptionist,
            RoleName::Marshal => Self::Marshal,
            RoleName::Admin => Self::Admin,
        }
    }
}

impl From<ScopeName> for Scope {
    fn from(scope: ScopeName) -> Self {
        match scope {
            ScopeName::Read => Self::Read,
            ScopeName::Write => Self::Write,
        }
    }
}

/// One address, or a network.
fn proxy(text: &str) -> Result<IpNet, AddrParseError> {
    text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
}

fn email(text: &str) -> Result<Email, InvalidText> {
    Email::new(text)
}
