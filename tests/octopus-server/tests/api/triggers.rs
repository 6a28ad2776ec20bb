//! Triggers: stored as sent, hidden on servers that are too old.

use crate::support::{Shop, each, error};
use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};

const ALL: &str = "/api/Spaces-1/projects/Projects-1/triggers";

#[tokio::test]
async fn triggers_are_listed_with_filter_and_action() -> Result<()> {
    let shop = Shop::start().await?;
    let triggers = shop.read(ALL).await?;
    assert_eq!(
        (triggers["ItemType"].as_str(), each(&triggers, "Name")),
        (Some("ProjectTrigger"), vec!["New web image", "Every night"])
    );
    let trigger = &triggers["Items"][0];
    assert_eq!(trigger["Filter"]["FilterType"], "FeedFilter");
    assert_eq!(
        trigger["Filter"]["Packages"],
        json!([{"DeploymentActionSlug": "deploy-web", "PackageReference": "web"}])
    );
    assert_eq!(
        (
            &trigger["Action"]["ActionType"],
            &trigger["Action"]["ChannelId"]
        ),
        (&json!("CreateRelease"), &json!("Channels-1"))
    );
    let deployments = shop
        .read(&format!("{ALL}?triggerActionCategory=Deployment"))
        .await?;
    assert_eq!(each(&deployments, "Name"), ["New web image"]);
    assert_eq!(
        each(&shop.read("/api/Spaces-1/projecttriggers").await?, "Id").len(),
        2
    );
    Ok(())
}

#[tokio::test]
async fn triggers_can_be_created_changed_and_deleted() -> Result<()> {
    let shop = Shop::start().await?;
    let new = json!({
        "Name": "New api image", "ProjectId": "Projects-1", "SpaceId": "Spaces-1",
        "Filter": {"FilterType": "FeedFilter", "Packages": [{"DeploymentActionSlug": "deploy-web"}]},
        "Action": {"ActionType": "CreateRelease", "ChannelId": "Channels-2"},
    });
    let (status, mut trigger) = shop.send(Method::POST, ALL, new.clone()).await?;
    assert_eq!((status, &trigger["Id"]), (201, &json!("ProjectTriggers-3")));

    trigger["IsDisabled"] = json!(true);
    trigger["Description"] = json!("#feed-triggers");
    let path = "/api/Spaces-1/projecttriggers/ProjectTriggers-3";
    assert_eq!(
        shop.send(Method::PUT, path, trigger.clone()).await?,
        (200, trigger)
    );
    assert_eq!(
        shop.server.state().trigger("New api image")?,
        ("#feed-triggers".to_owned(), true)
    );
    assert_eq!(
        shop.read(&format!("{ALL}/ProjectTriggers-3")).await?["IsDisabled"],
        true
    );

    for missing in ["Name", "ProjectId", "SpaceId", "Filter", "Action"] {
        let mut body = new.clone();
        body[missing] = Value::Null;
        let (status, document) = shop.send(Method::POST, ALL, body).await?;
        assert_eq!(
            (status, error(&document)),
            (400, "Model validation failed."),
            "{missing}"
        );
    }
    assert_eq!(
        shop.send(Method::PUT, path, new).await?.0,
        400,
        "a change requires the id"
    );
    assert_eq!(shop.send(Method::DELETE, path, json!({})).await?.0, 200);
    assert_eq!(shop.get(path).await?.0, 404);
    Ok(())
}

