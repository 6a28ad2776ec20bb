//! Reads the manifest of an image, and the images of an index.

use aws_sdk_ecr::types::ImageIdentifier;
use serde_json::Value;

use super::failure::Failure;
use super::images::Repository;

/// The media types of manifests and indexes.
const ACCEPTED: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// An image of an index.
pub(super) struct Part {
    pub(super) digest: String,
    /// Such as `linux/arm64`.
    pub(super) platform: String,
}

pub(super) struct Manifest {
    pub(super) digest: String,
    pub(super) text: String,
}

impl Repository<'_> {
    /// The manifest or index of an image.
    pub(super) async fn manifest(&self, id: ImageIdentifier) -> Result<Manifest, Failure> {
        self.count_request();
        let call = self
            .client
            .batch_get_image()
            .set_registry_id(self.registry.account.clone())
            .repository_name(&self.name)
            .image_ids(id)
            .set_accepted_media_types(Some(ACCEPTED.map(str::to_owned).into()));
        let answer = call.send().await;
        let answer = answer.map_err(|error| self.failure("ecr:BatchGetImage", error))?;
        let image = answer.images.unwrap_or_default().into_iter().next();
        let image = image.ok_or_else(|| self.no_image())?;
        let digest = image.image_id.and_then(|id| id.image_digest);
        match (digest, image.image_manifest) {
            (Some(digest), Some(text)) => Ok(Manifest { digest, text }),
            _ => Err(Failure::NoManifest),
        }
    }

    fn no_image(&self) -> Failure {
        Failure::NoImage(self.name.clone())
    }
}

/// The images of an index, without attestations. `None`: it is no index.
pub(super) fn parts(manifest: &str) -> Option<Vec<Part>> {
    let document: Value = serde_json::from_str(manifest).ok()?;
    let entries = document["manifests"].as_array()?;
    Some(entries.iter().filter_map(part).collect())
}

fn part(entry: &Value) -> Option<Part> {
    let field = |name: &str| {
        entry["platform"][name]
            .as_str()
            .filter(|text| !text.is_empty())
    };
    let (os, architecture) = (field("os")?, field("architecture")?);
    if os == "unknown" || architecture == "unknown" {
        return None;
    }
    let parts = [Some(os), Some(architecture), field("variant")];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    Some(Part {
        digest: entry["digest"].as_str()?.to_owned(),
        platform: parts.join("/"),
    })
}
