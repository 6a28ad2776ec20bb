//! Properties of another type: advisory ones are read like absent properties, the others are errors of the
//! resource.

use super::*;

/// Values that are neither text nor a flag, and `null`.
fn other_types() -> [Value; 5] {
    [
        Value::Null,
        json!(7),
        json!(7.5),
        json!([["a"], 7]),
        json!({"a": {"b": 7}}),
    ]
}

/// Plants values of another type in the document, one property at a time.
#[track_caller]
fn check<T: std::fmt::Debug>(
    document: &Value,
    advisory: &[&str],
    needed: &[&str],
    parse: impl Fn(&[u8]) -> Option<T>,
) {
    let with = |pointer: &str, value: &Value| {
        let mut changed = document.clone();
        *changed.pointer_mut(pointer).expect(pointer) = value.clone();
        parse(changed.to_string().as_bytes()).map(|read| format!("{read:?}"))
    };
    let without = |pointer: &str| {
        let mut changed = document.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = changed.pointer_mut(parent).expect(pointer);
        parent.as_object_mut().unwrap().remove(name).expect(pointer);
        parse(changed.to_string().as_bytes()).map(|read| format!("{read:?}"))
    };
    assert!(parse(document.to_string().as_bytes()).is_some());
    for pointer in advisory {
        let absent = without(pointer);
        assert!(absent.is_some(), "{pointer} is needed");
        for value in other_types() {
            assert_eq!(with(pointer, &value), absent, "{pointer}: {value}");
        }
    }
    for pointer in needed {
        assert_eq!(with(pointer, &json!({"a": 7})), None, "{pointer}");
    }
}

#[test]
fn triggers_with_properties_of_another_type() {
    check(
        &page(json!([fixture!("trigger")])),
        &["/Items/0/Name"],
        &[
            "/Items/0/Id",
            "/Items/0/Description",
            "/Items/0/IsDisabled",
            "/Items/0/ProjectId",
            "/Items/0/Filter/Packages",
            "/Items/0/Filter/Packages/0/DeploymentActionSlug",
            "/Items/0/Filter/Packages/0/PackageReference",
            "/Items/0/Action/ChannelId",
        ],
        |body| {
            let natives = octopus::parsing::feed_triggers(body)?;
            let are_read = natives.iter().all(|one| one.unreadable.is_none());
            are_read.then_some(natives)
        },
    );
}

#[test]
fn projects_with_properties_of_another_type() {
    check(
        &fixture!("project"),
        &["/Slug", "/LifecycleId", "/VersioningStrategy"],
        &[
            "/Id",
            "/Name",
            "/IsDisabled",
            "/IsVersionControlled",
            "/DeploymentProcessId",
            "/PersistenceSettings/Type",
        ],
        |body| octopus::parsing::project(&space(), body),
    );
    check(
        &fixture!("project"),
        &[
            "/VersioningStrategy/DonorPackage",
            "/VersioningStrategy/DonorPackageStepId",
        ],
        &[],
        |body| octopus::parsing::project(&space(), body),
    );
}

#[test]
fn channels_with_properties_of_another_type() {
    check(
        &fixture!("channel"),
        &[
            "/Slug",
            "/LifecycleId",
            "/CustomFieldDefinitions",
            "/CustomFieldDefinitions/0/FieldName",
        ],
        &[
            "/Id",
            "/Name",
            "/IsDefault",
            "/Rules",
            "/Rules/0/VersionRange",
            "/Rules/0/Tag",
            "/Rules/0/VersioningStrategy",
            "/Rules/0/ActionPackages",
            "/Rules/0/ActionPackages/0/DeploymentAction",
        ],
        octopus::parsing::channel,
    );
}

