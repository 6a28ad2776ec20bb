//! What a browser is known by.

use sha2::{Digest, Sha256};

/// A secret of 256 bits by which a browser is known.
#[derive(Clone, PartialEq, Eq)]
pub struct Pass(String);

/// It cannot be printed.
impl std::fmt::Debug for Pass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pass")
    }
}

/// The system gave no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no random numbers")]
pub struct NoRandomness(#[source] getrandom::Error);

impl Pass {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new() -> Result<Self, NoRandomness> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(NoRandomness)?;
        Ok(Self(base16ct::lower::encode_string(&bytes)))
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let is_one = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one.then(|| Self(text.to_owned()))
    }

    /// What the console's forms hold.
    pub(crate) fn token(&self) -> String {
        base16ct::lower::encode_string(&Sha256::digest(format!("console form {}", self.0)))
    }

    /// Whether a form holds the token.
    pub(super) fn has_token(&self, text: &str) -> bool {
        is_same(&self.token(), text)
    }

    /// Whether this is the secret.
    pub(super) fn is(&self, text: &str) -> bool {
        is_same(&self.0, text)
    }

    /// The secret, for the address and the cookie.
    pub(super) fn secret(&self) -> &str {
        &self.0
    }
}

/// Compares digests, so that the time it takes tells nothing of the secret.
fn is_same(secret: &str, text: &str) -> bool {
    Sha256::digest(secret) == Sha256::digest(text)
}
