//! The shared last step of both create routes: checks, then the release, its
//! entry in the audit trail and its automatic deployments, all under one lock.

use std::collections::BTreeMap;

use domain::version::{Version, VersionFormat};

use super::{numbering, rules};
use crate::answer::Refusal;
use crate::call::Call;
use crate::features::Feature;
use crate::world::{
    Branch, Channel, Event, Project, Release, SelectedPackage, Task, VersionControlReference,
    World, same,
};

/// Maximum length of a release number.
const LONGEST_VERSION: usize = 349;

/// A requested release.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) project: String,
    pub(crate) channel: String,
    pub(crate) version: Option<String>,
    pub(crate) packages: Vec<SelectedPackage>,
    pub(crate) notes: Option<String>,
    pub(crate) custom_fields: BTreeMap<String, String>,
    pub(crate) ignore_rules: bool,
    pub(crate) git: Option<VersionControlReference>,
}

/// Handling of an existing number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duplicate {
    /// Refuses the request.
    Refuse,
    /// Returns the existing release.
    ReturnExisting,
}

/// Creates the release, or returns the existing one.
pub(crate) fn save(
    world: &mut World,
    space: usize,
    call: &Call,
    draft: Draft,
    duplicate: Duplicate,
) -> Result<Release, Refusal> {
    let now = world.now();
    let lost = || Refusal::not_found(&draft.project);
    let project = world.spaces[space]
        .project(&draft.project)
        .ok_or_else(lost)?;
    let channel = project
        .channel(&draft.channel)
        .ok_or_else(|| Refusal::not_found(&draft.channel))?;
    let branch = draft
        .git
        .as_ref()
        .and_then(|git| project.git.as_ref()?.resolve(&git.git_ref));
    let branch = branch.map(|(_, branch)| branch);
    let version = numbering::number(
        project,
        channel,
        branch,
        &draft.packages,
        draft.version.as_deref(),
        now,
    )?;
    if let Some(existing) = project
        .releases
        .iter()
        .find(|release| same(&release.version, &version))
    {
        return match duplicate {
            Duplicate::ReturnExisting => Ok(existing.clone()),
            Duplicate::Refuse => Err(Refusal::invalid(format!(
                "Release '{version}' already exists for this project. Please use a different version, or look at using a mask to auto-increment the number."
            ))),
        };
    }
    check(project, channel, &draft, &version)?;
    let custom_fields = match world.version.has(Feature::CustomFields) {
        true => filled_in(channel, draft.custom_fields)?,
        false => BTreeMap::new(),
    };

    let (project, channel) = (project.id.clone(), channel.id.clone());
    let git_ref = draft.git.as_ref().map(|git| git.git_ref.as_str());
    let owner = world.spaces[space].project_mut(&project);
    let process_snapshot = owner.map(|owner| owner.snapshot(git_ref));
    let release = Release {
        id: world.ids.next("Releases"),
        process_snapshot: process_snapshot.unwrap_or_default(),
        project,
        channel,
        version,
        notes: draft.notes,
        packages: draft.packages,
        assembled: now,
        created_by: world.users[call.user].username.clone(),
        ignored_channel_rules: draft.ignore_rules,
        custom_fields,
        git: draft.git,
    };
    record(world, space, call, &release);
    if let Some(project) = world.spaces[space].project_mut(&release.project) {
        project.releases.push(release.clone());
    }
    Ok(release)
}

/// Resolves a request's git reference: a version-controlled project requires one, any other must
/// have none.
pub(crate) fn version_control<'a>(
    project: &'a Project,
    reference: Option<&str>,
    commit: Option<&str>,
) -> Result<Option<(VersionControlReference, &'a Branch)>, Refusal> {
    match (&project.git, reference) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Refusal::invalid(
            "Unexpected VersionControlReference provided. Please remove this value or enable version control on this project",
        )),
        (Some(_), None) => Err(Refusal::invalid(
            "Creating a release for a version controlled process requires GitRef to be set on VersionControlReference",
        )),
        (Some(git), Some(reference)) => {
            let unknown = || {
                Refusal::invalid(format!(
                    "The Git reference '{reference}' could not be found."
                ))
            };
            let (git_ref, branch) = git.resolve(reference).ok_or_else(unknown)?;
            let git_commit = commit.map_or_else(|| branch.commit.clone(), str::to_owned);
            Ok(Some((
                VersionControlReference {
                    git_ref,
                    git_commit,
                },
                branch,
            )))
        }
    }
}

fn check(
    project: &Project,
    channel: &Channel,
    draft: &Draft,
    version: &str,
) -> Result<(), Refusal> {
    if project.is_disabled {
        return Err(Refusal::invalid(
            "The project is disabled, so releases cannot be created",
        ));
    }
    if version.len() > LONGEST_VERSION || Version::parse(VersionFormat::Octopus, version).is_err() {
        return Err(Refusal::invalid(format!(
            "The release number '{version}' does not appear to be a valid semantic version number. The version must consist of between 1 and 4 number only parts (separated by '.') before the optional pre-release part (after the '-'). e.g. 2, 2.1, 2.4.0.23, 2.4-beta and 1-beta.2"
        )));
    }
    if let Some(git) = &draft.git
        && !draft.ignore_rules
    {
        rules::check_reference(channel, &git.git_ref)?;
    }
    Ok(())
}

/// The fields, if all fields that the channel requires are set.
fn filled_in(
    channel: &Channel,
    given: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let is_given = |field: &&String| {
        let mut given = given.iter();
        given.any(|(name, value)| same(name, field) && !value.is_empty())
    };
    match channel.custom_fields.iter().find(|field| !is_given(field)) {
        None => Ok(given),
        Some(field) => Err(Refusal::invalid(format!(
            "The custom field '{field}' is required by the channel '{}'.",
            channel.name
        ))),
    }
}

/// The audit entry and the deployments of the lifecycle's first phase.
fn record(world: &mut World, space: usize, call: &Call, release: &Release) {
    let number = world.ids.number("Events");
    let space = &world.spaces[space];
    let Some(project) = space.project(&release.project) else {
        return;
    };
    world.events.push(Event {
        number,
        space: space.id.clone(),
        project: project.id.clone(),
        release: release.id.clone(),
        version: release.version.clone(),
        message: format!(
            "Release {} was created for project {}",
            release.version, project.name
        ),
        user: world.users[call.user].clone(),
        user_agent: call.user_agent.clone(),
        occurred: release.assembled,
    });
    let channel = project.channel(&release.channel);
    let phases = channel
        .and_then(|channel| space.lifecycle_of(project, channel))
        .map(|lifecycle| lifecycle.effective_phases(&space.environments))
        .unwrap_or_default();
    for environment in phases
        .first()
        .filter(|phase| !phase.is_optional)
        .iter()
        .flat_map(|phase| &phase.automatic)
    {
        let task = Task {
            id: world.ids.next("ServerTasks"),
            space: space.id.clone(),
            project: project.id.clone(),
            release: release.id.clone(),
            environment: environment.clone(),
            description: format!(
                "Deploy {} release {} to {environment}",
                project.name, release.version
            ),
            queued: release.assembled,
        };
        world.tasks.push(task);
    }
}
