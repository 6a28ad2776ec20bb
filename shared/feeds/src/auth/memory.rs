//! What is remembered from read to read, so that an unchanged check asks for the list and nothing else.

use std::collections::HashMap;
use std::sync::Mutex;

use url::Url;

use super::challenge::Challenge;
use super::token::Tokens;
use crate::lock;

/// More challenges than this are not remembered: a thousand repositories of a few registries.
const MOST_CHALLENGES: usize = 4_096;

/// Challenges and tokens, by everything that they depend on.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) tokens: Tokens,
    /// By the registry's origin and the repository.
    challenges: Mutex<HashMap<(String, String), Challenge>>,
}

impl Memory {
    /// What the registry asked for when this repository was read last.
    pub(crate) fn recall(&self, registry: &Url, repository: &str) -> Option<Challenge> {
        lock(&self.challenges)
            .get(&key(registry, repository))
            .cloned()
    }

    pub(crate) fn remember(&self, registry: &Url, repository: &str, challenge: Challenge) {
        let key = key(registry, repository);
        let mut challenges = lock(&self.challenges);
        if challenges.len() >= MOST_CHALLENGES && !challenges.contains_key(&key) {
            challenges.clear();
        }
        challenges.insert(key, challenge);
    }
}

fn key(registry: &Url, repository: &str) -> (String, String) {
    (
        registry.origin().ascii_serialization(),
        repository.to_owned(),
    )
}
