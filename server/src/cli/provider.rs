//! What `serve` is told of an identity provider.

use std::{fs, io, path::PathBuf, str::FromStr};

use rusqlite::Connection;
use url::Url;
use vestibule_protocol::{account::ProviderName, event::Name};

use crate::{
    access::provider::{Addresses, Newcomers, NewcomersRole, Options, Provider},
    site,
};

/// Sign-in by an OpenID Connect provider.
#[derive(clap::Args)]
#[command(next_help_heading = "Sign-in by an identity provider (OpenID Connect)")]
pub(super) struct Arguments {
    /// The provider's address, as it writes it itself. Tell the provider that this server's redirect URI is the public URL
    /// with /api/v1/sign-in/provider/callback after it.
    #[arg(long, env = "VESTIBULE_OIDC_ISSUER", value_name = "URL", value_parser = encrypted, requires_all = ["oidc_client_id", "public_url"])]
    oidc_issuer: Option<Url>,
    /// What the provider calls this server.
    #[arg(long, env = "VESTIBULE_OIDC_CLIENT_ID", value_name = "ID", requires = "oidc_issuer")]
    oidc_client_id: Option<String>,
    /// A file with the secret that this server shows the provider, if it gave one. Nobody else should be able to read it.
    #[arg(long, env = "VESTIBULE_OIDC_CLIENT_SECRET_FILE", value_name = "FILE", requires = "oidc_issuer")]
    oidc_client_secret_file: Option<PathBuf>,
    /// Where browsers reach this server, with its scheme: its name, and its port where that is unusual.
    #[arg(long, env = "VESTIBULE_PUBLIC_URL", value_name = "URL", value_parser = encrypted)]
    public_url: Option<Url>,
    /// What people call the provider; it stands on the button.
    #[arg(long, env = "VESTIBULE_OIDC_NAME", value_name = "NAME", value_parser = ProviderName::new, requires = "oidc_issuer")]
    oidc_name: Option<ProviderName>,
    /// What the provider asks of who is signed in there already. "login" has them show who they are each time, so that
    /// who signed out of a desk that several people share is not signed in again by the next one's click. Google knows
    /// "select_account" instead; "" asks nothing.
    #[arg(long, env = "VESTIBULE_OIDC_PROMPT", value_name = "PROMPT", default_value = "login")]
    oidc_prompt: String,
    /// Let somebody without an account in as a receptionist or a marshal, of every site or of one, if their verified
    /// address is of that domain: example.com=receptionist or "example.com=marshal@Head office". Without it, only who has
    /// an account is let in. Can be given more than once.
    #[arg(
        long,
        env = "VESTIBULE_OIDC_JOIN",
        value_name = "DOMAIN=ROLE[@SITE]",
        value_delimiter = ',',
        requires = "oidc_issuer"
    )]
    oidc_join: Vec<Join>,
    /// Take the provider's word for e-mail addresses which it does not call verified. Only for a provider of your own
    /// company alone, which gives the addresses out itself, as Entra ID does.
    #[arg(long, requires = "oidc_issuer")]
    oidc_all_addresses: bool,
}

/// `DOMAIN=ROLE[@SITE]`
#[derive(Clone, Debug, PartialEq, Eq)]
struct Join {
    domain: String,
    role: NewcomersRole,
    site: Option<Name>,
}

/// What a text is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum NotThat {
    #[error("it is no address")]
    Url,
    #[error("it must be https, except on this machine itself")]
    Encrypted,
    #[error("write DOMAIN=receptionist or DOMAIN=marshal, and @SITE after it for one site; admins are made by admins")]
    Join,
}

