//! ECR, as the emulator has it: a private registry of the stack's own account, which the feed checker
//! reads with its role.

use serde_json::{Value, json};

use super::api::{Api, text};
use super::registry::MANIFEST;

/// The account of the emulator, and so of the stack and of the registry.
pub(super) const ACCOUNT: &str = "000000000000";

/// Where the registry is: the region that the emulator is started with.
pub(super) const REGION: &str = "us-east-1";

/// The registry.
pub(super) struct Ecr {
    api: Api,
}

impl Ecr {
    /// The registry with this repository, which is empty.
    pub(super) async fn with_repository(api: &Api, name: &str) -> anyhow::Result<Self> {
        let repository = json!({ "repositoryName": name });
        call(api, "CreateRepository", &repository).await?;
        Ok(Self { api: api.clone() })
    }

    /// Pushes an image with nothing but a label in it. Gives its digest.
    pub(super) async fn push(&self, repository: &str, tag: &str) -> anyhow::Result<String> {
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "layers": [],
            "annotations": { "org.opencontainers.image.version": tag },
        });
        let image = json!({
            "repositoryName": repository,
            "imageTag": tag,
            "imageManifest": manifest.to_string(),
            "imageManifestMediaType": MANIFEST,
        });
        let answer = call(&self.api, "PutImage", &image).await?;
        text(&answer["image"]["imageId"], "imageDigest")
    }
}

async fn call(api: &Api, operation: &str, input: &Value) -> anyhow::Result<Value> {
    let operation = format!("AmazonEC2ContainerRegistry_V20150921.{operation}");
    api.call(&operation, input).await
}
