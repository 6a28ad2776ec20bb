//! Channels and the test of their rules.

use serde_json::{Value, json};

use super::processes::hide;
use super::{SpaceRequest, found, ok};
use crate::answer::{Refusal, Reply};
use crate::features::Feature;
use crate::packages::Condition;
use crate::paging::collection;
use crate::world::{Channel, Project, Rule, RulePackage, same};

/// `GET /api/{s}/channels` and `/channels/all`.
pub(crate) fn list(request: &SpaceRequest<'_>) -> Reply {
    let projects = request.space().projects.iter();
    let all = projects.flat_map(|project| {
        project
            .channels
            .iter()
            .map(move |channel| (project, channel))
    });
    let documents = all
        .map(|(project, channel)| document(request, project, channel))
        .collect();
    collection(
        request.call,
        &request.list_path("channels"),
        "Channel",
        documents,
    )
}

/// `GET /api/{s}/projects/{p}/channels`.
pub(crate) fn of_project(request: &SpaceRequest<'_>, id: &str) -> Reply {
    let project = found(request.space().project(id), id)?;
    let documents = project
        .channels
        .iter()
        .map(|channel| document(request, project, channel))
        .collect();
    let path = request.path(&format!("projects/{}/channels", project.id));
    collection(request.call, &path, "Channel", documents)
}

/// `GET /api/{s}/channels/{id}` and `/projects/{p}/channels/{id}`.
pub(crate) fn get(request: &SpaceRequest<'_>, of: Option<&str>, id: &str) -> Reply {
    let (project, channel) = found(request.space().channel(id), id)?;
    match of {
        Some(of) if !same(of, &project.id) && !same(of, &project.slug) => {
            Err(Refusal::not_found(id))
        }
        _ => ok(document(request, project, channel)),
    }
}

/// `GET` or `POST /api/{s}/channels/rule-test`. Parse errors are returned in `Errors`, with status 200.
pub(crate) fn rule_test(request: &SpaceRequest<'_>) -> Reply {
    let fields = if request.call.method == "POST" {
        request.call.fields()?
    } else {
        Default::default()
    };
    let input = |name: &str| -> Result<Option<String>, Refusal> {
        Ok(fields
            .text(name)?
            .or_else(|| request.call.query(name).map(str::to_owned)))
    };
    let feed = match input("feedId")? {
        Some(id) => request.space().feed(&id).map(|feed| feed.kind.clone()),
        None => input("feedType")?,
    };
    let kind = feed.unwrap_or_else(|| "NuGet".to_owned());
    let Some(version) = input("version")? else {
        return Err(Refusal::invalid("No version parameter was provided."));
    };
    let mut errors = Vec::new();
    let mut satisfies = |condition: Condition| {
        let condition = condition.with(&request.space().dotnet);
        let verdict = condition.permits(&kind, &version);
        verdict.unwrap_or_else(|error| {
            errors.push(error);
            false
        })
    };
    let in_range = satisfies(Condition {
        range: input("versionRange")?,
        ..Condition::default()
    });
    let has_tag = satisfies(Condition {
        pre_release_tag: input("preReleaseTag")?,
        ..Condition::default()
    });
    errors.dedup();
    ok(
        json!({"Errors": errors, "SatisfiesVersionRange": in_range, "SatisfiesPreReleaseTag": has_tag}),
    )
}

fn document(request: &SpaceRequest<'_>, project: &Project, channel: &Channel) -> Value {
    let own = request.path(&format!("channels/{}", channel.id));
    let field = |name: &String| json!({"FieldName": name, "Description": ""});
    let mut document = json!({
        "Id": channel.id,
        "SpaceId": request.space().id,
        "ProjectId": project.id,
        "Name": channel.name,
        "Slug": channel.slug,
        "Description": null,
        "IsDefault": channel.is_default,
        "LifecycleId": channel.lifecycle,
        "Type": "Lifecycle",
        "ParentEnvironmentId": null,
        "EphemeralEnvironmentNameTemplate": null,
        "AutomaticEphemeralEnvironmentDeployments": null,
        "TenantTags": [],
        "Rules": channel.rules.iter().map(|of| rule(request, of)).collect::<Vec<_>>(),
        "GitReferenceRules": channel.git_reference_rules,
        "GitResourceRules": [],
        "CustomFieldDefinitions": channel.custom_fields.iter().map(field).collect::<Vec<_>>(),
        "Links": {
            "Self": own,
            "Releases": format!("{own}/releases{{?skip,take,searchByVersion}}"),
            "Project": request.path(&format!("projects/{}", project.id)),
        },
    });
    hide(
        &mut document,
        "GitReferenceRules",
        request.has(Feature::GitReferenceRules),
    );
    hide(
        &mut document,
        "GitResourceRules",
        request.has(Feature::GitReferenceRules),
    );
    hide(
        &mut document,
        "CustomFieldDefinitions",
        request.has(Feature::CustomFields),
    );
    document
}

fn rule(request: &SpaceRequest<'_>, rule: &Rule) -> Value {
    let package =
        |of: &RulePackage| json!({"DeploymentAction": of.action, "PackageReference": of.package});
    let legacy = |of: &RulePackage| match of.package.as_str() {
        "" => of.action.clone(),
        package => format!("{}:{package}", of.action),
    };
    let mut document = json!({
        "Id": rule.id,
        "VersionRange": rule.range,
        "Tag": rule.pre_release_tag,
        "VersioningStrategy": rule.strategy.as_deref().unwrap_or("SemVer"),
        "VersionTagRegex": rule.version_tag_regex,
        "ActionPackages": rule.packages.iter().map(package).collect::<Vec<_>>(),
        "Actions": rule.packages.iter().map(legacy).collect::<Vec<_>>(),
        "Links": {},
    });
    hide(
        &mut document,
        "VersioningStrategy",
        request.has(Feature::RuleStrategies),
    );
    hide(
        &mut document,
        "VersionTagRegex",
        request.has(Feature::RuleStrategies),
    );
    document
}
