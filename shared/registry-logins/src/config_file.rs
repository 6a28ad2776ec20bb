//! A file with logins: Docker's `config.json`, whose format the other tools share.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use feeds::Credential;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::host::{DOCKER_HUB_SERVER, Scope};
use crate::login::Login;

/// The maximum size of a file, in bytes. A login has some kilobytes, even with a service account's key.
const MAX_SIZE: u64 = 1 << 20;

/// The content of a file. `None` and missing fields are empty.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ConfigFile {
    auths: Option<BTreeMap<String, Option<Entry>>>,
    cred_helpers: Option<BTreeMap<String, String>>,
    creds_store: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: Option<SecretString>,
    username: Option<String>,
    password: Option<SecretString>,
    identitytoken: Option<SecretString>,
    registrytoken: Option<SecretString>,
}

/// Where a file keeps the login of a registry.
#[derive(Debug)]
pub(crate) enum Kept {
    /// In the file itself.
    InFile(Login),
    /// In the store of the helper `docker-credential-NAME`, under the name of a server.
    InHelper { name: String, server: String },
}

/// A file that cannot be used. The error never contains the file's text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("cannot read it")]
    Unreadable(#[source] std::io::Error),
    #[error("it has more than {MAX_SIZE} bytes")]
    TooLarge,
    #[error("it is not Docker's configuration as JSON (line {line}, column {column})")]
    Content { line: usize, column: usize },
}

impl ConfigFile {
    /// Reads a file; a missing one contains no logins.
    pub(crate) fn read(path: &Path) -> Result<Self, FileError> {
        let file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(FileError::Unreadable(error)),
        };
        let mut bytes = Vec::new();
        let mut limited = file.take(MAX_SIZE + 1);
        limited
            .read_to_end(&mut bytes)
            .map_err(FileError::Unreadable)?;
        if u64::try_from(bytes.len()).is_ok_and(|size| size > MAX_SIZE) {
            return Err(FileError::TooLarge);
        }
        serde_json::from_slice(&bytes).map_err(|error| FileError::Content {
            line: error.line(),
            column: error.column(),
        })
    }

    /// Finds the login for all repositories of the scope: a helper for the host, else an entry of the file, else the
    /// helper for all hosts.
    pub(crate) fn find(&self, scope: &Scope, path: &Path) -> Option<Kept> {
        let helpers = self.cred_helpers.iter().flatten();
        let mut helpers = helpers.filter(|(key, _)| Scope::of_key(key).contains(scope));
        if let Some((server, name)) = helpers.next() {
            return Some(Kept::InHelper {
                name: name.clone(),
                server: server.clone(),
            });
        }
        let entries = self.auths.iter().flatten();
        let mut entries: Vec<_> = entries
            .map(|(key, entry)| (Scope::of_key(key), key, entry))
            .filter(|(known, ..)| known.contains(scope))
            .collect();
        // The narrowest scope first.
        entries.sort_by_key(|(known, ..)| std::cmp::Reverse(known.path.len()));
        let login = |(_, _, entry): &(Scope, &String, &Option<Entry>)| {
            entry.as_ref()?.login(&path.display().to_string())
        };
        if let Some(login) = entries.iter().find_map(login) {
            return Some(Kept::InFile(login));
        }
        let name = self.creds_store.clone().filter(|name| !name.is_empty())?;
        let server = match entries.first() {
            Some((_, key, _)) => (*key).clone(),
            None if scope.host == domain::budget::DOCKER_HUB_REGISTRY => {
                DOCKER_HUB_SERVER.to_owned()
            }
            None => scope.host.clone(),
        };
        Some(Kept::InHelper { name, server })
    }
}

impl Entry {
    fn login(&self, source: &str) -> Option<Login> {
        let text = |secret: &Option<SecretString>| {
            secret
                .clone()
                .filter(|secret| !secret.expose_secret().is_empty())
        };
        if let Some(token) = text(&self.registrytoken) {
            let header = format!("Bearer {}", token.expose_secret());
            return Some(Login {
                credential: Credential::AuthorizationHeader(header.into()),
                source: source.to_owned(),
            });
        }
        if let Some(token) = text(&self.identitytoken) {
            return Login::of_identity_token(token, source.to_owned());
        }
        let pair = text(&self.auth).and_then(|auth| decode(&auth));
        let (username, password) = match pair {
            Some(pair) => pair,
            None => (self.username.clone()?, text(&self.password)?),
        };
        Login::of_user(&username, password, source.to_owned())
    }
}

