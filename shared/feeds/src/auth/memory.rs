//! What is remembered from read to read, so that an unchanged check asks for the list and nothing else.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use url::Url;

use super::challenge::Challenge;
use super::grant::Refreshes;
use super::tokens::Tokens;
use crate::lock;

/// More challenges than this are not remembered: a thousand repositories of a few registries.
const MOST_CHALLENGES: usize = 4_096;

/// More images than this are not remembered: each is one index that a followed tag pointed at.
const MOST_IMAGES: usize = 1_024;

/// More registries than this are asked by HEAD again.
const MOST_REGISTRIES: usize = 64;

/// Challenges and tokens, by everything that they depend on.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) tokens: Tokens,
    /// Refresh tokens that were given for a credential.
    pub(crate) refreshes: Refreshes,
    challenges: Mutex<Challenges>,
    /// Origins of registries that do not answer HEAD.
    headless: Mutex<HashSet<String>>,
    /// What indexes have for a platform. An index is named by its content, so this stays true.
    images: Mutex<HashMap<String, Option<String>>>,
}

/// By the registry's origin, then by the repository.
type Challenges = HashMap<String, HashMap<String, Challenge>>;

impl Memory {
    /// What the registry asked for when this repository was read last.
    pub(crate) fn recall(&self, registry: &Url, repository: &str) -> Option<Challenge> {
        let challenges = lock(&self.challenges);
        if challenges.is_empty() {
            return None;
        }
        let of_registry = challenges.get(&registry.origin().ascii_serialization())?;
        of_registry.get(repository).cloned()
    }

    pub(crate) fn remember(&self, registry: &Url, repository: &str, challenge: Challenge) {
        let origin = registry.origin().ascii_serialization();
        let mut challenges = lock(&self.challenges);
        if challenges.values().map(HashMap::len).sum::<usize>() >= MOST_CHALLENGES {
            challenges.clear();
        }
        let of_registry = challenges.entry(origin).or_default();
        of_registry.insert(repository.to_owned(), challenge);
    }

    /// Whether the registry is to be asked by HEAD.
    pub(crate) fn answers_head(&self, registry: &Url) -> bool {
        let origin = registry.origin().ascii_serialization();
        !lock(&self.headless).contains(&origin)
    }

    /// Notes that the registry answered a GET where it did not answer a HEAD.
    pub(crate) fn note_no_head(&self, registry: &Url) {
        let mut headless = lock(&self.headless);
        if headless.len() >= MOST_REGISTRIES {
            headless.clear();
        }
        headless.insert(registry.origin().ascii_serialization());
    }

    /// What was found under an index and a platform.
    pub(crate) fn image(&self, key: &str) -> Option<Option<String>> {
        lock(&self.images).get(key).cloned()
    }

    pub(crate) fn remember_image(&self, key: String, found: Option<String>) {
        let mut images = lock(&self.images);
        if images.len() >= MOST_IMAGES {
            images.clear();
        }
        images.insert(key, found);
    }
}
