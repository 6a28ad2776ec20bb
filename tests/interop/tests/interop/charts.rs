//! Helm repositories made by `helm repo index`, and charts pushed by `helm push`.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::programs::{DISTRIBUTION, HELM, Server, free_address, output};
use crate::registries::Registry;
use crate::world::World;

/// A folder of packaged charts with an index.
pub(crate) struct Charts {
    pub(crate) folder: TempDir,
    pub(crate) address: SocketAddr,
    _server: Server,
}

impl Charts {
    pub(crate) fn serve() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = free_address();
        let port = address.port().to_string();
        let mut python = Command::new("python3");
        python
            .args([
                "-m",
                "http.server",
                &port,
                "--bind",
                "127.0.0.1",
                "--directory",
            ])
            .arg(folder.path());
        Self {
            _server: Server::start(&mut python, address),
            folder,
            address,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Packages a version of the chart and writes the index again.
    pub(crate) fn publish(&self, version: &str) {
        package(self.folder.path(), version);
        let folder = self.folder.path().to_string_lossy().into_owned();
        HELM.run(&["repo", "index", &folder, "--url", &self.url()]);
    }
}

/// Packages a version of the chart `shop`; returns the file's path.
fn package(folder: &Path, version: &str) -> String {
    package_of("shop", folder, version)
}

/// Packages a version of a chart; returns the file's path.
pub(crate) fn package_of(name: &str, folder: &Path, version: &str) -> String {
    let source = tempfile::tempdir().unwrap();
    let chart = source.path().join(name);
    std::fs::create_dir(&chart).unwrap();
    let text = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    std::fs::write(chart.join("Chart.yaml"), text).unwrap();
    let [chart, folder] = [chart.as_path(), folder].map(|path| path.to_string_lossy().into_owned());
    HELM.run(&["package", &chart, "--destination", &folder]);
    format!("{folder}/{name}-{version}.tgz")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn helm_repository_is_followed() {
    let charts = Charts::serve();
    charts.publish("1.0.0");
    let world = World::new("Helm", &charts.url(), None, "shop").await;
    assert_eq!(world.run().await.as_deref(), Some("1.0.0"));
    // The index is written again in the second of the last read, and has `Last-Modified` alone.
    charts.publish("1.1.0");
    assert_eq!(world.run().await.as_deref(), Some("1.1.0"));
    charts.publish("1.2.0+build.7");
    assert_eq!(world.run().await.as_deref(), Some("1.2.0+build.7"));
    charts.publish("2.0.0-rc.1");
    world.run().await;
    charts.publish("2.0.0");
    assert_eq!(world.run().await.as_deref(), Some("2.0.0"));
    let shown = HELM.run(&["show", "chart", "shop", "--repo", &charts.url()]);
    assert!(shown.contains("version: 2.0.0\n"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn helm_charts_in_a_registry_are_followed() {
    let registry = Registry::start(DISTRIBUTION, None);
    let folder = tempfile::tempdir().unwrap();
    let push = |version: &str| {
        let chart = package(folder.path(), version);
        let target = format!("oci://{}/charts", registry.host());
        output(
            HELM.command()
                .args(["push", &chart, &target, "--plain-http"])
                .env("HELM_REGISTRY_CONFIG", folder.path().join("registry.json")),
        );
    };
    push("1.0.0");
    let world = World::new("OciRegistry", &registry.url(), None, "charts/shop").await;
    assert_eq!(world.run().await.as_deref(), Some("1.0.0"));
    push("1.1.0");
    assert_eq!(world.run().await.as_deref(), Some("1.1.0"));
    push("1.2.0+build.7");
    // A tag cannot contain `+`, so Helm pushes `_`.
    let newest = world.run().await;
    assert!(
        ["1.2.0+build.7", "1.2.0_build.7"]
            .map(Some)
            .contains(&newest.as_deref()),
        "{newest:?}"
    );
}
