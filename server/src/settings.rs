//! What whoever runs the server has decided, beside where its data are.

use std::net::IpAddr;

use ipnet::IpNet;

/// The decisions; the default is a server that stands alone and speaks plain http.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The proxies whose word on where a request comes from is taken. From anybody else, forwarded headers mean nothing.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether the server itself speaks TLS.
    pub tls: Tls,
}

/// Whether connections are encrypted where the server takes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// Plain http; a proxy may speak TLS in front of it.
    #[default]
    Off,
    /// https only.
    On,
}

impl Settings {
    /// Whether that address is a proxy whose word is taken.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted_proxies.iter().any(|net| net.contains(&address))
    }
}
