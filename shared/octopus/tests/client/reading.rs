//! What is read, from documents as Octopus sends them.

use domain::feed::FeedKind;
use domain::ids::{ChannelId, ProjectId, SpaceId};
use domain::process::Versioning;
use domain::trigger::SourceRef;
use engine::ports::{OctopusErrorKind, OctopusReader, Process, Project};
use engine::with_causes;
use serde_json::{Value, json};

use crate::support::{Reply, Script, fixture, page};

fn space() -> SpaceId {
    SpaceId::new("Spaces-1")
}

fn database_project() -> Project {
    Project {
        id: ProjectId::new("Projects-101"),
        space: space(),
        name: "Web Shop".into(),
        is_disabled: false,
        process_id: Some("deploymentprocess-Projects-101".into()),
        git_ref: None,
    }
}

fn git_project() -> Project {
    Project {
        id: ProjectId::new("Projects-102"),
        process_id: None,
        git_ref: Some("refs/heads/main".into()),
        ..database_project()
    }
}

#[tokio::test]
async fn spaces() {
    let script = Script::start().await;
    script.on("GET /api/spaces?skip=0&take=100", fixture!("spaces"));
    let wanted = ["default".to_owned()];
    let spaces = script.client().spaces(&wanted).await.unwrap();
    assert_eq!(
        (spaces[0].id.as_str(), spaces[0].name.as_str()),
        ("Spaces-1", "Default")
    );

    let error = script
        .client()
        .spaces(&["Ops".to_owned()])
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::NotFound);
    assert!(error.message.contains("no space `Ops`"), "{error}");
    assert!(error.message.contains("it sees Default"), "{error}");
}

const TRIGGERS: &str = "GET /api/Spaces-1/projecttriggers?skip=0&take=100";

#[tokio::test]
async fn feed_triggers_and_no_others() {
    let script = Script::start().await;
    let mut off = fixture!("trigger");
    off["Id"] = json!("ProjectTriggers-32");
    off["IsDisabled"] = json!(true);
    off["Description"] = json!("Handed over #feed-triggers");
    off["Action"]["ChannelId"] = Value::Null;
    off["Filter"]["Packages"] =
        json!([{"DeploymentActionSlug": "chart", "PackageReference": null}]);
    script.on(
        TRIGGERS,
        page(json!([
            fixture!("trigger"),
            {"Id": "ProjectTriggers-1", "Filter": {"FilterType": "Telepathy", "Packages": "none"},
             "Action": {"ActionType": "CreateRelease"}},
            {"Id": "ProjectTriggers-2", "Filter": {"FilterType": "FeedFilter"},
             "Action": {"ActionType": "RunRunbook", "RunbookId": "Runbooks-1"}},
            {"Id": "ProjectTriggers-3", "Filter": null},
            off,
        ])),
    );
    let triggers = script.client().feed_triggers(&space()).await.unwrap();
    assert_eq!(triggers.len(), 2);
    let on = &triggers[0];
    assert_eq!(on.id.as_str(), "ProjectTriggers-31");
    assert_eq!(
        (on.name.as_str(), on.description.as_str()),
        ("New web image", "")
    );
    assert_eq!(on.project.as_str(), "Projects-101");
    assert_eq!(on.channel, Some(ChannelId::new("Channels-201")));
    assert!(!on.is_disabled);
    let source = |slug: &str, name: &str| SourceRef {
        action_slug: slug.into(),
        package_reference: name.into(),
    };
    assert_eq!(
        on.sources,
        [
            source("deploy-web-container", "web"),
            source("upgrade-chart", "")
        ]
    );
    let off = &triggers[1];
    assert!(off.is_disabled && off.description.contains("#feed-triggers"));
    assert_eq!(
        (&off.channel, &off.sources[..]),
        (&None, &[source("chart", "")][..])
    );
}

/// It is there, so it must not pass for deleted: the list that was read before stands.
#[tokio::test]
async fn a_trigger_that_cannot_be_read_is_not_left_out() {
    let mut of_another_type = fixture!("trigger");
    of_another_type["ProjectId"] = json!(7);
    for (odd, named) in [
        (of_another_type, "ProjectTriggers-31 cannot be read"),
        (
            json!({"Id": "ProjectTriggers-1", "Filter": "FeedFilter"}),
            "ProjectTriggers-1 cannot be read",
        ),
        (json!({"Filter": null}), "an item has no id"),
        (json!(7), "an item has no id"),
    ] {
        let script = Script::start().await;
        script.on(TRIGGERS, page(json!([fixture!("trigger"), odd])));
        let error = script.client().feed_triggers(&space()).await.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::Malformed);
        assert!(
            error.message.contains("the triggers of Spaces-1"),
            "{error}"
        );
        assert!(with_causes(&error).contains(named), "{error:?}");
    }
}

