//! Where a request comes from: the client's address, and whether it speaks https, also through a proxy that is trusted.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

use crate::{app::App, settings::Settings, tls::Connection};

/// The client's address, each proxy on the way adding that of who spoke to it.
const X_FORWARDED_FOR: &str = "x-forwarded-for";
/// The scheme that the client used.
const X_FORWARDED_PROTO: &str = "x-forwarded-proto";
/// The host that the client asked for, where a proxy changes `Host`.
const X_FORWARDED_HOST: &str = "x-forwarded-host";

/// Who sent a request, as far as the network knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The client's address; behind proxies that are not named, that of the last of them.
    pub address: IpAddr,
    /// Whether the client's connection is encrypted.
    pub is_https: bool,
    /// The host that the client asked for, if a trusted proxy says another one than `Host` does.
    pub forwarded_host: Option<String>,
}

impl FromRequestParts<Arc<App>> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self::of(parts, app))
    }
}

impl Peer {
    /// Who sent the request with this head.
    pub fn of(parts: &Parts, app: &App) -> Self {
        let nowhere = Connection { address: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)), is_encrypted: false };
        let connection = parts.extensions.get().map_or(nowhere, |ConnectInfo(connection)| *connection);
        Self::read(connection, &parts.headers, &app.settings)
    }

    fn read(connection: Connection, headers: &HeaderMap, settings: &Settings) -> Self {
        let connected = connection.address.ip().to_canonical();
        let is_https = connection.is_encrypted;
        if !settings.trusts(connected) {
            return Self { address: connected, is_https, forwarded_host: None };
        }
        // From the right: each address was added by the one after it, and only trusted ones are believed.
        let hops = headers.get_all(X_FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = hops.flat_map(|value| value.split(',')).map(str::trim).collect();
        let mut address = connected;
        for hop in hops.iter().rev() {
            let Ok(said) = hop.parse::<IpAddr>() else { break };
            address = said.to_canonical();
            if !settings.trusts(address) {
                break;
            }
        }
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            address,
            is_https: is_https || text(X_FORWARDED_PROTO).is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
            forwarded_host: text(X_FORWARDED_HOST).map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::direct("192.0.2.1", "", "192.0.2.1")]
    #[case::a_stranger_invents_an_address("192.0.2.1", "198.51.100.9", "192.0.2.1")]
    #[case::by_a_proxy("10.0.0.1", "198.51.100.9", "198.51.100.9")]
    #[case::the_client_invents_an_address_before("10.0.0.1", "203.0.113.5, 198.51.100.9", "198.51.100.9")]
    #[case::by_two_proxies("10.0.0.1", "198.51.100.9, 10.0.0.2", "198.51.100.9")]
    #[case::a_proxy_says_nonsense("10.0.0.1", "unknown", "10.0.0.1")]
    #[case::mapped("::ffff:10.0.0.1", "198.51.100.9", "198.51.100.9")]
    fn only_proxies_that_are_named_are_believed(
        #[case] connected: &str,
        #[case] forwarded: &str,
        #[case] address: &str,
    ) {
        let settings = Settings { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..Settings::default() };
        let mut headers = HeaderMap::new();
        headers.insert(X_FORWARDED_FOR, forwarded.parse().unwrap());
        headers.insert(X_FORWARDED_PROTO, "https".parse().unwrap());
        let connection = Connection { address: SocketAddr::new(connected.parse().unwrap(), 443), is_encrypted: false };
        let peer = Peer::read(connection, &headers, &settings);
        assert_eq!(peer.address, address.parse::<IpAddr>().unwrap());
        assert_eq!(peer.is_https, connected != "192.0.2.1");
    }
}
