//! A certificate authority of one's own, for machines that no public one can vouch for, as on an office's network.
//!
//! What it may vouch for stands in it: names and addresses of private networks and those that were named, so that who
//! steals its key can't pretend to be a bank to the iPads that trust it. The server's certificate holds for 397 days,
//! within what Apple accepts (<https://support.apple.com/en-us/103769> and 102028): with subject alternative names and
//! for serverAuth only.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    net::IpAddr,
    path::{Path, PathBuf},
};

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};
use vestibule_protocol::timestamp::Timestamp;

use crate::store;

/// How long the authority holds, in days: ten years, for somebody must touch every iPad to replace it.
const AUTHORITY_DAYS: i64 = 3_650;

/// How long the server's certificate holds, in days.
pub const SERVER_DAYS: i64 = 397;

/// How far before now both begin, in hours: an iPad's clock may be behind.
const BEFORE_HOURS: i64 = 24;

/// Names of private networks (RFC 6762, RFC 8375, and what is common).
const PRIVATE_NAMES: [&str; 6] = ["localhost", "local", "lan", "internal", "home.arpa", "test"];

/// Private addresses (RFC 1918, 3927, 4193, 4291, 1122).
const PRIVATE_NETWORKS: [([u8; 4], u8); 5] =
    [([10, 0, 0, 0], 8), ([172, 16, 0, 0], 12), ([192, 168, 0, 0], 16), ([169, 254, 0, 0], 16), ([127, 0, 0, 0], 8)];

/// What was made.
#[derive(Debug)]
pub struct Made {
    /// The server's certificate and key.
    pub server: [PathBuf; 2],
    /// SHA-256 of the authority's certificate, for comparing by eye.
    pub fingerprint: String,
    /// Whether the authority is a new one, which every iPad must be told of.
    pub is_new_authority: bool,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum LocalCaError {
    /// A file can't be read or written.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A name is none, or the authority's key is none.
    #[error("the certificate can't be made: {0}")]
    Unfit(#[from] rcgen::Error),
    /// The authority was made for other names.
    #[error(
        "the authority in {path} may not vouch for {name}; name it with --new-authority, then install that on the iPads"
    )]
    NotPermitted {
        /// Where it is.
        path: PathBuf,
        /// The name.
        name: String,
    },
}

/// Whether an authority that is there goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// It does, if it may vouch for the names.
    Keep,
    /// A new one takes its place.
    Replace,
}