#[test]
fn processes_and_templates_with_properties_of_another_type() {
    check(
        &fixture!("process"),
        &["/Id", "/Steps/0/Actions/0/Id"],
        &[
            "/Steps",
            "/Steps/0/Type",
            "/Steps/0/Actions/0/Name",
            "/Steps/0/Actions/0/Slug",
            "/Steps/0/Actions/0/IsDisabled",
            "/Steps/0/Actions/0/Channels",
            "/Steps/0/Actions/0/Packages",
        ],
        octopus::parsing::actions,
    );
    check(
        &fixture!("template"),
        &[
            "/NextVersionIncrement",
            "/VersioningPackageStepName",
            "/VersioningPackageReferenceName",
        ],
        &[
            "/Packages",
            "/Packages/0/ActionName",
            "/Packages/0/PackageId",
            "/Packages/0/FeedId",
            "/Packages/0/IsResolvable",
            "/Packages/0/FixedVersion",
            "/GitResources",
        ],
        octopus::parsing::template,
    );
}

#[test]
fn releases_and_versions_with_properties_of_another_type() {
    let release = page(json!([fixture!("release")]));
    check(
        &release,
        &[
            "/Items/0/Assembled",
            "/Items/0/ProjectDeploymentProcessSnapshotId",
            "/Items/0/VersionControlReference",
        ],
        &[
            "/Items/0/Id",
            "/Items/0/Version",
            "/Items/0/ReleaseNotes",
            "/Items/0/SelectedPackages",
            "/Items/0/SelectedPackages/0/ActionName",
            "/Items/0/SelectedPackages/0/Version",
        ],
        octopus::parsing::releases,
    );
    check(
        &page(json!([{"Version": "1.0.0", "Published": "2026-01-01T00:00:00Z"}])),
        &["/Items/0/Published"],
        &["/Items", "/Items/0/Version", "/TotalResults"],
        octopus::parsing::versions,
    );
}

/// A feed whose other settings have another type is read through Octopus.
#[test]
fn feeds_with_properties_of_another_type() {
    check(
        &page(json!([fixture!("feed")])),
        &["/Items/0/Name"],
        &["/Items/0/Id", "/Items/0/FeedType"],
        |body| octopus::parsing::feeds(&space(), body),
    );
}

/// One space without a name does not hide the others.
#[tokio::test]
async fn spaces_with_properties_of_another_type() {
    for odd in other_types() {
        let script = Script::start().await;
        let spaces = json!([
            {"Id": "Spaces-2", "Name": odd.clone(), "Slug": odd.clone()},
            {"Id": "Spaces-1", "Name": "Default", "Slug": "default"},
        ]);
        script.on("GET /api/spaces?skip=0&take=100", page(spaces));
        let spaces = script.client().spaces(&["Default".into()]).await.unwrap();
        assert_eq!(spaces[0].id.as_str(), "Spaces-1", "{odd}");
        let spaces = script.client().spaces(&["*".into()]).await.unwrap();
        assert_eq!((spaces.len(), spaces[0].name.as_str()), (2, ""), "{odd}");
    }
}

/// The text of a refusal is read even if another of its properties has another type.
#[tokio::test]
async fn refusals_with_properties_of_another_type() {
    for odd in other_types() {
        let script = Script::start().await;
        let body = json!({"ErrorMessage": "The project is being moved.", "Errors": odd.clone(), "HelpText": odd.clone()});
        script.on(
            "GET /api/Spaces-1/projects/Projects-101",
            Reply::new(409, body.to_string()),
        );
        let id = ProjectId::new("Projects-101");
        let error = script.client().project(&space(), &id).await.unwrap_err();
        assert!(
            error.message.contains("The project is being moved"),
            "{odd}: {error}"
        );
        assert!(!error.message.contains('{'), "{odd}: {error}");
    }
}

#[tokio::test]
async fn process_whose_donor_has_another_type_uses_the_template() {
    let script = Script::start().await;
    let mut template = fixture!("template");
    template["VersioningPackageStepName"] = json!({"Name": "Deploy web container"});
    script
        .on(PROCESS, fixture!("process"))
        .on(TEMPLATE, template);
    let id = ChannelId::new("Channels-201");
    let process = script
        .client()
        .process(&database_project(), &id)
        .await
        .unwrap();
    let next = Some("1.4.8".to_owned());
    assert_eq!(process.template.versioning, Versioning::Template { next });
}
