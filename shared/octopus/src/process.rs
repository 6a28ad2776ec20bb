//! A project's deployment process: by its id for projects in the database, at the branch or tag for projects in
//! Git.
//!
//! Steps that use a process template have no actions of their own, or a placeholder action. A process with such
//! steps is read in its resolved form, which contains the template's actions with the slugs that triggers refer to.

use domain::ids::{ChannelId, FeedId, PackageId};
use domain::process::{
    Action, PackageIdentity, ReleaseTemplate, RuleNames, TemplatePackage, same_name,
};
use engine::ports::{OctopusError, OctopusErrorKind, Process, Project};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::advisory::advisory;
use crate::client::OctopusClient;
use crate::error::error;
use crate::keys::ApiKeys;
use crate::names::Names;
use crate::process_path::process_path;
use crate::template::names_its_feed;
use crate::tolerant::{filled, or_default};
use crate::versioning::VersioningResource;

/// The type of a placeholder action for a process template.
const PLACEHOLDER: &str = "Octopus.ProcessTemplate";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ProcessResource {
    #[serde(default, deserialize_with = "advisory")]
    pub(crate) id: String,
    #[serde(deserialize_with = "or_default")]
    steps: Vec<StepResource>,
}

#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct StepResource {
    r#type: Option<String>,
    #[serde(deserialize_with = "or_default")]
    actions: Vec<ActionResource>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ActionResource {
    #[serde(default, deserialize_with = "advisory")]
    pub(crate) id: String,
    pub(crate) name: String,
    slug: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    action_type: String,
    #[serde(default, deserialize_with = "or_default")]
    is_disabled: bool,
    #[serde(default, deserialize_with = "or_default")]
    channels: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    packages: Vec<PackageResource>,
    #[serde(default, deserialize_with = "or_default")]
    properties: Map<String, Value>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PackageResource {
    #[serde(default, deserialize_with = "or_default")]
    id: String,
    #[serde(default, deserialize_with = "or_default")]
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    package_id: String,
    #[serde(default, deserialize_with = "or_default")]
    feed_id: String,
    version: Option<String>,
}

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn read_process(
        &self,
        project: &Project,
        channel: &ChannelId,
    ) -> Result<Process, OctopusError> {
        let actions = self.read_actions(project).await?;
        let mut template = self.read_template(project, channel).await?;
        let channel = self.names_for(project, channel, &actions).await?;
        let packages = self
            .packages_of(project, &mut template)
            .await?
            .into_iter()
            .filter(|package| runs(package, &actions, &channel))
            .collect();
        let pairs: Vec<_> = actions
            .iter()
            .map(|one| (one.id.as_str(), one.name.as_str()))
            .collect();
        let versioning = self.read_versioning(project, &template, &pairs).await?;
        Ok(Process {
            rule_names: rule_names(&actions),
            identities: identities(&actions),
            actions: actions.into_iter().map(Action::from).collect(),
            template: ReleaseTemplate {
                packages,
                versioning,
            },
        })
    }

    /// The known process, if the release template has the same packages; see
    /// [`renumbered`](engine::ports::OctopusReader::renumbered). One request.
    pub(crate) async fn renumber(
        &self,
        project: &Project,
        channel: &ChannelId,
        known: &Process,
    ) -> Result<Option<Process>, OctopusError> {
        let mut template = self.read_template(project, channel).await?;
        let packages = self.packages_of(project, &mut template).await?;
        let is_known = |package: &TemplatePackage| known.template.packages.contains(package);
        let versioning = template.own_versioning();
        let is_same =
            packages.len() == known.template.packages.len() && packages.iter().all(is_known);
        Ok(versioning.filter(|_| is_same).map(|versioning| Process {
            template: ReleaseTemplate {
                packages,
                versioning,
            },
            ..known.clone()
        }))
    }

    /// The actions of all steps, including those of process templates.
    async fn read_actions(&self, project: &Project) -> Result<Vec<ActionResource>, OctopusError> {
        let what = format!("the process of project {}", project.name);
        let call = self.reading(&process_path(project), what, "ProcessView");
        let mut process: ProcessResource = self.get(&call).await?;
        if process.steps.iter().any(StepResource::uses_a_template) {
            process = self.read_resolved(project).await?;
        }
        Ok(process.into_actions())
    }

    async fn read_resolved(&self, project: &Project) -> Result<ProcessResource, OctopusError> {
        let what = format!(
            "the process of project {} with its process templates",
            project.name
        );
        let (space, id) = (project.space.as_str(), project.id.as_str());
        let mut path = vec![space, "projects", id];
        path.extend(project.git_ref.as_deref());
        path.extend(["deploymentprocesses", "resolved"]);
        let read = self.get(&self.reading(&path, what, "ProcessView")).await;
        read.map_err(|cause: OctopusError| match cause.kind {
            OctopusErrorKind::NotFound => templates_not_resolved(project, cause),
            _ => cause,
        })
    }

    /// The names by which these actions may refer to the channel. The channel is read only if an action refers
    /// to channels by slug or name, as processes in Git may do.
    async fn names_for(
        &self,
        project: &Project,
        channel: &ChannelId,
        actions: &[ActionResource],
    ) -> Result<Names, OctopusError> {
        let mut named = actions.iter().flat_map(|action| &action.channels);
        if named.all(|one| one.starts_with("Channels-")) {
            Ok(Names::by_id(channel.as_str()))
        } else {
            self.read_channel_names(project, channel).await
        }
    }
}

