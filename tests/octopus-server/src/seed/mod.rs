//! The world as a test or a file describes it, before anything has an id.
//!
//! Things refer to each other by name: a package names its feed, a rule its action, a trigger its
//! channel. Every field may be left out. A space always has a built-in feed, and a lifecycle and a
//! default channel are made where none is given.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

mod project;

pub use project::*;

/// A whole server.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seed {
    /// The server's version, `2026.3.1001` by default. Everything newer than it is hidden.
    pub version: Option<String>,
    /// API keys of the first user. One is made when there is none.
    pub api_keys: Vec<SecretString>,
    /// Who may call. The first one is `release-bot`, a service account, when there is none.
    pub users: Vec<User>,
    /// The spaces. One called `Default` is made when there is none.
    pub spaces: Vec<Space>,
}

impl Seed {
    /// Reads a seed from YAML.
    ///
    /// # Errors
    /// The place and the kind of the first mistake in the text.
    pub fn from_yaml(text: &str) -> anyhow::Result<Self> {
        Ok(serde_saphyr::from_str(text)?)
    }
}

/// Somebody who may call.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// The login name.
    pub username: String,
    /// The name shown; the login name by default.
    pub display_name: Option<String>,
    /// A service account.
    pub is_service: bool,
    /// API keys.
    pub api_keys: Vec<SecretString>,
    /// Access tokens, sent as `Authorization: Bearer`.
    pub access_tokens: Vec<SecretString>,
    /// Permissions that the user lacks, such as `TriggerEdit`; every other one is given.
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
    /// The default space. The first one is, when none says so.
    pub is_default: bool,
    /// Its feeds, besides the built-in ones.
    pub feeds: Vec<Feed>,
    /// Its lifecycles.
    pub lifecycles: Vec<Lifecycle>,
    /// Its environments, in their order.
    pub environments: Vec<Environment>,
    /// Its projects.
    pub projects: Vec<Project>,
    /// Patterns that only .NET evaluates, each with the versions that a rule or query with it lets in.
    pub dotnet_patterns: BTreeMap<String, Vec<String>>,
}

/// A feed. A kind that the stand-in reads over HTTP (the container registries, `OciRegistry`, `Helm`) is
/// asked at `uri`; any other holds the `packages` given here.
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
    /// `FeedUri`. For ECR, which has none, where the registry is asked instead.
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
    /// What the feed holds, where it is not asked over HTTP.
    pub packages: Vec<Package>,
}

/// A package that a feed holds.
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
