//! The manifests that refer to signatures: cosign's tag, the index of referrers, and the manifest of a bundle.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::envelope::SIGN_PREDICATE;
use crate::{ManifestDigest, SignatureRefusal};

/// The maximum number of signatures of an image that are considered in each of both forms. Each costs one or two requests.
pub const MAX_SIGNATURES: usize = 16;

/// The media type of the layers of cosign 1 and 2.
const PAYLOAD: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// The beginning of the media types of bundles.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle";

/// The annotation with the signature of a layer.
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";

/// The annotation with the predicate of a bundle's statement.
const PREDICATE: &str = "dev.sigstore.bundle.predicateType";

/// A blob or manifest to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureBlob {
    /// Its digest, by which its bytes must be checked.
    pub digest: ManifestDigest,
    /// Its size in bytes, as declared.
    pub bytes: u64,
}

/// A signature of cosign 1 or 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedSignature {
    /// The signed payload.
    pub payload: SignatureBlob,
    /// The signature in base64.
    pub signature: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ManifestJson {
    #[serde(default)]
    layers: Vec<DescriptorJson>,
    subject: Option<DescriptorJson>,
}

#[derive(Deserialize)]
struct IndexJson {
    manifests: Vec<DescriptorJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescriptorJson {
    #[serde(default)]
    media_type: String,
    #[serde(default)]
    artifact_type: Option<String>,
    digest: String,
    size: u64,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

/// The signatures in the manifest with the tag `sha256-HEX.sig`. Other layers are ignored.
///
/// # Errors
/// When the bytes are not a manifest, or it has more than [`MAX_SIGNATURES`].
pub fn signatures_of(manifest: &[u8]) -> Result<Vec<AttachedSignature>, SignatureRefusal> {
    let manifest: ManifestJson = parsed(manifest, "manifest of signatures")?;
    let layers = manifest.layers.into_iter();
    let signatures = layers.filter(|layer| layer.media_type == PAYLOAD);
    let signatures = signatures.filter_map(|mut layer| {
        let signature = layer.annotations.as_mut()?.remove(SIGNATURE)?;
        Some(AttachedSignature {
            payload: layer.blob()?,
            signature,
        })
    });
    bounded(signatures.collect())
}

/// The manifests of bundles in the index of an image's referrers. Bundles that are marked as attestations are left out.
///
/// # Errors
/// When the bytes are not an index, or it has more than [`MAX_SIGNATURES`] bundles.
pub fn bundles_of(index: &[u8]) -> Result<Vec<SignatureBlob>, SignatureRefusal> {
    let index: IndexJson = parsed(index, "index of referrers")?;
    let referrers = index.manifests.into_iter();
    let bundles = referrers.filter(|referrer| {
        let kind = referrer.artifact_type.as_deref();
        kind.is_some_and(|kind| kind.starts_with(BUNDLE)) && !referrer.is_attestation()
    });
    bounded(bundles.filter_map(|bundle| bundle.blob()).collect())
}

/// The bundle in the manifest of a referrer of the image.
///
/// # Errors
/// When the bytes are not the manifest of a bundle, or it refers to another image.
pub fn bundle_of(
    manifest: &[u8],
    image: &ManifestDigest,
) -> Result<SignatureBlob, SignatureRefusal> {
    let what = "manifest of a bundle";
    let manifest: ManifestJson = parsed(manifest, what)?;
    let malformed = || SignatureRefusal::Malformed { what };
    let subject = manifest.subject.as_ref().ok_or_else(malformed)?;
    SignatureRefusal::unless_same(&subject.digest, image)?;
    let layers = manifest.layers.iter();
    let mut bundles = layers.filter(|layer| layer.media_type.starts_with(BUNDLE));
    match (bundles.next(), bundles.next()) {
        (Some(bundle), None) => bundle.blob().ok_or_else(malformed),
        _ => Err(malformed()),
    }
}

fn parsed<T: for<'de> Deserialize<'de>>(
    bytes: &[u8],
    what: &'static str,
) -> Result<T, SignatureRefusal> {
    serde_json::from_slice(bytes).map_err(|_| SignatureRefusal::Malformed { what })
}

fn bounded<T>(signatures: Vec<T>) -> Result<Vec<T>, SignatureRefusal> {
    if signatures.len() > MAX_SIGNATURES {
        let most = MAX_SIGNATURES;
        return Err(SignatureRefusal::TooMany { most });
    }
    Ok(signatures)
}

impl DescriptorJson {
    fn blob(&self) -> Option<SignatureBlob> {
        Some(SignatureBlob {
            digest: ManifestDigest::parse(&self.digest)?,
            bytes: self.size,
        })
    }

    fn is_attestation(&self) -> bool {
        let annotations = self.annotations.as_ref();
        let predicate = annotations.and_then(|annotations| annotations.get(PREDICATE));
        predicate.is_some_and(|predicate| predicate != SIGN_PREDICATE)
    }
}
