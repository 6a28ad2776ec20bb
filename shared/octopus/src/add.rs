//! Creating an external feed trigger: `POST /api/{space}/projects/{project}/triggers`.

use domain::ids::TriggerId;
use engine::ports::{NativeDraft, OctopusError, OctopusErrorKind};
use http_client::from_json;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::Call;
use crate::client::OctopusClient;
use crate::error::{error, of_write};
use crate::keys::ApiKeys;
use crate::refusal::refusal;
use crate::server_version::ServerVersion;

/// Remedy when no answer arrived.
const CHECK_FIRST: &str = "it may have been created, so check the project before trying again";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreatedResource {
    id: String,
}

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn knows_feed_triggers(&self) -> Result<bool, OctopusError> {
        Ok(self.server_version().await? >= ServerVersion::FEED_TRIGGERS)
    }

    pub(crate) async fn create_feed_trigger(
        &self,
        draft: &NativeDraft,
    ) -> Result<TriggerId, OctopusError> {
        if !self.knows_feed_triggers().await? {
            let message = format!(
                "cannot create the trigger {}: {} has no external feed triggers, which need version 2024.2; \
                 define the trigger in a file",
                draft.name, self.address
            );
            return Err(error(OctopusErrorKind::Unsupported, message));
        }
        let path = [
            draft.space.as_str(),
            "projects",
            draft.project.as_str(),
            "triggers",
        ];
        let call = Call {
            action: format!("create the trigger {}", draft.name),
            ..self.reading(&path, "", "TriggerCreate")
        };
        let sent = self.post(&call, &resource(draft)).await;
        let answer = sent.map_err(|failed| of_write(&self.address, &call, failed, CHECK_FIRST))?;
        if !answer.status.is_success() {
            let mut refused = refusal(&self.address, &call, &answer);
            if answer.status.is_server_error() {
                refused.message = format!("{}; {CHECK_FIRST}", refused.message);
            }
            return Err(refused);
        }
        let created: Result<CreatedResource, _> = from_json(&answer.body);
        created
            .map(|created| TriggerId::new(created.id))
            .map_err(|_| {
                let message = format!(
                    "cannot {}: the answer of {} contains no trigger id; {CHECK_FIRST}",
                    call.action, self.address
                );
                error(OctopusErrorKind::Unknown, message)
            })
    }
}

fn resource(draft: &NativeDraft) -> Value {
    let packages = draft.sources.iter().map(|source| {
        json!({
            "DeploymentActionSlug": source.action_slug,
            "PackageReference": source.package_reference,
        })
    });
    json!({
        "SpaceId": draft.space.as_str(),
        "ProjectId": draft.project.as_str(),
        "Name": draft.name,
        "Description": draft.description,
        "IsDisabled": draft.is_disabled,
        "Filter": { "FilterType": "FeedFilter", "Packages": packages.collect::<Vec<_>>() },
        "Action": { "ActionType": "CreateRelease", "ChannelId": draft.channel.as_str() },
    })
}
