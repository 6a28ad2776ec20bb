//! The release template: the packages and the next number of a release in a channel.

use serde_json::{Value, json};

use super::processes::{feed_name, hide};
use super::{SpaceRequest, found, git, ok};
use crate::answer::{Refusal, Reply};
use crate::features::Feature;
use crate::releases::{TemplatePackage, next_number, packages};
use crate::world::{Project, Versioning, same};

/// `GET /api/{s}/deploymentprocesses/{id}/template`.
pub(crate) fn by_process(request: &SpaceRequest<'_>, id: &str) -> Reply {
    let project = request
        .space()
        .projects
        .iter()
        .find(|project| same(&project.process_id(), id));
    of_project(request, &found(project, id)?.id, None)
}

/// `GET /api/{s}/projects/{p}[/{gitRef}]/deploymentprocesses/template`.
pub(crate) fn of_project(request: &SpaceRequest<'_>, id: &str, reference: Option<&str>) -> Reply {
    let project = found(request.space().project(id), id)?;
    let at = git::at(project, reference)?;
    let branch = at.as_ref().map(|(_, branch)| *branch);
    let channel = match request.call.query("channel") {
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
    let packages = packages(request.space(), project, channel, branch);
    ok(json!({
        "DeploymentProcessId": project.process_id(),
        "LastReleaseVersion": project.newest_first().next().map(|release| &release.version),
        "NextVersionIncrement": next_number(project, channel, branch, request.world.now()),
        "VersioningPackageStepName": step,
        "VersioningPackageReferenceName": reference,
        "Packages": packages.iter().map(|of| package(request, project, of)).collect::<Vec<_>>(),
        "GitResources": [],
        "Links": {},
    }))
}

fn package(request: &SpaceRequest<'_>, project: &Project, package: &TemplatePackage) -> Value {
    let feed = feed_name(request, project, &package.feed);
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
        request.has(Feature::FixedVersion),
    );
    document
}
