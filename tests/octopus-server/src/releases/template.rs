//! The packages of a release in a channel: those of every enabled action that is
//! not limited to other channels, evaluated as far as possible before deployment.

use crate::world::{Branch, Channel, Feed, Project, Space, same};

/// A package of the release template.
#[derive(Clone, Debug)]
pub(crate) struct TemplatePackage {
    pub(crate) action: String,
    pub(crate) action_id: String,
    pub(crate) action_slug: String,
    pub(crate) reference: String,
    pub(crate) reference_id: String,
    /// Evaluated if resolvable, otherwise the text in the process.
    pub(crate) package_id: String,
    /// The feed's id, evaluated if resolvable.
    pub(crate) feed: String,
    pub(crate) feed_name: Option<String>,
    /// Every variable in it is known before deployment, and the feed exists.
    pub(crate) is_resolvable: bool,
    pub(crate) fixed_version: Option<String>,
    /// The other project, where the package is a project's release.
    pub(crate) project_name: Option<String>,
    /// The version in the channel's last release.
    pub(crate) last_version: Option<String>,
}

impl TemplatePackage {
    /// The names by which channel rules may refer to the action: name, id or slug.
    pub(crate) fn action_names(&self) -> [&str; 3] {
        [&self.action, &self.action_id, &self.action_slug]
    }

    /// The names by which channel rules may refer to the package reference: name or id.
    pub(crate) fn reference_names(&self) -> [&str; 2] {
        [&self.reference, &self.reference_id]
    }
}

/// The packages of a release of `project` in `channel`, in the order of the process.
pub(crate) fn packages(
    space: &Space,
    project: &Project,
    channel: &Channel,
    branch: Option<&Branch>,
) -> Vec<TemplatePackage> {
    let last = project
        .newest_first()
        .find(|release| release.channel == channel.id);
    let actions = project
        .steps_at(branch)
        .iter()
        .flat_map(|step| &step.actions);
    let mut packages = Vec::new();
    for action in actions.filter(|action| action.belongs_in(&channel.id)) {
        for reference in &action.packages {
            let package_id = project.evaluate(&reference.package_id);
            let feed = project
                .evaluate(&reference.feed)
                .and_then(|id| space.feed(&id));
            packages.push(TemplatePackage {
                action: action.name.clone(),
                action_id: action.id.clone(),
                action_slug: action.slug.clone(),
                reference_id: reference.id.clone(),
                reference: reference.name.clone(),
                project_name: feed.and_then(|feed| child(space, feed, &reference.package_id)),
                is_resolvable: package_id.is_some() && feed.is_some(),
                package_id: package_id.unwrap_or_else(|| reference.package_id.clone()),
                feed: feed.map_or_else(|| reference.feed.clone(), |feed| feed.id.clone()),
                feed_name: feed.map(|feed| feed.name.clone()),
                fixed_version: reference.fixed_version.clone(),
                last_version: last
                    .and_then(|release| release.package(&action.name, &reference.name))
                    .map(str::to_owned),
            });
        }
    }
    packages
}

fn child(space: &Space, feed: &Feed, package: &str) -> Option<String> {
    let child = space
        .projects
        .iter()
        .find(|project| same(&project.id, package));
    child
        .filter(|_| feed.contains_releases())
        .map(|project| project.name.clone())
}
