//! Servers that the user starts and names by variables: a registry for images and charts, and a Helm repository with
//! ChartMuseum's API.
//!
//! `INTEROP_USER` and `INTEROP_PASSWORD` are a user who may push; `INTEROP_NETWORK` permits a private network.

use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::charts::package_of;
use crate::programs::{CRANE, HELM, output};
use crate::registries::layer;
use crate::world::World;

/// The script that uploads a chart.
const UPLOAD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/chartmuseum/upload.py");

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The world with the network of the user's server.
fn in_network(world: World) -> World {
    match variable("INTEROP_NETWORK") {
        Some(network) => world.with("FEEDCTL_ALLOW_NETWORK", Path::new(&network)),
        None => world,
    }
}

/// The base URL of the registry and the repository that the user names. `None` and a line of output without them.
fn registry_of_the_user() -> Option<(String, String)> {
    let named = variable("INTEROP_REGISTRY").zip(variable("INTEROP_REPOSITORY"));
    if named.is_none() {
        println!("skipped: INTEROP_REGISTRY and INTEROP_REPOSITORY are not set");
    }
    named
}

/// A name that the server does not have yet.
fn new_chart() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    format!("interop-{}", now.as_secs())
}

/// `INTEROP_REGISTRY` is the base URL of a registry, `INTEROP_REPOSITORY` an empty repository.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn registry_of_the_user_is_followed() {
    let Some((url, repository)) = registry_of_the_user() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let host = url.split_once("://").map_or(url.as_str(), |(_, host)| host);
    let host = host.trim_end_matches('/');
    let crane = |arguments: &[&str]| {
        let mut command = CRANE.command();
        command
            .arg("--insecure")
            .env("DOCKER_CONFIG", folder.path());
        output(command.args(arguments))
    };
    let (user, password) = (variable("INTEROP_USER"), variable("INTEROP_PASSWORD"));
    let login = user.as_deref().zip(password.as_deref());
    if let Some((user, password)) = login {
        crane(&["auth", "login", host, "-u", user, "-p", password]);
    }
    let image = |tag: &str| format!("{host}/{repository}:{tag}");
    let push = |tag: &str| {
        let layer = layer(folder.path(), tag);
        crane(&["append", "--new_layer", &layer, "--new_tag", &image(tag)]);
    };
    push("1.0.0");
    let world = World::new("Docker", &url, login, &repository).await;
    let world = in_network(world);
    // Through Octopus, and with the login of this machine.
    assert_eq!(world.run().await.as_deref(), Some("1.0.0"));
    let world = world.with("DOCKER_CONFIG", folder.path());
    push("1.1.0");
    assert_eq!(world.run().await.as_deref(), Some("1.1.0"));
    crane(&[
        "index",
        "append",
        "-m",
        &image("1.0.0"),
        "-t",
        &image("1.2.0"),
    ]);
    crane(&["tag", &image("1.0.0"), "latest"]);
    assert_eq!(world.run().await.as_deref(), Some("1.2.0"));
    let digest = crane(&["digest", &image("1.0.0")]).trim().replace(':', "-");
    crane(&["tag", &image("1.0.0"), &format!("{digest}.sig")]);
    world.run().await;
    assert_eq!(world.releases(), 3, "a signature is no version");
}

/// Charts in the same registry, beside `INTEROP_REPOSITORY`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn charts_in_the_registry_of_the_user_are_followed() {
    let Some((url, repository)) = registry_of_the_user() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (scheme, host) = url.split_once("://").unwrap_or(("https", &url));
    let host = host.trim_end_matches('/');
    let parent = repository.rsplit_once('/').map(|(parent, _)| parent);
    let logins = folder.path().join("registry.json");
    let plain = (scheme == "http").then_some("--plain-http");
    let helm = |arguments: &[&str]| {
        let mut command = HELM.command();
        command.args(arguments).args(plain);
        output(command.env("HELM_REGISTRY_CONFIG", &logins))
    };
    let (user, password) = (variable("INTEROP_USER"), variable("INTEROP_PASSWORD"));
    let login = user.as_deref().zip(password.as_deref());
    if let Some((user, password)) = login {
        helm(&["registry", "login", host, "-u", user, "-p", password]);
    }
    let chart = new_chart();
    let target = parent.map_or_else(
        || format!("oci://{host}"),
        |parent| format!("oci://{host}/{parent}"),
    );
    let push = |version: &str| {
        let file = package_of(&chart, folder.path(), version);
        helm(&["push", &file, &target]);
    };
    push("1.0.0");
    let package = parent.map_or_else(|| chart.clone(), |parent| format!("{parent}/{chart}"));
    let world = in_network(World::new("OciRegistry", &url, login, &package).await);
    assert_eq!(world.run().await.as_deref(), Some("1.0.0"));
    push("1.1.0");
    assert_eq!(world.run().await.as_deref(), Some("1.1.0"));
    push("1.2.0+build.7");
    // A tag cannot contain `+`, so Helm pushes `_`.
    let newest = world.run().await.unwrap();
    assert!(
        ["1.2.0+build.7", "1.2.0_build.7"].contains(&newest.as_str()),
        "{newest}"
    );
}

/// `INTEROP_CHARTS` is the base URL of ChartMuseum, or of another Helm repository with its API, such as
/// `https://gitea.example.com/api/packages/OWNER/helm`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn chart_repository_of_the_user_is_followed() {
    let Some(url) = variable("INTEROP_CHARTS") else {
        println!("skipped: INTEROP_CHARTS is not set");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let chart = new_chart();
    let upload = |version: &str| {
        let file = package_of(&chart, folder.path(), version);
        output(Command::new("python3").args([UPLOAD, &url, &file]));
    };
    upload("1.0.0");
    let (user, password) = (variable("INTEROP_USER"), variable("INTEROP_PASSWORD"));
    let login = user.as_deref().zip(password.as_deref());
    let world = in_network(World::new("Helm", &url, login, &chart).await);
    assert_eq!(world.run().await.as_deref(), Some("1.0.0"));
    upload("1.1.0");
    assert_eq!(world.run().await.as_deref(), Some("1.1.0"));
    upload("1.2.0+build.7");
    assert_eq!(world.run().await.as_deref(), Some("1.2.0+build.7"));
    upload("2.0.0");
    assert_eq!(world.run().await.as_deref(), Some("2.0.0"));
    world.run().await;
    assert_eq!(world.releases(), 4, "an unchanged index creates nothing");
}
