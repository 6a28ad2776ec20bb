//! Sigstore bundles: a signature with the material to verify it, in one JSON document.

use domain::public_key::PublicKey;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::envelope::Envelope;
use crate::verification::{is_hint_of_one, is_signed};
use crate::{ManifestDigest, SignatureRefusal, base64};

/// The maximum size of a bundle. One of a signature has 2 to 8 KiB.
pub const MAX_BUNDLE_BYTES: usize = 256 * 1024;

/// The media types of bundles of version 0.3, whose earlier versions cosign never stored with images.
const MEDIA_TYPES: [&str; 2] = [
    "application/vnd.dev.sigstore.bundle.v0.3+json",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
];

/// A bundle that is well-formed. Nothing of it is verified.
#[derive(Debug)]
pub struct Bundle {
    /// The name of the key that made it, which is not signed.
    hint: Option<String>,
    /// Its signature was made with the key of a certificate.
    has_certificate: bool,
    content: Content,
}

/// The content that a bundle signs.
#[derive(Debug)]
enum Content {
    /// A statement with the digest of the image.
    Envelope(Envelope),
    /// The bytes of the manifest.
    Message { digest: Vec<u8>, signature: Vec<u8> },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BundleJson {
    media_type: String,
    verification_material: Material,
    dsse_envelope: Option<crate::envelope::EnvelopeJson>,
    message_signature: Option<MessageJson>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    public_key: Option<KeyJson>,
    certificate: Option<IgnoredAny>,
    x509_certificate_chain: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct KeyJson {
    #[serde(default)]
    hint: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageJson {
    message_digest: DigestJson,
    signature: String,
}

#[derive(Deserialize)]
struct DigestJson {
    algorithm: String,
    digest: String,
}

impl Bundle {
    /// Reads a bundle.
    ///
    /// # Errors
    /// When it is too large, of another type, or not a bundle.
    pub fn parse(bytes: &[u8]) -> Result<Self, SignatureRefusal> {
        SignatureRefusal::unless_at_most(bytes.len(), MAX_BUNDLE_BYTES)?;
        let malformed = |what| SignatureRefusal::Malformed { what };
        let bundle: BundleJson =
            serde_json::from_slice(bytes).map_err(|_| malformed("sigstore bundle"))?;
        if !MEDIA_TYPES.contains(&bundle.media_type.as_str()) {
            return Err(SignatureRefusal::other_type(&bundle.media_type));
        }
        let content = match (bundle.dsse_envelope, bundle.message_signature) {
            (Some(envelope), None) => Content::Envelope(Envelope::read(&envelope)?),
            (None, Some(message)) => message.read()?,
            _ => {
                return Err(malformed(
                    "content: it needs one envelope or message signature",
                ));
            }
        };
        let material = bundle.verification_material;
        Ok(Self {
            hint: material.public_key.map(|key| key.hint),
            has_certificate: material.certificate.is_some()
                || material.x509_certificate_chain.is_some(),
            content,
        })
    }

    /// Whether [`Self::verify`] needs the bytes of the image's manifest.
    pub fn needs_manifest(&self) -> bool {
        matches!(self.content, Content::Message { .. })
    }

    /// Whether one of the keys made the signature, and it is of the image. `manifest`: the bytes whose digest is
    /// `image`, if they were read.
    ///
    /// # Errors
    /// The reason why the signature does not count.
    pub fn verify(
        &self,
        image: &ManifestDigest,
        manifest: Option<&[u8]>,
        keys: &[PublicKey],
    ) -> Result<(), SignatureRefusal> {
        match &self.content {
            Content::Envelope(envelope) => {
                if !envelope.is_signed(keys) {
                    return Err(self.unmatched(keys));
                }
                envelope.check(image)
            }
            Content::Message { digest, signature } => {
                let signed = format!("sha256:{}", base16ct::lower::encode_string(digest));
                SignatureRefusal::unless_same(&signed, image)?;
                let manifest = manifest.ok_or(SignatureRefusal::NoManifest)?;
                SignatureRefusal::unless_same(ManifestDigest::of(manifest).as_str(), image)?;
                if is_signed(keys, manifest, signature) {
                    return Ok(());
                }
                Err(self.unmatched(keys))
            }
        }
    }

    /// Why no key matches.
    fn unmatched(&self, keys: &[PublicKey]) -> SignatureRefusal {
        if self.has_certificate {
            return SignatureRefusal::Keyless;
        }
        let hint = self.hint.as_deref().filter(|hint| !hint.is_empty());
        match hint {
            Some(hint) if !is_hint_of_one(keys, hint) => SignatureRefusal::OtherKey,
            _ => SignatureRefusal::NoKeyMatches,
        }
    }
}

impl MessageJson {
    fn read(&self) -> Result<Content, SignatureRefusal> {
        let malformed = |what| SignatureRefusal::Malformed { what };
        if self.message_digest.algorithm != "SHA2_256" {
            return Err(SignatureRefusal::other_type(&self.message_digest.algorithm));
        }
        let digest = base64::decode(&self.message_digest.digest);
        let signature = base64::decode(&self.signature);
        Ok(Content::Message {
            digest: digest.ok_or_else(|| malformed("base64 text of the digest"))?,
            signature: signature.ok_or_else(|| malformed("base64 text of the signature"))?,
        })
    }
}