/// The user and the password in `auth`.
fn decode(auth: &SecretString) -> Option<(String, SecretString)> {
    let bytes = BASE64_STANDARD.decode(auth.expose_secret().trim()).ok()?;
    let text = SecretString::from(String::from_utf8(bytes).ok()?);
    let (username, password) = text.expose_secret().split_once(':')?;
    // Docker pads some passwords.
    let password = password.trim_matches('\0');
    Some((username.to_owned(), password.into()))
}

#[cfg(test)]
mod tests {
    use super::{ConfigFile, Credential, ExposeSecret, Kept, Path, Scope};

    fn find(text: &str, key: &str) -> String {
        let file: ConfigFile = serde_json::from_str(text).unwrap();
        match file.find(&Scope::of_key(key), Path::new("config.json")) {
            None => "none".to_owned(),
            Some(Kept::InHelper { name, server }) => format!("helper {name} {server}"),
            Some(Kept::InFile(login)) => match login.credential {
                Credential::Basic { username, password } => {
                    format!("{username} {}", password.expose_secret())
                }
                Credential::AuthorizationHeader(header) => header.expose_secret().to_owned(),
            },
        }
    }

    #[test]
    fn login_is_found_in_every_form() {
        let text = r#"{
            "auths": {
                "basic.example.com": {"auth": "am9lOnMzOmNyZXQ="},
                "plain.example.com": {"username": "joe", "password": "s3cret"},
                "azure.example.com": {"auth": "am9lOg==", "identitytoken": "refresh"},
                "bearer.example.com": {"registrytoken": "token"},
                "https://index.docker.io/v1/": {"auth": "aHViOnMzY3JldA=="},
                "quay.io": {"auth": "YWxsOnMzY3JldA=="},
                "quay.io/team": {"auth": "dGVhbTpzM2NyZXQ="},
                "empty.example.com": {},
                "null.example.com": null,
                "broken.example.com": {"auth": "%%%"}
            },
            "credHelpers": {"helped.example.com": "pass"},
            "HttpHeaders": {"User-Agent": "Docker"}
        }"#;
        for (host, expected) in [
            ("basic.example.com", "joe s3:cret"),
            ("plain.example.com", "joe s3cret"),
            ("azure.example.com", "<token> refresh"),
            ("bearer.example.com", "Bearer token"),
            ("docker.io", "hub s3cret"),
            ("quay.io/other", "all s3cret"),
            ("quay.io/team/web", "team s3cret"),
            ("helped.example.com", "helper pass helped.example.com"),
            ("empty.example.com", "none"),
            ("null.example.com", "none"),
            ("broken.example.com", "none"),
            ("basic.example.com:8443", "none"),
            ("other.example.com", "none"),
        ] {
            assert_eq!(find(text, host), expected, "{host}");
        }
    }

    #[test]
    fn store_of_all_hosts_is_asked_by_the_name_in_the_file() {
        let text = r#"{"auths": {"https://one.example.com/v1/": {}}, "credsStore": "desktop"}"#;
        let one = "helper desktop https://one.example.com/v1/";
        assert_eq!(find(text, "one.example.com"), one);
        assert_eq!(
            find(text, "two.example.com"),
            "helper desktop two.example.com"
        );
        assert_eq!(
            find(text, "docker.io"),
            "helper desktop https://index.docker.io/v1/"
        );
        assert_eq!(
            find(r#"{"auths": null, "credsStore": ""}"#, "one.example.com"),
            "none"
        );
    }

    #[test]
    fn debug_output_contains_no_secret() {
        let text =
            r#"{"auths": {"a.example.com": {"auth": "am9lOnMzY3JldA==", "password": "s3cret"}}}"#;
        let file: ConfigFile = serde_json::from_str(text).unwrap();
        let found = file.find(&Scope::of_key("a.example.com"), Path::new("x"));
        let shown = format!("{file:?} {found:?}");
        assert!(
            !shown.contains("s3cret") && !shown.contains("am9lOn"),
            "{shown}"
        );
    }
}