#[tokio::test]
async fn servers_without_feed_triggers_have_none() {
    let script = Script::start().await;
    script.on("GET /api", json!({"Version": "2020.5.1"}));
    assert_eq!(script.client().feed_triggers(&space()).await.unwrap(), []);

    let script = Script::start().await;
    script.on("GET /api", json!({"Version": "2026.1.1"}));
    let error = script.client().feed_triggers(&space()).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::NotFound);
}

#[tokio::test]
async fn feeds_of_every_kind() {
    let script = Script::start().await;
    script.on(
        "GET /api/Spaces-1/feeds?skip=0&take=100",
        page(json!([
            fixture!("feed"),
            {"Id": "Feeds-9", "Name": "Built-in", "FeedType": "BuiltIn"},
            {"Id": "Feeds-10", "Name": "New", "FeedType": "Teleport", "Gate": {"x": 1}, "Links": null},
            {"Id": "Feeds-11", "Name": "NuGet", "FeedUri": "https://nuget.example/v3", "Username": ""},
            {"Id": "Feeds-12", "Name": "Hub", "FeedType": "Docker", "FeedUri": "https://r.example",
             "RegistryPath": "library", "Password": {"HasValue": true}},
        ])),
    );
    let feeds = script.client().feeds(&space()).await.unwrap();
    let shown: Vec<_> = feeds
        .iter()
        .map(|feed| {
            (
                feed.id.as_str(),
                feed.kind.feed_type(),
                feed.has_credentials,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("Feeds-1001", "AwsElasticContainerRegistry", true),
            ("feeds-builtin", "BuiltIn", false),
            ("Feeds-9", "BuiltIn", false),
            ("Feeds-10", "Teleport", false),
            ("Feeds-11", "NuGet", false),
            ("Feeds-12", "Docker", true),
        ]
    );
    assert_eq!(feeds[5].registry_path.as_deref(), Some("library"));
    assert_eq!(feeds[5].kind, FeedKind::Docker);
}

#[tokio::test]
async fn a_project_in_the_database_and_one_in_git() {
    let script = Script::start().await;
    script
        .on(
            "GET /api/Spaces-1/projects/Projects-101",
            fixture!("project"),
        )
        .on(
            "GET /api/Spaces-1/projects/Projects-102",
            fixture!("git_project"),
        );
    let client = script.client();
    let read = async |id: &str| client.project(&space(), &ProjectId::new(id)).await.unwrap();
    assert_eq!(read("Projects-101").await, database_project());
    assert_eq!(read("Projects-102").await, git_project());
}

#[tokio::test]
async fn a_missing_project_is_named() {
    let script = Script::start().await;
    let error = script
        .client()
        .project(&space(), &ProjectId::new("Projects-9"))
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::NotFound);
    assert!(error.message.contains("project Projects-9"), "{error}");
}

async fn process(script: &Script, project: &Project) -> Process {
    script
        .client()
        .process(project, &ChannelId::new("Channels-201"))
        .await
        .unwrap()
}

const PROCESS: &str = "GET /api/Spaces-1/deploymentprocesses/deploymentprocess-Projects-101";
const TEMPLATE: &str = "GET /api/Spaces-1/deploymentprocesses/deploymentprocess-Projects-101/template?channel=Channels-201";

#[tokio::test]
async fn a_process_with_its_template() {
    let script = Script::start().await;
    script
        .on(PROCESS, fixture!("process"))
        .on(TEMPLATE, fixture!("template"));
    let process = process(&script, &database_project()).await;
    let action = &process.actions[0];
    assert_eq!(action.slug.as_deref(), Some("deploy-web-container"));
    assert_eq!(action.name, "Deploy web container");
    assert_eq!(action.package_references, ["web"]);
    let (id, name) = &process.action_names[0];
    assert_eq!(id, "b0a7e1d0-1a52-4ed9-9a0e-5f1f0f1c3d77");
    assert_eq!(name, "Deploy web container");
    let packages: Vec<_> = process
        .template
        .packages
        .iter()
        .map(|one| {
            let name = (one.action_name.as_str(), one.package_reference.as_str());
            (
                name,
                one.feed.as_str(),
                one.package.as_str(),
                one.is_resolvable,
            )
        })
        .collect();
    assert_eq!(
        packages,
        [
            (
                ("Deploy web container", "web"),
                "Feeds-1001",
                "acme/web-shop",
                true
            ),
            (
                ("Migrate database", ""),
                "feeds-builtin",
                "#{DbPackage}",
                false
            ),
        ]
    );
    assert_eq!(
        process.template.versioning,
        Versioning::Donor {
            action_name: "Deploy web container".into(),
            package_reference: "web".into()
        }
    );
}

