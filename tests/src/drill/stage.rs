//! What a drill is played on: what it needs besides a server, a network and browsers, and whether it is to be had here.

use crate::{
    clock::Clock,
    disk::Disk,
    network::{Cable, Network, Tls, WorkerClock},
    release::Release,
    server::Server,
};

/// What a drill is played on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing besides.
    Plain,
    /// The server writes on a small disk.
    SmallDisk,
    /// The server's files can be closed to it.
    ClosableFiles,
    /// The clocks of the server and of the device can be set.
    SetClocks,
    /// Browsers speak TLS with the network.
    Tls,
    /// The server serves the release before this one.
    EarlierRelease,
}

/// What a stage consists of.
pub(super) struct Set {
    pub(super) server: Server,
    pub(super) network: Network,
    pub(super) tls: Option<Tls>,
    pub(super) earlier: Option<Release>,
}

impl Stage {
    /// What this system lacks for it, if anything.
    pub fn lacks(self) -> Option<&'static str> {
        let (is_there, lacking) = match self {
            Self::Plain | Self::Tls | Self::EarlierRelease => (true, ""),
            Self::SmallDisk => (Disk::small().is_some(), "this user may not mount a small file system"),
            Self::ClosableFiles => {
                (Disk::can_be_closed(), "this user, or this file system, can't make a file immutable")
            }
            Self::SetClocks => (Clock::right().is_some(), "libfaketime is not installed"),
        };
        (!is_there).then_some(lacking)
    }

    pub(super) async fn set(self) -> Set {
        let data = match self {
            Self::SmallDisk => Disk::small().expect("`lacks` has tried it"),
            _ => Disk::of_the_system(),
        };
        let clock = match self {
            Self::SetClocks => Some(Clock::right().expect("`lacks` has tried it")),
            _ => None,
        };
        let mut server = Server::start_on(data, clock).await;
        let tls = (self == Self::Tls).then(Tls::new);
        let worker_clock = if self == Self::SetClocks { WorkerClock::SetByTest } else { WorkerClock::System };
        let network = Network::by(Cable { tls: tls.clone(), worker_clock }, server.url()).await;
        let earlier = (self == Self::EarlierRelease).then(Release::before);
        if let Some(earlier) = &earlier {
            server.kill();
            server.serve(earlier.path());
            server.start_again().await;
        }
        Set { server, network, tls, earlier }
    }
}
