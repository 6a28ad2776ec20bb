//! A project's process and its release template: in the database by the process's id, in Git at the
//! project's default branch.

use domain::ids::{ChannelId, FeedId, PackageId};
use domain::process::{Action, ReleaseTemplate, TemplatePackage, same_name};
use engine::ports::{OctopusError, Process, Project};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::client::OctopusClient;
use crate::keys::ApiKeys;
use crate::tolerant::{filled, or_default};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProcessResource {
    #[serde(deserialize_with = "or_default")]
    steps: Vec<StepResource>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct StepResource {
    #[serde(deserialize_with = "or_default")]
    actions: Vec<ActionResource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ActionResource {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) id: String,
    pub(crate) name: String,
    slug: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    is_disabled: bool,
    #[serde(default, deserialize_with = "or_default")]
    channels: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    packages: Vec<PackageResource>,
    #[serde(default, deserialize_with = "or_default")]
    properties: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PackageResource {
    #[serde(default, deserialize_with = "or_default")]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TemplateResource {
    pub(crate) next_version_increment: Option<String>,
    pub(crate) versioning_package_step_name: Option<String>,
    pub(crate) versioning_package_reference_name: Option<String>,
    #[serde(deserialize_with = "or_default")]
    packages: Vec<TemplatePackageResource>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) git_resources: Vec<GitResource>,
}

/// Each property with the name that servers before 2018.9 have for it.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct TemplatePackageResource {
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

/// A git repository that a step takes files from.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct GitResource {
    #[serde(deserialize_with = "or_default")]
    pub(crate) action_name: String,
    #[serde(deserialize_with = "or_default")]
    pub(crate) name: String,
    pub(crate) default_branch: Option<String>,
}

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn read_process(
        &self,
        project: &Project,
        channel: &ChannelId,
    ) -> Result<Process, OctopusError> {
        let what = format!("the process of project {}", project.name);
        let call = self.reading(&process_path(project), what, "ProcessView");
        let process: ProcessResource = self.get(&call).await?;
        let actions: Vec<_> = process
            .steps
            .into_iter()
            .flat_map(|step| step.actions)
            .collect();
        let mut template = self.read_template(project, channel).await?;
        let packages = std::mem::take(&mut template.packages)
            .into_iter()
            .map(TemplatePackage::from)
            .filter(|package| runs(package, &actions, channel))
            .collect();
        let versioning = self.read_versioning(project, &template, &actions).await?;
        let action_names = actions
            .iter()
            .filter(|action| !action.id.is_empty())
            .map(|action| (action.id.clone(), action.name.clone()))
            .collect();
        Ok(Process {
            action_names,
            actions: actions.into_iter().map(Action::from).collect(),
            template: ReleaseTemplate {
                packages,
                versioning,
            },
        })
    }

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
}

fn process_path(project: &Project) -> Vec<&str> {
    let (space, id) = (project.space.as_str(), project.id.as_str());
    match (&project.git_ref, &project.process_id) {
        (Some(branch), _) => vec![space, "projects", id, branch, "deploymentprocesses"],
        (None, Some(process)) => vec![space, "deploymentprocesses", process],
        (None, None) => vec![space, "projects", id, "deploymentprocesses"],
    }
}

/// Whether a release in the channel runs the package's action. Octopus leaves the others out of the
/// template, except where it forgets to.
fn runs(package: &TemplatePackage, actions: &[ActionResource], channel: &ChannelId) -> bool {
    let action = actions
        .iter()
        .find(|action| same_name(&action.name, &package.action_name));
    action.is_none_or(|action| !action.is_disabled && action.is_for(channel))
}

impl ActionResource {
    /// Whether the action is for the channel. Processes in Git may name channels by slug, which says
    /// nothing here; then the template is trusted.
    fn is_for(&self, channel: &ChannelId) -> bool {
        let is_id = |one: &String| one.starts_with("Channels-");
        self.channels.is_empty()
            || self.channels.iter().any(|one| one == channel.as_str())
            || !self.channels.iter().all(is_id)
    }

    fn package_references(&self) -> Vec<String> {
        let old_primary = || {
            let package = self.properties.get("Octopus.Action.Package.PackageId");
            package
                .and_then(Value::as_str)
                .is_some_and(|id| !id.is_empty())
        };
        if self.packages.is_empty() && old_primary() {
            vec![String::new()]
        } else {
            self.packages
                .iter()
                .map(|package| package.name.clone())
                .collect()
        }
    }
}

impl From<ActionResource> for Action {
    fn from(action: ActionResource) -> Self {
        Self {
            package_references: action.package_references(),
            slug: filled(action.slug),
            name: action.name,
            is_disabled: action.is_disabled,
        }
    }
}

impl From<TemplatePackageResource> for TemplatePackage {
    fn from(package: TemplatePackageResource) -> Self {
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
