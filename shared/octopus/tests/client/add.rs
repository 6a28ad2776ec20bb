//! Creation of external feed triggers.

use domain::ids::{ChannelId, ProjectId, SpaceId, TriggerId};
use domain::trigger::{MARK, SourceRef};
use engine::ports::{NativeDraft, OctopusError, OctopusErrorKind, OctopusReader, TriggerCreator};
use octopus::{FixedKey, OctopusClient};
use octopus_server::{Body, Fault, FaultKind, OctopusServer};
use serde_json::json;

use crate::support::{Reply, Script, fake_server};

const WORLD: &str = r##"
spaces:
  - name: Default
    projects:
      - name: Shop
        channels: [{ name: Stable, is_default: true }]
        steps:
          - { name: Deploy, actions: [{ name: Deploy web, packages: [{ name: web, package_id: acme/web }] }] }
"##;

const PATH: &str = "/api/Spaces-1/projects/Projects-1/triggers";

fn draft() -> NativeDraft {
    NativeDraft {
        space: SpaceId::new("Spaces-1"),
        project: ProjectId::new("Projects-1"),
        channel: ChannelId::new("Channels-1"),
        name: "New web".to_owned(),
        description: format!("Each image. {MARK}"),
        is_disabled: true,
        sources: vec![SourceRef {
            action_slug: "deploy-web".to_owned(),
            package_reference: "web".to_owned(),
        }],
    }
}

async fn world() -> (OctopusServer, OctopusClient<FixedKey>) {
    fake_server(WORLD).await
}

/// The number of triggers.
async fn count(client: &OctopusClient<FixedKey>) -> usize {
    let space = SpaceId::new("Spaces-1");
    client.feed_triggers(&space).await.unwrap().len()
}

fn assert_error(error: &OctopusError, kind: OctopusErrorKind, text: &str) {
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.message.contains(text), "{text} in {error}");
}

#[tokio::test]
async fn create_trigger_stores_the_draft() {
    let (server, client) = world().await;
    let id = client.create_trigger(&draft()).await.unwrap();
    let found = client.feed_triggers(&SpaceId::new("Spaces-1")).await;
    let [native] = &found.unwrap()[..] else {
        panic!("one trigger");
    };
    assert_eq!((&native.id, native.name.as_str()), (&id, "New web"));
    assert_eq!(native.project, draft().project);
    assert_eq!(native.channel, Some(draft().channel));
    assert_eq!(native.sources, draft().sources);
    let state = (format!("Each image. {MARK}"), true);
    assert_eq!(server.state().trigger(id.as_str()).unwrap(), state);
}

#[tokio::test]
async fn create_trigger_sends_the_expected_resource() {
    let script = Script::start().await;
    script.on("GET /api", json!({"Version": "2024.2.1"}));
    script.on(&format!("POST {PATH}"), json!({"Id": "ProjectTriggers-7"}));
    let id = script.client().create_trigger(&draft()).await.unwrap();
    assert_eq!(id, TriggerId::new("ProjectTriggers-7"));
    let sent = script.requests().pop().unwrap();
    assert_eq!(sent.line, format!("POST {PATH}"));
    let expected = json!({
        "SpaceId": "Spaces-1", "ProjectId": "Projects-1", "Name": "New web",
        "Description": "Each image. #feed-triggers", "IsDisabled": true,
        "Filter": {
            "FilterType": "FeedFilter",
            "Packages": [{"DeploymentActionSlug": "deploy-web", "PackageReference": "web"}],
        },
        "Action": {"ActionType": "CreateRelease", "ChannelId": "Channels-1"},
    });
    assert_eq!(sent.json(), expected);
}

#[tokio::test]
async fn create_trigger_on_an_old_server_sends_nothing() {
    let (server, client) = fake_server(&format!("version: 2024.1.9\n{WORLD}")).await;
    let error = client.create_trigger(&draft()).await.unwrap_err();
    assert_error(&error, OctopusErrorKind::Unsupported, "need version 2024.2");
    assert_eq!(server.state().count("POST", "triggers"), 0);
}

#[tokio::test]
async fn create_trigger_reports_the_missing_permission() {
    let (server, client) = world().await;
    server.state().remove_permission("TriggerCreate");
    let error = client.create_trigger(&draft()).await.unwrap_err();
    assert_error(&error, OctopusErrorKind::Forbidden, "TriggerCreate");
    assert_eq!(count(&client).await, 0);
}

#[tokio::test]
async fn create_trigger_without_answer_is_not_repeated() {
    let failed = FaultKind::Status(500, Body::Json);
    for (kind, made) in [
        (FaultKind::ResetBefore, 0),
        (FaultKind::ResetAfter, 1),
        (FaultKind::Truncated, 1),
        (failed, 0),
    ] {
        let (server, client) = world().await;
        server
            .faults()
            .push(Fault::once("triggers", kind.clone()).on("POST"));
        let error = client.create_trigger(&draft()).await.unwrap_err();
        assert!(
            error.message.contains("it may have been created"),
            "{error}"
        );
        assert_eq!(count(&client).await, made, "{kind:?}");
        assert_eq!(server.state().count("POST", "triggers"), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn create_trigger_without_an_id_is_unknown() {
    let script = Script::start().await;
    script.on("GET /api", json!({"Version": "2024.2.1"}));
    script.on(&format!("POST {PATH}"), Reply::new(201, "{}"));
    let error = script.client().create_trigger(&draft()).await.unwrap_err();
    assert_error(&error, OctopusErrorKind::Unknown, "contains no trigger id");
}
