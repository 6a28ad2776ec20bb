//! The install script against a local server of releases, and the names that release workflow, script and cargo binstall
//! share.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use tempfile::TempDir;
use tokio::net::TcpListener;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const WORKFLOW: &str = include_str!("../../../../.github/workflows/release.yml");
const SCRIPT: &str = include_str!("../../../../packaging/install.sh");
const MANIFEST: &str = include_str!("../../../../cli/Cargo.toml");
const TARGETS: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

/// A release in a folder: an archive for each target, and the sums.
fn release(folder: &Path) {
    let program = "#!/bin/sh\necho feedctl 9.8.7\n";
    fs::write(folder.join("feedctl"), program).expect("the program");
    for target in TARGETS {
        let archive = format!("feedctl-{target}.tar.gz");
        run(folder, &format!("tar -czf {archive} feedctl"));
    }
    run(folder, "sha256sum *.tar.gz > SHA256SUMS");
}

fn run(folder: &Path, line: &str) {
    let status = Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .status();
    assert!(status.expect("a shell").success(), "{line}");
}

/// Serves a folder as the files of version 9.8.7, which is the latest. Returns the address of the releases.
async fn serve(folder: &Path) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let folder = folder.to_owned();
    let file = |folder: std::path::PathBuf| {
        get(
            async move |axum::extract::Path(name): axum::extract::Path<String>| {
                fs::read(folder.join(name)).map_err(|_| StatusCode::NOT_FOUND)
            },
        )
    };
    let router = Router::new()
        .route("/releases/latest/download/{name}", file(folder.clone()))
        .route("/releases/download/v9.8.7/{name}", file(folder));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/releases")
}

/// Runs the script. `version` is empty for the latest.
async fn install(releases: String, version: &'static str, into: &Path) -> Output {
    let into = into.to_owned();
    let running = tokio::task::spawn_blocking(move || {
        Command::new("sh")
            .arg(Path::new(ROOT).join("packaging/install.sh"))
            .env("FEEDCTL_RELEASES", releases)
            .env("FEEDCTL_VERSION", version)
            .env("FEEDCTL_FOLDER", into)
            .env("NO_PROXY", "127.0.0.1")
            .output()
    });
    running.await.expect("no panic").expect("a shell")
}

#[tokio::test]
async fn script_installs_the_verified_binary() {
    let (published, home) = (
        TempDir::new().expect("folder"),
        TempDir::new().expect("folder"),
    );
    release(published.path());
    let releases = serve(published.path()).await;
    let into = home.path().join("bin");
    for version in ["", "9.8.7"] {
        let output = install(releases.clone(), version, &into).await;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{version}: {output:?}");
        assert!(text.contains("Installed feedctl 9.8.7"), "{text}");
        let installed = fs::read_to_string(into.join("feedctl")).expect("the program");
        assert!(installed.contains("9.8.7"));
    }
}

#[tokio::test]
async fn script_installs_nothing_that_it_cannot_verify() {
    let (published, home) = (
        TempDir::new().expect("folder"),
        TempDir::new().expect("folder"),
    );
    release(published.path());
    let releases = serve(published.path()).await;
    let into = home.path().join("bin");
    let refused = async |releases: String, version: &'static str, why: &str| {
        let output = install(releases, version, &into).await;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{why}");
        assert!(text.contains(why), "{text}");
        assert!(!into.join("feedctl").exists(), "{why}");
    };
    refused(releases.clone(), "1.0.0", "cannot download").await;
    refused("http://example.com/releases".to_owned(), "", "with https").await;
    let sums = fs::read_to_string(published.path().join("SHA256SUMS")).expect("sums");
    let forged: String = sums
        .lines()
        .map(|line| format!("{}{}\n", "0".repeat(64), &line[64..]))
        .collect();
    fs::write(published.path().join("SHA256SUMS"), forged).expect("sums");
    refused(releases.clone(), "", "is not the published one").await;
    fs::write(published.path().join("SHA256SUMS"), "").expect("sums");
    refused(releases, "", "does not list it").await;
}

#[test]
fn workflow_script_and_binstall_use_the_same_names() {
    for target in TARGETS {
        assert!(WORKFLOW.contains(&format!("target: {target} ")), "{target}");
        assert!(SCRIPT.contains(target), "{target}");
        assert!(
            MANIFEST.contains(&format!("feedctl-{target}.tar.gz")),
            "{target}"
        );
    }
    assert!(WORKFLOW.contains("feedctl-${{ matrix.target }}.tar.gz"));
    assert!(SCRIPT.contains("feedctl-$(target).tar.gz"));
    assert!(MANIFEST.contains("feedctl-{ target }.tar.gz"));
    let parsed: serde_yaml_ng::Value = serde_yaml_ng::from_str(WORKFLOW).expect("YAML");
    let publish = &parsed["jobs"]["publish"]["permissions"];
    assert_eq!(publish["attestations"], "write");
    assert_eq!(parsed["permissions"]["contents"], "read");
}
