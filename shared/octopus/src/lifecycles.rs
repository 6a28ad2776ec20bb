//! Lifecycles: `/api/{space}/lifecycles/{id}/preview`, or `/lifecycles/previews` since 2026. Both include the
//! implicit phases. Environment names come from `/api/{space}/environments`.

use std::collections::BTreeMap;

use domain::ids::SpaceId;
use domain::lifecycle::{Lifecycle, Phase};
use engine::ports::{OctopusError, OctopusErrorKind};
use serde::Deserialize;

use crate::advisory::advisory;
use crate::client::OctopusClient;
use crate::error::error;
use crate::keys::ApiKeys;
use crate::tolerant::or_default;

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LifecycleResource {
    id: String,
    #[serde(default, deserialize_with = "advisory")]
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    phases: Vec<PhaseResource>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PhaseResource {
    #[serde(default, deserialize_with = "advisory")]
    name: String,
    #[serde(default, deserialize_with = "or_default")]
    automatic_deployment_targets: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    optional_deployment_targets: Vec<String>,
    #[serde(default, deserialize_with = "advisory")]
    is_optional_phase: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EnvironmentResource {
    id: String,
    #[serde(default, deserialize_with = "advisory")]
    name: String,
}

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn read_lifecycle(
        &self,
        space: &SpaceId,
        id: &str,
    ) -> Result<Lifecycle, OctopusError> {
        let resource = match self.read_preview(space, id).await {
            Err(missing) if missing.kind == OctopusErrorKind::NotFound => {
                self.find_preview(space, id).await?
            }
            read => read?,
        };
        let names = self.environment_names(space).await?;
        let named = |ids: Vec<String>| -> Vec<String> {
            let ids = ids.into_iter();
            ids.map(|id| names.get(&id).cloned().unwrap_or(id))
                .collect()
        };
        let phase = |phase: PhaseResource| Phase {
            name: phase.name,
            automatic: named(phase.automatic_deployment_targets),
            manual: named(phase.optional_deployment_targets),
            is_optional: phase.is_optional_phase,
        };
        Ok(Lifecycle {
            name: resource.name,
            phases: resource.phases.into_iter().map(phase).collect(),
        })
    }

    async fn read_preview(
        &self,
        space: &SpaceId,
        id: &str,
    ) -> Result<LifecycleResource, OctopusError> {
        let path = [space.as_str(), "lifecycles", id, "preview"];
        let what = format!("the lifecycle {id}");
        self.get(&self.reading(&path, what, "LifecycleView")).await
    }

    /// The preview on servers since 2026.
    async fn find_preview(
        &self,
        space: &SpaceId,
        id: &str,
    ) -> Result<LifecycleResource, OctopusError> {
        let path = [space.as_str(), "lifecycles", "previews"];
        let what = format!("the lifecycle {id}");
        let call = self.reading(&path, what, "LifecycleView").with("ids", id);
        let found: Vec<LifecycleResource> = self.get(&call).await?;
        let mut found = found.into_iter();
        found.find(|one| one.id == id).ok_or_else(|| {
            let message = format!(
                "cannot find the lifecycle {id} in {space}: it was removed, or the API key's user cannot see it; \
                 give the user LifecycleView"
            );
            error(OctopusErrorKind::NotFound, message)
        })
    }

    async fn environment_names(
        &self,
        space: &SpaceId,
    ) -> Result<BTreeMap<String, String>, OctopusError> {
        let path = [space.as_str(), "environments"];
        let what = format!("the environments of {space}");
        let call = self.reading(&path, what, "EnvironmentView");
        let found: Vec<EnvironmentResource> = match self.list(&call).await {
            // Without the permission, ids are shown instead of names.
            Err(error) if error.kind == OctopusErrorKind::Forbidden => Vec::new(),
            found => found?,
        };
        Ok(found.into_iter().map(|one| (one.id, one.name)).collect())
    }
}
