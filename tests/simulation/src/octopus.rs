//! Octopus Server: projects, channels with rules, releases, triggers; and the ways in which it fails.

mod layout;

use std::cell::RefCell;

use domain::ids::{ChannelId, ProjectId, ReleaseId, TriggerId};
use domain::plan::PlanKey;
use domain::process::PackageIdentity;
use domain::time::Timestamp;
use domain::trigger::{NativeTriggers, SourceRef};
use engine::ports::{NativeTrigger, OctopusError, OctopusErrorKind, Release, ReleasedProcess};

use crate::registry::Permits;

pub(crate) struct Octopus {
    pub(crate) projects: RefCell<Vec<ProjectState>>,
    pub(crate) triggers: RefCell<Vec<TriggerState>>,
}

pub(crate) struct ProjectState {
    pub(crate) id: ProjectId,
    pub(crate) name: String,
    pub(crate) actions: Vec<ActionState>,
    pub(crate) channels: Vec<ChannelState>,
    /// Whether the template contains the next number.
    pub(crate) has_next_number: bool,
    pub(crate) made: usize,
}

/// An action with one package.
#[derive(Clone)]
pub(crate) struct ActionState {
    /// Stays the same when the action is renamed.
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) package: usize,
}

pub(crate) struct ChannelState {
    pub(crate) id: ChannelId,
    pub(crate) permits: Permits,
    /// The versions that it permitted before.
    pub(crate) permitted: Vec<Permits>,
    pub(crate) releases: Vec<ReleaseState>,
}

#[derive(Clone)]
pub(crate) struct ReleaseState {
    pub(crate) release: Release,
    pub(crate) made_at: Timestamp,
    /// The plan's key if this program made it; `None` if a user did.
    pub(crate) key: Option<PlanKey>,
    /// The project's actions when it was made.
    pub(crate) actions: Vec<ActionState>,
}

impl ActionState {
    pub(crate) fn new(index: usize, package: usize) -> Self {
        let slug = format!("deploy-{index}");
        Self {
            name: slug.clone(),
            slug,
            package,
        }
    }

    pub(crate) fn identity(&self) -> PackageIdentity {
        PackageIdentity {
            action_id: format!("id of {}", self.slug),
            action_slug: self.slug.clone(),
            action_name: self.name.clone(),
            package: format!("package {}", self.package),
            ..PackageIdentity::default()
        }
    }
}

#[derive(Clone)]
pub(crate) struct TriggerState {
    pub(crate) id: TriggerId,
    pub(crate) name: String,
    pub(crate) project: usize,
    pub(crate) channel: usize,
    /// Actions of the project.
    pub(crate) sources: Vec<usize>,
    pub(crate) is_disabled: bool,
    pub(crate) description: String,
    /// Since when it is as it is.
    pub(crate) since: Timestamp,
}

impl TriggerState {
    pub(crate) fn is_ours(&self) -> bool {
        NativeTriggers::Marked.selects(self.is_disabled, &self.description)
    }

    pub(crate) fn native(&self, projects: &[ProjectState]) -> NativeTrigger {
        let project = &projects[self.project];
        NativeTrigger {
            id: self.id.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            is_disabled: self.is_disabled,
            project: project.id.clone(),
            channel: Some(project.channels[self.channel].id.clone()),
            sources: self
                .sources
                .iter()
                .map(|action| SourceRef {
                    action_slug: project.actions[*action].slug.clone(),
                    package_reference: String::new(),
                })
                .collect(),
            unreadable: None,
        }
    }
}

impl Octopus {
    pub(crate) fn place(&self, project: &ProjectId, channel: &ChannelId) -> Option<(usize, usize)> {
        let projects = self.projects.borrow();
        let at = projects.iter().position(|one| one.id == *project)?;
        let mut channels = projects[at].channels.iter();
        Some((at, channels.position(|one| one.id == *channel)?))
    }
}

impl Octopus {
    /// The project's actions now.
    pub(crate) fn actions(&self, project: &ProjectId) -> Vec<ActionState> {
        let projects = self.projects.borrow();
        let found = projects.iter().find(|one| one.id == *project);
        found.map(|one| one.actions.clone()).unwrap_or_default()
    }
}

pub(crate) type Selected = Vec<(String, String, String)>;

pub(crate) fn add_release(
    project: &mut ProjectState,
    channel: usize,
    selected: Selected,
    version: Option<String>,
    notes: String,
    key: Option<PlanKey>,
    now: Timestamp,
) -> Release {
    project.made += 1;
    let id = format!("Releases-{}-{}", project.name, project.made);
    let release = Release {
        id: ReleaseId::new(id.as_str()),
        version: version.unwrap_or_else(|| next_number(project)),
        assembled: Some(now),
        notes,
        selected,
        process: ReleasedProcess {
            snapshot: Some(format!("snapshot of {id}")),
            commit: None,
        },
    };
    project.channels[channel].releases.push(ReleaseState {
        release: release.clone(),
        made_at: now,
        key,
        actions: project.actions.clone(),
    });
    release
}

pub(crate) fn next_number(project: &ProjectState) -> String {
    let releases = project.channels.iter().flat_map(|one| &one.releases);
    let numbers = releases.filter_map(|one| one.release.version.rsplit('.').next()?.parse().ok());
    format!("0.0.{}", numbers.max().unwrap_or(0_u64) + 1)
}

pub(crate) fn failed(kind: OctopusErrorKind, what: &str) -> OctopusError {
    OctopusError {
        message: format!("Octopus {what}"),
        kind,
        source: None,
    }
}
