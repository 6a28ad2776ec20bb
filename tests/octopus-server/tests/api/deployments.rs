//! Deployments, defects, and the lists that other clients read.

use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Shop, each, error};

const RELEASE: &str = "/api/Spaces-1/releases/Releases-1";

async fn deploy(shop: &Shop, version: &str, environment: &str) -> Result<(u16, Value)> {
    let body = json!({
        "spaceId": "Spaces-1", "spaceIdOrName": "Spaces-1", "projectName": "fire project",
        "releaseVersion": version, "environmentNames": [environment],
    });
    let path = "/api/Spaces-1/deployments/create/untenanted/v1";
    shop.send(Method::POST, path, body).await
}

#[tokio::test]
async fn deployment_follows_the_lifecycle_and_takes_names() -> Result<()> {
    let shop = Shop::start().await?;
    let (status, refused) = deploy(&shop, "0.1.7", "Prod").await?;
    assert_eq!(status, 400, "Dev is first");
    assert!(error(&refused).contains("lifecycle"), "{refused}");
    for (version, environment) in [
        ("0.1.7", "Environments-1"),
        ("9.9.9", "Dev"),
        ("Releases-1", "Dev"),
    ] {
        let (status, refused) = deploy(&shop, version, environment).await?;
        assert_eq!(status, 404, "{refused}");
    }

    for environment in ["dev", "Prod", "Dev"] {
        let (status, created) = deploy(&shop, "0.1.7", environment).await?;
        assert_eq!(status, 201, "{created}");
        let id = created["DeploymentServerTasks"][0]["ServerTaskId"].as_str();
        let id = id.unwrap_or_default();
        let task = shop.read(&format!("/api/tasks/{id}")).await?;
        assert_eq!(
            (&task["State"], &task["IsCompleted"]),
            (&json!("Success"), &json!(true))
        );
        let details = shop.read(&format!("/api/tasks/{id}/details")).await?;
        assert_eq!(details["Task"]["Id"], id);
    }
    let progression = shop.read(&format!("{RELEASE}/progression")).await?;
    assert_eq!(
        each(&progression["Phases"], "Progress"),
        ["Complete", "Complete"]
    );
    Ok(())
}

#[tokio::test]
async fn defect_blocks_the_progression_until_it_is_resolved() -> Result<()> {
    let shop = Shop::start().await?;
    let defects = format!("{RELEASE}/defects");
    let (status, created) = shop
        .send(Method::POST, &defects, json!({"Description": "broken"}))
        .await?;
    assert_eq!((status, &created["Status"]), (201, &json!("Unresolved")));
    let again = shop.send(Method::POST, &defects, json!({"Description": "x"}));
    assert_eq!(again.await?.0, 400);
    let progression = shop.read(&format!("{RELEASE}/progression")).await?;
    assert_eq!(progression["NextDeployments"], json!([]));
    assert_eq!(progression["Phases"][0]["Blocked"], json!(true));
    assert_eq!(deploy(&shop, "0.1.7", "Dev").await?.0, 400);

    let resolve = format!("{defects}/resolve");
    let (status, _) = shop.send(Method::POST, &resolve, json!({})).await?;
    assert_eq!(status, 200);
    assert_eq!(shop.send(Method::POST, &resolve, json!({})).await?.0, 400);
    assert_eq!(each(&shop.read(&defects).await?, "Status"), ["Resolved"]);
    assert_eq!(deploy(&shop, "0.1.7", "Dev").await?.0, 201);

    shop.server.state().remove_permission("DeploymentCreate");
    assert_eq!(deploy(&shop, "0.1.7", "Prod").await?.0, 403);
    shop.server.state().remove_permission("DefectReport");
    let refused = shop.send(Method::POST, &defects, json!({"Description": "x"}));
    assert_eq!(refused.await?.0, 403);
    Ok(())
}

#[tokio::test]
async fn built_in_feed_lists_packages_with_their_newest_versions() -> Result<()> {
    let shop = Shop::start().await?;
    let newest = shop.read("/api/Spaces-1/packages").await?;
    assert_eq!(newest["ItemType"], "Package");
    assert_eq!(each(&newest, "PackageId"), ["pterm"]);
    assert_eq!(each(&newest, "Version"), ["2.5"]);
    let all = shop
        .read("/api/Spaces-1/packages?nuGetPackageId=PTerm")
        .await?;
    assert_eq!(each(&all, "Version"), ["2.5", "2.4"]);
    let none = shop.read("/api/Spaces-1/packages?filter=other").await?;
    assert_eq!(none["TotalResults"], 0);
    Ok(())
}

#[tokio::test]
async fn lists_of_absent_resources_are_empty_and_linked() -> Result<()> {
    let shop = Shop::start().await?;
    let space = shop.read("/api/Spaces-1").await?;
    for (link, path) in [
        ("Machines", "machines"),
        ("ProjectGroups", "projectgroups"),
        ("Runbooks", "runbooks"),
        ("Tenants", "tenants"),
        ("WorkerPools", "workerpools"),
    ] {
        let linked = space["Links"][link].as_str().unwrap_or_default();
        assert!(
            linked.starts_with(&format!("/api/Spaces-1/{path}{{/id}}")),
            "{link}: {linked}"
        );
        let list = shop.read(&format!("/api/Spaces-1/{path}")).await?;
        assert_eq!(list["TotalResults"], 0, "{path}");
        assert_eq!(
            shop.read(&format!("/api/Spaces-1/{path}/all")).await?,
            json!([])
        );
    }
    let runbooks = shop
        .read("/api/Spaces-1/projects/Projects-1/runbooks")
        .await?;
    assert_eq!(runbooks["Items"], json!([]));
    let (status, _) = shop
        .get("/api/Spaces-1/projects/Projects-99/runbooks")
        .await?;
    assert_eq!(status, 404);
    let users = shop.read("/api/users/all").await?;
    assert_eq!(each(&users, "Username"), ["release-bot"]);
    Ok(())
}
