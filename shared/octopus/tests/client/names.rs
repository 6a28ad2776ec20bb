//! Projects and channels, found by name, slug or id.

use domain::ids::{ChannelId, SpaceId};
use domain::time::Timestamp;
use engine::ports::{OctopusErrorKind, OctopusReader};
use octopus_server::{OctopusServer, Seed, seed};
use serde_json::json;

use crate::support::{Script, client_of, fake_server, page};

const WORLD: &str = r##"
spaces:
  - name: Home of Größe
    projects:
      - { name: Web Shop 2 }
      - name: Web Shop
        channels:
          - { name: Default, is_default: true }
          - { name: "Hot/Fix? #1", slug: hot-fix }
          - { name: hot-fix, slug: hot-fix-2 }
        releases:
          - { version: 0.0.1 }
      - { name: "a/b?c#d %2F&e=f+g" }
      - { name: Größe }
      - { name: Asleep, is_disabled: true }
      - { name: Shop, slug: another }
      - { name: Other, slug: shop }
"##;

#[tokio::test]
async fn find_project_by_name_slug_or_id() {
    let (server, client) = fake_server(WORLD).await;
    let space = SpaceId::new("Spaces-1");
    for (requested, id, requests) in [
        ("Web Shop", "Projects-2", 1),
        ("WEB SHOP", "Projects-2", 1),
        ("web-shop", "Projects-2", 2),
        ("Projects-2", "Projects-2", 2),
        ("projects-2", "Projects-2", 2),
        ("Web Shop 2", "Projects-1", 1),
        ("a/b?c#d %2F&e=f+g", "Projects-3", 1),
        ("GRÖßE", "Projects-4", 1),
        ("Asleep", "Projects-5", 1),
        ("shop", "Projects-6", 1),
        ("another", "Projects-6", 2),
    ] {
        server.state().clear_requests();
        let found = client.find_project(&space, requested).await.unwrap();
        assert_eq!(found.id.as_str(), id, "{requested}");
        assert_eq!(server.state().count("GET", ""), requests, "{requested}");
        assert_eq!(found.is_disabled, requested == "Asleep");
    }
    let spaces = client.spaces(&["*".into()]).await.unwrap();
    assert_eq!(spaces[0].slug, "home-of-gr-e");
}

#[tokio::test]
async fn find_project_reports_unknown_names() {
    let (server, client) = fake_server(WORLD).await;
    let space = SpaceId::new("Spaces-1");
    for requested in ["Web", "web shop 3", "a/b", "..", "", "#", "no-such"] {
        let error = client.find_project(&space, requested).await.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::NotFound, "{requested}");
        let start = format!("cannot find the project `{requested}` in Spaces-1");
        assert!(error.message.starts_with(&start), "{error}");
    }
    server.state().remove_permission("ProjectView");
    let error = client.find_project(&space, "Shop").await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Forbidden);
    assert!(error.message.contains("ProjectView"), "{error}");
}

#[tokio::test]
async fn find_project_reads_every_page_of_matches() {
    let mut seed = Seed::from_yaml(WORLD).unwrap();
    let projects = &mut seed.spaces[0].projects;
    for number in 0..230 {
        let name = format!("Web Shop {number:03}");
        projects.insert(
            0,
            seed::Project {
                name,
                ..seed::Project::default()
            },
        );
    }
    let server = OctopusServer::start(seed).await.unwrap();
    let client = client_of(&server);
    let space = SpaceId::new("Spaces-1");
    let found = client.find_project(&space, "web shop").await.unwrap();
    assert_eq!(found.name, "Web Shop");
    assert_eq!(server.state().count("GET", "partialName=web+shop"), 3);
    assert_eq!(server.state().count("GET", ""), 3);
}

#[tokio::test]
async fn find_channel_by_name_slug_or_id() {
    let (_server, client) = fake_server(WORLD).await;
    let space = SpaceId::new("Spaces-1");
    let project = client.find_project(&space, "Web Shop").await.unwrap();
    for (requested, name) in [
        ("default", "Default"),
        ("HOT/fix? #1", "Hot/Fix? #1"),
        // The name of one channel is the slug of another.
        ("hot-fix", "hot-fix"),
        ("Hot-Fix-2", "hot-fix"),
    ] {
        let found = client.find_channel(&project, requested).await.unwrap();
        assert_eq!(found.name, name, "{requested}");
        let by_id = client.find_channel(&project, found.id.as_str()).await;
        assert_eq!(by_id.unwrap(), found);
    }
    for requested in ["", "Def", "Channels-1"] {
        let error = client.find_channel(&project, requested).await.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::NotFound, "{requested}");
        let text = format!("project Web Shop has no channel `{requested}`");
        assert!(error.message.contains(&text), "{error}");
    }
}

#[tokio::test]
async fn releases_have_assembled_times_where_present() {
    let script = Script::start().await;
    let releases = [
        json!({"Id": "Releases-3", "Version": "3", "SelectedPackages": null, "Assembled": "2026-08-30T04:12:09.1234567+02:00"}),
        json!({"Id": "Releases-2", "Version": "2", "SelectedPackages": null, "Assembled": "2026-08-30T02:12:09Z"}),
        json!({"Id": "Releases-1", "Version": "1", "SelectedPackages": null, "Assembled": "yesterday"}),
        json!({"Id": "Releases-0", "Version": "0", "SelectedPackages": null, "Assembled": null}),
    ];
    let list = page(json!(releases));
    script
        .on(
            "GET /api/Spaces-1/projects?partialName=Shop&skip=0&take=100",
            page(json!([{"Id": "Projects-1", "Name": "Shop"}])),
        )
        .on(
            "GET /api/Spaces-1/channels/Channels-1/releases?skip=0&take=10",
            list,
        );
    let client = script.client();
    let (space, channel) = (SpaceId::new("Spaces-1"), ChannelId::new("Channels-1"));
    let project = client.find_project(&space, "Shop").await.unwrap();
    let releases = client.releases(&project, &channel, 10);
    let times: Vec<_> = releases
        .await
        .unwrap()
        .iter()
        .map(|one| one.assembled)
        .collect();
    let at = |millis| Some(Timestamp::from_millis(millis));
    assert_eq!(
        times,
        [at(1_788_055_929_123), at(1_788_055_929_000), None, None]
    );
}
