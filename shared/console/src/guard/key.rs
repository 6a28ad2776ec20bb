//! The key of a browser.

use sha2::{Digest, Sha256};

/// A secret of 256 random bits, as 64 hex digits.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKey(String);

/// Hides the secret.
impl std::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessKey")
    }
}

/// The operating system returned no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("cannot read random numbers from the operating system")]
pub struct RandomnessError(#[source] getrandom::Error);

impl AccessKey {
    /// A new random key.
    ///
    /// # Errors
    /// When the operating system returns no random numbers.
    pub fn new() -> Result<Self, RandomnessError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(RandomnessError)?;
        Ok(Self(base16ct::lower::encode_string(&bytes)))
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_valid = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_valid.then(|| Self(text.to_owned()))
    }

    /// The token in the console's forms.
    pub(crate) fn token(&self) -> String {
        base16ct::lower::encode_string(&Sha256::digest(format!("console form {}", self.0)))
    }

    pub(super) fn matches_token(&self, text: &str) -> bool {
        is_same(&self.token(), text)
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        is_same(&self.0, text)
    }

    /// The secret, for the address and the cookie.
    pub(super) fn secret(&self) -> &str {
        &self.0
    }
}

/// Compares digests, so that the duration of the comparison reveals nothing about the secret.
fn is_same(secret: &str, text: &str) -> bool {
    Sha256::digest(secret) == Sha256::digest(text)
}
