//! What Octopus says of a project's process in one channel: the actions, the packages a release
//! selects, and the channel's version rules.

use crate::feed::{Feed, FeedKind};
use crate::ids::{FeedId, PackageId, PackageKey, SpaceId};
use crate::options::VersionPolicy;
use crate::rule::VersionRule;
use crate::trigger::{ResolvedSource, Source, SourceRef};

/// An action of the deployment process, as far as a trigger's source needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The slug, by which triggers name it; servers before 2022.3 have none.
    pub slug: Option<String>,
    /// The name, by which templates, rules and releases name it.
    pub name: String,
    /// Switched off.
    pub is_disabled: bool,
    /// The package references' names; empty text is the primary one.
    pub package_references: Vec<String>,
}

impl Action {
    /// What sources call it: its slug, or its name where the server gives it none.
    pub fn handle(&self) -> &str {
        self.slug.as_deref().unwrap_or(&self.name)
    }
}

/// One package of the release template: what a release in the channel selects a version of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplatePackage {
    /// The action's name.
    pub action_name: String,
    /// The package reference's name; empty for the primary one.
    pub package_reference: String,
    /// The feed, evaluated.
    pub feed: FeedId,
    /// The package, evaluated.
    pub package: PackageId,
    /// False where the feed or the package depends on variables that have no value before deployment.
    pub is_resolvable: bool,
    /// The version that the process fixes, if it does; then no release selects one.
    pub fixed_version: Option<String>,
}

impl TemplatePackage {
    /// Whether this is the given action's package reference. Octopus compares these without case.
    pub fn is(&self, action_name: &str, package_reference: &str) -> bool {
        same_name(&self.action_name, action_name)
            && same_name(&self.package_reference, package_reference)
    }
}

/// Where the project's release numbers come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Versioning {
    /// From the template; `next` is the number that it would give now, where the server says it.
    Template {
        /// `NextVersionIncrement`.
        next: Option<String>,
    },
    /// From the version of one of the packages.
    Donor {
        /// The action's name.
        action_name: String,
        /// The package reference's name; empty for the primary one.
        package_reference: String,
    },
}

/// The release template of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseTemplate {
    /// The packages, without those of disabled actions and of actions limited to other channels.
    pub packages: Vec<TemplatePackage>,
    /// Where the release's number comes from.
    pub versioning: Versioning,
}

/// A version rule of a channel with the packages that it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRule {
    /// The packages, each by action name and package reference.
    pub packages: Vec<(String, String)>,
    /// What the rule permits.
    pub rule: VersionRule,
}

/// The rule for a package: the first that names it; without one, everything is permitted.
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

/// Whether two names are the same to Octopus, which compares action and reference names without case.
pub fn same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// What a trigger's source stands for in this process and channel, or why it stands for nothing.
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
        selection: VersionPolicy::default(),
    }
}

fn resolve(
    space: &SpaceId,
    reference: &SourceRef,
    actions: &[Action],
    template: &ReleaseTemplate,
    feeds: &[Feed],
) -> Result<ResolvedSource, String> {
    let slug = &reference.action_slug;
    let action = actions
        .iter()
        .find(|action| same_name(action.handle(), slug))
        .ok_or_else(|| {
            format!("the process has no action `{slug}`; choose the source again in the trigger")
        })?;
    if action.is_disabled {
        return Err(format!("the action `{}` is disabled", action.name));
    }
    let name = &reference.package_reference;
    if !action
        .package_references
        .iter()
        .any(|own| same_name(own, name))
    {
        return Err(format!(
            "the action `{}` has no package reference `{name}`; choose the source again in the trigger",
            action.name
        ));
    }
    let package = template
        .packages
        .iter()
        .find(|package| package.is(&action.name, name))
        .ok_or_else(|| format!("the action `{}` does not run in this channel", action.name))?;
    if let Some(fixed) = &package.fixed_version {
        return Err(format!(
            "the process fixes `{}` to version {fixed}",
            package.package
        ));
    }
    if !package.is_resolvable {
        return Err(format!(
            "`{}` depends on variables that have no value before a deployment; remove their scopes",
            package.package
        ));
    }
    let feed = feeds
        .iter()
        .find(|feed| feed.id == package.feed)
        .ok_or_else(|| {
            format!(
                "the feed `{}` was not found; the API key's user needs FeedView",
                package.feed
            )
        })?;
    if feed.kind == FeedKind::OctopusProject {
        return Err(format!(
            "`{}` is a project's releases, not a feed's package",
            feed.name
        ));
    }
    Ok(ResolvedSource {
        action_name: action.name.clone(),
        package: PackageKey {
            space: space.clone(),
            feed: feed.id.clone(),
            package: package.package.clone(),
        },
    })
}
