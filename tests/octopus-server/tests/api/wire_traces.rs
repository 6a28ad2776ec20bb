//! The requests of Octopus's own command line, and the properties it needs in the answers.

use crate::support::{Shop, each};
use anyhow::Result;
use serde_json::json;

#[tokio::test]
async fn release_creation_without_prompts() -> Result<()> {
    let shop = Shop::start().await?;
    let root = shop.read("/api/").await?;
    assert_eq!(
        (&root["Version"], &root["ApiVersion"]),
        (&json!("2026.3.1001"), &json!("3.0.0"))
    );
    assert_eq!(shop.read("/api/Spaces-1").await?["Id"], "Spaces-1");
    assert_eq!(
        shop.get("/api/Spaces-1/projects/CaC%20Project").await?.0,
        404
    );
    assert_eq!(
        shop.read("/api/Spaces-1/projects/cac-project").await?["Name"],
        "CaC Project"
    );

    let command = json!({"gitRef": "refs/heads/main", "packageVersion": "1.1.0"});
    let (status, created) = shop.create("CaC Project", command).await?;
    assert_eq!(status, 201, "{created}");
    let id = created["ReleaseId"].as_str().unwrap_or_default();
    let release = shop.read(&format!("/api/Spaces-1/releases/{id}")).await?;
    assert_eq!(release["Version"], created["ReleaseVersion"]);
    let channel = release["ChannelId"].as_str().unwrap_or_default();
    assert_eq!(
        shop.read(&format!("/api/Spaces-1/channels/{channel}"))
            .await?["Name"],
        "Default"
    );
    Ok(())
}

#[tokio::test]
async fn release_creation_of_a_database_project() -> Result<()> {
    let shop = Shop::start().await?;
    assert_eq!(
        each(&shop.read("/api/spaces").await?, "Name"),
        ["Default", "Other"]
    );
    assert_eq!(
        shop.get("/api/Spaces-1/projects/fire%20project").await?.0,
        404
    );
    let found = shop
        .read("/api/Spaces-1/projects?partialName=fire+project")
        .await?;
    assert_eq!(each(&found, "Name"), ["Fire Project"]);

    let project = &found["Items"][0];
    let process = project["DeploymentProcessId"].as_str().unwrap_or_default();
    assert_eq!(process, "deploymentprocess-Projects-1");
    let process = shop
        .read(&format!("/api/Spaces-1/deploymentprocesses/{process}"))
        .await?;
    assert_eq!(
        each(&process["Steps"], "Slug"),
        ["deploy-web", "install-tool", "only-in-beta", "disabled"]
    );
    assert_eq!(
        process["Links"]["Template"],
        "/api/Spaces-1/projects/Projects-1/deploymentprocesses/template{?channel,releaseId}"
    );

    let channels = shop
        .read("/api/Spaces-1/projects/Projects-1/channels")
        .await?;
    assert_eq!(
        each(&channels, "Id"),
        ["Channels-1", "Channels-2", "Channels-3"]
    );
    let template = shop
        .read("/api/Spaces-1/projects/Projects-1/deploymentprocesses/template?channel=Channels-1")
        .await?;
    assert_eq!(
        each(&template["Packages"], "PackageReferenceName"),
        ["web", "api", "proxy", ""]
    );
    let feeds = shop
        .read("/api/Spaces-1/feeds?ids=feeds-builtin&take=1")
        .await?;
    assert_eq!(each(&feeds, "Id"), ["feeds-builtin"]);
    let versions = shop
        .read("/api/Spaces-1/feeds/feeds-builtin/packages/versions?packageId=pterm&take=1")
        .await?;
    assert_eq!(each(&versions, "Version"), ["2.5"]);
    assert_eq!(versions["TotalResults"], 2);
    Ok(())
}

