//! Sources of the API key.

use engine::ports::OctopusError;
use secrecy::SecretString;

/// Provides the API key. The implementation decides how long a key is cached.
pub trait ApiKeys {
    /// Returns the key. `refresh` means that Octopus rejected the previous key: a cached key must be fetched
    /// again. The client requests a refresh at most once per call.
    ///
    /// # Errors
    /// If there is no key, with the way to supply one.
    async fn key(&self, refresh: bool) -> Result<SecretString, OctopusError>;
}

/// A key that never changes.
#[derive(Clone, Debug)]
pub struct FixedKey(SecretString);

impl FixedKey {
    /// Creates a source that always returns this key.
    pub fn new(key: impl Into<SecretString>) -> Self {
        Self(key.into())
    }
}

impl ApiKeys for FixedKey {
    async fn key(&self, _refresh: bool) -> Result<SecretString, OctopusError> {
        Ok(self.0.clone())
    }
}
