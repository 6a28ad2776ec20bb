//! The world as a test or a file describes it, before anything has an id.
//!
//! Things refer to each other by name: a package names its feed, a rule its action, a trigger its
//! channel. Every field may be left out. A space always has a built-in feed, and a lifecycle and a
//! default channel are made where none is given.

use std::collections::BTreeMap;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

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

/// A project.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Project {
    /// `Projects-1` and so on by default.
    pub id: Option<String>,
    /// The name.
    pub name: String,
    /// Made from the name by default.
    pub slug: Option<String>,
    /// Releases cannot be created.
    pub is_disabled: bool,
    /// How releases are numbered.
    pub versioning: Versioning,
    /// Where the process is kept.
    pub persistence: Persistence,
    /// The lifecycle's name; the space's first by default.
    pub lifecycle: Option<String>,
    /// Its channels.
    pub channels: Vec<Channel>,
    /// Its variables.
    pub variables: Vec<Variable>,
    /// Its deployment process.
    pub steps: Vec<Step>,
    /// Its triggers.
    pub triggers: Vec<Trigger>,
    /// Its releases, oldest first.
    pub releases: Vec<Release>,
}

/// How a project's releases are numbered.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Versioning {
    /// By a template with variables.
    Template(String),
    /// As the package of this action.
    Donor {
        /// The action's name.
        action: String,
        /// The package reference; empty for the primary package.
        #[serde(default)]
        package: String,
    },
}

impl Default for Versioning {
    fn default() -> Self {
        Self::Template(
            "#{Octopus.Version.LastMajor}.#{Octopus.Version.LastMinor}.#{Octopus.Version.NextPatch}"
                .to_owned(),
        )
    }
}

/// Where a project's process is kept.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Persistence {
    /// In the server's database.
    #[default]
    Database,
    /// In a git repository.
    Git(Git),
}

/// The repository of a version-controlled project.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Git {
    /// The default branch's short name; `main` by default.
    pub default_branch: Option<String>,
    /// Its branches. The default branch is always there.
    pub branches: Vec<Branch>,
    /// Its tags' short names. They hold what the default branch holds.
    pub tags: Vec<String>,
}

/// A branch. What it does not say is as the project says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Branch {
    /// The short name.
    pub name: String,
    /// The hash of its last commit; made from the name by default.
    pub commit: Option<String>,
    /// The process on this branch.
    pub steps: Option<Vec<Step>>,
    /// The versioning on this branch.
    pub versioning: Option<Versioning>,
}

impl From<&str> for Branch {
    fn from(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

/// A channel.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Channel {
    /// `Channels-1` and so on by default.
    pub id: Option<String>,
    /// The name.
    pub name: String,
    /// The default channel. An only channel always is; of several, none needs to be.
    pub is_default: bool,
    /// The lifecycle's name; the project's by default.
    pub lifecycle: Option<String>,
    /// Its version rules.
    pub rules: Vec<Rule>,
    /// Globs of branches and tags that releases may be made from.
    pub git_reference_rules: Vec<String>,
    /// Names of the fields that every release must fill in.
    pub custom_fields: Vec<String>,
}

/// A channel's version rule.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// The packages that it applies to.
    pub packages: Vec<RulePackage>,
    /// `VersionRange`.
    pub range: Option<String>,
    /// `Tag`, a regular expression on the pre-release part.
    pub pre_release_tag: Option<String>,
    /// `VersionTagRegex`, a regular expression on the whole version.
    pub version_tag_regex: Option<String>,
    /// `VersioningStrategy`: `SemVer` or `MostRecentlyPublished`.
    pub strategy: Option<String>,
}

/// A package reference in a rule.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RulePackage {
    /// The action's name.
    pub action: String,
    /// The package reference; empty for the primary package.
    pub package: String,
}

/// A project variable.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// It has a value only in certain environments, so it cannot be evaluated when a release is made.
    pub scoped: bool,
}

/// A step of a process.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// The name.
    pub name: String,
    /// Made from the name by default.
    pub slug: Option<String>,
    /// Its actions.
    pub actions: Vec<Action>,
}

/// An action of a step.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Action {
    /// The name.
    pub name: String,
    /// Made from the name by default.
    pub slug: Option<String>,
    /// `ActionType`, `Octopus.Script` by default.
    #[serde(rename = "type", alias = "kind")]
    pub kind: Option<String>,
    /// It is not deployed.
    pub disabled: bool,
    /// Names of the channels that it is limited to; none means all.
    pub channels: Vec<String>,
    /// Its packages.
    pub packages: Vec<PackageReference>,
}

/// A package reference of an action.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PackageReference {
    /// The reference's name; empty for the primary package.
    pub name: String,
    /// The package, literal or with `#{Variable}`. For a feed of other projects' releases, the project's name.
    pub package_id: String,
    /// The feed's name, or text with `#{Variable}`; the built-in feed by default.
    pub feed: Option<String>,
    /// A fixed version: releases never choose one.
    pub version: Option<String>,
}

/// A project trigger; by default one that makes a release when one of `packages` changes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trigger {
    /// `ProjectTriggers-1` and so on by default.
    pub id: Option<String>,
    /// The name.
    pub name: String,
    /// The description.
    pub description: String,
    /// It is switched off.
    pub is_disabled: bool,
    /// The channel's name; the default channel by default.
    pub channel: Option<String>,
    /// The packages of its feed filter.
    pub packages: Vec<TriggerPackage>,
    /// Another filter than the feed filter, as it goes over the wire.
    pub filter: Option<Value>,
    /// Another action than creating a release, as it goes over the wire.
    pub action: Option<Value>,
}

/// A package reference in a feed filter.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TriggerPackage {
    /// The action's slug.
    pub action_slug: String,
    /// The package reference; empty for the primary package.
    pub package_reference: String,
}

/// A release that is already there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Release {
    /// The version.
    pub version: String,
    /// The channel's name; the default channel by default.
    pub channel: Option<String>,
    /// The packages it holds.
    pub packages: Vec<ReleasePackage>,
    /// Its notes.
    pub notes: Option<String>,
    /// The fields it fills in.
    pub custom_fields: BTreeMap<String, String>,
    /// The git reference it was made from; the default branch for a version-controlled project.
    pub git_ref: Option<String>,
}

/// A package in a release.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReleasePackage {
    /// The action's name.
    pub action: String,
    /// The package reference; empty for the primary package.
    pub package: String,
    /// The version.
    pub version: String,
}
