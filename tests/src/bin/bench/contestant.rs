//! What is measured: started on a fresh database, loaded for a window, its rows counted against what it answered for.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use rusqlite::Connection;
use tempfile::TempDir;
use vestibule::{access::device, clock, site, store};
use vestibule_protocol::{account::Credentials, event::Name};
use vestibule_tests::workspace;

use crate::{
    disk,
    load::{self, Client, Measured},
    machine, raw,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contestant {
    Vestibule,
    Raw,
    Fastify,
    Disk,
}

/// A server that runs; killed when dropped.
struct Running {
    process: Child,
    address: String,
    database: PathBuf,
}

impl Contestant {
    pub(crate) const ALL: [Self; 4] = [Self::Vestibule, Self::Raw, Self::Fastify, Self::Disk];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Vestibule => "vestibule",
            Self::Raw => "bare SQLite",
            Self::Fastify => "Fastify",
            Self::Disk => "raw disk",
        }
    }

    /// Measures it once. The bare loop and the disk have no clients: they insert, or append, one
    /// batch at a time.
    ///
    /// # Panics
    /// If it does not hold exactly what it answered for.
    pub(crate) fn measure(self, batch: usize, clients: usize, window: Duration) -> Measured {
        // On the disk of the checkout: /tmp may be in memory.
        let target = workspace().join("target");
        let dir = TempDir::with_prefix_in("bench-", target).expect("a directory under target/");
        let devices = enrol(&dir.path().join("data"), clients);
        let running = match self {
            Self::Raw => return raw::measure(&dir.path().join("data"), &devices[0], batch, window),
            Self::Disk => return disk::measure(dir.path(), &devices[0], batch, window),
            Self::Vestibule => vestibule(dir.path()),
            Self::Fastify => fastify(dir.path(), &devices),
        };
        let (began, cpu_before) = (machine::now(), machine::cpu_s(running.process.id()));
        let players = devices.into_iter().map(Client::new).collect();
        let counted = load::deliver(players, &running.address, batch, window);
        let took = began.elapsed();
        let events = counted.events as f64;
        let cpu_s = machine::cpu_s(running.process.id()) - cpu_before;
        assert_eq!(running.rows(), counted.events, "{} answered for other events than it holds", self.name());
        Measured {
            cpu_s_per_100k: Some(cpu_s / events * 100_000.0),
            events_per_sync: match self {
                Self::Vestibule => Some(events / running.commits()),
                Self::Fastify | Self::Raw | Self::Disk => None,
            },
            rss_mb: Some(machine::rss_mb(running.process.id())),
            ..Measured::new(counted, took)
        }
    }
}

/// A fresh database of ours with so many devices.
fn enrol(data: &Path, count: usize) -> Vec<Credentials> {
    let connection = store::connect(data).expect("a fresh directory");
    let name = Name::new("Bench").expect("a name");
    let site = site::find_or_add(&connection, &name, clock::now(), clock::entropy()).expect("a site");
    let enrol = |_| {
        let kind = device::Kind::Kiosk;
        device::enrol(&connection, site, &name, kind, clock::now(), clock::entropy(), clock::entropy())
            .expect("a device")
    };
    (0..count).map(enrol).collect()
}

fn vestibule(dir: &Path) -> Running {
    let data = dir.join("data");
    let mut command = Command::new(workspace().join("target/release/vestibule"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data).env("RUST_LOG", "error");
    Running::start(command, data.join("vestibule.db"))
}

fn fastify(dir: &Path, devices: &[Credentials]) -> Running {
    let (database, tokens) = (dir.join("peer.db"), dir.join("tokens"));
    let lines: Vec<&str> = devices.iter().map(|device| device.token.as_str()).collect();
    fs::write(&tokens, lines.join("\n")).expect("a file for the tokens");
    let mut command = Command::new("node");
    command.arg(workspace().join("tests/peers/fastify/server.js")).arg(&database).arg(tokens);
    Running::start(command, database)
}

impl Running {
    fn start(mut command: Command, database: PathBuf) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("`make bench` has built and installed it");
        let mut said = BufReader::new(process.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        said.read_line(&mut line).expect("it says where it listens");
        let address = line.trim().strip_prefix("listening on http://").expect("it says where it listens").to_owned();
        // Reads on, so that it never waits for a full pipe.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { process, address, database }
    }

    fn rows(&self) -> u64 {
        let database = Connection::open(&self.database).expect("its database");
        database.query_row("SELECT count(*) FROM events", (), |row| row.get(0)).expect("its events")
    }

    /// Transactions that it has synced.
    fn commits(&self) -> f64 {
        let mut connection = TcpStream::connect(&self.address).expect("it listens");
        connection.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").expect("it takes requests");
        let mut text = String::new();
        connection.read_to_string(&mut text).expect("metrics");
        let count = text.lines().find_map(|line| line.strip_prefix("vestibule_commit_jobs_count "));
        count.and_then(|count| count.parse().ok()).expect("it counts its commits")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which the assertions have told.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
