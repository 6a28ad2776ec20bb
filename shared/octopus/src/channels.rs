//! Channels and their version rules: `/api/{space}/channels/{id}`.

use domain::ids::{ChannelId, SpaceId};
use domain::process::ChannelRule;
use domain::rule::{RuleStrategy, VersionRule};
use engine::ports::{Channel, ListedChannel, OctopusError, OctopusErrorKind, Project};
use serde::Deserialize;

use crate::advisory::{advisory, advisory_object};
use crate::client::OctopusClient;
use crate::error::error;
use crate::keys::ApiKeys;
use crate::names::{Named, Names, pick};
use crate::tolerant::or_default;

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChannelResource {
    id: String,
    #[serde(default, deserialize_with = "or_default")]
    name: String,
    #[serde(default, deserialize_with = "advisory")]
    slug: String,
    #[serde(default, deserialize_with = "or_default")]
    is_default: bool,
    #[serde(default, deserialize_with = "advisory")]
    lifecycle_id: String,
    #[serde(default, deserialize_with = "or_default")]
    r#type: String,
    #[serde(default, deserialize_with = "advisory")]
    custom_field_definitions: Vec<CustomFieldResource>,
    /// Required: a channel without rules permits every version.
    #[serde(deserialize_with = "or_default")]
    rules: Vec<RuleResource>,
}

#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct CustomFieldResource {
    #[serde(deserialize_with = "advisory")]
    field_name: String,
    /// Alternative spelling.
    #[serde(deserialize_with = "advisory")]
    name: String,
}
advisory_object!(CustomFieldResource);

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RuleResource {
    version_range: Option<String>,
    tag: Option<String>,
    version_tag_regex: Option<String>,
    versioning_strategy: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    action_packages: Vec<ActionPackageResource>,
    /// The form of servers before 2018.9.
    #[serde(default, deserialize_with = "or_default")]
    actions: Vec<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ActionPackageResource {
    deployment_action: String,
    #[serde(default, deserialize_with = "or_default")]
    package_reference: String,
}

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn read_channel(
        &self,
        project: &Project,
        id: &ChannelId,
    ) -> Result<Channel, OctopusError> {
        Ok(self.get_channel(project, id).await?.into())
    }

    pub(crate) async fn read_channel_names(
        &self,
        project: &Project,
        id: &ChannelId,
    ) -> Result<Names, OctopusError> {
        Ok(Names::of(&self.get_channel(project, id).await?))
    }

    async fn get_channel(
        &self,
        project: &Project,
        id: &ChannelId,
    ) -> Result<ChannelResource, OctopusError> {
        let what = format!("channel {id} of project {}", project.name);
        let path = [project.space.as_str(), "channels", id.as_str()];
        self.get(&self.reading(&path, what, "ProcessView")).await
    }

    pub(crate) async fn read_default_channel(
        &self,
        project: &Project,
    ) -> Result<Channel, OctopusError> {
        default_channel(project, self.list_channels(project).await?)
    }

    pub(crate) async fn find_channel_by(
        &self,
        project: &Project,
        name: &str,
    ) -> Result<Channel, OctopusError> {
        named_channel(project, self.list_channels(project).await?, name)
    }

    /// The channels of a project with their lifecycles, the default channel first.
    pub(crate) async fn channel_choices(
        &self,
        project: &Project,
    ) -> Result<Vec<ListedChannel>, OctopusError> {
        let found = self.list_channels(project).await?;
        let of_project = self.lifecycle_of(project).await?;
        let is_only = found.len() == 1;
        let mut listed: Vec<_> = found
            .into_iter()
            .map(|channel| ListedChannel {
                is_default: channel.is_default || is_only,
                lifecycle: channel.lifecycle(&of_project),
                channel: channel.into(),
            })
            .collect();
        listed.sort_by_key(|one| (!one.is_default, one.channel.name.to_lowercase()));
        Ok(listed)
    }

    pub(crate) async fn list_channel_names(
        &self,
        space: &SpaceId,
    ) -> Result<Vec<(ChannelId, String)>, OctopusError> {
        let what = format!("the channels of {space}");
        let call = self.reading(&[space.as_str(), "channels"], what, "ProcessView");
        let found: Vec<ChannelResource> = self.list(&call).await?;
        let pair = |channel: ChannelResource| (ChannelId::new(channel.id), channel.name);
        Ok(found.into_iter().map(pair).collect())
    }

    async fn list_channels(&self, project: &Project) -> Result<Vec<ChannelResource>, OctopusError> {
        let what = format!("the channels of project {}", project.name);
        let path = [
            project.space.as_str(),
            "projects",
            project.id.as_str(),
            "channels",
        ];
        self.list(&self.reading(&path, what, "ProcessView")).await
    }
}

