//! Description of the initial world by a test or a file, before resources have ids.
//!
//! Resources refer to each other by name: a package names its feed, a rule its action, a trigger its
//! channel. Every field is optional. A space always has a built-in feed, and a lifecycle and a
//! default channel are added if there is none.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

mod project;

pub use project::*;

/// A server.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seed {
    /// The server's version, `2026.3.1001` by default. Everything newer than it is hidden.
    pub version: Option<String>,
    /// API keys of the first user. Generated if empty.
    pub api_keys: Vec<SecretString>,
    /// The users; if empty, `release-bot`, a service account.
    pub users: Vec<User>,
    /// The spaces; if empty, one named `Default`.
    pub spaces: Vec<Space>,
}

impl Seed {
    /// Reads a seed from YAML.
    ///
    /// # Errors
    /// The position and kind of the first error in the text.
    pub fn from_yaml(text: &str) -> anyhow::Result<Self> {
        Ok(serde_saphyr::from_str(text)?)
    }
}

/// A user.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// The login name.
    pub username: String,
    /// The display name; the login name by default.
    pub display_name: Option<String>,
    /// A service account.
    pub is_service: bool,
    /// API keys.
    pub api_keys: Vec<SecretString>,
    /// Access tokens, sent as `Authorization: Bearer`.
    pub access_tokens: Vec<SecretString>,
    /// Missing permissions, such as `TriggerEdit`; the user has all others.
    pub lacks: Vec<String>,
}

/// A space.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Space {
    /// `Spaces-1` and so on by default.
    pub id: Option<String>,
    /// The name.
    pub name: String,
    /// The default space; the first space if none is marked.
    pub is_default: bool,
    /// Its feeds in addition to the built-in ones.
    pub feeds: Vec<Feed>,
    /// Its lifecycles.
    pub lifecycles: Vec<Lifecycle>,
    /// Its environments, in their order.
    pub environments: Vec<Environment>,
    /// Its projects.
    pub projects: Vec<Project>,
    /// Patterns that only .NET evaluates, each with the versions that match.
    pub dotnet_patterns: BTreeMap<String, Vec<String>>,
}

/// A feed. The server reads container registries, `OciRegistry` and `Helm` over HTTP
/// at `uri`; any other kind contains the `packages` listed here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Feed {
    /// `Feeds-1001` and so on by default.
    pub id: Option<String>,
    /// The name.
    pub name: String,
    /// Octopus's `FeedType`. `BuiltIn` adds to the built-in feed that every space has.
    #[serde(alias = "type")]
    pub kind: String,
    /// `FeedUri`. For ECR, which has none, the address of the registry.
    pub uri: Option<String>,
    /// `RegistryPath`.
    pub registry_path: Option<String>,
    /// The user name for the registry.
    pub username: Option<String>,
    /// Its password, which never leaves the server.
    pub password: Option<SecretString>,
    /// The AWS region.
    pub region: Option<String>,
    /// The AWS access key.
    pub access_key: Option<String>,
    /// The AWS secret key, which never leaves the server.
    pub secret_key: Option<SecretString>,
    /// The AWS role of the machine is used in place of a key.
    pub use_machine_credentials: bool,
    /// The feed's packages, unless it is read over HTTP.
    pub packages: Vec<Package>,
}

/// A package of a feed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Package {
    /// The package id.
    pub id: String,
    /// Its versions, in any order.
    pub versions: Vec<PackageVersion>,
}

/// A version of a package: text alone, or with the time at which it was published.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum PackageVersion {
    /// A version without a date.
    Undated(String),
    /// A version with a date.
    Dated {
        /// The version's text.
        version: String,
        /// When it was published.
        published: Timestamp,
    },
}

impl From<&str> for PackageVersion {
    fn from(version: &str) -> Self {
        Self::Undated(version.to_owned())
    }
}

/// An environment.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Environment {
    /// `Environments-1` and so on by default.
    pub id: Option<String>,
    /// The name.
    pub name: String,
}

/// A lifecycle.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lifecycle {
    /// `Lifecycles-1` and so on by default.
    pub id: Option<String>,
    /// The name.
    pub name: String,
    /// Its phases. None means one phase for each environment.
    pub phases: Vec<Phase>,
}

/// A phase of a lifecycle; environments are given by name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Phase {
    /// The name.
    pub name: String,
    /// Environments deployed to as soon as a release enters the phase.
    pub automatic: Vec<String>,
    /// Environments deployed to by hand.
    pub optional: Vec<String>,
    /// Releases may skip the phase.
    pub is_optional: bool,
}
