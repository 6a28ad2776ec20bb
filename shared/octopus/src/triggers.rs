//! Octopus's own external feed triggers: `/api/{space}/projecttriggers`.

use domain::ids::{ChannelId, ProjectId, SpaceId, TriggerId};
use domain::trigger::SourceRef;
use engine::ports::{NativeTrigger, OctopusError, OctopusErrorKind};
use serde::Deserialize;
use serde_json::Value;

use crate::client::OctopusClient;
use crate::keys::ApiKeys;
use crate::server_version::ServerVersion;
use crate::tolerant::{filled, or_default, readable};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TriggerResource {
    id: String,
    #[serde(default, deserialize_with = "or_default")]
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    description: String,
    #[serde(default, deserialize_with = "or_default")]
    is_disabled: bool,
    project_id: String,
    filter: FilterResource,
    action: ActionResource,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterResource {
    #[serde(default, deserialize_with = "or_default")]
    packages: Vec<PackageResource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PackageResource {
    deployment_action_slug: String,
    #[serde(default, deserialize_with = "or_default")]
    package_reference: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ActionResource {
    channel_id: Option<String>,
}

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn list_feed_triggers(
        &self,
        space: &SpaceId,
    ) -> Result<Vec<NativeTrigger>, OctopusError> {
        let what = format!("the triggers of {space}");
        let call = self.reading(&[space.as_str(), "projecttriggers"], what, "TriggerView");
        let triggers: Vec<Value> = match self.list(&call).await {
            Err(error) if error.kind == OctopusErrorKind::NotFound && self.is_too_old().await? => {
                return Ok(Vec::new());
            }
            triggers => triggers?,
        };
        Ok(natives(triggers))
    }

    async fn is_too_old(&self) -> Result<bool, OctopusError> {
        Ok(self.server_version().await? < ServerVersion::FEED_TRIGGERS)
    }
}

/// Those of all triggers that create releases from feeds.
pub(crate) fn natives(triggers: Vec<Value>) -> Vec<NativeTrigger> {
    let triggers = triggers
        .into_iter()
        .filter(creates_releases_from_feeds)
        .collect();
    readable(triggers, "trigger")
        .into_iter()
        .map(native)
        .collect()
}

/// Whether it is an external feed trigger that creates releases.
pub(crate) fn creates_releases_from_feeds(trigger: &Value) -> bool {
    let is = |pointer, wanted| trigger.pointer(pointer).and_then(Value::as_str) == Some(wanted);
    is("/Filter/FilterType", "FeedFilter") && is("/Action/ActionType", "CreateRelease")
}

fn native(trigger: TriggerResource) -> NativeTrigger {
    let source = |package: PackageResource| SourceRef {
        action_slug: package.deployment_action_slug,
        package_reference: package.package_reference,
    };
    NativeTrigger {
        id: TriggerId::new(trigger.id),
        name: trigger.name,
        description: trigger.description,
        is_disabled: trigger.is_disabled,
        project: ProjectId::new(trigger.project_id),
        channel: filled(trigger.action.channel_id).map(ChannelId::new),
        sources: trigger.filter.packages.into_iter().map(source).collect(),
    }
}
