//! Projects with their channels, process, triggers and releases.

use std::collections::BTreeMap;

use domain::trigger::MARK;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

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

impl Project {
    /// A project that deploys one package of a feed, with a marked trigger for it.
    pub fn watching(name: String, package_id: String, feed: &str) -> Self {
        let package = PackageReference {
            package_id,
            feed: Some(feed.to_owned()),
            ..PackageReference::default()
        };
        let action = Action {
            name: "Deploy".to_owned(),
            packages: vec![package],
            ..Action::default()
        };
        let trigger = Trigger {
            name: "New image".to_owned(),
            description: MARK.to_owned(),
            is_disabled: true,
            packages: vec![TriggerPackage {
                action_slug: "deploy".to_owned(),
                package_reference: String::new(),
            }],
            ..Trigger::default()
        };
        Self {
            name,
            steps: vec![Step {
                name: "Deploy".to_owned(),
                actions: vec![action],
                ..Step::default()
            }],
            triggers: vec![trigger],
            ..Self::default()
        }
    }

    /// The same project, whose release 0.0.1 has this version of the package.
    #[must_use]
    pub fn released(self, version: &str) -> Self {
        let package = ReleasePackage {
            action: "Deploy".to_owned(),
            version: version.to_owned(),
            ..ReleasePackage::default()
        };
        Self {
            releases: vec![Release {
                version: "0.0.1".to_owned(),
                packages: vec![package],
                ..Release::default()
            }],
            ..self
        }
    }
}

/// A project's versioning strategy.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Versioning {
    /// By a template with variables.
    Template(String),
    /// By the package of this action.
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

/// Storage of a project's process.
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
    /// Processes name channels and feeds by slug, as the files in the repository do.
    pub by_slug: bool,
    /// Its tags' short names. They have the content of the default branch.
    pub tags: Vec<String>,
}

/// A branch. Missing fields are the project's.
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
    /// Made from the name by default.
    pub slug: Option<String>,
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
    /// It uses a process template: only the resolved process contains its actions, and their slugs
    /// begin with the step's.
    pub from_template: bool,
    /// Show the process template as a placeholder action of the type `Octopus.ProcessTemplate`, and not by the step's
    /// type.
    pub placeholder: bool,
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
    /// Disabled.
    pub is_disabled: bool,
    /// The channel's name; the default channel by default.
    pub channel: Option<String>,
    /// The packages of its feed filter.
    pub packages: Vec<TriggerPackage>,
    /// Another filter than the feed filter, as JSON.
    pub filter: Option<Value>,
    /// Another action than creating a release, as JSON.
    pub action: Option<Value>,
    /// Additional properties, as JSON.
    pub others: BTreeMap<String, Value>,
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

/// An existing release.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Release {
    /// The version.
    pub version: String,
    /// The channel's name; the default channel by default.
    pub channel: Option<String>,
    /// Its packages.
    pub packages: Vec<ReleasePackage>,
    /// Its notes.
    pub notes: Option<String>,
    /// Its custom fields.
    pub custom_fields: BTreeMap<String, String>,
    /// The git reference it was made from; the default branch for a version-controlled project.
    pub git_ref: Option<String>,
    /// When it was made; now by default.
    pub assembled: Option<Timestamp>,
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
