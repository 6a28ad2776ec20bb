//! A project's process in one channel: the actions, the packages that a release selects, and the channel's
//! version rules.

mod renames;
mod unmatched;

pub use renames::{CurrentPlace, PackageIdentity, Renames};
pub use unmatched::unmatched_rule;

use crate::feed::{Feed, FeedKind};
use crate::ids::{FeedId, PackageId, PackageKey, SpaceId};
use crate::options::VersionPolicy;
use crate::problem::{Problem, ProblemCode};
use crate::rule::VersionRule;
use crate::trigger::{ResolvedSource, Source, SourceRef};

/// An action of the deployment process, with what sources need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The slug, which triggers use. `None`: servers before 2022.3.
    pub slug: Option<String>,
    /// The name, which templates, rules and releases use.
    pub name: String,
    pub is_disabled: bool,
    /// The names of the package references; empty for the primary one.
    pub package_references: Vec<String>,
}

impl Action {
    /// The name in sources: the slug, or the name if the server has no slugs.
    pub fn handle(&self) -> &str {
        self.slug.as_deref().unwrap_or(&self.name)
    }
}

/// One package of the release template: a release in the channel selects a version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplatePackage {
    pub action_name: String,
    /// Empty for the primary package.
    pub package_reference: String,
    /// The feed, with variables evaluated.
    pub feed: FeedId,
    /// The package, with variables evaluated.
    pub package: PackageId,
    /// False if the feed or the package depends on variables without a value before the deployment.
    pub is_resolvable: bool,
    /// The version that the process fixes. `None`: releases select one.
    pub fixed_version: Option<String>,
}

impl TemplatePackage {
    /// Whether this is the given action's package reference. Octopus ignores case.
    pub fn is(&self, action_name: &str, package_reference: &str) -> bool {
        same_name(&self.action_name, action_name)
            && same_name(&self.package_reference, package_reference)
    }

    pub fn key(&self, space: &SpaceId) -> PackageKey {
        PackageKey {
            space: space.clone(),
            feed: self.feed.clone(),
            package: self.package.clone(),
        }
    }
}

/// The source of the project's release numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Versioning {
    /// A template.
    Template {
        /// `NextVersionIncrement`: the next number. `None`: the server does not report it.
        next: Option<String>,
    },
    /// The version of one of the packages.
    Donor {
        action_name: String,
        /// Empty for the primary package.
        package_reference: String,
    },
}

/// The release template of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseTemplate {
    /// The packages, without those of disabled actions and of actions that are limited to other channels.
    pub packages: Vec<TemplatePackage>,
    pub versioning: Versioning,
}

/// A version rule of a channel with its packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRule {
    /// The packages, each by action name and package reference.
    pub packages: Vec<(String, String)>,
    pub rule: VersionRule,
}

/// The rule for a package: the first that names it. Without one, every version is permitted.
pub fn rule_for(rules: &[ChannelRule], package: &TemplatePackage) -> VersionRule {
    rules
        .iter()
        .find(|rule| {
            rule.packages
                .iter()
                .any(|(action, name)| package.is(action, name))
        })
        .map_or_else(VersionRule::default, |rule| rule.rule.clone())
}

/// The names of a process's actions and package references by their other identifiers, which channel rules may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleNames {
    /// Pairs of an action's id or slug and its name.
    pub actions: Vec<(String, String)>,
    /// Pairs of a package reference's id and its name.
    pub packages: Vec<(String, String)>,
}

/// The rules with the names of actions and package references instead of their ids and slugs. A name takes precedence
/// over another action's id or slug.
pub fn with_names(mut rules: Vec<ChannelRule>, names: &RuleNames) -> Vec<ChannelRule> {
    for (action, package) in rules.iter_mut().flat_map(|rule| &mut rule.packages) {
        replace_by_name(action, &names.actions);
        replace_by_name(package, &names.packages);
    }
    rules
}

fn replace_by_name(text: &mut String, names: &[(String, String)]) {
    let is_name = names.iter().any(|(_, name)| same_name(name, text));
    let other = names.iter().find(|(other, _)| same_name(other, text));
    if let Some((_, name)) = other.filter(|_| !is_name) {
        text.clone_from(name);
    }
}

