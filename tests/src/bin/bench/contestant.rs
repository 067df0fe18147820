//! What is measured: started on a fresh database, loaded for a window, its rows counted against what it answered for.

use std::{fs, path::Path, process::Command, time::Duration};

use tempfile::TempDir;
use vestibule_protocol::account::Credentials;
use vestibule_tests::workspace;

use crate::{
    disk,
    load::{self, Client, Measured},
    machine, raw,
    running::{Running, enrol},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contestant {
    Vestibule,
    Raw,
    Fastify,
    Disk,
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
            Self::Vestibule => Running::vestibule(&dir.path().join("data")),
            Self::Fastify => fastify(dir.path(), &devices),
        };
        let (began, cpu_before) = (machine::now(), machine::cpu_s(running.pid()));
        let players = devices.into_iter().map(Client::new).collect();
        let counted = load::deliver(players, &running.address, batch, window);
        let took = began.elapsed();
        let events = counted.events as f64;
        let cpu_s = machine::cpu_s(running.pid()) - cpu_before;
        assert_eq!(running.rows(), counted.events, "{} answered for other events than it holds", self.name());
        Measured {
            cpu_s_per_100k: Some(cpu_s / events * 100_000.0),
            events_per_sync: match self {
                Self::Vestibule => Some(events / running.commits()),
                Self::Fastify | Self::Raw | Self::Disk => None,
            },
            rss_mb: Some(machine::rss_mb(running.pid())),
            ..Measured::new(counted, took)
        }
    }
}

fn fastify(dir: &Path, devices: &[Credentials]) -> Running {
    let (database, tokens) = (dir.join("peer.db"), dir.join("tokens"));
    let lines: Vec<&str> = devices.iter().map(|device| device.token.as_str()).collect();
    fs::write(&tokens, lines.join("\n")).expect("a file for the tokens");
    let mut command = Command::new("node");
    command.arg(workspace().join("tests/peers/fastify/server.js")).arg(&database).arg(tokens);
    Running::start(command, database)
}
