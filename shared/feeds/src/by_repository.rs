//! A bounded cache of values per repository.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::sync::lock;

/// The maximum number of cached repositories: a thousand for each of a few registries.
const MAX_REPOSITORIES: usize = 4_096;

/// Values by registry, then by repository name. A full cache is cleared.
pub(crate) struct ByRepository<T>(Mutex<HashMap<String, HashMap<String, T>>>);

impl<T> Default for ByRepository<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> ByRepository<T> {
    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }

    pub(crate) fn get(&self, registry: &str, repository: &str) -> Option<T> {
        lock(&self.0).get(registry)?.get(repository).cloned()
    }

    pub(crate) fn insert(&self, registry: &str, repository: &str, value: T) {
        let mut all = lock(&self.0);
        if all.values().map(HashMap::len).sum::<usize>() >= MAX_REPOSITORIES {
            all.clear();
        }
        let of_registry = all.entry(registry.to_owned()).or_default();
        of_registry.insert(repository.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::{ByRepository, MAX_REPOSITORIES};

    #[test]
    fn full_cache_is_cleared_before_next_insert() {
        let all = ByRepository::default();
        for number in 0..MAX_REPOSITORIES {
            all.insert("https://a.example/", &number.to_string(), number);
        }
        assert_eq!(all.get("https://a.example/", "0"), Some(0));
        assert_eq!(all.get("https://b.example/", "0"), None);
        all.insert("https://b.example/", "0", 7);
        assert_eq!(all.get("https://a.example/", "0"), None);
        assert_eq!(all.get("https://b.example/", "0"), Some(7));
    }
}
