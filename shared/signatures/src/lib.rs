//! Verifies signatures of images that cosign stored in a registry, with public keys.
//!
//! Two forms exist, and both sign the digest of the image's manifest:
//!
//! - cosign 1 and 2: the tag `sha256-HEX.sig` is a manifest. Each of its layers is a signed payload ("simple signing"),
//!   with its signature in an annotation ([`signatures_of`], [`verify_payload`]).
//! - cosign 3: sigstore bundles, which refer to the image by the referrers API or the tag `sha256-HEX`
//!   ([`bundles_of`], [`bundle_of`], [`Bundle`]).
//!
//! A signature is valid if one of the keys made it and what it signs is the digest that was asked for. The content of a
//! signature is trusted only after that. Everything has a limit, and each refusal has its reason ([`SignatureRefusal`]).
//!
//! Public keys have no certificate, so these signatures do not expire: a key is valid until it is removed from the trigger.
//! Certificates of keyless signatures, transparency logs and timestamps are not evaluated.
//!
//! This crate does no I/O and reads no clock. Sources: <https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md>,
//! <https://github.com/sigstore/protobuf-specs>, <https://github.com/secure-systems-lab/dsse>,
//! <https://github.com/in-toto/attestation>.

mod base64;
mod bundle;
mod digest;
mod envelope;
mod manifest;
mod payload;
mod refusal;
mod verification;

pub use bundle::{Bundle, MAX_BUNDLE_BYTES};
pub use digest::ManifestDigest;
pub use manifest::{
    AttachedSignature, MAX_SIGNATURES, SignatureBlob, bundle_of, bundles_of, signatures_of,
};
pub use payload::{MAX_PAYLOAD_BYTES, verify_payload};
pub use refusal::SignatureRefusal;