/// Whether two names of actions or references are the same in Octopus, which ignores case.
pub fn same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Resolves a trigger's source in this process and channel.
pub fn resolve_source(
    space: &SpaceId,
    reference: &SourceRef,
    actions: &[Action],
    template: &ReleaseTemplate,
    feeds: &[Feed],
) -> Source {
    Source {
        reference: reference.clone(),
        resolution: resolve(space, reference, actions, template, feeds),
        policy: VersionPolicy::default(),
    }
}

fn resolve(
    space: &SpaceId,
    reference: &SourceRef,
    actions: &[Action],
    template: &ReleaseTemplate,
    feeds: &[Feed],
) -> Result<ResolvedSource, Problem> {
    let slug = &reference.action_slug;
    let action = actions
        .iter()
        .find(|action| same_name(action.handle(), slug))
        .ok_or_else(|| {
            let message = format!(
                "the process has no action `{slug}`; choose the source again in the trigger"
            );
            Problem::new(ProblemCode::ActionNotFound, message).text("action", slug)
        })?;
    let name = &reference.package_reference;
    let of_action =
        |code, message: String| Problem::new(code, message).text("action", &action.name);
    if action.is_disabled {
        let message = format!(
            "the action `{}` is disabled; enable it, or remove the source from the trigger",
            action.name
        );
        return Err(of_action(ProblemCode::ActionDisabled, message));
    }
    let mut references = action.package_references.iter();
    if !references.any(|own| same_name(own, name)) {
        let message = format!(
            "the action `{}` has no package reference `{name}`; choose the source again in the trigger",
            action.name
        );
        let problem = of_action(ProblemCode::PackageReferenceNotFound, message);
        return Err(problem.text("packageReference", name));
    }
    let package = template
        .packages
        .iter()
        .find(|package| package.is(&action.name, name))
        .ok_or_else(|| {
            let message = format!(
                "the action `{}` does not run in this channel; remove the source from the trigger",
                action.name
            );
            of_action(ProblemCode::ActionNotInChannel, message)
        })?;
    let feed = feed_of(package, feeds)?;
    Ok(ResolvedSource {
        action_name: action.name.clone(),
        package: PackageKey {
            space: space.clone(),
            feed: feed.id.clone(),
            package: package.package.clone(),
        },
    })
}

/// The feed of a package of the template, if releases can select a version of the package in it.
fn feed_of<'a>(package: &TemplatePackage, feeds: &'a [Feed]) -> Result<&'a Feed, Problem> {
    let id = &package.package;
    let of_package =
        |code, message: String| Problem::new(code, message).text("package", id.as_str());
    if let Some(fixed) = &package.fixed_version {
        let message = format!(
            "the process fixes `{id}` to version {fixed}; remove the source from the trigger"
        );
        return Err(of_package(ProblemCode::VersionFixed, message).text("version", fixed));
    }
    let feed = feeds.iter().find(|feed| feed.id == package.feed);
    // Octopus also resolves no package of a deleted feed.
    let is_variable = package.feed.as_str().contains("#{");
    if !package.is_resolvable && (feed.is_some() || is_variable) {
        let message = format!(
            "`{id}` depends on variables that have no value before a deployment; remove their scopes"
        );
        return Err(of_package(ProblemCode::VariableUnresolved, message));
    }
    let feed = feed.ok_or_else(|| {
        let feed = &package.feed;
        let message = format!(
            "the feed `{feed}` of `{id}` does not exist, or is hidden from the API key's user; choose another feed in the \
             step, or grant FeedView"
        );
        of_package(ProblemCode::FeedNotFound, message).text("feedId", feed.as_str())
    })?;
    if feed.kind == FeedKind::OctopusProject {
        let message = format!(
            "`{}` contains a project's releases, not packages; choose another source in the trigger",
            feed.name
        );
        return Err(
            of_package(ProblemCode::FeedOfReleases, message).text("feedId", feed.id.as_str())
        );
    }
    Ok(feed)
}
