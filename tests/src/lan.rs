//! A network of a test's own, with an address as on an office's: 192.168.77.10. Nobody else is on it, and nothing of it
//! is left when the test ends.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// The address that the machine has there.
pub const ADDRESS: &str = "192.168.77.10";

/// Says to the test that it runs inside by now.
const INSIDE: &str = "VESTIBULE_TESTS_LAN";

/// Two ends of a cable, one of them with the address.
const PLUG_IN: &str = r#"
    ip link set lo up
    ip link add lan type veth peer name wall
    ip address add 192.168.77.10/24 dev lan
    ip link set lan up
    ip link set wall up
    exec "$@"
"#;

/// What Debian's programs trust; one file, in PEM.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Where Debian's Chromium reads what an administrator has decided.
const CHROMIUM: &str = "/etc/chromium";

/// What came of asking for the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The caller is on it.
    Inside,
    /// The test was run on it, to its good end, and the caller has nothing left to do.
    Done,
    /// This system lets nobody make one: it is no Linux, or it allows it to nobody but root.
    Refused,
}

/// Runs the test of that name once more, on a network of its own and with files of its own over the system's, unless it
/// is that run already.
///
/// # Panics
/// If the test fails there.
pub fn enter(test: &str) -> Entry {
    if std::env::var_os(INSIDE).is_some() {
        return Entry::Inside;
    }
    let isolated = || {
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount", "--", "sh", "-ec", PLUG_IN, "sh"]);
        command
    };
    let can_be = isolated().arg("true").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !can_be.is_ok_and(|status| status.success()) {
        return Entry::Refused;
    }
    let program = std::env::current_exe().expect("the test knows its program");
    let again = isolated().arg(program).args(["--exact", test, "--nocapture"]).env(INSIDE, "1").status();
    assert!(again.expect("the test runs").success(), "{test} failed on the network of its own");
    Entry::Done
}

/// Has every program here trust an authority, as an iPad does on which somebody has installed it: by the system's own
/// list, and by Chromium's. Only [`Entry::Inside`], where nobody else sees it.
///
/// # Panics
/// If the system does not let it be done.
pub fn trust(authority: &Path) -> TempDir {
    let folder = TempDir::new().expect("a directory for what is trusted");
    let pem = fs::read_to_string(authority).expect("the authority is PEM");
    let list = folder.path().join("authorities.crt");
    fs::write(&list, fs::read_to_string(AUTHORITIES).unwrap_or_default() + &pem).expect("a file");
    mount(&["--bind", list.to_str().expect("a path in UTF-8"), AUTHORITIES]);
    mount(&["-t", "tmpfs", "tmpfs", CHROMIUM]);
    let policies = Path::new(CHROMIUM).join("policies/managed");
    fs::create_dir_all(&policies).expect("a folder on the tmpfs");
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let policy = serde_json::json!({ "CACertificates": [base64] });
    fs::write(policies.join("authority.json"), policy.to_string()).expect("a file on the tmpfs");
    folder
}

fn mount(arguments: &[&str]) {
    let status = Command::new("mount").args(arguments).status().expect("mount runs");
    assert!(status.success(), "mount {arguments:?} failed");
}
