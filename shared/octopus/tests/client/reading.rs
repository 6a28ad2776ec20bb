//! Reads of documents from Octopus's API reference.

mod advisory;
mod channel;
mod process;

use domain::feed::FeedKind;
use domain::ids::{ChannelId, ProjectId, SpaceId};
use domain::process::{RuleNames, Versioning};
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
async fn spaces_are_selected_by_name() {
    let script = Script::start().await;
    script.on("GET /api/spaces?skip=0&take=100", fixture!("spaces"));
    let requested = ["default".to_owned()];
    let spaces = script.client().spaces(&requested).await.unwrap();
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
    assert!(
        error.message.contains("cannot find the space `Ops`"),
        "{error}"
    );
    assert!(error.message.contains("visible are Default"), "{error}");
}

const TRIGGERS: &str = "GET /api/Spaces-1/projecttriggers?skip=0&take=100";

#[tokio::test]
async fn feed_triggers_omits_other_triggers() {
    let script = Script::start().await;
    let mut off = fixture!("trigger");
    off["Id"] = json!("ProjectTriggers-32");
    off["IsDisabled"] = json!(true);
    off["Description"] = json!("Adopted #feed-triggers");
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
            {"Id": "ProjectTriggers-4", "Filter": "FeedFilter", "Action": ["CreateRelease"]},
            {"Id": "ProjectTriggers-5", "ProjectId": 7, "Filter": {"FilterType": "WebhookFilter"}},
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

/// An omitted trigger would count as deleted, so the caller keeps the previous one.
#[tokio::test]
async fn feed_triggers_with_an_unreadable_trigger_name_its_reason() {
    let mut odd = fixture!("trigger");
    odd["Id"] = json!("ProjectTriggers-32");
    odd["Filter"]["Packages"] = json!("all");
    let script = Script::start().await;
    script.on(TRIGGERS, page(json!([odd, fixture!("trigger")])));
    let triggers = script.client().feed_triggers(&space()).await.unwrap();
    assert_eq!(triggers.len(), 2);
    let reason = triggers[0].unreadable.as_ref().unwrap();
    assert!(
        reason.contains("ProjectTriggers-32 cannot be read"),
        "{reason}"
    );
    assert_eq!(triggers[0].project.as_str(), "Projects-101");
    assert_eq!(triggers[1].unreadable, None);
}

/// A list of other items keeps the previous triggers of the space.
#[tokio::test]
async fn feed_triggers_with_items_that_are_no_triggers_is_an_error() {
    for (odd, named) in [
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
async fn feed_triggers_on_old_servers_are_empty() {
    let script = Script::start().await;
    script.on("GET /api", json!({"Version": "2020.5.1"}));
    assert_eq!(script.client().feed_triggers(&space()).await.unwrap(), []);

    let script = Script::start().await;
    script.on("GET /api", json!({"Version": "2026.1.1"}));
    let error = script.client().feed_triggers(&space()).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::NotFound);
}

#[tokio::test]
async fn feeds_of_every_kind_are_read() {
    let script = Script::start().await;
    script.on(
        "GET /api/Spaces-1/feeds?skip=0&take=100",
        page(json!([
            fixture!("feed"),
            {"Id": "Feeds-9", "Name": "Built-in", "FeedType": "BuiltIn"},
            {"Id": "Feeds-10", "Name": "New", "FeedType": "Teleport", "Other": {"x": 1}, "Links": null},
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
async fn project_in_database_and_in_git_are_read() {
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
async fn missing_project_is_reported() {
    let script = Script::start().await;
    let error = script
        .client()
        .project(&space(), &ProjectId::new("Projects-9"))
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::NotFound);
    assert!(error.message.contains("project Projects-9"), "{error}");
}

const PROCESS: &str = "GET /api/Spaces-1/deploymentprocesses/deploymentprocess-Projects-101";

const TEMPLATE: &str = "GET /api/Spaces-1/deploymentprocesses/deploymentprocess-Projects-101/template?channel=Channels-201";