/// Makes a certificate for those names and addresses in `data`, and an authority that vouches for it, if there is none.
///
/// # Errors
/// [`LocalCaError`].
pub fn init(data: &Path, names: &[String], authority: Authority, now: Timestamp) -> Result<Made, LocalCaError> {
    let dir = dir(data);
    store::make_directory(data).and_then(|()| store::make_directory(&dir)).map_err(at(&dir))?;
    let now = OffsetDateTime::from_unix_timestamp(now.unix_ms() / 1_000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (certificate, names_file) = (authority_file(data), dir.join("authority.names"));
    let is_new = authority == Authority::Replace || !certificate.exists();
    if is_new {
        let key = KeyPair::generate()?;
        let params = authority_params(&key, names, now);
        let made = params.self_signed(&key)?;
        write(&dir.join("authority.key"), &key.serialize_pem())?;
        write(&names_file, &names.join("\n"))?;
        write(&certificate, &made.pem())?;
    }
    let permitted = fs::read_to_string(&names_file).map_err(at(&names_file))?;
    let permitted: Vec<String> = permitted.lines().map(str::to_owned).collect();
    if let Some(name) = names.iter().find(|name| !may_vouch_for(name, &permitted)) {
        return Err(LocalCaError::NotPermitted { path: dir, name: name.clone() });
    }
    let key_file = dir.join("authority.key");
    let key = KeyPair::from_pem(&fs::read_to_string(&key_file).map_err(at(&key_file))?)?;
    let issuer = Issuer::new(authority_params(&key, &permitted, now), key);
    let server = [dir.join("server.crt"), dir.join("server.key")];
    let server_key = KeyPair::generate()?;
    let made = server_params(names, now)?.signed_by(&server_key, &issuer)?;
    let chain = fs::read_to_string(&certificate).map_err(at(&certificate))?;
    // The key first: a server that looks between the two finds a pair that does not fit, and stays with what it has.
    write(&server[1], &server_key.serialize_pem())?;
    write(&server[0], &format!("{}{chain}", made.pem()))?;
    let der = super::authority(data).map_err(at(&certificate))?.unwrap_or_default();
    Ok(Made { server, fingerprint: fingerprint(&der), is_new_authority: is_new })
}

/// Where the authority's certificate is.
pub fn authority_file(data: &Path) -> PathBuf {
    dir(data).join("authority.crt")
}

/// The server's certificate and key, as [`init`] makes them.
pub fn server_files(data: &Path) -> [PathBuf; 2] {
    ["server.crt", "server.key"].map(|name| dir(data).join(name))
}

/// SHA-256 of a certificate, as browsers and iPads show it.
pub fn fingerprint(der: &[u8]) -> String {
    Sha256::digest(der).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

/// The names and addresses of this machine, as other machines may know it.
pub fn names_of_this_machine() -> Vec<String> {
    let mut names = vec!["localhost".to_owned()];
    if let Ok(host) = gethostname::gethostname().into_string() {
        let host = host.trim_end_matches('.').to_lowercase();
        if !host.is_empty() && !host.contains('.') {
            names.push(format!("{host}.local"));
        }
        names.push(host);
    }
    let addresses = if_addrs::get_if_addrs().unwrap_or_default();
    names.extend(addresses.iter().map(|interface| interface.ip().to_string()));
    names.retain(|name| !name.is_empty());
    names.sort();
    names.dedup();
    names
}

fn dir(data: &Path) -> PathBuf {
    data.join("tls")
}

/// The same for the same key and names, whenever it is asked: the server's certificate names it as its issuer.
fn authority_params(key: &KeyPair, names: &[String], now: OffsetDateTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    let number = &fingerprint(key.public_key_raw()).replace(':', "")[..8];
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("Vestibule authority {number}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let private = PRIVATE_NAMES.iter().map(|name| GeneralSubtree::DnsName((*name).to_owned()));
    let networks = PRIVATE_NETWORKS.map(|(net, bits)| GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix(net, bits)));
    let local_v6 = [(0xfc, 7), (0xfe, 10)].map(|(first, bits)| {
        let mut net = [0; 16];
        net[0] = first;
        net[1] = if first == 0xfe { 0x80 } else { 0 };
        GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(net, bits))
    });
    let named = names.iter().map(|name| match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix(address.octets(), 32)),
        Ok(IpAddr::V6(address)) => GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(address.octets(), 128)),
        Err(_) => GeneralSubtree::DnsName(name.clone()),
    });
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: private.chain(networks).chain(local_v6).chain(named).collect(),
        excluded_subtrees: Vec::new(),
    });
    params.not_before = now - Duration::hours(BEFORE_HOURS);
    params.not_after = now + Duration::days(AUTHORITY_DAYS);
    params
}

fn server_params(names: &[String], now: OffsetDateTime) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    debug_assert!(
        params.subject_alt_names.iter().all(|name| matches!(name, SanType::DnsName(_) | SanType::IpAddress(_)))
    );
    // No common name: what it is for stands in the alternative names alone (RFC 9525 §2). GnuTLS would take an address
    // there for a host's name, for which the authority may not vouch, and WebKitGTK would show nothing.
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Vestibule");
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = now - Duration::hours(BEFORE_HOURS);
    params.not_after = params.not_before + Duration::days(SERVER_DAYS);
    Ok(params)
}

/// Whether an authority that was made for those names may vouch for `name`.
fn may_vouch_for(name: &str, permitted: &[String]) -> bool {
    match name.parse::<IpAddr>() {
        Ok(address) => is_private(address) || permitted.iter().any(|permitted| permitted.parse() == Ok(address)),
        Err(_) => {
            PRIVATE_NAMES.iter().copied().chain(permitted.iter().map(String::as_str)).any(|permitted| {
                name == permitted || name.strip_suffix(permitted).is_some_and(|rest| rest.ends_with('.'))
            })
        }
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local() || address.is_loopback(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}

/// Writes a file that only its owner may read, whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), LocalCaError> {
    let part = path.with_extension("part");
    let write = || -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file: File = options.open(&part)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    write().map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> LocalCaError {
    move |cause| LocalCaError::File { path: path.to_owned(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_for_an_address_alone_calls_it_no_hosts_name() {
        let params = server_params(&["192.168.1.10".to_owned()], OffsetDateTime::UNIX_EPOCH).unwrap();
        assert_eq!(params.distinguished_name.get(&DnType::CommonName), None);
        assert_eq!(params.subject_alt_names, [SanType::IpAddress([192, 168, 1, 10].into())]);
    }
}
