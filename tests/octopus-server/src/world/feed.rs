//! Feeds and their packages.

use jiff::Timestamp;
use secrecy::SecretString;

use super::same;

/// A feed.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: String,
    /// Octopus's `FeedType`, as in the seed.
    pub(crate) kind: String,
    pub(crate) uri: Option<String>,
    pub(crate) registry_path: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<SecretString>,
    pub(crate) region: Option<String>,
    pub(crate) access_key: Option<String>,
    pub(crate) secret_key: Option<SecretString>,
    pub(crate) use_machine_credentials: bool,
    /// Its packages, unless it is read over HTTP.
    pub(crate) stock: Vec<StoredPackage>,
}

/// A stored package.
#[derive(Clone, Debug)]
pub(crate) struct StoredPackage {
    pub(crate) id: String,
    pub(crate) versions: Vec<StoredVersion>,
}

/// One version of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredVersion {
    pub(crate) version: String,
    pub(crate) published: Option<Timestamp>,
}

impl Feed {
    /// Whether the feed has this id, slug or name.
    pub(crate) fn goes_by(&self, id: &str) -> bool {
        same(&self.id, id)
            || same(&self.slug, id)
            || same(&self.name, id)
            || (self.is_built_in() && same(id, "feeds-builtin"))
    }

    /// The package repository that every space has.
    pub(crate) fn is_built_in(&self) -> bool {
        self.kind == "BuiltIn"
    }

    /// Whether this is the pseudo feed whose packages are projects and whose versions are their releases.
    pub(crate) fn contains_releases(&self) -> bool {
        self.kind == "OctopusProject"
    }
}