/// The server has process templates but not the route that resolves them.
fn templates_not_resolved(project: &Project, cause: OctopusError) -> OctopusError {
    let message = format!(
        "cannot read the process of project {}: it uses process templates, and this server does not return \
         their steps; update Octopus Server, or move these steps into the project's own process",
        project.name
    );
    OctopusError {
        source: Some(Box::new(cause)),
        ..error(OctopusErrorKind::Unsupported, message)
    }
}

/// Whether a release in the channel runs the package's action. Octopus usually omits the others from the
/// template, but not always (OctopusDeploy/Issues#6810).
fn runs(package: &TemplatePackage, actions: &[ActionResource], channel: &Names) -> bool {
    let action = actions
        .iter()
        .find(|action| same_name(&action.name, &package.action_name));
    action.is_none_or(|action| !action.is_disabled && action.is_for(channel))
}

/// The ids and slugs by which channel rules may refer to actions and package references.
fn rule_names(actions: &[ActionResource]) -> RuleNames {
    let pair = |(other, name): (&str, &String)| {
        (!other.is_empty()).then(|| (other.to_owned(), name.clone()))
    };
    let of_action = |action: &ActionResource| {
        let others = [Some(action.id.as_str()), action.slug.as_deref()];
        let pairs = others.into_iter().flatten().map(|one| (one, &action.name));
        pairs.filter_map(pair).collect::<Vec<_>>()
    };
    let packages = actions.iter().flat_map(|action| &action.packages);
    RuleNames {
        actions: actions.iter().flat_map(of_action).collect(),
        packages: packages
            .filter_map(|package| pair((&package.id, &package.name)))
            .collect(),
    }
}

/// The package references of the actions, with their identifiers.
pub(crate) fn identities(actions: &[ActionResource]) -> Vec<PackageIdentity> {
    let of_action = |action: &ActionResource| {
        let identity = PackageIdentity {
            action_id: action.id.clone(),
            action_slug: action.slug.clone().unwrap_or_default(),
            action_name: action.name.clone(),
            ..PackageIdentity::default()
        };
        let old_primary = action.old_primary().filter(|_| action.packages.is_empty());
        let old_primary = old_primary.map(|package| PackageIdentity {
            package: package.to_owned(),
            ..identity.clone()
        });
        let packages = action.packages.iter().map(|package| PackageIdentity {
            reference_id: package.id.clone(),
            package_reference: package.name.clone(),
            package: package.package_id.clone(),
            ..identity.clone()
        });
        packages.chain(old_primary).collect::<Vec<_>>()
    };
    actions.iter().flat_map(of_action).collect()
}

impl ProcessResource {
    /// The process in a channel without the release template; `None` if only the template has the packages: with
    /// process templates, variables, or channels and feeds by name.
    pub(crate) fn literal(
        &self,
        channel: &ChannelId,
        versioning: VersioningResource,
    ) -> Option<Process> {
        if self.steps.iter().any(StepResource::uses_a_template) {
            return None;
        }
        let actions: Vec<ActionResource> = self
            .steps
            .iter()
            .flat_map(|step| &step.actions)
            .cloned()
            .collect();
        let names = Names::by_id(channel.as_str());
        let mut packages = Vec::new();
        for action in &actions {
            if action
                .channels
                .iter()
                .any(|one| !one.starts_with("Channels-"))
                || action.packages.is_empty() && !action.package_references().is_empty()
            {
                return None;
            }
            if action.is_disabled || !action.is_for(&names) {
                continue;
            }
            for package in &action.packages {
                packages.push(package.literal(action)?);
            }
        }
        let pairs: Vec<_> = actions
            .iter()
            .map(|one| (one.id.as_str(), one.name.as_str()))
            .collect();
        let versioning = versioning.with_names(&pairs);
        Some(Process {
            rule_names: rule_names(&actions),
            identities: identities(&actions),
            actions: actions.into_iter().map(Action::from).collect(),
            template: ReleaseTemplate {
                packages,
                versioning,
            },
        })
    }

    pub(crate) fn into_actions(self) -> Vec<ActionResource> {
        let steps = self.steps.into_iter();
        steps
            .flat_map(|step| step.actions)
            .filter(|action| !action.is_placeholder())
            .collect()
    }
}

impl PackageResource {
    /// The package as the release template has it; `None` if it depends on variables or names its feed.
    fn literal(&self, action: &ActionResource) -> Option<TemplatePackage> {
        let package = TemplatePackage {
            action_name: action.name.clone(),
            package_reference: self.name.clone(),
            feed: FeedId::new(self.feed_id.as_str()),
            package: PackageId::new(self.package_id.as_str()),
            is_resolvable: true,
            fixed_version: filled(self.version.clone()),
        };
        let is_variable = [&self.feed_id, &self.package_id]
            .iter()
            .any(|text| text.is_empty() || text.contains("#{"));
        (!is_variable && !names_its_feed(&package)).then_some(package)
    }
}

impl StepResource {
    fn uses_a_template(&self) -> bool {
        self.r#type.as_deref() == Some("ProcessTemplateUsage")
            || self.actions.iter().any(ActionResource::is_placeholder)
    }
}

impl ActionResource {
    fn is_placeholder(&self) -> bool {
        self.action_type == PLACEHOLDER
    }

    fn is_for(&self, channel: &Names) -> bool {
        self.channels.is_empty() || self.channels.iter().any(|one| channel.include(one))
    }

    /// The primary package of servers that have no package references.
    fn old_primary(&self) -> Option<&str> {
        let package = self.properties.get("Octopus.Action.Package.PackageId");
        package.and_then(Value::as_str).filter(|id| !id.is_empty())
    }

    fn package_references(&self) -> Vec<String> {
        if self.packages.is_empty() && self.old_primary().is_some() {
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
