//! Processes with process templates, and processes with slugs instead of ids.

use crate::support::{Shop, each};
use anyhow::Result;
use octopus_server::Seed;
use serde_json::Value;

const SEED: &str = r#"
spaces:
  - name: Default
    feeds: [{ name: Team Images, kind: Docker, uri: "https://registry.example.com" }]
    projects:
      - name: Shop
        channels: [{ name: Stable, is_default: true, slug: stable-1 }, { name: Next }]
        steps: &steps
          - name: Migrate
            actions: [{ name: Migrate, packages: [{ package_id: acme/db, feed: Team Images }] }]
          - name: Deploy workload
            from_template: true
            actions:
              - { name: Deploy web, channels: [Stable], packages: [{ package_id: acme/web, feed: Team Images }] }
      - { name: Git Shop, channels: [{ name: Stable, slug: stable-1 }], persistence: { git: { by_slug: true } }, steps: *steps }
"#;

#[tokio::test]
async fn template_actions_are_only_in_the_resolved_process() -> Result<()> {
    let shop = Shop::of(Seed::from_yaml(SEED)?).await?;
    for below in ["Projects-1", "Projects-2/refs%2Fheads%2Fmain"] {
        let path = format!("/api/Spaces-1/projects/{below}/deploymentprocesses");
        let plain = shop.read(&path).await?;
        let types: Vec<_> = steps(&plain).map(|step| step["Type"].clone()).collect();
        assert_eq!(types, ["Step", "ProcessTemplateUsage"]);
        assert_eq!(plain["Steps"][1]["Actions"], Value::Array(Vec::new()));

        let resolved = shop.read(&format!("{path}/resolved")).await?;
        assert!(steps(&resolved).all(|step| step["Type"] == "Step"));
        let action = &resolved["Steps"][1]["Actions"][0];
        assert_eq!(action["Slug"], "deploy-workload-deploy-web");
        let template = shop.read(&format!("{path}/template")).await?;
        assert_eq!(
            each(&template["Packages"], "ActionName"),
            ["Migrate", "Deploy web"]
        );
    }
    shop.server.state().set_version("2025.4.1");
    let path = "/api/Spaces-1/projects/Projects-1/deploymentprocesses/resolved";
    assert_eq!(shop.get(path).await?.0, 404);
    Ok(())
}

#[tokio::test]
async fn template_usage_may_be_a_placeholder_action() -> Result<()> {
    let seed = SEED.replace(
        "from_template: true",
        "from_template: true\n            placeholder: true",
    );
    let shop = Shop::of(Seed::from_yaml(&seed)?).await?;
    let path = "/api/Spaces-1/projects/Projects-1/deploymentprocesses";
    let plain = shop.read(path).await?;
    let step = &plain["Steps"][1];
    assert_eq!(step["Type"], "Step");
    assert_eq!(step["Actions"][0]["ActionType"], "Octopus.ProcessTemplate");
    let resolved = shop.read(&format!("{path}/resolved")).await?;
    assert_eq!(
        each(&resolved["Steps"][1]["Actions"], "Name"),
        ["Deploy web"]
    );
    Ok(())
}

#[tokio::test]
async fn process_refers_to_channels_and_feeds_by_id_or_slug() -> Result<()> {
    let shop = Shop::of(Seed::from_yaml(SEED)?).await?;
    for (below, channel, feed) in [
        ("Projects-1", "Channels-1", "Feeds-1001"),
        ("Projects-2/refs%2Fheads%2Fmain", "stable-1", "team-images"),
    ] {
        let path = format!("/api/Spaces-1/projects/{below}/deploymentprocesses");
        let process = shop.read(&format!("{path}/resolved")).await?;
        let action = &process["Steps"][1]["Actions"][0];
        assert_eq!(action["Channels"][0], channel);
        assert_eq!(action["Packages"][0]["FeedId"], feed);
        let template = shop.read(&format!("{path}/template")).await?;
        assert_eq!(each(&template["Packages"], "FeedId"), [feed, feed]);
    }
    Ok(())
}

#[tokio::test]
async fn release_keeps_the_names_of_its_process() -> Result<()> {
    let shop = Shop::start().await?;
    let process = "/api/Spaces-1/projects/Projects-1/deploymentprocesses";
    let before = shop.read(process).await?;
    let releases = "/api/Spaces-1/projects/Projects-1/releases";
    let id = "ProjectDeploymentProcessSnapshotId";
    let listed = shop.read(releases).await?;
    let of_releases = each(&listed, id);
    assert!(
        of_releases.iter().all(|one| *one == of_releases[0]),
        "{of_releases:?}"
    );

    let action = &before["Steps"][0]["Actions"][0];
    let name = action["Name"].as_str().unwrap_or_default();
    let state = shop.server.state();
    state.rename_action("Projects-1", name, "Another name")?;
    let after = shop.read(process).await?;
    let renamed = &after["Steps"][0]["Actions"][0];
    assert_eq!(renamed["Name"], "Another name");
    assert_eq!(
        (&renamed["Id"], &renamed["Slug"]),
        (&action["Id"], &action["Slug"])
    );
    let snapshot = format!("/api/Spaces-1/deploymentprocesses/{}", of_releases[0]);
    let snapshot = shop.read(&snapshot).await?;
    assert_eq!(snapshot["Id"], of_releases[0]);
    assert_eq!(snapshot["Steps"], before["Steps"]);
    Ok(())
}

fn steps(process: &Value) -> impl Iterator<Item = &Value> {
    process["Steps"].as_array().into_iter().flatten()
}
