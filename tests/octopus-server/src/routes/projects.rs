//! Projects. A path takes an id or a slug, never a name.

use serde_json::{Value, json};

use super::{SpaceRequest, found, ok};
use crate::answer::Reply;
use crate::features::Feature;
use crate::paging::collection;
use crate::world::{Git, Project, Versioning};

/// `GET /api/{s}/projects` and `/projects/all`.
pub(crate) fn list(request: &SpaceRequest<'_>) -> Reply {
    let documents = request
        .space()
        .projects
        .iter()
        .map(|project| document(request, project))
        .collect();
    collection(
        request.call,
        &request.list_path("projects"),
        "Project",
        documents,
    )
}

/// `GET /api/{s}/projects/{idOrSlug}`.
pub(crate) fn get(request: &SpaceRequest<'_>, id: &str) -> Reply {
    ok(document(request, found(request.space().project(id), id)?))
}

/// A versioning strategy as projects and deployment settings show it.
pub(crate) fn versioning(versioning: &Versioning) -> Value {
    match versioning {
        Versioning::Template(template) => {
            json!({"Template": template, "DonorPackage": null, "DonorPackageStepId": null})
        }
        Versioning::Donor { action, package } => json!({
            "Template": null,
            "DonorPackage": {"DeploymentAction": action, "PackageReference": package},
            "DonorPackageStepId": null,
        }),
    }
}

fn document(request: &SpaceRequest<'_>, project: &Project) -> Value {
    let Project {
        id,
        name,
        slug,
        is_disabled,
        git,
        lifecycle,
        ..
    } = project;
    let space = &request.space().id;
    let mut document = json!({
        "Id": id,
        "SpaceId": space,
        "Name": name,
        "Slug": slug,
        "Description": "",
        "IsDisabled": is_disabled,
        "IsVersionControlled": git.is_some(),
        "PersistenceSettings": persistence(git.as_ref(), slug),
        "ProjectGroupId": "ProjectGroups-1",
        "LifecycleId": lifecycle,
        "DeploymentProcessId": project.process_id(),
        "VariableSetId": format!("variableset-{id}"),
        "IncludedLibraryVariableSetIds": [],
        "ClonedFromProjectId": null,
        "AutoCreateRelease": false,
        "ReleaseCreationStrategy": {
            "ChannelId": null, "ReleaseCreationPackage": null, "ReleaseCreationPackageStepId": null
        },
        "VersioningStrategy": git.is_none().then(|| versioning(&project.versioning)),
        "DiscreteChannelRelease": false,
        "AllowIgnoreChannelRules": false,
        "DefaultToSkipIfAlreadyInstalled": false,
        "DefaultGuidedFailureMode": "EnvironmentDefault",
        "TenantedDeploymentMode": "Untenanted",
        "ForcePackageDownload": false,
        "ReleaseNotesTemplate": null,
        "DeploymentChangesTemplate": null,
        "ProjectConnectivityPolicy": connectivity(),
        "AutoDeployReleaseOverrides": [],
        "Templates": [],
        "ExtensionSettings": [],
        "ProjectTags": [],
        "Icon": null,
        "Links": links(space, project),
    });
    if !request.has(Feature::ProjectScopedProcess)
        && let Some(fields) = document.as_object_mut()
    {
        fields.remove("PersistenceSettings");
        fields.remove("IsVersionControlled");
    }
    document
}

fn persistence(git: Option<&Git>, slug: &str) -> Value {
    let Some(git) = git else {
        return json!({"Type": "Database"});
    };
    json!({
        "Type": "VersionControlled",
        "Url": format!("https://git.example.com/{slug}.git"),
        "DefaultBranch": git.default_branch,
        "BasePath": format!(".octopus/{slug}"),
        "ProtectedDefaultBranch": false,
        "ProtectedBranchNamePatterns": [],
        "Credentials": {"Type": "Anonymous"},
        "ConversionState": {"VariablesAreInGit": false, "RunbooksAreInGit": false},
    })
}

fn links(space: &str, project: &Project) -> Value {
    let id = &project.id;
    let below = |tail: &str| json!(format!("/api/{space}/projects/{id}/{tail}"));
    let mut links = json!({
        "Self": format!("/api/{space}/projects/{id}"),
        "Channels": below("channels{/id}{?skip,take,partialName}"),
        "DeploymentProcess": below("deploymentprocesses"),
        "DeploymentSettings": below("deploymentsettings"),
        "Releases": below("releases{/version}{?skip,take,searchByVersion}"),
        "Triggers": below("triggers{/id}{?skip,take,partialName,triggerActionType,triggerActionCategory,runbooks}"),
        "Web": format!("/app#/{space}/projects/{id}"),
    });
    if project.git.is_some() {
        links["Branches"] = below("git/branches{/name}{?skip,take,searchByName,refresh}");
        links["Tags"] = below("git/tags{/name}{?skip,take,searchByName,refresh}");
        links["Commits"] = below("git/commits{/hash}{?skip,take,refresh}");
        links["DeploymentProcess"] = below("{gitRef}/deploymentprocesses");
        links["DeploymentSettings"] = below("{gitRef}/deploymentsettings");
    }
    links
}

/// The policy for unreachable targets.
pub(crate) fn connectivity() -> Value {
    json!({
        "SkipMachineBehavior": "None",
        "TargetRoles": [],
        "AllowDeploymentsToNoTargets": false,
        "ExcludeUnhealthyTargets": false,
    })
}