#[tokio::test]
async fn put_replaces_the_trigger_and_keeps_unknown_properties() -> Result<()> {
    let shop = Shop::start().await?;
    let path = "/api/Spaces-1/projecttriggers/ProjectTriggers-1";
    let before = shop.read(path).await?;
    let mut trigger = before.clone();
    trigger["Later"] = json!({"Kept": [1, null]});
    trigger["Filter"]["Later"] = json!("kept");
    trigger["Description"] = Value::Null;
    let (status, answer) = shop.send(Method::PUT, path, trigger.clone()).await?;
    trigger["Description"] = json!("");
    assert_eq!((status, &answer), (200, &trigger));
    assert_eq!(shop.read(path).await?, trigger);

    for (property, wrong) in [
        ("Id", json!("ProjectTriggers-2")),
        ("ProjectId", json!("Projects-2")),
        ("SpaceId", json!("Spaces-2")),
        ("IsDisabled", json!("yes")),
        (
            "Filter",
            json!({"FilterType": "FeedFilter", "Packages": [{"PackageReference": "web"}]}),
        ),
    ] {
        let mut body = trigger.clone();
        body[property] = wrong;
        let (status, document) = shop.send(Method::PUT, path, body).await?;
        assert_eq!(
            (status, error(&document)),
            (400, "Model validation failed."),
            "{property}"
        );
    }
    assert_eq!(shop.read(path).await?, trigger);
    assert_eq!(shop.send(Method::PUT, path, before.clone()).await?.0, 200);
    assert_eq!(
        shop.read(path).await?,
        before,
        "what is not sent is not kept"
    );
    Ok(())
}

#[tokio::test]
async fn missing_permission_is_named() -> Result<()> {
    let shop = Shop::start().await?;
    let path = "/api/Spaces-1/projecttriggers/ProjectTriggers-1";
    let trigger = shop.read(path).await?;
    let state = shop.server.state();
    state.remove_permission("TriggerEdit");
    let (status, document) = shop.send(Method::PUT, path, trigger).await?;
    assert_eq!(status, 403);
    let message = document["ErrorMessage"].as_str().unwrap_or_default();
    assert!(
        message.ends_with("Missing permission: TriggerEdit"),
        "{message}"
    );
    assert_eq!(shop.get(path).await?.0, 200);

    state.remove_permission("ReleaseCreate");
    assert_eq!(shop.create("Fire Project", json!({})).await?.0, 403);
    for (permission, path) in [
        ("TriggerView", "/api/Spaces-1/projecttriggers"),
        ("ReleaseView", "/api/Spaces-1/channels/Channels-1/releases"),
        ("ProcessView", "/api/Spaces-1/projects/Projects-1/channels"),
        ("FeedView", "/api/Spaces-1/feeds"),
        ("ProjectView", "/api/Spaces-1/projects/Projects-1"),
    ] {
        assert_eq!(shop.get(path).await?.0, 200, "{permission}");
        state.remove_permission(permission);
        assert_eq!(shop.get(path).await?.0, 403, "{permission}");
    }
    Ok(())
}

#[tokio::test]
async fn old_server_hides_feed_triggers() -> Result<()> {
    let shop = Shop::start().await?;
    let state = shop.server.state();
    state.set_version("2024.1.9999");
    assert_eq!(each(&shop.read(ALL).await?, "Name"), ["Every night"]);
    let template = "/api/Spaces-1/projects/Projects-1/deploymentprocesses/template";
    assert!(
        shop.read(template).await?["Packages"][0]
            .get("FixedVersion")
            .is_none()
    );
    let channel = shop.read("/api/Spaces-1/channels/Channels-1").await?;
    assert!(
        channel.get("GitReferenceRules").is_none()
            && channel["Rules"][0].get("VersioningStrategy").is_none()
    );
    assert_eq!(shop.create("Fire Project", json!({})).await?.0, 201);

    state.set_version("2022.3.5511");
    assert_eq!(shop.create("Fire Project", json!({})).await?.0, 404);
    state.set_version("2020.5.100");
    assert_eq!(shop.get(template).await?.0, 404);
    let old = "/api/Spaces-1/deploymentprocesses/deploymentprocess-Projects-1/template?channel=Channels-1";
    assert_eq!(shop.get(old).await?.0, 200);
    assert!(
        shop.read("/api/Spaces-1/projects/Projects-1")
            .await?
            .get("PersistenceSettings")
            .is_none()
    );
    Ok(())
}
