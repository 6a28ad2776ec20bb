//! The release template: what a release in a channel would hold, and what its number would be.

use serde_json::{Value, json};

use super::processes::{feed_name, hide};
use super::{Visit, found, git, ok};
use crate::answer::{Refusal, Reply};
use crate::features::Feature;
use crate::releases::{TemplatePackage, next_number, packages};
use crate::world::{Project, Versioning, same};

/// `GET /api/{s}/deploymentprocesses/{id}/template`.
pub(crate) fn by_process(visit: &Visit<'_>, id: &str) -> Reply {
    let project = visit
        .space()
        .projects
        .iter()
        .find(|project| same(&project.process_id(), id));
    of_project(visit, &found(project, id)?.id, None)
}

/// `GET /api/{s}/projects/{p}[/{gitRef}]/deploymentprocesses/template`.
pub(crate) fn of_project(visit: &Visit<'_>, id: &str, reference: Option<&str>) -> Reply {
    let project = found(visit.space().project(id), id)?;
    let at = git::at(project, reference)?;
    let branch = at.as_ref().map(|(_, branch)| *branch);
    let channel = match visit.call.query("channel") {
        Some(id) => found(project.channel(id), id)?,
        None => project.default_channel().ok_or_else(|| {
            Refusal::invalid(
                "A channelId must be provided when more than one exists for that project and no default channel has been specified.",
            )
        })?,
    };
    let (step, reference) = match project.versioning_at(branch) {
        Versioning::Donor { action, package } => (Some(action), Some(package)),
        Versioning::Template(_) => (None, None),
    };
    let packages = packages(visit.space(), project, channel, branch);
    ok(json!({
        "DeploymentProcessId": project.process_id(),
        "LastReleaseVersion": project.newest_first().next().map(|release| &release.version),
        "NextVersionIncrement": next_number(project, channel, branch, visit.world.now()),
        "VersioningPackageStepName": step,
        "VersioningPackageReferenceName": reference,
        "Packages": packages.iter().map(|of| package(visit, project, of)).collect::<Vec<_>>(),
        "GitResources": [],
        "Links": {},
    }))
}

fn package(visit: &Visit<'_>, project: &Project, package: &TemplatePackage) -> Value {
    let feed = feed_name(visit, project, &package.feed);
    let mut document = json!({
        "ActionName": package.action,
        "StepName": package.action,
        "PackageReferenceName": package.reference,
        "PackageId": package.package_id,
        "NuGetPackageId": package.package_id,
        "FeedId": feed,
        "NuGetFeedId": feed,
        "FeedName": package.feed_name,
        "NuGetFeedName": package.feed_name,
        "ProjectName": package.project_name,
        "IsResolvable": package.is_resolvable,
        "FixedVersion": package.fixed_version,
        "VersionSelectedLastRelease": package.last_version,
    });
    hide(
        &mut document,
        "FixedVersion",
        visit.has(Feature::FixedVersion),
    );
    document
}
