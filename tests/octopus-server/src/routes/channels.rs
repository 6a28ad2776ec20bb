//! Channels and the test of their rules.

use serde_json::{Value, json};

use super::processes::hide;
use super::{Visit, found, ok};
use crate::answer::{Refusal, Reply};
use crate::features::Feature;
use crate::packages::Condition;
use crate::paging::collection;
use crate::world::{Channel, Project, Rule, RulePackage, same};

/// `GET /api/{s}/channels` and `/channels/all`.
pub(crate) fn list(visit: &Visit<'_>) -> Reply {
    let projects = visit.space().projects.iter();
    let all = projects.flat_map(|project| {
        project
            .channels
            .iter()
            .map(move |channel| (project, channel))
    });
    let documents = all
        .map(|(project, channel)| document(visit, project, channel))
        .collect();
    collection(
        visit.call,
        &visit.list_path("channels"),
        "Channel",
        documents,
    )
}

/// `GET /api/{s}/projects/{p}/channels`.
pub(crate) fn of_project(visit: &Visit<'_>, id: &str) -> Reply {
    let project = found(visit.space().project(id), id)?;
    let documents = project
        .channels
        .iter()
        .map(|channel| document(visit, project, channel))
        .collect();
    let path = visit.path(&format!("projects/{}/channels", project.id));
    collection(visit.call, &path, "Channel", documents)
}

/// `GET /api/{s}/channels/{id}` and `/projects/{p}/channels/{id}`.
pub(crate) fn get(visit: &Visit<'_>, of: Option<&str>, id: &str) -> Reply {
    let (project, channel) = found(visit.space().channel(id), id)?;
    match of {
        Some(of) if !same(of, &project.id) && !same(of, &project.slug) => {
            Err(Refusal::not_found(id))
        }
        _ => ok(document(visit, project, channel)),
    }
}

/// `GET` or `POST /api/{s}/channels/rule-test`. What cannot be read is told in `Errors`, with status 200.
pub(crate) fn rule_test(visit: &Visit<'_>) -> Reply {
    let fields = if visit.call.method == "POST" {
        visit.call.fields()?
    } else {
        Default::default()
    };
    let input = |name: &str| -> Result<Option<String>, Refusal> {
        Ok(fields
            .text(name)?
            .or_else(|| visit.call.query(name).map(str::to_owned)))
    };
    let feed = match input("feedId")? {
        Some(id) => visit.space().feed(&id).map(|feed| feed.kind.clone()),
        None => input("feedType")?,
    };
    let kind = feed.unwrap_or_else(|| "NuGet".to_owned());
    let Some(version) = input("version")? else {
        return Err(Refusal::invalid("No version parameter was provided."));
    };
    let mut errors = Vec::new();
    let mut satisfies = |condition: Condition| {
        let condition = condition.with(&visit.space().dotnet);
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

fn document(visit: &Visit<'_>, project: &Project, channel: &Channel) -> Value {
    let own = visit.path(&format!("channels/{}", channel.id));
    let field = |name: &String| json!({"FieldName": name, "Description": ""});
    let mut document = json!({
        "Id": channel.id,
        "SpaceId": visit.space().id,
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
        "Rules": channel.rules.iter().map(|of| rule(visit, of)).collect::<Vec<_>>(),
        "GitReferenceRules": channel.git_reference_rules,
        "GitResourceRules": [],
        "CustomFieldDefinitions": channel.custom_fields.iter().map(field).collect::<Vec<_>>(),
        "Links": {
            "Self": own,
            "Releases": format!("{own}/releases{{?skip,take,searchByVersion}}"),
            "Project": visit.path(&format!("projects/{}", project.id)),
        },
    });
    hide(
        &mut document,
        "GitReferenceRules",
        visit.has(Feature::GitReferenceRules),
    );
    hide(
        &mut document,
        "GitResourceRules",
        visit.has(Feature::GitReferenceRules),
    );
    hide(
        &mut document,
        "CustomFieldDefinitions",
        visit.has(Feature::CustomFields),
    );
    document
}

fn rule(visit: &Visit<'_>, rule: &Rule) -> Value {
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
        visit.has(Feature::RuleStrategies),
    );
    hide(
        &mut document,
        "VersionTagRegex",
        visit.has(Feature::RuleStrategies),
    );
    document
}
