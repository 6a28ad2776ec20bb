//! Releases: `/api/{space}/channels/{channel}/releases`, newest first.

use domain::ids::{ChannelId, ReleaseId, SpaceId};
use domain::time::Timestamp;
use engine::ports::{OctopusError, Project, Release, ReleasedProcess};
use serde::Deserialize;

use crate::advisory::{advisory, advisory_object};
use crate::client::OctopusClient;
use crate::keys::ApiKeys;
use crate::tolerant::{filled, or_default};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReleaseResource {
    id: String,
    version: String,
    #[serde(default, deserialize_with = "advisory")]
    assembled: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    release_notes: String,
    /// Required: without packages, every version would count as newer than this release.
    #[serde(deserialize_with = "or_default")]
    selected_packages: Vec<SelectedResource>,
    #[serde(default, deserialize_with = "advisory")]
    project_deployment_process_snapshot_id: Option<String>,
    #[serde(default, deserialize_with = "advisory")]
    version_control_reference: Option<CommitResource>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct CommitResource {
    #[serde(deserialize_with = "advisory")]
    git_commit: Option<String>,
}

advisory_object!(CommitResource);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SelectedResource {
    action_name: Option<String>,
    /// The property's name on servers before 2018.9.
    #[serde(default, deserialize_with = "or_default")]
    step_name: String,
    #[serde(default, deserialize_with = "or_default")]
    package_reference_name: String,
    #[serde(default, deserialize_with = "or_default")]
    version: String,
}

impl<K: ApiKeys> OctopusClient<K> {
    /// The URL of a release's page in Octopus's web portal.
    pub fn page_of_release(&self, space: &SpaceId, release: &ReleaseId) -> String {
        self.address.page(&format!("{space}/releases/{release}"))
    }

    pub(crate) async fn list_releases(
        &self,
        project: &Project,
        channel: &ChannelId,
        most: usize,
    ) -> Result<Vec<Release>, OctopusError> {
        if most == 0 {
            return Ok(Vec::new());
        }
        let what = format!(
            "the releases of channel {channel} of project {}",
            project.name
        );
        let path = [
            project.space.as_str(),
            "channels",
            channel.as_str(),
            "releases",
        ];
        let call = self.reading(&path, what, "ReleaseView");
        let releases: Vec<ReleaseResource> = self.list_most(&call, most).await?;
        Ok(releases.into_iter().map(Release::from).collect())
    }
}

/// Parses a time. Unreadable text counts as absent.
fn instant(text: &str) -> Option<Timestamp> {
    let time: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(time.as_millisecond()))
}

impl From<ReleaseResource> for Release {
    fn from(release: ReleaseResource) -> Self {
        let selected = |one: SelectedResource| {
            let action = one.action_name.unwrap_or(one.step_name);
            (action, one.package_reference_name, one.version)
        };
        let reference = release.version_control_reference;
        let process = ReleasedProcess {
            snapshot: filled(release.project_deployment_process_snapshot_id),
            commit: filled(reference.and_then(|reference| reference.git_commit)),
        };
        Self {
            process,
            id: ReleaseId::new(release.id),
            version: release.version,
            assembled: release.assembled.as_deref().and_then(instant),
            notes: release.release_notes,
            selected: release
                .selected_packages
                .into_iter()
                .map(selected)
                .collect(),
        }
    }
}