/// The default one of a project's channels.
pub(crate) fn default_channel(
    project: &Project,
    channels: Vec<ChannelResource>,
) -> Result<Channel, OctopusError> {
    default_of(channels).map(Channel::from).ok_or_else(|| {
        let message = format!(
            "cannot select a channel: project {} has no default channel; select a channel in the trigger, \
             or a default channel in the project",
            project.name
        );
        error(OctopusErrorKind::Invalid, message)
    })
}

/// The one of a project's channels with this name, slug or id.
pub(crate) fn named_channel(
    project: &Project,
    channels: Vec<ChannelResource>,
    name: &str,
) -> Result<Channel, OctopusError> {
    let what = format!("channels of project {}", project.name);
    let found = pick(channels, name, &what)?;
    found.map(Channel::from).ok_or_else(|| {
        let message = format!(
            "cannot find the channel: project {} has no channel `{name}`; use its name, slug or id in \
             Octopus",
            project.name
        );
        error(OctopusErrorKind::NotFound, message)
    })
}

impl Named for ChannelResource {
    fn name(&self) -> &str {
        &self.name
    }

    fn slug(&self) -> &str {
        &self.slug
    }

    fn id(&self) -> &str {
        &self.id
    }
}

/// The default channel, or the only channel.
fn default_of(mut channels: Vec<ChannelResource>) -> Option<ChannelResource> {
    let default = channels.iter().position(|channel| channel.is_default);
    let only = (channels.len() == 1).then_some(0);
    default.or(only).map(|index| channels.swap_remove(index))
}

impl ChannelResource {
    /// The lifecycle of the channel's releases: its own, otherwise the project's. Channels of ephemeral
    /// environments have none.
    fn lifecycle(&self, of_project: &str) -> Option<String> {
        if self.r#type == "EphemeralEnvironment" {
            return None;
        }
        let ids = [self.lifecycle_id.as_str(), of_project];
        let mut ids = ids.into_iter().filter(|id| !id.is_empty());
        ids.next().map(str::to_owned)
    }
}

impl CustomFieldResource {
    fn into_name(self) -> Option<String> {
        let mut names = [self.field_name, self.name].into_iter();
        names.find(|name| !name.is_empty())
    }
}

impl From<ChannelResource> for Channel {
    fn from(channel: ChannelResource) -> Self {
        let rules = channel.rules.into_iter().map(rule).collect();
        Self {
            id: ChannelId::new(channel.id),
            name: channel.name,
            rules,
            custom_fields: channel
                .custom_field_definitions
                .into_iter()
                .filter_map(CustomFieldResource::into_name)
                .collect(),
        }
    }
}

fn rule(rule: RuleResource) -> ChannelRule {
    let packages = if rule.action_packages.is_empty() {
        rule.actions
            .iter()
            .map(|action| action_and_reference(action))
            .collect()
    } else {
        let pair = |one: ActionPackageResource| (one.deployment_action, one.package_reference);
        rule.action_packages.into_iter().map(pair).collect()
    };
    let strategy = match rule.versioning_strategy.as_deref() {
        Some("MostRecentlyPublished") => RuleStrategy::MostRecentlyPublished,
        _ => RuleStrategy::SemVer,
    };
    ChannelRule {
        packages,
        rule: VersionRule {
            range: rule.version_range,
            pre_release_tag: rule.tag,
            version_tag_regex: rule.version_tag_regex,
            strategy,
        },
    }
}

/// Splits `Action` or `Action:reference`, the form of older servers.
pub(crate) fn action_and_reference(text: &str) -> (String, String) {
    let (action, reference) = text.split_once(':').unwrap_or((text, ""));
    (action.to_owned(), reference.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> ChannelRule {
        rule(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn rule_reads_action_packages() {
        let rule = read(
            r#"{"Id":"0d1b","VersionRange":"[2.0,3.0)","Tag":"^$","VersioningStrategy":"MostRecentlyPublished",
                "VersionTagRegex":null,"ActionPackages":[{"DeploymentAction":"Deploy web container",
                "PackageReference":"web"},{"DeploymentAction":"Migrate","PackageReference":null}],
                "Actions":["Deploy web container:web"],"Links":{}}"#,
        );
        let expected = [("Deploy web container", "web"), ("Migrate", "")];
        assert_eq!(
            rule.packages,
            expected.map(|(a, r)| (a.to_owned(), r.to_owned()))
        );
        assert_eq!(
            rule.rule,
            VersionRule {
                range: Some("[2.0,3.0)".into()),
                pre_release_tag: Some("^$".into()),
                version_tag_regex: None,
                strategy: RuleStrategy::MostRecentlyPublished,
            }
        );
    }

    #[test]
    fn rule_reads_legacy_actions() {
        let rule = read(
            r#"{"Actions":["Deploy","Migrate:db"],"VersionRange":null,"ActionPackages":null}"#,
        );
        let expected = [("Deploy", ""), ("Migrate", "db")];
        assert_eq!(
            rule.packages,
            expected.map(|(a, r)| (a.to_owned(), r.to_owned()))
        );
        assert_eq!(rule.rule, VersionRule::default());
    }
}
