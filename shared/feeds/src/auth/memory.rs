//! What is remembered from read to read, so that an unchanged check asks for the list and nothing else.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use url::Url;

use super::challenge::Challenge;
use super::grant::Refreshes;
use super::tokens::Tokens;
use crate::lock;
use crate::oci::FirstPage;

/// More repositories than this are not remembered: a thousand of a few registries.
const MOST_REPOSITORIES: usize = 4_096;

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
    challenges: ByRepository<Challenge>,
    /// The first pages of lists as their registries gave them, so that one that refuses large pages is asked
    /// for them once.
    pub(crate) firsts: ByRepository<Arc<FirstPage>>,
    /// Origins of registries that do not answer HEAD.
    headless: Mutex<HashSet<String>>,
    /// What indexes have for a platform. An index is named by its content, so this stays true.
    images: Mutex<HashMap<String, Option<String>>>,
}

impl Memory {
    /// What the registry asked for when this repository was read last.
    pub(crate) fn recall(&self, registry: &Url, repository: &str) -> Option<Challenge> {
        if self.challenges.is_empty() {
            return None;
        }
        let origin = registry.origin().ascii_serialization();
        self.challenges.get(&origin, repository)
    }

    pub(crate) fn remember(&self, registry: &Url, repository: &str, challenge: Challenge) {
        let origin = registry.origin().ascii_serialization();
        self.challenges.keep(&origin, repository, challenge);
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

/// What is remembered of repositories: by their registry, then by their names.
pub(crate) struct ByRepository<T>(Mutex<HashMap<String, HashMap<String, T>>>);

impl<T> Default for ByRepository<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> ByRepository<T> {
    fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }

    pub(crate) fn get(&self, registry: &str, repository: &str) -> Option<T> {
        lock(&self.0).get(registry)?.get(repository).cloned()
    }

    pub(crate) fn keep(&self, registry: &str, repository: &str, value: T) {
        let mut all = lock(&self.0);
        if all.values().map(HashMap::len).sum::<usize>() >= MOST_REPOSITORIES {
            all.clear();
        }
        let of_registry = all.entry(registry.to_owned()).or_default();
        of_registry.insert(repository.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::{ByRepository, MOST_REPOSITORIES};

    #[test]
    fn no_more_is_remembered_than_there_is_room_for() {
        let all = ByRepository::default();
        for number in 0..MOST_REPOSITORIES {
            all.keep("https://a.example/", &number.to_string(), number);
        }
        assert_eq!(all.get("https://a.example/", "0"), Some(0));
        assert_eq!(all.get("https://b.example/", "0"), None);
        all.keep("https://b.example/", "0", 7);
        assert_eq!(all.get("https://a.example/", "0"), None);
        assert_eq!(all.get("https://b.example/", "0"), Some(7));
    }
}
