//! The release template of a project for one channel: the packages of a release and its next number.

use domain::ids::{ChannelId, FeedId, PackageId};
use domain::process::{TemplatePackage, same_name};
use engine::ports::{OctopusError, Project};
use serde::Deserialize;

use crate::advisory::advisory;
use crate::client::OctopusClient;
use crate::keys::ApiKeys;
use crate::process_path::process_path;
use crate::tolerant::{filled, or_default};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TemplateResource {
    #[serde(default, deserialize_with = "advisory")]
    pub(crate) next_version_increment: Option<String>,
    #[serde(default, deserialize_with = "advisory")]
    pub(crate) versioning_package_step_name: Option<String>,
    #[serde(default, deserialize_with = "advisory")]
    pub(crate) versioning_package_reference_name: Option<String>,
    #[serde(deserialize_with = "or_default")]
    packages: Vec<PackageResource>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) git_resources: Vec<GitResource>,
}

/// Contains each property under its current name and its name on servers before 2018.9.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct PackageResource {
    action_name: Option<String>,
    step_name: Option<String>,
    #[serde(deserialize_with = "or_default")]
    package_reference_name: String,
    feed_id: Option<String>,
    nu_get_feed_id: Option<String>,
    package_id: Option<String>,
    nu_get_package_id: Option<String>,
    is_resolvable: Option<bool>,
    fixed_version: Option<String>,
}

/// A Git repository from which a step reads files.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct GitResource {
    #[serde(deserialize_with = "or_default")]
    pub(crate) action_name: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) name: String,
    pub(crate) default_branch: Option<String>,
}

/// The names of a feed.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FeedResource {
    id: String,
    #[serde(default, deserialize_with = "advisory")]
    slug: String,
    #[serde(default, deserialize_with = "advisory")]
    name: String,
}

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn read_template(
        &self,
        project: &Project,
        channel: &ChannelId,
    ) -> Result<TemplateResource, OctopusError> {
        let what = format!(
            "the release template of project {} for channel {channel}",
            project.name
        );
        let mut path = process_path(project);
        path.push("template");
        let call = self
            .reading(&path, what, "ProcessView")
            .with("channel", channel.as_str());
        self.get(&call).await
    }

    /// The template's packages with their feeds' ids. The feeds are read only if a package refers to its feed by
    /// slug or name, as processes in Git may do.
    pub(crate) async fn packages_of(
        &self,
        project: &Project,
        template: &mut TemplateResource,
    ) -> Result<Vec<TemplatePackage>, OctopusError> {
        let mut packages = template.take_packages();
        if !packages.iter().any(names_its_feed) {
            return Ok(packages);
        }
        let space = project.space.as_str();
        let call = self.reading(
            &[space, "feeds"],
            format!("the feeds of {space}"),
            "FeedView",
        );
        let feeds: Vec<FeedResource> = self.list(&call).await?;
        for package in packages.iter_mut().filter(|one| names_its_feed(one)) {
            let named = package.feed.as_str();
            let by_slug = feeds.iter().find(|feed| same_name(&feed.slug, named));
            let by_name = || feeds.iter().find(|feed| same_name(&feed.name, named));
            if let Some(feed) = by_slug.or_else(by_name) {
                package.feed = FeedId::new(feed.id.as_str());
            }
        }
        Ok(packages)
    }
}

impl TemplateResource {
    /// Takes the packages, with the feeds as the template names them.
    pub(crate) fn take_packages(&mut self) -> Vec<TemplatePackage> {
        let packages = std::mem::take(&mut self.packages);
        packages.into_iter().map(TemplatePackage::from).collect()
    }
}

/// Whether the package refers to its feed by slug or name.
pub(crate) fn names_its_feed(package: &TemplatePackage) -> bool {
    let feed = package.feed.as_str().to_lowercase();
    let number = feed.strip_prefix("feeds-");
    let is_id = number.is_some_and(|number| {
        number == "builtin" || number.bytes().all(|byte| byte.is_ascii_digit())
    });
    package.is_resolvable && !feed.is_empty() && !is_id
}

impl From<PackageResource> for TemplatePackage {
    fn from(package: PackageResource) -> Self {
        Self {
            action_name: package
                .action_name
                .or(package.step_name)
                .unwrap_or_default(),
            package_reference: package.package_reference_name,
            feed: FeedId::new(
                package
                    .feed_id
                    .or(package.nu_get_feed_id)
                    .unwrap_or_default(),
            ),
            package: PackageId::new(
                package
                    .package_id
                    .or(package.nu_get_package_id)
                    .unwrap_or_default(),
            ),
            is_resolvable: package.is_resolvable.unwrap_or(true),
            fixed_version: filled(package.fixed_version),
        }
    }
}
