//! TLS with an authority of one's own: what a browser that trusts it sees, and what others do.

use std::{path::Path, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

use crate::{
    command_line::{Process, output, printed},
    fixture::DEADLINE,
};

/// Another address than everybody's loopback.
const ADDRESS: &str = "127.0.0.2";

/// What trusts the authority in `data`.
fn trusting(data: &Path) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(data.join("tls/authority.crt")).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// The answer to `GET path` over TLS, as text, and the certificate that was shown.
async fn get(server: &Process, connector: &TlsConnector, name: &str, path: &str) -> std::io::Result<(String, Vec<u8>)> {
    let address = server.base.strip_prefix("https://").unwrap();
    let stream = TcpStream::connect(address).await?;
    let mut stream = connector.connect(ServerName::try_from(name.to_owned()).unwrap(), stream).await?;
    let shown = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok((answer, shown))
}

async fn plain(server: &Process, request: &str) -> String {
    let address = server.base.strip_prefix("https://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{request} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn serve(data: &Path) -> Process {
    Process::start_with(data, &["--tls", "--listen", &format!("{ADDRESS}:0")])
}

#[tokio::test]
async fn who_trusts_the_authority_reaches_the_server_by_each_name_that_was_given() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    printed(&data, &["tls", "init", "--name", ADDRESS, "--name", "reception.local"]);
    let server = serve(&data);
    let connector = trusting(&data);
    for name in [ADDRESS, "reception.local"] {
        let (answer, _) = get(&server, &connector, name, "/healthz").await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.to_lowercase().contains("strict-transport-security: max-age=31536000"), "{answer}");
    }
    let other = get(&server, &connector, "elsewhere.local", "/healthz").await.unwrap_err();
    assert!(other.to_string().contains("not valid for name"), "{other}");
}

#[tokio::test]
async fn over_plain_http_only_what_makes_an_ipad_trust_it_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let said = printed(&data, &["tls", "init", "--name", ADDRESS]);
    let fingerprint = said.lines().find_map(|line| line.strip_prefix("authority, SHA-256: ")).unwrap();
    let server = serve(&data);
    let page = plain(&server, "GET /trust").await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains(fingerprint), "{page}");
    let profile = plain(&server, "GET /trust/vestibule.mobileconfig").await;
    assert!(profile.contains("application/x-apple-aspen-config") && profile.contains("com.apple.security.root"));
    let pem = std::fs::read_to_string(data.join("tls/authority.crt")).unwrap();
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    assert!(profile.contains(&format!("<data>{base64}</data>")), "the profile holds the authority");
    let kiosk = plain(&server, "GET /kiosk?code=1").await;
    assert!(kiosk.starts_with("HTTP/1.1 308") && kiosk.contains(&format!("location: {}/kiosk?code=1", server.base)));
    for request in ["GET /api/v1/session", "POST /api/v1/session"] {
        let refused = plain(&server, request).await;
        assert!(refused.starts_with("HTTP/1.1 403") && refused.contains("\"https_only\""), "{refused}");
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_up_without_a_restart_and_the_authority_stays() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    printed(&data, &["tls", "init", "--name", ADDRESS]);
    let server = serve(&data);
    let connector = trusting(&data);
    let (_, before) = get(&server, &connector, ADDRESS, "/healthz").await.unwrap();
    assert!(!printed(&data, &["tls", "init", "--name", ADDRESS]).contains("on each iPad"));
    server.hang_up();
    // By a client that trusted the authority before.
    until_another(&server, &connector, &before).await;
}

/// Waits until the server shows another certificate than that one.
async fn until_another(server: &Process, connector: &TlsConnector, before: &[u8]) {
    let deadline = Instant::now() + DEADLINE;
    while get(server, connector, ADDRESS, "/healthz").await.unwrap().1 == before {
        assert!(Instant::now() < deadline, "it goes on with the old one");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_certificate_of_the_house_is_spoken_with_and_its_successor_taken_up_without_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (house, data) = (dir.path().join("house"), dir.path().join("data"));
    let issue = || {
        printed(&house, &["tls", "init", "--name", ADDRESS]);
        ["server.crt", "server.key"].map(|file| {
            std::fs::copy(house.join("tls").join(file), dir.path().join(file)).unwrap();
            dir.path().join(file).to_str().unwrap().to_owned()
        })
    };
    let [chain, key] = issue();
    let listen = format!("{ADDRESS}:0");
    let server = Process::start_with(&data, &["--tls-cert", &chain, "--tls-key", &key, "--listen", &listen]);
    let connector = trusting(&house);
    let (answer, before) = get(&server, &connector, ADDRESS, "/healthz").await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    issue();
    server.hang_up();
    until_another(&server, &connector, &before).await;
}

#[test]
fn the_authority_vouches_for_private_names_and_those_it_was_made_for_only() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    printed(&data, &["tls", "init", "--name", "visit.example.com"]);
    printed(&data, &["tls", "init", "--name", "visit.example.com", "--name", "10.1.2.3", "--name", "desk.lan"]);
    for name in ["bank.example", "203.0.113.7"] {
        let refused = output(&data, &["tls", "init", "--name", name]);
        assert!(!refused.status.success());
        assert!(String::from_utf8_lossy(&refused.stderr).contains("--new-authority"));
    }
    printed(&data, &["tls", "init", "--name", "203.0.113.7", "--new-authority"]);
}

#[cfg(unix)]
#[test]
fn only_their_owner_can_read_the_keys() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    printed(&data, &["tls", "init", "--name", ADDRESS]);
    for file in ["tls/authority.key", "tls/server.key"] {
        assert_eq!(std::fs::metadata(data.join(file)).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
    }
}
