//! A server as a process, and what it tells about itself.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rusqlite::{Connection, TransactionBehavior};
use vestibule::{access::device, clock, site, store};
use vestibule_protocol::{account::Credentials, event::Name};
use vestibule_tests::workspace;

/// A server that runs; killed when dropped.
pub(crate) struct Running {
    process: Child,
    pub(crate) address: String,
    database: PathBuf,
}

impl Running {
    /// This server, on a data directory.
    pub(crate) fn vestibule(data: &Path) -> Self {
        let mut command = Command::new(workspace().join("target/release/vestibule"));
        command
            .args(["serve", "--no-rate-limits", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .env("RUST_LOG", "off");
        Self::start(command, data.join("vestibule.db"))
    }

    /// Whatever says first "listening on http://…".
    pub(crate) fn start(mut command: Command, database: PathBuf) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("`make bench` has built and installed it");
        let mut said = BufReader::new(process.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        said.read_line(&mut line).expect("it says where it listens");
        let address = line.trim().strip_prefix("listening on http://").expect("it says where it listens").to_owned();
        // Reads on, so that it never waits for a full pipe.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self { process, address, database }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Events that it holds.
    pub(crate) fn rows(&self) -> u64 {
        let database = Connection::open(&self.database).expect("its database");
        database.query_row("SELECT count(*) FROM events", (), |row| row.get(0)).expect("its events")
    }

    /// Transactions that it has synced.
    pub(crate) fn commits(&self) -> f64 {
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

/// Devices in the database in `data`, which is made if there is none; in one transaction.
pub(crate) fn enrol(data: &Path, count: usize) -> Vec<Credentials> {
    enrol_at("Bench", data, count)
}

/// The same, at a site of that name.
pub(crate) fn enrol_at(site: &str, data: &Path, count: usize) -> Vec<Credentials> {
    let mut connection = store::connect(data).expect("a directory of ours");
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).expect("a turn");
    let name = Name::new(site).expect("a name");
    let site = site::find_or_add(&transaction, &name, clock::now(), clock::entropy()).expect("a site");
    let enrol = |_| {
        let kind = device::Kind::Kiosk;
        device::enrol(&transaction, site, &name, kind, clock::now(), clock::entropy(), clock::entropy())
    };
    let devices = (0..count).map(enrol).collect::<Result<_, _>>().expect("devices");
    transaction.commit().expect("the disk takes it");
    devices
}
