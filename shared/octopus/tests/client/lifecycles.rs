//! Lifecycles of servers before and since 2026, with implicit phases.

use domain::ids::SpaceId;
use domain::lifecycle::{Lifecycle, Phase};
use engine::ports::{Catalogue, OctopusError, OctopusErrorKind};
use octopus_server::OctopusServer;

use crate::support::fake_server;

const WORLD: &str = r##"
spaces:
  - name: Default
    environments: [{ name: Dev }, { name: Test }, { name: Prod }]
    lifecycles:
      - name: Usual
        phases:
          - { name: Early, automatic: [Dev], optional: [Test] }
          - { name: Late, optional: [Prod], is_optional: true }
      - { name: Implied }
"##;

const SERVERS: [(&str, &str); 2] = [("2025.4.1", "/preview"), ("2026.1.1", "/previews")];

async fn read(server: &str, id: &str) -> (Result<Lifecycle, OctopusError>, OctopusServer) {
    let (server, client) = fake_server(&format!("version: {server}\n{WORLD}")).await;
    let read = client.lifecycle(&SpaceId::new("Spaces-1"), id).await;
    (read, server)
}

fn phase(name: &str, automatic: &[&str], manual: &[&str], is_optional: bool) -> Phase {
    let texts = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Phase {
        name: name.to_owned(),
        automatic: texts(automatic),
        manual: texts(manual),
        is_optional,
    }
}

#[tokio::test]
async fn lifecycle_phases_have_environment_names() {
    for (server, path) in SERVERS {
        let (read, server) = read(server, "Lifecycles-1").await;
        let expected = Lifecycle {
            name: "Usual".to_owned(),
            phases: vec![
                phase("Early", &["Dev"], &["Test"], false),
                phase("Late", &[], &["Prod"], true),
            ],
        };
        assert_eq!(read.unwrap(), expected);
        assert_eq!(server.state().count("GET", path), 1, "{path}");
    }
}

#[tokio::test]
async fn lifecycle_contains_implicit_phases() {
    for (server, _) in SERVERS {
        let (read, _server) = read(server, "Lifecycles-2").await;
        let phases = ["Dev", "Test", "Prod"].map(|name| phase(name, &[], &[name], false));
        assert_eq!(read.unwrap().phases, phases);
    }
}

#[tokio::test]
async fn missing_lifecycle_is_reported() {
    for (server, _) in SERVERS {
        let (read, _server) = read(server, "Lifecycles-9").await;
        let error = read.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::NotFound);
        assert!(
            error.message.contains("Lifecycles-9") && error.message.contains("API key's user"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn lifecycle_without_permission_is_reported_or_shows_ids() {
    for (server, _) in SERVERS {
        let (server, client) = fake_server(&format!("version: {server}\n{WORLD}")).await;
        let space = SpaceId::new("Spaces-1");
        server.state().remove_permission("EnvironmentView");
        let lifecycle = client.lifecycle(&space, "Lifecycles-1").await.unwrap();
        assert_eq!(
            lifecycle.phases[0].automatic,
            ["Environments-1"],
            "the id replaces the name"
        );
        server.state().remove_permission("LifecycleView");
        let error = client.lifecycle(&space, "Lifecycles-1").await.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::Forbidden);
        assert!(error.message.ends_with("LifecycleView"), "{error}");
    }
}
