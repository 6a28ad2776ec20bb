//! The emulator's ECR: a private registry of the stack's account, which the feed checker reads with its
//! role.

use serde_json::{Value, json};

use crate::api::{Api, text};
use crate::registry::MANIFEST;

/// The account of the emulator, the stack and the registry.
pub const ACCOUNT: &str = "000000000000";

/// The region that the emulator is started with.
pub const REGION: &str = "us-east-1";

/// The registry.
pub struct Ecr {
    api: Api,
}

impl Ecr {
    /// Creates an empty repository.
    pub async fn with_repository(api: &Api, name: &str) -> anyhow::Result<Self> {
        let repository = json!({ "repositoryName": name });
        call(api, "CreateRepository", &repository).await?;
        Ok(Self { api: api.clone() })
    }

    /// Pushes an image without layers. Returns its digest.
    pub async fn push(&self, repository: &str, tag: &str) -> anyhow::Result<String> {
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
