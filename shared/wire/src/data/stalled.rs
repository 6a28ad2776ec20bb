//! The data of `TriggerStalled`.

use domain::ids::{SpaceId, TriggerId};
use engine::messages::StalledTrigger;
use serde::{Deserialize, Serialize};

use super::truncation::clip;
use crate::time::Time;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StalledData {
    trigger_id: String,
    trigger_name: String,
    space_id: String,
    project_name: String,
    watched_since: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_success: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failing_since: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<&StalledTrigger> for StalledData {
    fn from(stalled: &StalledTrigger) -> Self {
        Self {
            trigger_id: stalled.trigger.to_string(),
            trigger_name: stalled.trigger_name.clone(),
            space_id: stalled.space.to_string(),
            project_name: stalled.project_name.clone(),
            watched_since: Time(stalled.watched_since),
            last_success: stalled.last_success.map(Time),
            failing_since: stalled.failing_since.map(Time),
            reason: stalled.reason.as_deref().map(clip),
        }
    }
}

impl From<StalledData> for StalledTrigger {
    fn from(data: StalledData) -> Self {
        Self {
            trigger: TriggerId::new(data.trigger_id),
            trigger_name: data.trigger_name,
            space: SpaceId::new(data.space_id),
            project_name: data.project_name,
            watched_since: data.watched_since.0,
            last_success: data.last_success.map(|time| time.0),
            failing_since: data.failing_since.map(|time| time.0),
            reason: data.reason,
        }
    }
}
