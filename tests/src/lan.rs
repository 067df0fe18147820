//! A network of a test's own, with an address as on an office's: 192.168.77.10. Nobody else is on it, and nothing of it
//! is left when the test ends.

use std::{
    fs,
    io::{self, Write as _},
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

/// In which ways one may be let to make a network: as root, or as root of a world of one's own.
const WAYS: [&[&str]; 2] = [&["--net", "--mount"], &["--user", "--map-root-user", "--net", "--mount"]];

/// What Debian's programs trust; one file, in PEM.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Where Debian's Chromium, and Chrome, read what an administrator has decided: a folder that the system has, and where
/// under it.
const CHROMIUM: [(&str, &str); 2] = [("/etc/chromium", "policies/managed"), ("/etc/opt", "chrome/policies/managed")];

/// What came of asking for the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The caller is on it.
    Inside,
    /// The caller has nothing left to do: the test was run on it, to its good end; or this system lets nobody make one,
    /// and that was said aloud.
    Over,
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
    let Some(way) = WAYS.into_iter().find(|way| can_be(way)) else {
        // Not by `eprintln!`: of a test that passes, nobody would see it.
        let said = format!("NOT TRIED: {test}: this system lets nobody make a network of their own\n");
        drop(io::stderr().write_all(said.as_bytes()));
        return Entry::Over;
    };
    let program = std::env::current_exe().expect("the test knows its program");
    let again = isolated(way).arg(program).args(["--exact", test, "--nocapture"]).env(INSIDE, "1").status();
    assert!(again.expect("the test runs").success(), "{test} failed on the network of its own");
    Entry::Over
}

/// A command on a network of its own; what it runs is to be added.
fn isolated(way: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command.args(way).args(["--", "sh", "-ec", PLUG_IN, "sh"]);
    command
}

/// Whether the network can be made so, and a file be laid over another there.
fn can_be(way: &[&str]) -> bool {
    let mut command = isolated(way);
    command.args(["mount", "--bind", AUTHORITIES, AUTHORITIES]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
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
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let policy = serde_json::json!({ "CACertificates": [base64] }).to_string();
    for (there, managed) in CHROMIUM.map(|(there, managed)| (Path::new(there), managed)) {
        if there.is_dir() {
            mount(&["-t", "tmpfs", "tmpfs", there.to_str().expect("a path in UTF-8")]);
            let managed = there.join(managed);
            fs::create_dir_all(&managed).expect("a folder on the tmpfs");
            fs::write(managed.join("authority.json"), &policy).expect("a file on the tmpfs");
        }
    }
    folder
}

fn mount(arguments: &[&str]) {
    let status = Command::new("mount").args(arguments).status().expect("mount runs");
    assert!(status.success(), "mount {arguments:?} failed");
}
