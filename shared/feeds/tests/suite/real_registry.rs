//! The same reads against a real registry: Debian's `docker-registry`, on a loopback port of its own.
//!
//! `DOCKER_REGISTRY` names the program; `cargo xtask test` installs it and sets the variable.
use std::process::Stdio;

use crate::common::{Known, docker, error, read, reader, versions};
use engine::ports::FeedErrorKind;
use reqwest::{Client, RequestBuilder};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A line of `htpasswd -nbB joe s3cret`.
const HTPASSWD: &str = "joe:$2y$05$.SeQcMq91iTWOLFph/SFSOYaGdJrqmZLqtRm/Yy4KG1epGlEcNY8y\n";

/// A registry process, until it is dropped.
struct RealRegistry {
    url: String,
    http: Client,
    is_protected: bool,
    _process: Child,
    _directory: TempDir,
}

impl RealRegistry {
    async fn start(is_protected: bool) -> Self {
        let program = std::env::var_os("DOCKER_REGISTRY").expect(
            "DOCKER_REGISTRY must name Debian's docker-registry program; `cargo xtask test` installs it and \
             sets the variable",
        );
        let directory = tempfile::tempdir().unwrap();
        let passwords = directory.path().join("htpasswd");
        std::fs::write(&passwords, HTPASSWD).unwrap();
        let auth = format!(
            "auth:\n  htpasswd:\n    realm: test\n    path: {}\n",
            passwords.display()
        );
        let config = format!(
            "version: 0.1\nlog:\n  level: info\nstorage:\n  inmemory: {{}}\nhttp:\n  addr: 127.0.0.1:0\n{}",
            if is_protected { auth.as_str() } else { "" }
        );
        let path = directory.path().join("config.yml");
        std::fs::write(&path, config).unwrap();
        let mut process = Command::new(program)
            .arg("serve")
            .arg(&path)
            .env("OTEL_TRACES_EXPORTER", "none")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("DOCKER_REGISTRY should name a program that starts");
        let address = listening(&mut process).await;
        // The client of the reader is as good as any to push with.
        let http = feeds::OutboundClient::new("127.0.0.0/8".parse().unwrap())
            .unwrap()
            .http()
            .clone();
        Self {
            url: format!("http://{address}"),
            http,
            is_protected,
            _process: process,
            _directory: directory,
        }
    }

    /// Pushes an image of one blob under the tag.
    async fn push(&self, repository: &str, tag: &str) {
        let base = format!("{}/v2/{repository}", self.url);
        let blob = b"{}".to_vec();
        let begun = self
            .sent(self.http.post(format!("{base}/blobs/uploads/")))
            .await;
        let upload = begun.headers()["location"].to_str().unwrap().to_owned();
        let blob_digest = digest(&blob);
        let put = self
            .http
            .put(upload)
            .query(&[("digest", &blob_digest)])
            .body(blob.clone());
        self.sent(put).await;
        let media_type = "application/vnd.oci.image.manifest.v1+json";
        let manifest = serde_json::json!({
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": blob_digest,
                "size": blob.len(),
            },
            "layers": [],
            "annotations": { "tag": tag },
        });
        let put = self
            .http
            .put(format!("{base}/manifests/{tag}"))
            .header("content-type", media_type);
        self.sent(put.body(manifest.to_string())).await;
    }

    async fn sent(&self, request: RequestBuilder) -> reqwest::Response {
        let request = match self.is_protected {
            true => request.basic_auth("joe", Some("s3cret")),
            false => request,
        };
        request.send().await.unwrap().error_for_status().unwrap()
    }
}

/// The address that the process says it listens on; its log is read on after that, so that it never
/// stops at a full pipe.
async fn listening(process: &mut Child) -> String {
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, rest)) = line.split_once("listening on ") {
            let end = rest
                .find(|char: char| char == '"' || char.is_whitespace())
                .unwrap_or(rest.len());
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return rest.get(..end).unwrap().to_owned();
        }
    }
    panic!("docker-registry ended before it listened");
}

fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}

#[tokio::test]
async fn an_open_registry_is_read() {
    let registry = RealRegistry::start(false).await;
    let reader = reader(Known::default());
    let missing = error(&read(&reader, &docker(&registry.url), "acme/web").await);
    assert_eq!(missing.0, FeedErrorKind::NotFound);
    assert!(missing.1.contains("NAME_UNKNOWN"), "{}", missing.1);
    for tag in ["1.0.0", "1.10.0", "latest", "2.0.0_b1"] {
        registry.push("acme/web", tag).await;
    }
    registry
        .push("acme/web", &format!("sha256-{}.sig", "0f".repeat(32)))
        .await;
    let outcome = read(&reader, &docker(&registry.url), "acme/web").await;
    assert_eq!(
        versions(&outcome),
        ["1.0.0", "1.10.0", "2.0.0_b1", "latest"]
    );
}

#[tokio::test]
async fn a_protected_registry_is_read_with_its_credential_alone() {
    let registry = RealRegistry::start(true).await;
    registry.push("acme/web", "1.0.0").await;
    let feed = docker(&registry.url);
    for known in [Known::default(), Known::user("joe", "wrong")] {
        assert_eq!(
            error(&read(&reader(known), &feed, "acme/web").await).0,
            FeedErrorKind::Denied
        );
    }
    let outcome = read(&reader(Known::user("joe", "s3cret")), &feed, "acme/web").await;
    assert_eq!(versions(&outcome), ["1.0.0"]);
}
