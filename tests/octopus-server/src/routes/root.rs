//! The root document, the root of a space, the caller, and the server's state.

use serde_json::{Map, Value, json};

use super::{SpaceRequest, ok};
use crate::answer::{Refusal, Reply};
use crate::call::Call;
use crate::world::{Space, World, guid, same};

/// Collections of a space and their parameters, as root documents link to them.
const COLLECTIONS: &[(&str, &str)] = &[
    ("Channels", "channels{/id}{?skip,take,ids,partialName}"),
    (
        "DeploymentProcesses",
        "deploymentprocesses{/id}{?skip,take,ids}",
    ),
    (
        "Environments",
        "environments{/id}{?name,skip,ids,take,partialName}",
    ),
    (
        "Feeds",
        "feeds{/id}{?skip,take,ids,partialName,feedType,name}",
    ),
    ("Lifecycles", "lifecycles{/id}{?skip,take,ids,partialName}"),
    (
        "Machines",
        "machines{/id}{?skip,take,name,ids,partialName,environmentIds}",
    ),
    (
        "Packages",
        "packages{/id}{?nuGetPackageId,filter,latest,skip,take,includeNotes}",
    ),
    (
        "ProjectGroups",
        "projectgroups{/id}{?skip,take,ids,partialName}",
    ),
    (
        "Projects",
        "projects{/id}{?name,skip,ids,clone,take,partialName,clonedFromProjectId}",
    ),
    (
        "ProjectTriggers",
        "projecttriggers{/id}{?skip,take,ids,runbooks}",
    ),
    (
        "Releases",
        "releases{/id}{?skip,ignoreChannelRules,take,ids}",
    ),
    (
        "Runbooks",
        "runbooks{/id}{?skip,take,ids,partialName,clone,projectIds}",
    ),
    (
        "Tenants",
        "tenants{/id}{?skip,projectId,name,tags,take,ids,clone,partialName}",
    ),
    (
        "WorkerPools",
        "workerpools{/id}{?name,skip,ids,take,partialName}",
    ),
    // The spelling error is the real server's.
    (
        "VersionRuleTest",
        "channels/rule-test{?version,versionRange,preReleaseTag,feetType}",
    ),
];

/// The permissions of a user in a space, unless removed.
const PERMISSIONS: &[&str] = &[
    "BuildInformationView",
    "DefectReport",
    "DefectResolve",
    "DeploymentCreate",
    "EnvironmentView",
    "FeedView",
    "LibraryVariableSetView",
    "LifecycleView",
    "ProcessView",
    "ProjectView",
    "ReleaseCreate",
    "ReleaseView",
    "SpaceView",
    "TriggerCreate",
    "TriggerDelete",
    "TriggerEdit",
    "TriggerView",
    "VariableView",
];

/// `GET /api`, without authentication.
pub(crate) fn document(world: &World) -> Reply {
    let mut links = Map::new();
    for (name, link) in [
        ("Self", "/api"),
        ("CurrentUser", "/api/users/me"),
        ("SpaceHome", "/api/{spaceId}"),
        (
            "Spaces",
            "/api/spaces{/id}{?name,skip,ids,take,partialName}",
        ),
        (
            "Events",
            "/api/events{/id}{?skip,regarding,users,projects,from,to,fromAutoId,documentTypes,eventCategories,take,ids,spaces}",
        ),
        (
            "Tasks",
            "/api/tasks{/id}{?skip,project,name,states,take,ids,partialName,spaces,includeSystem}",
        ),
        ("Users", "/api/users{/id}{?skip,take,ids,filter}"),
        ("ServerStatus", "/api/serverstatus"),
        ("MaintenanceConfiguration", "/api/maintenanceconfiguration"),
        ("Web", "/app"),
    ] {
        links.insert(name.to_owned(), json!(link));
    }
    if let Some(space) = world.default_space() {
        links.append(&mut collections(&world.spaces[space].id));
    }
    ok(json!({
        "Application": "Octopus Deploy",
        "Version": world.version.as_str(),
        "ApiVersion": "3.0.0",
        "InstallationId": guid("installation"),
        "IsEarlyAccessProgram": false,
        "HasLongTermSupport": false,
        "Links": links,
    }))
}

/// `GET /api/{space}`.
pub(crate) fn space_document(request: &SpaceRequest<'_>) -> Reply {
    let id = &request.space().id;
    let mut links = collections(id);
    links.insert("Self".to_owned(), json!(format!("/api/{id}")));
    ok(json!({"Id": id, "Links": links}))
}

fn collections(space: &str) -> Map<String, Value> {
    let link =
        |(name, tail): &(&str, &str)| ((*name).to_owned(), json!(format!("/api/{space}/{tail}")));
    COLLECTIONS.iter().map(link).collect()
}

/// `GET /api/{s}/users/{id}/permissions` and `GET /api/users/{id}/permissions?spaces=`: only for the caller.
pub(crate) fn permissions(world: &World, call: &Call, id: &str, within: Option<usize>) -> Reply {
    let user = &world.users[call.user];
    if !same(&user.id, id) {
        return Err(Refusal::forbidden("UserView"));
    }
    let spaces = call.query_list("spaces");
    let query = |space: &&Space| {
        let mut ids = spaces.iter().flatten();
        match within {
            Some(within) => world.spaces[within].id == space.id,
            None => spaces.is_none() || ids.any(|id| same(id, &space.id)),
        }
    };
    let everywhere: Vec<_> = world
        .spaces
        .iter()
        .filter(query)
        .map(|space| {
            json!({
                "SpaceId": space.id,
                "RestrictedToProjectIds": [],
                "RestrictedToEnvironmentIds": [],
                "RestrictedToTenantIds": [],
                "RestrictedToProjectGroupIds": [],
            })
        })
        .collect();
    let lacks = |name: &str| user.lacks.iter().any(|lacks| same(lacks, name));
    let given = PERMISSIONS.iter().filter(|name| !lacks(name));
    let given: Map<_, _> = given
        .map(|name| ((*name).to_owned(), json!(everywhere)))
        .collect();
    ok(json!({
        "Id": user.id,
        "SpacePermissions": given,
        "SystemPermissions": [],
        "Teams": [],
        "IsTeamsComplete": true,
        "IsPermissionsComplete": true,
        "Links": {"Self": format!("/api/users/{}/permissions", user.id)},
    }))
}

/// `GET /api/serverstatus`.
pub(crate) fn status(world: &World) -> Reply {
    ok(json!({
        "IsInMaintenanceMode": world.in_maintenance,
        "MaintenanceExpires": null,
        "IsDatabaseEncrypted": true,
        "IsMajorMinorUpgrade": false,
        "IsUpgradeAvailable": false,
        "MaximumAvailableVersion": world.version.as_str(),
        "MaximumAvailableVersionCoveredByLicense": world.version.as_str(),
        "IsPotentialClone": false,
        "Links": {"Self": "/api/serverstatus"},
    }))
}

/// `GET /api/maintenanceconfiguration`.
pub(crate) fn maintenance(world: &World) -> Reply {
    ok(json!({
        "Id": "maintenance",
        "IsInMaintenanceMode": world.in_maintenance,
        "Links": {"Self": "/api/maintenanceconfiguration"},
    }))
}
