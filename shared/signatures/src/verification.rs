//! The check of a signature with public keys.

use domain::public_key::{KeyAlgorithm, PublicKey};
use ed25519_dalek::{Signature, VerifyingKey};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use sha2::{Digest, Sha256, Sha512};

use crate::base64;

/// Whether one of the keys made the signature of the message.
pub(crate) fn is_signed(keys: &[PublicKey], message: &[u8], signature: &[u8]) -> bool {
    keys.iter().any(|key| match key.algorithm() {
        KeyAlgorithm::EcdsaP256 => {
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key.bytes());
            key.verify(message, signature).is_ok()
        }
        KeyAlgorithm::Ed25519 => is_signed_by_ed25519(key.bytes(), message, signature),
    })
}

/// Ed25519ph, in which cosign signs by default, or Ed25519, as earlier versions and other programs do. The two are signatures
/// of different bytes, so neither is valid as the other (RFC 8032, 5.1).
fn is_signed_by_ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = key.try_into().ok();
    let key = key.and_then(|key| VerifyingKey::from_bytes(key).ok());
    let (Some(key), Ok(signature)) = (key, Signature::from_slice(signature)) else {
        return false;
    };
    let hashed = Sha512::new_with_prefix(message);
    let prehashed = key.verify_prehashed_strict(hashed, None, &signature);
    prehashed.is_ok() || key.verify_strict(message, &signature).is_ok()
}

/// Whether a bundle's hint names one of the keys: cosign writes the base64 of the key's SHA-256. The hint is not signed.
pub(crate) fn is_hint_of_one(keys: &[PublicKey], hint: &str) -> bool {
    let hints = keys.iter();
    let mut hints = hints.map(|key| base64::encode(&Sha256::digest(key.der())));
    hints.any(|one| one == hint)
}
