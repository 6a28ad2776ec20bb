//! The processes of releases: `/api/{space}/deploymentprocesses/{snapshot}`, or the process at the release's commit.
//! A client reads each of them once. Steps of process templates have no actions there.

use domain::process::PackageIdentity;
use engine::ports::{OctopusError, OctopusErrorKind, Project, ReleasedProcess};

use crate::client::OctopusClient;
use crate::keys::ApiKeys;
use crate::process::{ProcessResource, identities};

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn read_released_packages(
        &self,
        project: &Project,
        process: &ReleasedProcess,
    ) -> Result<Option<Vec<PackageIdentity>>, OctopusError> {
        let (space, id) = (project.space.as_str(), project.id.as_str());
        let snapshot = process.snapshot.as_deref();
        let snapshot = snapshot.map(|one| (one, vec![space, "deploymentprocesses", one]));
        let commit = process.commit.as_deref();
        let commit =
            commit.map(|one| (one, vec![space, "projects", id, one, "deploymentprocesses"]));
        for (key, path) in [snapshot, commit].into_iter().flatten() {
            if let Some(kept) = self.snapshots.get(id, key) {
                return Ok(Some(kept));
            }
            if let Some(packages) = self.read_snapshot(project, &path).await? {
                self.snapshots.keep(id, key, packages.clone());
                return Ok(Some(packages));
            }
        }
        Ok(None)
    }

    /// The package references of a process; `None` if the server has no such process, or not in this form.
    async fn read_snapshot(
        &self,
        project: &Project,
        path: &[&str],
    ) -> Result<Option<Vec<PackageIdentity>>, OctopusError> {
        let what = format!("the process of a release of project {}", project.name);
        let call = self.reading(path, what, "ProcessView");
        let read: Result<ProcessResource, _> = self.get(&call).await;
        match read {
            Ok(process) => Ok(Some(identities(&process.into_actions()))),
            Err(error) => match error.kind {
                OctopusErrorKind::NotFound
                | OctopusErrorKind::Invalid
                | OctopusErrorKind::Malformed => Ok(None),
                _ => Err(error),
            },
        }
    }
}
