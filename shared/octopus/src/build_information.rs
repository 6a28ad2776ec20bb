//! Build information: `/api/{space}/build-information?packageId=`, which build servers push.

use domain::build_information::{BuildEntry, BuildInformation};
use domain::ids::SpaceId;
use engine::ports::OctopusError;
use serde::Deserialize;

use crate::client::OctopusClient;
use crate::keys::ApiKeys;
use crate::tolerant::{filled, or_default};

/// The builds of a package in the response. The version of a new release is among the newest.
const BUILDS: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BuildResource {
    #[serde(default, deserialize_with = "or_default")]
    version: String,
    #[serde(default, deserialize_with = "or_default")]
    build_number: String,
    #[serde(default, deserialize_with = "or_default")]
    build_url: String,
    #[serde(default, deserialize_with = "or_default")]
    branch: String,
    #[serde(default, deserialize_with = "or_default")]
    commits: Vec<EntryResource>,
    #[serde(default, deserialize_with = "or_default")]
    work_items: Vec<EntryResource>,
}

/// A commit has a comment, a work item a description.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EntryResource {
    #[serde(default, deserialize_with = "or_default")]
    id: String,
    #[serde(default, deserialize_with = "or_default")]
    link_url: String,
    #[serde(default, deserialize_with = "or_default")]
    comment: String,
    #[serde(default, deserialize_with = "or_default")]
    description: String,
}

impl<K: ApiKeys> OctopusClient<K> {
    /// The build of a version, by one request.
    pub(crate) async fn read_build_information(
        &self,
        space: &SpaceId,
        package: &str,
        version: &str,
    ) -> Result<Option<BuildInformation>, OctopusError> {
        let what = format!("the build information of {package}");
        let path = [space.as_str(), "build-information"];
        let call = self.reading(&path, what, "BuildInformationView");
        let call = call.with("packageId", package);
        let builds: Vec<BuildResource> = self.list_most(&call, BUILDS).await?;
        let build = builds.into_iter().find(|build| build.version == version);
        Ok(build.map(BuildInformation::from))
    }
}

impl From<BuildResource> for BuildInformation {
    fn from(build: BuildResource) -> Self {
        let entries =
            |entries: Vec<EntryResource>| entries.into_iter().map(BuildEntry::from).collect();
        Self {
            number: filled(Some(build.build_number)),
            url: filled(Some(build.build_url)),
            branch: filled(Some(build.branch)),
            commits: entries(build.commits),
            work_items: entries(build.work_items),
        }
    }
}

impl From<EntryResource> for BuildEntry {
    fn from(entry: EntryResource) -> Self {
        Self {
            id: entry.id,
            link: filled(Some(entry.link_url)),
            text: filled(Some(entry.comment)).or(filled(Some(entry.description))),
        }
    }
}
