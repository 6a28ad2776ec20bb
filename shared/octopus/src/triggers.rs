//! Octopus's own external feed triggers: `/api/{space}/projecttriggers`.

use domain::ids::{ChannelId, ProjectId, SpaceId, TriggerId};
use domain::trigger::SourceRef;
use engine::ports::{NativeTrigger, OctopusError, OctopusErrorKind};
use serde::Deserialize;
use serde_json::Value;

use crate::advisory::advisory;
use crate::client::OctopusClient;
use crate::error::malformed;
use crate::keys::ApiKeys;
use crate::server_version::ServerVersion;
use crate::tolerant::{filled, item, or_default};

/// The properties of every kind of trigger.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AnyTriggerResource {
    #[serde(default)]
    filter: Value,
    #[serde(default)]
    action: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TriggerResource {
    id: String,
    #[serde(default, deserialize_with = "advisory")]
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
        natives(&triggers)
            .map_err(|source| malformed(&self.address, &call, "not a list of triggers", source))
    }

    /// One feed trigger; `None` if it does not exist or has another kind.
    pub(crate) async fn read_feed_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<Option<NativeTrigger>, OctopusError> {
        let path = [space.as_str(), "projecttriggers", trigger.as_str()];
        let call = self.reading(&path, format!("trigger {trigger}"), "TriggerView");
        let resource: Value = match self.get(&call).await {
            Err(error) if error.kind == OctopusErrorKind::NotFound => return Ok(None),
            read => read?,
        };
        let unreadable = |source| malformed(&self.address, &call, "not a trigger", source);
        if !creates_releases_from_feeds(&resource).map_err(unreadable)? {
            return Ok(None);
        }
        Ok(Some(native(item(&resource).map_err(unreadable)?)))
    }

    async fn is_too_old(&self) -> Result<bool, OctopusError> {
        Ok(self.server_version().await? < ServerVersion::FEED_TRIGGERS)
    }
}

/// The external feed triggers that create releases. One whose fields cannot be read is included with that reason, because
/// an omitted trigger would count as deleted.
///
/// # Errors
/// If an item is not a trigger.
pub(crate) fn natives(triggers: &[Value]) -> Result<Vec<NativeTrigger>, serde_json::Error> {
    let mut natives = Vec::new();
    for trigger in triggers {
        if creates_releases_from_feeds(trigger)? {
            natives.push(item(trigger).map_or_else(|error| unreadable(trigger, &error), native));
        }
    }
    Ok(natives)
}

/// The readable fields of a trigger in an unknown form.
fn unreadable(trigger: &Value, error: &serde_json::Error) -> NativeTrigger {
    let text = |name| {
        let text = trigger.get(name).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let is_disabled = trigger.get("IsDisabled").and_then(Value::as_bool);
    NativeTrigger {
        id: TriggerId::new(text("Id")),
        name: text("Name"),
        description: text("Description"),
        is_disabled: is_disabled.unwrap_or_default(),
        project: ProjectId::new(text("ProjectId")),
        channel: None,
        sources: Vec::new(),
        unreadable: Some(format!(
            "cannot read the trigger: {error}; save it again in Octopus, or update this program"
        )),
    }
}

/// Whether the resource is an external feed trigger that creates releases. Filters and actions of unknown form
/// belong to other kinds of triggers.
///
/// # Errors
/// If it is not a trigger.
pub(crate) fn creates_releases_from_feeds(trigger: &Value) -> Result<bool, serde_json::Error> {
    let AnyTriggerResource { filter, action } = item(trigger)?;
    let is =
        |part: &Value, name: &str, kind: &str| part.get(name).and_then(Value::as_str) == Some(kind);
    Ok(is(&filter, "FilterType", "FeedFilter") && is(&action, "ActionType", "CreateRelease"))
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
        unreadable: None,
    }
}
