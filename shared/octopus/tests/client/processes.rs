//! Processes with process templates, and with names instead of ids.

use domain::ids::{FeedId, SpaceId};
use engine::ports::{Channel, OctopusErrorKind, OctopusReader, Process, Project};
use octopus::{FixedKey, OctopusClient};
use octopus_server::{Body, Fault, FaultKind};

use crate::support::fake_server;

const WORLD: &str = r##"
spaces:
  - name: Default
    feeds:
      - { name: Team Images, type: Docker, uri: "http://127.0.0.1:9" }
    projects:
      - name: Shop
        channels: [{ name: Stable, is_default: true }, { name: Next }]
        steps: &steps
          - name: Migrate
            actions:
              - { name: Migrate, packages: [{ package_id: acme/db, feed: Team Images }] }
          - name: Deploy workload
            from_template: true
            actions:
              - { name: Deploy web, packages: [{ name: web, package_id: acme/web, feed: Team Images }] }
              - { name: Try out, channels: [Next], packages: [{ name: web, package_id: acme/new, feed: Team Images }] }
      - name: Git Shop
        persistence: { git: { default_branch: trunk, by_slug: true } }
        channels: [{ name: Stable, is_default: true, slug: stable-1 }, { name: Next }]
        steps: *steps
"##;

async fn seen(
    client: &OctopusClient<FixedKey>,
    project: &str,
    channel: &str,
) -> (Project, Channel, Process) {
    let space = SpaceId::new("Spaces-1");
    let project = client.find_project(&space, project).await.unwrap();
    let channel = client.find_channel(&project, channel).await.unwrap();
    let process = client.process(&project, &channel.id).await.unwrap();
    (project, channel, process)
}

/// The packages of a release, as `action reference package`.
fn selected(process: &Process) -> Vec<String> {
    let packages = process.template.packages.iter();
    packages
        .map(|one| {
            assert_eq!(one.feed, FeedId::new("Feeds-1001"));
            format!(
                "{} {} {}",
                one.action_name, one.package_reference, one.package
            )
        })
        .collect()
}

#[tokio::test]
async fn process_templates_are_resolved() {
    let (server, client) = fake_server(WORLD).await;
    for project in ["Shop", "Git Shop"] {
        let (_, _, process) = seen(&client, project, "Stable").await;
        let slugs: Vec<_> = process
            .actions
            .iter()
            .map(|action| action.slug.as_deref().unwrap())
            .collect();
        assert_eq!(
            slugs,
            [
                "migrate",
                "deploy-workload-deploy-web",
                "deploy-workload-try-out"
            ]
        );
        assert_eq!(
            selected(&process),
            ["Migrate  acme/db", "Deploy web web acme/web"]
        );
        let (_, _, process) = seen(&client, project, "Next").await;
        assert_eq!(selected(&process).len(), 3);
    }
    assert_eq!(server.state().count("GET", "/resolved"), 4);
}

#[tokio::test]
async fn placeholder_actions_of_process_templates_are_resolved() {
    let world = WORLD.replace(
        "from_template: true",
        "from_template: true\n            placeholder: true",
    );
    let (server, client) = fake_server(&world).await;
    let (_, _, process) = seen(&client, "Shop", "Stable").await;
    assert_eq!(
        selected(&process),
        ["Migrate  acme/db", "Deploy web web acme/web"]
    );
    assert_eq!(server.state().count("GET", "/resolved"), 1);
}

#[tokio::test]
async fn process_without_resolved_templates_is_unsupported() {
    let (server, client) = fake_server(WORLD).await;
    let missing = FaultKind::Status(404, Body::Json);
    server.faults().push(Fault::once("/resolved", missing));
    let space = SpaceId::new("Spaces-1");
    let project = client.find_project(&space, "Shop").await.unwrap();
    let channel = client.channel(&project, None).await.unwrap();
    let error = client.process(&project, &channel.id).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unsupported);
    assert!(
        error
            .message
            .contains("project Shop: it uses process templates"),
        "{error}"
    );
}

#[tokio::test]
async fn names_are_read_only_for_processes_that_use_them() {
    let (server, client) = fake_server(WORLD).await;
    let (project, channel, _) = seen(&client, "Git Shop", "Stable").await;
    assert_eq!(project.git_ref.as_deref(), Some("refs/heads/trunk"));
    let own = format!("/channels/{}", channel.id);
    let counts = || {
        let state = server.state();
        (state.count("GET", &own), state.count("GET", "/feeds"))
    };
    assert_eq!(counts(), (1, 1));
    server.state().clear_requests();
    seen(&client, "Shop", "Stable").await;
    assert_eq!(counts(), (0, 0));
}