#[tokio::test]
async fn release_creation_of_a_version_controlled_project() -> Result<()> {
    let shop = Shop::start().await?;
    let project = "/api/Spaces-1/projects/Projects-2";
    let branches = shop.read(&format!("{project}/git/branches")).await?;
    assert_eq!(
        each(&branches, "CanonicalName"),
        ["refs/heads/main", "refs/heads/develop"]
    );
    assert_eq!(
        each(&shop.read(&format!("{project}/git/tags")).await?, "Name"),
        ["v1"]
    );
    assert_eq!(
        shop.read(project).await?["PersistenceSettings"]["DefaultBranch"],
        "main"
    );

    for reference in [
        "refs%2Fheads%2Fdevelop",
        "refs%2fheads%2fdevelop",
        "develop",
    ] {
        let process = shop
            .read(&format!("{project}/{reference}/deploymentprocesses"))
            .await?;
        assert_eq!(each(&process["Steps"], "Name"), ["Deploy chart"]);
        assert_eq!(
            process["Links"]["Template"],
            "/api/Spaces-1/projects/Projects-2/refs%2fheads%2fdevelop/deploymentprocesses/template{?channel,releaseId}"
        );
        let template = shop
            .read(&format!(
                "{project}/{reference}/deploymentprocesses/template?channel=Channels-4"
            ))
            .await?;
        assert_eq!(
            template["NextVersionIncrement"], "9.9.0",
            "the branch has its own versioning"
        );
        let settings = shop
            .read(&format!("{project}/{reference}/deploymentsettings"))
            .await?;
        assert_eq!(settings["VersioningStrategy"]["Template"], "9.9.i");
    }
    for reference in ["main", "45c508a", "refs%2Ftags%2Fv1"] {
        let settings = shop
            .read(&format!("{project}/{reference}/deploymentsettings"))
            .await?;
        assert_eq!(
            settings["VersioningStrategy"]["DonorPackage"]["DeploymentAction"],
            "Deploy chart"
        );
    }
    assert_eq!(
        shop.get(&format!("{project}/elsewhere/deploymentprocesses"))
            .await?
            .0,
        404
    );
    Ok(())
}

#[tokio::test]
async fn links_of_answers_are_valid() -> Result<()> {
    let shop = Shop::start().await?;
    let root = shop.read("/api").await?;
    let spaces = root["Links"]["Spaces"].as_str().unwrap_or_default();
    assert_eq!(spaces.split('{').next(), Some("/api/spaces"));
    let project = shop.read("/api/Spaces-1/projects/fire-project").await?;
    for link in [
        "Self",
        "Channels",
        "DeploymentProcess",
        "DeploymentSettings",
        "Releases",
        "Triggers",
    ] {
        let path = project["Links"][link]
            .as_str()
            .and_then(|link| link.split('{').next())
            .unwrap_or_default();
        assert_eq!(shop.get(path).await?.0, 200, "{link}: {path}");
    }
    let all = shop.read("/api/Spaces-1/feeds?take=2").await?;
    let next = all["Links"]["Page.Next"].as_str().unwrap_or_default();
    assert_eq!(
        shop.read(next).await?["Links"]["Page.Next"],
        "/api/Spaces-1/feeds?skip=4&take=2"
    );
    Ok(())
}

#[tokio::test]
async fn every_form_of_a_space_path_is_equivalent() -> Result<()> {
    let shop = Shop::start().await?;
    let expected = shop
        .read("/api/Spaces-1/projects/Projects-1/releases")
        .await?;
    for path in [
        "/api/projects/Projects-1/releases",
        "/api/spaces/Spaces-1/projects/Projects-1/releases",
        "/api/spaces/default/projects/fire-project/releases",
        "/API/spaces-1/Projects/PROJECTS-1/Releases/",
    ] {
        assert_eq!(shop.read(path).await?, expected, "{path}");
    }
    assert_eq!(
        each(&shop.read("/api/Spaces-1/channels/all").await?, "Name").len(),
        6
    );
    assert_eq!(shop.get("/api/Spaces-9/projects").await?.0, 404);
    Ok(())
}