/// Why the provider can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The secret can't be read.
    #[error("the provider's secret in {path} can't be read: {cause}")]
    Secret {
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// No site of that name.
    #[error("there is no site \"{}\" for newcomers to join", .0.as_str())]
    NoSuchSite(Name),
    /// What SQLite said.
    #[error("the database can't be read: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// This machine keeps no authorities by which to know the provider.
    #[error("no authority on this machine can vouch for the provider: {0}")]
    Authorities(#[from] io::Error),
}

impl Arguments {
    /// The provider that they name, if they name one.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub(super) fn provider(&self, connection: &Connection) -> Result<Option<Provider>, ProviderError> {
        let (Some(issuer), Some(client_id), Some(public_url)) =
            (&self.oidc_issuer, &self.oidc_client_id, &self.public_url)
        else {
            return Ok(None);
        };
        let client_secret = match &self.oidc_client_secret_file {
            Some(path) => {
                let secret =
                    fs::read_to_string(path).map_err(|cause| ProviderError::Secret { path: path.clone(), cause })?;
                Some(secret.trim().to_owned())
            }
            None => None,
        };
        let mut newcomers = Vec::with_capacity(self.oidc_join.len());
        for Join { domain, role, site } in self.oidc_join.clone() {
            let site = match site {
                Some(name) => Some(site::find(connection, &name)?.ok_or(ProviderError::NoSuchSite(name))?),
                None => None,
            };
            newcomers.push(Newcomers { domain, role, site });
        }
        // Where nobody has said what people call it, its host.
        let host = issuer.host_str().unwrap_or_default();
        let name = self.oidc_name.clone().or_else(|| ProviderName::new(host).ok());
        Ok(Some(Provider::new(Options {
            name: name.unwrap_or_else(|| ProviderName::new("OpenID Connect").expect("it is a name")),
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret,
            public_url: public_url.clone(),
            prompt: (!self.oidc_prompt.is_empty()).then(|| self.oidc_prompt.clone()),
            addresses: if self.oidc_all_addresses { Addresses::All } else { Addresses::Verified },
            newcomers,
        })?))
    }
}

impl FromStr for Join {
    type Err = NotThat;

    fn from_str(text: &str) -> Result<Self, NotThat> {
        let (domain, rest) = text.split_once('=').ok_or(NotThat::Join)?;
        let (role, site) = match rest.split_once('@') {
            Some((role, site)) => (role, Some(Name::new(site).map_err(|_| NotThat::Join)?)),
            None => (rest, None),
        };
        let role = match role.trim() {
            "receptionist" => NewcomersRole::Receptionist,
            "marshal" => NewcomersRole::Marshal,
            _ => return Err(NotThat::Join),
        };
        let domain = domain.trim().trim_start_matches('@').to_owned();
        if domain.is_empty() { Err(NotThat::Join) } else { Ok(Self { domain, role, site }) }
    }
}

/// An address of https, or of this machine itself, for trying things out.
fn encrypted(text: &str) -> Result<Url, NotThat> {
    let url: Url = text.parse().map_err(|_| NotThat::Url)?;
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_here => Ok(url),
        _ => Err(NotThat::Encrypted),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://id.example.com/realms/main", Ok(()))]
    #[case("http://localhost:9000", Ok(()))]
    #[case("http://id.example.com", Err(NotThat::Encrypted))]
    #[case("file:///etc/passwd", Err(NotThat::Encrypted))]
    #[case("id.example.com", Err(NotThat::Url))]
    fn a_provider_is_reached_by_https_only(#[case] text: &str, #[case] is_taken: Result<(), NotThat>) {
        assert_eq!(encrypted(text).map(drop), is_taken);
    }

    #[test]
    fn newcomers_are_of_a_domain_and_never_admins() {
        let role = NewcomersRole::Marshal;
        let site = Some(Name::new("Head office").unwrap());
        assert_eq!(
            "example.com=marshal@Head office".parse(),
            Ok(Join { domain: "example.com".to_owned(), role, site })
        );
        assert_eq!("@example.com = marshal".parse(), Ok(Join { domain: "example.com".to_owned(), role, site: None }));
        for refused in ["example.com", "example.com=admin", "=marshal", "example.com=marshal@"] {
            assert_eq!(refused.parse::<Join>(), Err(NotThat::Join), "{refused}");
        }
    }
}
