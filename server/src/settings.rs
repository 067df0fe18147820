//! What whoever runs the server has decided, beside where its data are.

use std::{net::IpAddr, sync::Arc};

use ipnet::IpNet;

use crate::{access::provider::Provider, tls::Certificate};

/// The decisions; the default is a server that stands alone and speaks plain http.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The proxies whose word on where a request comes from is taken. From anybody else, forwarded headers mean nothing.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether it is counted how much anybody asks.
    pub rates: Rates,
    /// With which the server itself speaks TLS; without one it speaks plain http, and a proxy may speak TLS in front of
    /// it.
    pub tls: Option<Arc<Certificate>>,
    /// The authority of one's own that vouches for it, in DER, for iPads to install.
    pub authority: Option<Arc<[u8]>>,
    /// By whom staff can sign in, beside their passwords here.
    pub provider: Option<Arc<Provider>>,
}

/// Whether it is counted how much anybody asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rates {
    /// Each device, account, key and address within its measure.
    #[default]
    Limited,
    /// Nobody is: for measuring, and where something in front counts.
    Unlimited,
}

impl Settings {
    /// Whether that address is a proxy whose word is taken.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted_proxies.iter().any(|net| net.contains(&address))
    }
}
