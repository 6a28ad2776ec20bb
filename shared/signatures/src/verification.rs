//! The check of a signature with public keys.

use domain::public_key::{KeyAlgorithm, PublicKey};
use ring::signature::{ECDSA_P256_SHA256_ASN1, ED25519, UnparsedPublicKey, VerificationAlgorithm};
use sha2::{Digest, Sha256};

use crate::base64;

/// Whether one of the keys made the signature of the message.
pub(crate) fn is_signed(keys: &[PublicKey], message: &[u8], signature: &[u8]) -> bool {
    keys.iter().any(|key| {
        let algorithm: &dyn VerificationAlgorithm = match key.algorithm() {
            KeyAlgorithm::EcdsaP256 => &ECDSA_P256_SHA256_ASN1,
            KeyAlgorithm::Ed25519 => &ED25519,
        };
        let key = UnparsedPublicKey::new(algorithm, key.bytes());
        key.verify(message, signature).is_ok()
    })
}

/// Whether a bundle's hint names one of the keys: cosign writes the base64 of the key's SHA-256. The hint is not signed.
pub(crate) fn is_hint_of_one(keys: &[PublicKey], hint: &str) -> bool {
    let hints = keys.iter();
    let mut hints = hints.map(|key| base64::encode(&Sha256::digest(key.der())));
    hints.any(|one| one == hint)
}
