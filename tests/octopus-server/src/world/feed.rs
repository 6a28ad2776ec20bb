//! Feeds, and where their versions come from.

use jiff::Timestamp;
use secrecy::SecretString;

use super::same;

/// A feed.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: String,
    /// Octopus's `FeedType`, whatever the seed says.
    pub(crate) kind: String,
    pub(crate) uri: Option<String>,
    pub(crate) registry_path: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<SecretString>,
    pub(crate) region: Option<String>,
    pub(crate) access_key: Option<String>,
    pub(crate) secret_key: Option<SecretString>,
    pub(crate) use_machine_credentials: bool,
    /// What it holds, where nobody is asked over HTTP.
    pub(crate) stock: Vec<Stock>,
}

/// A package that a feed holds.
#[derive(Clone, Debug)]
pub(crate) struct Stock {
    pub(crate) id: String,
    pub(crate) versions: Vec<Held>,
}

/// One version of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) version: String,
    pub(crate) published: Option<Timestamp>,
}

impl Feed {
    /// Whether `id` means this feed.
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

    /// The pseudo feed whose packages are projects and whose versions are their releases.
    pub(crate) fn holds_releases(&self) -> bool {
        self.kind == "OctopusProject"
    }
}
