//! Reads the signatures that cosign stored beside an image, and verifies them with public keys.
//!
//! Both forms of cosign are read: the tag `sha256-HEX.sig`, and bundles that are referrers of the image. The first valid
//! signature ends the search.

use bytes::Bytes;
use domain::public_key::PublicKey;
use engine::ports::FeedError;
use signatures::{
    Bundle, MAX_BUNDLE_BYTES, MAX_PAYLOAD_BYTES, MAX_SIGNATURES, ManifestDigest, SignatureBlob,
    SignatureRefusal, bundle_of, bundles_of, signatures_of, verify_payload,
};

use super::manifest::MANIFEST_BYTES;
use super::referrers::{LIST_BYTES, Referrers};
use crate::repository::Repository;

/// The number of refused signatures that a reason names.
const NAMED: usize = 3;

/// Whether a signature of the content with this digest is valid with one of the keys, which are in PEM, or why none is.
pub(super) async fn verify(
    repository: &Repository<'_, '_>,
    digest: Option<&str>,
    keys: &[String],
) -> Result<Result<(), String>, FeedError> {
    let keys = keys.iter().map(|key| PublicKey::parse(key));
    let keys: Vec<_> = match keys.collect() {
        Ok(keys) => keys,
        Err(error) => return Ok(Err(format!("a key of the trigger cannot be used: {error}"))),
    };
    let Some(image) = digest.and_then(ManifestDigest::parse) else {
        let why = "its digest is not one of SHA-256, which cosign's signatures are of";
        return Ok(Err(why.to_owned()));
    };
    let mut search = Search {
        repository,
        image: &image,
        keys: &keys,
        manifest: None,
        refusals: Vec::new(),
    };
    let is_signed = search.has_valid_payload().await? || search.has_valid_bundle().await?;
    Ok(match is_signed {
        true => Ok(()),
        false => Err(search.reason()),
    })
}

/// The search for a valid signature.
struct Search<'s, 'a, 'f> {
    repository: &'s Repository<'a, 'f>,
    image: &'s ManifestDigest,
    keys: &'s [PublicKey],
    /// The image's manifest, if a signature is of its bytes.
    manifest: Option<Bytes>,
    /// Why the signatures so far do not count.
    refusals: Vec<SignatureRefusal>,
}

impl Search<'_, '_, '_> {
    /// The form of cosign 1 and 2.
    async fn has_valid_payload(&mut self) -> Result<bool, FeedError> {
        let path = format!("manifests/{}", self.image.signature_tag());
        let Some(manifest) = self.repository.fetch(&path, LIST_BYTES).await? else {
            return Ok(false);
        };
        let attached = self.accepted(signatures_of(&manifest));
        for signature in attached.unwrap_or_default() {
            let Some(payload) = self.blob(&signature.payload, MAX_PAYLOAD_BYTES).await? else {
                continue;
            };
            let valid = verify_payload(&payload, &signature.signature, self.image, self.keys);
            if self.accepted(valid).is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The form of cosign 3.
    async fn has_valid_bundle(&mut self) -> Result<bool, FeedError> {
        let mut referrers = Referrers::new(self.repository, self.image);
        let mut count = 0;
        while let Some(index) = referrers.next_page().await? {
            let bundles = self.accepted(bundles_of(&index)).unwrap_or_default();
            count += bundles.len();
            if count > MAX_SIGNATURES {
                let most = MAX_SIGNATURES;
                self.refusals.push(SignatureRefusal::TooMany { most });
                return Ok(false);
            }
            for referrer in bundles {
                if self.is_valid_bundle(&referrer).await? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    async fn is_valid_bundle(&mut self, referrer: &SignatureBlob) -> Result<bool, FeedError> {
        let path = format!("manifests/{}", referrer.digest);
        let Some(manifest) = self.content(&path, &referrer.digest, LIST_BYTES).await? else {
            return Ok(false);
        };
        let Some(blob) = self.accepted(bundle_of(&manifest, self.image)) else {
            return Ok(false);
        };
        let Some(bundle) = self.blob(&blob, MAX_BUNDLE_BYTES).await? else {
            return Ok(false);
        };
        let Some(bundle) = self.accepted(Bundle::parse(&bundle)) else {
            return Ok(false);
        };
        if bundle.needs_manifest() && self.manifest.is_none() {
            let path = format!("manifests/{}", self.image);
            self.manifest = self.content(&path, self.image, MANIFEST_BYTES).await?;
        }
        let valid = bundle.verify(self.image, self.manifest.as_deref(), self.keys);
        Ok(self.accepted(valid).is_some())
    }

    /// The blob, if it exists and is not too large.
    async fn blob(
        &mut self,
        blob: &SignatureBlob,
        most: usize,
    ) -> Result<Option<Bytes>, FeedError> {
        let bytes = usize::try_from(blob.bytes).unwrap_or(usize::MAX);
        if bytes > most {
            self.refusals
                .push(SignatureRefusal::TooLarge { bytes, most });
            return Ok(None);
        }
        let path = format!("blobs/{}", blob.digest);
        self.content(&path, &blob.digest, most).await
    }

    /// The content with this digest. Another content is refused.
    async fn content(
        &mut self,
        path: &str,
        digest: &ManifestDigest,
        most: usize,
    ) -> Result<Option<Bytes>, FeedError> {
        let bytes = self.repository.fetch(path, most).await?;
        let what = "content: the registry returned another one than its digest names";
        let is_same = |bytes: &Bytes| ManifestDigest::of(bytes) == *digest;
        if bytes.as_ref().is_some_and(|bytes| !is_same(bytes)) {
            self.refusals.push(SignatureRefusal::Malformed { what });
        }
        Ok(bytes.filter(is_same))
    }

    /// The value, or `None` after recording why the signature does not count.
    fn accepted<T>(&mut self, result: Result<T, SignatureRefusal>) -> Option<T> {
        let refusal = result.as_ref().err().cloned();
        self.refusals.extend(refusal);
        result.ok()
    }

    /// Why no signature is valid.
    fn reason(mut self) -> String {
        let image = self.image;
        self.refusals.dedup();
        if self.refusals.is_empty() {
            return format!("the registry has no signature of {image}");
        }
        let named = self.refusals.iter().take(NAMED).enumerate();
        let mut reasons: Vec<_> = named
            .map(|(at, refusal)| format!("signature {} {refusal}", at + 1))
            .collect();
        let more = self.refusals.len().saturating_sub(NAMED);
        if more > 0 {
            reasons.push(format!("{more} more do not count"));
        }
        format!("no signature of {image} is valid: {}", reasons.join("; "))
    }
}