#[tokio::test]
async fn actions_that_do_not_run_in_the_channel_select_nothing() {
    let action = |name: &str, fields: Value| {
        let mut action = json!({"Name": name, "Slug": name, "Packages": [{"Name": null}]});
        action
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        action
    };
    let script = Script::start().await;
    let actions = [
        action("always", json!({})),
        action("here", json!({"Channels": ["Channels-201", "Channels-9"]})),
        action("elsewhere", json!({"Channels": ["Channels-9"]})),
        action("by-slug", json!({"Channels": ["stable-1"]})),
        action("by-name", json!({"Channels": ["other", "stable"]})),
        action("by-another", json!({"Channels": ["stable-2", "Stab"]})),
        action("off", json!({"IsDisabled": true})),
        action(
            "old",
            json!({"Packages": null, "Properties": {"Octopus.Action.Package.PackageId": "p"}}),
        ),
        action(
            "none",
            json!({"Packages": [], "Properties": {"Octopus.Action.Package.PackageId": ""}}),
        ),
    ];
    let packages: Vec<Value> = actions
        .iter()
        .map(|action| json!({"ActionName": action["Name"], "FeedId": "Feeds-1", "PackageId": "p"}))
        .collect();
    script
        .on(
            PROCESS,
            json!({"Steps": [{"Actions": actions}, {"Actions": null}]}),
        )
        .on(
            TEMPLATE,
            json!({"Packages": packages, "NextVersionIncrement": "0.0.7"}),
        )
        .on(
            "GET /api/Spaces-1/channels/Channels-201",
            json!({"Id": "Channels-201", "Name": "Stable", "Slug": "stable-1", "Rules": null}),
        );
    let process = process(&script, &database_project()).await;
    let names: Vec<_> = process
        .template
        .packages
        .iter()
        .map(|one| one.action_name.as_str())
        .collect();
    assert_eq!(
        names,
        ["always", "here", "by-slug", "by-name", "old", "none"]
    );
    assert_eq!(
        process.template.versioning,
        Versioning::Template {
            next: Some("0.0.7".into())
        }
    );
    let references: Vec<_> = process
        .actions
        .iter()
        .map(|action| action.package_references.len())
        .collect();
    assert_eq!(references, [1, 1, 1, 1, 1, 1, 1, 1, 0]);
    assert!(process.actions[6].is_disabled);
}

#[tokio::test]
async fn a_process_in_git_is_read_at_the_default_branch() {
    let script = Script::start().await;
    let base = "GET /api/Spaces-1/projects/Projects-102/refs%2Fheads%2Fmain";
    script
        .on(&format!("{base}/deploymentprocesses"), fixture!("process"))
        .on(
            &format!("{base}/deploymentprocesses/template?channel=Channels-201"),
            json!({"Packages": [], "NextVersionIncrement": null}),
        )
        .on(&format!("{base}/deploymentsettings"), fixture!("settings"));
    let process = process(&script, &git_project()).await;
    let donor = Versioning::Donor {
        action_name: "Deploy web container".into(),
        package_reference: "web".into(),
    };
    assert_eq!(process.template.versioning, donor);
}

#[tokio::test]
async fn old_projects_number_releases_by_a_step_id() {
    let donor = |action: &str, reference: &str| Versioning::Donor {
        action_name: action.into(),
        package_reference: reference.into(),
    };
    let id = "b0a7e1d0-1a52-4ed9-9a0e-5f1f0f1c3d77";
    for (strategy, expected) in [
        (
            json!({"DonorPackageStepId": id}),
            donor("Deploy web container", ""),
        ),
        (
            json!({"DonorPackageStepId": "Migrate:db"}),
            donor("Migrate", "db"),
        ),
        (
            json!({"Template": "#{Octopus.Version.NextPatch}"}),
            Versioning::Template { next: None },
        ),
        (Value::Null, Versioning::Template { next: None }),
    ] {
        let script = Script::start().await;
        let mut project = fixture!("project");
        project["VersioningStrategy"] = strategy;
        script
            .on(PROCESS, fixture!("process"))
            .on(TEMPLATE, json!({"Packages": null}))
            .on("GET /api/Spaces-1/projects/Projects-101", project);
        assert_eq!(
            process(&script, &database_project())
                .await
                .template
                .versioning,
            expected
        );
    }
}

