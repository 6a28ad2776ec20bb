//! Where the API key comes from.

use engine::ports::OctopusError;
use secrecy::SecretString;

/// Gives the API key. Whoever implements it decides how long a key is kept.
pub trait ApiKeys {
    /// The key. With `refresh` the one given before was refused: what is kept is to be fetched again. That
    /// is asked at most once for each call to Octopus.
    ///
    /// # Errors
    /// Where there is no key, saying how to supply one.
    async fn key(&self, refresh: bool) -> Result<SecretString, OctopusError>;
}

/// A key that never changes.
#[derive(Clone, Debug)]
pub struct FixedKey(SecretString);

impl FixedKey {
    /// Takes the key.
    pub fn new(key: impl Into<SecretString>) -> Self {
        Self(key.into())
    }
}

impl ApiKeys for FixedKey {
    async fn key(&self, _refresh: bool) -> Result<SecretString, OctopusError> {
        Ok(self.0.clone())
    }
}
