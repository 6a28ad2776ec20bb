//! Logins that `crane auth login`, `helm registry login` and `skopeo login` store: a feed whose password only Octopus
//! has is read directly.

use std::path::Path;

use crate::programs::{DISTRIBUTION, HELM, SKOPEO, output};
use crate::registries::{IMAGE, JOE, Registry};
use crate::world::World;

/// A registry with a password, and Octopus with a feed of it.
async fn world(variable: &'static str, file: &Path) -> (Registry, World) {
    let registry = Registry::start(DISTRIBUTION, Some(JOE));
    registry.push("1.0.0");
    let world = World::new("Docker", &registry.url(), Some(JOE), IMAGE).await;
    (registry, world.with(variable, file))
}

/// The login is used: Octopus is not asked for versions.
async fn follow(registry: &Registry, world: &World) {
    assert_eq!(world.run().await.as_deref(), Some("1.0.0"));
    registry.push("1.1.0");
    assert_eq!(world.run().await.as_deref(), Some("1.1.0"));
    assert_eq!(world.version_requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn login_of_crane_reads_the_feed_directly() {
    let registry = Registry::start(DISTRIBUTION, Some(JOE));
    registry.push("1.0.0");
    let world = World::new("Docker", &registry.url(), Some(JOE), IMAGE).await;
    assert_eq!(world.run().await.as_deref(), Some("1.0.0"));
    assert!(world.version_requests() > 0, "without a login");

    let world = World::new("Docker", &registry.url(), Some(JOE), IMAGE).await;
    let world = world.with("DOCKER_CONFIG", registry.folder());
    follow(&registry, &world).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn login_of_helm_reads_the_feed_directly() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.json");
    let (registry, world) = world("HELM_REGISTRY_CONFIG", &file).await;
    let (user, password) = JOE;
    let mut login = HELM.command();
    login.args(["registry", "login", &registry.host(), "--plain-http"]);
    login.args(["--username", user, "--password", password]);
    output(login.env("HELM_REGISTRY_CONFIG", &file));
    follow(&registry, &world).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn login_of_skopeo_reads_the_feed_directly() {
    let Some(mut login) = SKOPEO.optional() else {
        println!("skipped: skopeo is not here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("auth.json");
    let (registry, world) = world("REGISTRY_AUTH_FILE", &file).await;
    let (user, password) = JOE;
    login.args(["login", "--tls-verify=false", "--username", user]);
    login.args(["--password", password, &registry.host()]);
    output(login.env("REGISTRY_AUTH_FILE", &file));
    follow(&registry, &world).await;
}
