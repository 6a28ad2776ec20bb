//! Challenges and tokens that are kept between reads, so that an unchanged check requests the list alone.

use url::Url;

use super::challenge::Challenge;
use super::token_cache::{RefreshTokens, Tokens};
use crate::by_repository::ByRepository;

/// Challenges and tokens of all feeds.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) tokens: Tokens,
    /// Refresh tokens, by the credential that they were issued for.
    pub(crate) refresh_tokens: RefreshTokens,
    challenges: ByRepository<Challenge>,
}

impl Memory {
    /// The challenge that the registry sent when this repository was last read.
    pub(crate) fn recall(&self, registry: &Url, repository: &str) -> Option<Challenge> {
        if self.challenges.is_empty() {
            return None;
        }
        let origin = registry.origin().ascii_serialization();
        self.challenges.get(&origin, repository)
    }

    pub(crate) fn remember(&self, registry: &Url, repository: &str, challenge: Challenge) {
        let origin = registry.origin().ascii_serialization();
        self.challenges.insert(&origin, repository, challenge);
    }
}
