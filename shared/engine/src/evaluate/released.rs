//! The channel's releases under the current names of their packages. A release keeps the names that its process had, so
//! its process is compared with the current one.

use std::collections::BTreeMap;

use domain::decide::PreviousRelease;
use domain::plan::{PlanKey, Repeat, SelectedDigest};
use domain::process::{PackageIdentity, Renames};

use crate::ports::{OctopusError, OctopusReader, Process, Project, Release};

/// Processes that are read for the releases of a channel. Releases with other processes are compared by name.
const MAX_PROCESSES: usize = 5;

/// Reads the releases under current names.
pub struct Released<'a, O> {
    pub octopus: &'a O,
    pub project: &'a Project,
    pub process: &'a Process,
}

/// The releases whose processes are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The newest release. Those of this program before it are listed only if they have the same process, so that the
    /// decision may plan a release that was created before.
    Newest,
    /// All releases.
    All,
}

/// The newest release and those of this program, newest first.
pub struct NamedReleases {
    pub newest: Option<PreviousRelease>,
    pub ours: Vec<PreviousRelease>,
}

impl<O: OctopusReader> Released<'_, O> {
    /// The releases, newest first.
    ///
    /// # Errors
    /// If a process cannot be read now.
    pub async fn named(
        &self,
        releases: &[Release],
        depth: Depth,
    ) -> Result<NamedReleases, OctopusError> {
        let mut known = BTreeMap::new();
        let mut newest = None;
        let mut ours = Vec::new();
        for (index, release) in releases.iter().enumerate() {
            let is_ours = PlanKey::stamped_in(&release.notes).is_some();
            let is_newest = index == 0;
            if !is_ours && !is_newest {
                continue;
            }
            let key = (&release.process.snapshot, &release.process.commit);
            if !known.contains_key(&key) {
                if !is_newest && depth == Depth::Newest {
                    continue;
                }
                let is_read = known.len() < MAX_PROCESSES;
                let process = match is_read {
                    true => {
                        self.octopus
                            .released_packages(self.project, &release.process)
                            .await?
                    }
                    false => None,
                };
                known.insert(key, process);
            }
            let then = known.get(&key).and_then(Option::as_deref);
            let named = self.rename(release, then);
            if is_ours {
                ours.push(named.clone());
            }
            if is_newest {
                newest = Some(named);
            }
        }
        Ok(NamedReleases { newest, ours })
    }

    fn rename(&self, release: &Release, then: Option<&[PackageIdentity]>) -> PreviousRelease {
        previous_release(release).renamed(&Renames {
            then,
            now: &self.process.identities,
            template: &self.process.template,
        })
    }
}

/// A release as the one with which the next one is compared, under the names of its own process.
fn previous_release(release: &Release) -> PreviousRelease {
    PreviousRelease {
        id: release.id.clone(),
        version: release.version.clone(),
        assembled: release.assembled,
        selected: release.selected.clone(),
        digests: SelectedDigest::stamped_in(&release.notes),
        replaced: Vec::new(),
        unidentified: Vec::new(),
        repeats: Repeat::stamped_in(&release.notes),
    }
}