#[tokio::test]
async fn a_channel_with_its_rules() {
    let script = Script::start().await;
    script.on(
        "GET /api/Spaces-1/channels/Channels-201",
        fixture!("channel"),
    );
    let id = ChannelId::new("Channels-201");
    let channel = script
        .client()
        .channel(&database_project(), Some(&id))
        .await
        .unwrap();
    assert_eq!((channel.id, channel.name.as_str()), (id, "Default"));
    assert_eq!(channel.rules.len(), 1);
    assert_eq!(channel.rules[0].rule.range.as_deref(), Some("[2.0,3.0)"));
}

#[tokio::test]
async fn rules_that_cannot_be_read_are_an_error_and_not_left_out() {
    let script = Script::start().await;
    let mut channel = fixture!("channel");
    channel["Rules"][0]["ActionPackages"] = json!([{"Action": "renamed"}]);
    script.on("GET /api/Spaces-1/channels/Channels-201", channel);
    let id = ChannelId::new("Channels-201");
    let error = script
        .client()
        .channel(&database_project(), Some(&id))
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Malformed);
}

#[tokio::test]
async fn the_default_channel() {
    const CHANNELS: &str = "GET /api/Spaces-1/projects/Projects-101/channels?skip=0&take=100";
    let channel = |id: &str, is_default: bool| json!({"Id": id, "Name": id, "IsDefault": is_default, "Rules": []});
    for (channels, expected) in [
        (
            json!([channel("Channels-1", false), channel("Channels-2", true)]),
            Some("Channels-2"),
        ),
        (json!([channel("Channels-1", false)]), Some("Channels-1")),
        (
            json!([channel("Channels-1", false), channel("Channels-2", false)]),
            None,
        ),
    ] {
        let script = Script::start().await;
        script.on(CHANNELS, page(channels));
        match (
            script.client().channel(&database_project(), None).await,
            expected,
        ) {
            (Ok(channel), Some(id)) => assert_eq!(channel.id.as_str(), id),
            (Err(error), None) => {
                assert_eq!(error.kind, OctopusErrorKind::Invalid);
                assert!(
                    error.message.contains("Web Shop has no default channel"),
                    "{error}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn releases_are_newest_first_and_no_more_than_asked_for() {
    let script = Script::start().await;
    let mut older = fixture!("release");
    older["Id"] = json!("Releases-1186");
    older["ReleaseNotes"] = Value::Null;
    older["SelectedPackages"] = json!([{"StepName": "Deploy", "Version": "1"}]);
    let next = json!({"Page.Next": "/api/Spaces-1/channels/Channels-201/releases?skip=2&take=2"});
    script.on(
        "GET /api/Spaces-1/channels/Channels-201/releases?skip=0&take=2",
        json!({"Items": [fixture!("release"), older], "TotalResults": 61, "Links": next}),
    );
    let channel = ChannelId::new("Channels-201");
    let releases = script
        .client()
        .releases(&database_project(), &channel, 2)
        .await
        .unwrap();
    assert_eq!(script.lines().len(), 1);
    assert_eq!(releases.len(), 2);
    assert_eq!(releases[0].id.as_str(), "Releases-1187");
    assert_eq!(releases[0].version, "1.4.8");
    assert_eq!(releases[0].notes, "Automated: acme/web-shop 2.31.0");
    let owned = |(a, r, v): (&str, &str, &str)| (a.to_owned(), r.to_owned(), v.to_owned());
    let expected = [
        ("Deploy web container", "web", "2.31.0"),
        ("Migrate database", "", "1.9.0"),
    ];
    assert_eq!(releases[0].selected, expected.map(owned));
    assert_eq!(releases[1].notes, "");
    assert_eq!(releases[1].selected, [owned(("Deploy", "", "1"))]);
}

#[tokio::test]
async fn an_empty_document_is_no_process() {
    let script = Script::start().await;
    script
        .on(PROCESS, json!({}))
        .on(TEMPLATE, json!({"Packages": []}));
    let channel = ChannelId::new("Channels-201");
    let error = script
        .client()
        .process(&database_project(), &channel)
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Malformed);

    let script = Script::start().await;
    script
        .on(PROCESS, fixture!("process"))
        .on(TEMPLATE, json!({}));
    let error = script
        .client()
        .process(&database_project(), &channel)
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Malformed);
}

#[tokio::test]
async fn a_git_repository_that_cannot_be_read_is_octopus_s_answer() {
    let script = Script::start().await;
    let body = json!({"ErrorMessage": "x", "Errors": ["Could not reach the repository."]});
    script.on(
        "GET /api/Spaces-1/projects/Projects-102/refs%2Fheads%2Fmain/deploymentprocesses",
        Reply::new(400, body.to_string()),
    );
    let channel = ChannelId::new("Channels-201");
    let error = script
        .client()
        .process(&git_project(), &channel)
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Invalid);
    assert!(
        error
            .message
            .contains("the process of project Web Shop: Could not reach"),
        "{error}"
    );
}
