//! The processes of releases.

use domain::ids::SpaceId;
use domain::process::PackageIdentity;
use engine::ports::{OctopusErrorKind, OctopusReader, Project, Release, ReleasedProcess};
use octopus::{FixedKey, OctopusClient};
use octopus_server::OctopusServer;

use crate::support::fake_server;

const WORLD: &str = r##"
spaces:
  - name: Default
    feeds:
      - { name: Images, type: Docker, uri: "http://127.0.0.1:9" }
    projects:
      - name: Shop
        steps: &steps
          - name: Deploy
            actions:
              - { name: Deploy web, packages: [{ name: web, package_id: acme/web, feed: Images }] }
        releases: &releases
          - { version: 0.0.1, packages: [{ action: Deploy web, package: web, version: 1.0.0 }] }
      - name: Git Shop
        persistence: { git: { default_branch: trunk } }
        steps: *steps
        releases: *releases
"##;

struct World {
    server: OctopusServer,
    client: OctopusClient<FixedKey>,
    project: Project,
    release: Release,
    /// The current package reference.
    now: PackageIdentity,
}

impl World {
    async fn start(project: &str) -> Self {
        let (server, client) = fake_server(WORLD).await;
        let space = SpaceId::new("Spaces-1");
        let project = client.find_project(&space, project).await.unwrap();
        let channel = client.channel(&project, None).await.unwrap();
        let mut releases = client.releases(&project, &channel.id, 1).await.unwrap();
        let state = server.state();
        state
            .rename_action(&project.name, "Deploy web", "Deploy site")
            .unwrap();
        let mut process = client.process(&project, &channel.id).await.unwrap();
        server.state().clear_requests();
        Self {
            server,
            client,
            project,
            release: releases.remove(0),
            now: process.identities.remove(0),
        }
    }

    async fn read(&self) -> Option<Vec<PackageIdentity>> {
        let process = &self.release.process;
        let read = self.client.released_packages(&self.project, process);
        read.await.unwrap()
    }
}

#[tokio::test]
async fn process_of_a_release_has_its_names_and_the_same_identifiers() {
    for project in ["Shop", "Git Shop"] {
        let world = World::start(project).await;
        let expected = PackageIdentity {
            action_name: "Deploy web".to_owned(),
            ..world.now.clone()
        };
        assert_eq!(world.now.action_name, "Deploy site");
        assert_eq!(world.now.action_slug, "deploy-web");
        assert_eq!(world.now.package, "acme/web");
        assert!(!world.now.action_id.is_empty() && !world.now.reference_id.is_empty());
        for _ in 0..2 {
            assert_eq!(
                world.read().await,
                Some(vec![expected.clone()]),
                "{project}"
            );
        }
        let reads = world.server.state().count("GET", "/deploymentprocesses");
        assert_eq!(reads, 1, "a process is read once");
    }
}

#[tokio::test]
async fn process_without_a_snapshot_is_read_at_its_commit() {
    let world = World::start("Git Shop").await;
    world.server.state().forget_snapshots("Git Shop").unwrap();
    let read = world.read().await;
    assert_eq!(
        read,
        Some(vec![world.now.clone()]),
        "the commit is that of the branch"
    );

    let world = World::start("Shop").await;
    world.server.state().forget_snapshots("Shop").unwrap();
    assert_eq!(world.read().await, None);
    let unknown = ReleasedProcess::default();
    let read = world.client.released_packages(&world.project, &unknown);
    assert_eq!(read.await.unwrap(), None);
}

#[tokio::test]
async fn process_that_may_not_be_read_is_an_error() {
    let world = World::start("Shop").await;
    world.server.state().remove_permission("ProcessView");
    let process = &world.release.process;
    let read = world.client.released_packages(&world.project, process);
    let error = read.await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Forbidden);
    assert!(error.message.ends_with("ProcessView"), "{error}");
}
