//! `tls init`.

use std::path::Path;

use super::CliError;
use crate::{
    clock,
    tls::local_ca::{self, Authority, Made, SERVER_DAYS},
};

pub(super) fn init(data: &Path, names: Vec<String>, authority: Authority) -> Result<(), CliError> {
    let names = if names.is_empty() { local_ca::names_of_this_machine() } else { names };
    let Made { server: [certificate, _], fingerprint, is_new_authority } =
        local_ca::init(data, &names, authority, clock::now())?;
    println!("{} for {SERVER_DAYS} days: {}", certificate.display(), names.join(", "));
    println!("authority, SHA-256: {fingerprint}");
    println!("serve with it: vestibule serve --tls --listen 0.0.0.0:8443");
    if is_new_authority {
        println!("on each iPad, once, open http://{}:8443/trust in Safari", names.last().map_or("…", String::as_str));
    }
    Ok(())
}
