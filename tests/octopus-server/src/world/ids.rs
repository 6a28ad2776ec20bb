//! Ids and slugs: `Projects-1` counted by kind, GUIDs and slugs derived from names, so that
//! the same seed always results in the same world.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// Counts ids by kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids(BTreeMap<&'static str, u32>);

impl Ids {
    /// The next id of a kind, such as `Releases-7`.
    pub(crate) fn next(&mut self, kind: &'static str) -> String {
        format!("{kind}-{}", self.number(kind))
    }

    /// The next number of a kind. Feeds count from 1001, as on a real server.
    pub(crate) fn number(&mut self, kind: &'static str) -> u32 {
        let last = self
            .0
            .entry(kind)
            .or_insert(if kind == "Feeds" { 1000 } else { 0 });
        *last += 1;
        *last
    }
}

/// A GUID derived from a resource's path.
pub(crate) fn guid(path: &str) -> String {
    let hex = hash(path);
    format!(
        "{}-{}-4{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..32]
    )
}

/// A git commit hash derived from a path.
pub(crate) fn commit(path: &str) -> String {
    hash(path)[..40].to_owned()
}

/// A slug: lower case, letters and digits joined by single dashes.
pub(crate) fn slug(name: &str) -> String {
    let words = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

fn hash(text: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_slugs_are_deterministic() {
        assert_eq!(slug("Deploy  Web (container)!"), "deploy-web-container");
        assert_eq!(
            guid("Projects-1/steps/Deploy"),
            guid("Projects-1/steps/Deploy")
        );
        assert_eq!(guid("a").len(), 36);
        assert_eq!(commit("main").len(), 40);
        let mut ids = Ids::default();
        assert_eq!(
            (ids.next("Feeds"), ids.next("Spaces"), ids.next("Spaces")),
            (
                "Feeds-1001".to_owned(),
                "Spaces-1".to_owned(),
                "Spaces-2".to_owned()
            )
        );
    }
}
