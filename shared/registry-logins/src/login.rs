//! A login.

use feeds::Credential;
use secrecy::{ExposeSecret, SecretString};

/// The user name with which Docker marks the password as a refresh token.
const TOKEN_USER: &str = "<token>";

/// A login for one registry.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) credential: Credential,
    /// The file or the helper, for users.
    pub(crate) source: String,
}

impl Login {
    /// The login of a user. An empty name or password is none.
    pub(crate) fn of_user(username: &str, password: SecretString, source: String) -> Option<Self> {
        let is_complete = !username.is_empty() && !password.expose_secret().is_empty();
        is_complete.then(|| Self {
            credential: Credential::Basic {
                username: username.to_owned(),
                password,
            },
            source,
        })
    }

    /// The login with Docker's `identitytoken`.
    pub(crate) fn of_identity_token(token: SecretString, source: String) -> Option<Self> {
        Self::of_user(TOKEN_USER, token, source)
    }

    /// Whether both contain the same secret.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.credential, &other.credential) {
            (
                Credential::Basic { username, password },
                Credential::Basic {
                    username: other_name,
                    password: other_password,
                },
            ) => {
                username == other_name && password.expose_secret() == other_password.expose_secret()
            }
            (
                Credential::AuthorizationHeader(header),
                Credential::AuthorizationHeader(other_header),
            ) => header.expose_secret() == other_header.expose_secret(),
            _ => false,
        }
    }
}
