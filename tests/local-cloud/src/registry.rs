//! The reference registry, `docker-registry`, and pushes to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use reqwest::{Client, Response, header};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::process::Process;
use crate::scratch::{Scratch, free_port, until};

const START_TIMEOUT: Duration = Duration::from_secs(30);

pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// The registry.
pub struct Registry {
    url: String,
    http: Client,
    program: PathBuf,
    config: PathBuf,
    log: PathBuf,
    /// `None` while it is stopped.
    process: Option<Process>,
}

impl Registry {
    /// Starts an empty registry, and waits until it answers.
    pub async fn start(program: &Path, scratch: &Scratch) -> anyhow::Result<Self> {
        let folder = scratch.folder("registry")?;
        let port = free_port()?;
        // JSON is YAML.
        let config = json!({
            "version": "0.1",
            "log": { "level": "warn", "accesslog": { "disabled": true } },
            "storage": { "filesystem": { "rootdirectory": folder.join("data") } },
            "http": { "addr": format!("127.0.0.1:{port}") },
        });
        let file = folder.join("config.yml");
        fs::write(&file, config.to_string())?;
        let mut registry = Self {
            url: format!("http://127.0.0.1:{port}"),
            http: crate::api::client()?,
            program: program.to_owned(),
            config: file,
            log: scratch.log("docker-registry"),
            process: None,
        };
        registry.start_again().await?;
        Ok(registry)
    }

    /// Stops the registry. Its images stay on disk.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// Starts the registry again, with the same port and images, and waits until it answers.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        let mut serve = Command::new(&self.program);
        serve.arg("serve").arg(&self.config);
        let mut process = Process::start("docker-registry", &mut serve, self.log.clone())?;
        let url = format!("{}/v2/", self.url);
        until("the registry", START_TIMEOUT, async || {
            process.expect_running()?;
            let answer = self.http.get(&url).send().await;
            Ok(answer
                .is_ok_and(|answer| answer.status().is_success())
                .then_some(()))
        })
        .await?;
        self.process = Some(process);
        Ok(())
    }

    /// The URL of the registry.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Pushes an image without layers. Returns its digest.
    pub async fn push(&self, repository: &str, tag: &str) -> anyhow::Result<String> {
        let labels = json!({ "org.opencontainers.image.version": tag });
        let config =
            json!({ "architecture": "amd64", "os": "linux", "config": { "Labels": labels } });
        let config = self.push_blob(repository, &config).await?;
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config,
            "layers": [],
        });
        let url = format!("{}/v2/{repository}/manifests/{tag}", self.url);
        let put = self.http.put(url).header(header::CONTENT_TYPE, MANIFEST);
        let body = manifest.to_string();
        let digest = digest(&body);
        accepted(put.body(body).send().await?).await?;
        Ok(digest)
    }

    async fn push_blob(&self, repository: &str, blob: &Value) -> anyhow::Result<Value> {
        let body = blob.to_string();
        let digest = digest(&body);
        let start = format!("{}/v2/{repository}/blobs/uploads/", self.url);
        let answer = accepted(self.http.post(start).send().await?).await?;
        let place = answer
            .headers()
            .get(header::LOCATION)
            .context("the registry returned no upload location")?;
        let place = answer.url().join(place.to_str()?)?;
        let size = body.len();
        let put = self.http.put(place).query(&[("digest", &digest)]);
        accepted(put.body(body).send().await?).await?;
        Ok(json!({ "mediaType": CONFIG, "digest": digest, "size": size }))
    }
}

async fn accepted(answer: Response) -> anyhow::Result<Response> {
    let (status, url) = (answer.status(), answer.url().clone());
    if !status.is_success() {
        ensure!(false, "{url} answered {status}: {}", answer.text().await?);
    }
    Ok(answer)
}

fn digest(body: &str) -> String {
    let hex = base16ct::lower::encode_string(&Sha256::digest(body));
    format!("sha256:{hex}")
}
