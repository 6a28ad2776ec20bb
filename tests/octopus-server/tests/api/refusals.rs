//! Errors: status, document and the texts that clients compare.

use crate::support::{Shop, answer, error};
use anyhow::Result;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn root_document_needs_no_key() -> Result<()> {
    let shop = Shop::start().await?;
    let anonymous = |path: &str| shop.http.get(format!("{}{path}", shop.server.url()));
    assert_eq!(answer(anonymous("/api")).await?.0, 200);
    for request in [
        anonymous("/api/spaces"),
        anonymous("/api/Spaces-1"),
        anonymous("/api/users/me").header("X-Octopus-ApiKey", "API-WRONG"),
        anonymous("/api/users/me").header("X-Octopus-ApiKey", ""),
        anonymous("/api/users/me").bearer_auth("API-SHOP"),
    ] {
        let (status, document) = answer(request).await?;
        assert_eq!(status, 401);
        assert!(
            document["ErrorMessage"]
                .as_str()
                .is_some_and(|text| text.contains("valid API key")),
            "{document}"
        );
    }
    assert_eq!(
        answer(anonymous("/api/users/me?apikey=API-SHOP")).await?.1["Username"],
        "release-bot"
    );

    shop.server.state().rotate_api_key("API-NEW");
    assert_eq!(shop.get("/api/users/me").await?.0, 401);
    assert_eq!(
        answer(anonymous("/api/users/me").header("x-octopus-apikey", "API-NEW"))
            .await?
            .0,
        200
    );
    Ok(())
}

#[tokio::test]
async fn missing_resources_are_404_with_an_error_document() -> Result<()> {
    let shop = Shop::start().await?;
    for path in [
        "/api/Spaces-1/projects/Projects-999",
        "/api/Spaces-1/no-such-route",
        "/api/Spaces-2/projects/Projects-1",
        "/api/Spaces-1/projects/Projects-1/releases/9.9.9",
        "/elsewhere",
    ] {
        let (status, document) = shop.get(path).await?;
        assert_eq!(status, 404, "{path}");
        assert!(
            document["ErrorMessage"]
                .as_str()
                .is_some_and(|text| text.contains("was not found")),
            "{document}"
        );
        assert_eq!(document["Errors"], json!([]));
    }
    assert_eq!(
        shop.send(Method::DELETE, "/api/Spaces-1/projects", json!({}))
            .await?
            .0,
        405
    );
    Ok(())
}

#[tokio::test]
async fn invalid_queries_are_refused() -> Result<()> {
    let shop = Shop::start().await?;
    let versions = "/api/Spaces-1/feeds/images/packages/versions";
    for (path, expected) in [
        (versions.to_owned(), "No packageId parameter was provided."),
        (
            format!("{versions}?packageId=acme/web&versionRange=nonsense["),
            "The 'versionRange' parameter was not a valid NuGet version-range (see http://g.octopushq.com/NuGetVersioning)",
        ),
    ] {
        let (status, document) = shop.get(&path).await?;
        assert_eq!((status, error(&document)), (400, expected));
    }
    let (status, _) = shop
        .get(&format!("{versions}?packageId=acme/web&preReleaseTag=("))
        .await?;
    assert_eq!(status, 400);
    let tested = shop
        .read("/api/Spaces-1/channels/rule-test?version=1.0.0-rc.1&versionRange=[2.0,)&preReleaseTag=^rc&feedType=NuGet")
        .await?;
    assert_eq!(
        tested,
        json!({"Errors": [], "SatisfiesVersionRange": false, "SatisfiesPreReleaseTag": true})
    );
    let tested = shop
        .read("/api/Spaces-1/channels/rule-test?version=1.0.0&versionRange=[")
        .await?;
    assert_eq!(tested["Errors"].as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn template_without_a_channel_requires_a_default_channel() -> Result<()> {
    let mut seed = crate::support::shop()?;
    seed.spaces[0].projects[0].channels[0].is_default = false;
    seed.spaces[0].projects[0].releases.clear();
    let shop = Shop::of(seed).await?;
    let (status, document) = shop
        .get("/api/Spaces-1/projects/Projects-1/deploymentprocesses/template")
        .await?;
    assert_eq!(
        (status, error(&document)),
        (
            400,
            "A channelId must be provided when more than one exists for that project and no default channel has been specified."
        )
    );
    Ok(())
}

#[tokio::test]
async fn maintenance_refuses_only_writes() -> Result<()> {
    let shop = Shop::start().await?;
    shop.server.state().set_maintenance(true);
    assert_eq!(
        shop.read("/api/maintenanceconfiguration").await?["IsInMaintenanceMode"],
        true
    );
    assert_eq!(shop.get("/api/Spaces-1/projects").await?.0, 200);
    assert_eq!(shop.create("Fire Project", json!({})).await?.0, 503);
    shop.server.state().set_maintenance(false);
    assert_eq!(shop.create("Fire Project", json!({})).await?.0, 201);
    Ok(())
}

#[tokio::test]
async fn feeds_hide_secrets() -> Result<()> {
    let shop = Shop::start().await?;
    let feed = shop.read("/api/Spaces-1/feeds/images").await?;
    assert_eq!(
        feed["Password"],
        json!({"HasValue": true, "NewValue": null, "Hint": null})
    );
    assert_eq!(feed["Username"], "reader");
    assert!(!feed.to_string().contains("hidden"));
    assert!(!format!("{:?}", crate::support::shop()?).contains("hidden"));
    Ok(())
}

#[tokio::test]
async fn create_finds_project_and_channel_only_by_name() -> Result<()> {
    let shop = Shop::start().await?;
    let projects = shop.read("/api/Spaces-1/projects").await?;
    let project = &projects["Items"][0];
    let name = project["Name"].as_str().unwrap_or_default();
    for other in [&project["Id"], &project["Slug"]] {
        let other = other.as_str().unwrap_or_default();
        let (status, document) = shop.create(other, json!({})).await?;
        let text = format!("Project named '{other}' was not found.");
        assert_eq!((status, &document["ErrorMessage"]), (404, &json!(text)));
    }
    let body = json!({"channelName": "Channels-1"});
    let (status, document) = shop.create(name, body).await?;
    let text = format!("Channel named 'Channels-1' within project '{name}' was not found.");
    assert_eq!((status, &document["ErrorMessage"]), (404, &json!(text)));
    Ok(())
}

#[tokio::test]
async fn permissions_are_read_within_a_space_or_for_all_spaces() -> Result<()> {
    let shop = Shop::start().await?;
    let me = shop.read("/api/users/me").await?;
    let id = me["Id"].as_str().unwrap_or_default();
    let within = shop
        .read(&format!("/api/Spaces-1/users/{id}/permissions"))
        .await?;
    let all = shop
        .read(&format!("/api/users/{id}/permissions?spaces=Spaces-1"))
        .await?;
    assert_eq!(within["SpacePermissions"], all["SpacePermissions"]);
    assert_eq!(
        shop.get("/api/Spaces-1/users/Users-9/permissions").await?.0,
        403
    );
    Ok(())
}
