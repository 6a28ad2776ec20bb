//! Public keys that verify signatures of images.

use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;

/// The maximum length of a key's PEM text, in bytes. One of P-256 has 178.
const MAX_PEM_BYTES: usize = 4 * 1024;

/// The `SubjectPublicKeyInfo` of a P-256 key up to its point, which is 64 bytes of coordinates (RFC 5480, 2).
const P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];

/// The `SubjectPublicKeyInfo` of an Ed25519 key up to its 32 bytes (RFC 8410, 4).
const ED25519: &[u8] = &[
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// The object identifier of RSA keys, to name them in errors.
const RSA: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
];

/// A public key of a supported algorithm.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey {
    der: Vec<u8>,
    algorithm: KeyAlgorithm,
}

/// The algorithm of a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyAlgorithm {
    /// ECDSA on the curve P-256, with SHA-256 and signatures in ASN.1 DER.
    EcdsaP256,
    Ed25519,
}

/// A text that is not one public key of a supported algorithm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    #[error("the key has more than {MAX_PEM_BYTES} bytes; enter only the lines of its PUBLIC KEY")]
    TooLong,
    #[error(
        "the text has no PEM block `PUBLIC KEY`; enter the content of cosign.pub, or of `cosign public-key`"
    )]
    NoKey,
    #[error("the text has several keys; enter each as an entry of its own")]
    Several,
    #[error("the text has a private key; remove it, and replace the key where the text was stored")]
    Private,
    #[error("the key is an RSA key; use a key of ECDSA P-256 or Ed25519")]
    Rsa,
    #[error(
        "the key is not a key of ECDSA P-256 or Ed25519; generate one with `cosign generate-key-pair`"
    )]
    OtherAlgorithm,
}

impl PublicKey {
    /// Reads a key from its PEM text, as `cosign generate-key-pair` and `openssl pkey -pubout` write it.
    ///
    /// # Errors
    /// When the text is not one public key of ECDSA P-256 or Ed25519.
    pub fn parse(pem: &str) -> Result<Self, PublicKeyError> {
        if pem.len() > MAX_PEM_BYTES {
            return Err(PublicKeyError::TooLong);
        }
        if pem.contains("PRIVATE KEY-----") {
            return Err(PublicKeyError::Private);
        }
        let mut keys = SubjectPublicKeyInfoDer::pem_slice_iter(pem.as_bytes());
        let Some(Ok(key)) = keys.next() else {
            return Err(PublicKeyError::NoKey);
        };
        if keys.next().is_some() {
            return Err(PublicKeyError::Several);
        }
        Self::from_der(key.as_ref())
    }

    fn from_der(der: &[u8]) -> Result<Self, PublicKeyError> {
        // DER has one encoding of each value, so equal prefixes and lengths are equal algorithms and parameters.
        let is =
            |prefix: &[u8], key: usize| der.starts_with(prefix) && der.len() == prefix.len() + key;
        let algorithm = if is(P256, 64) {
            KeyAlgorithm::EcdsaP256
        } else if is(ED25519, 32) {
            KeyAlgorithm::Ed25519
        } else if der.windows(RSA.len()).any(|window| window == RSA) {
            return Err(PublicKeyError::Rsa);
        } else {
            return Err(PublicKeyError::OtherAlgorithm);
        };
        Ok(Self {
            der: der.to_vec(),
            algorithm,
        })
    }

    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The `SubjectPublicKeyInfo` in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The key itself: the uncompressed point of ECDSA P-256, or the 32 bytes of Ed25519.
    pub fn bytes(&self) -> &[u8] {
        let prefix = match self.algorithm {
            // The point begins with the byte 4, the last one of the prefix.
            KeyAlgorithm::EcdsaP256 => P256.len() - 1,
            KeyAlgorithm::Ed25519 => ED25519.len(),
        };
        self.der.get(prefix..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyAlgorithm, PublicKey, PublicKeyError};

    const P256: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEvneu2mExKXJPImeI7Ecn/bnsoIA7
4G/PNV7lBXs1vrsZ8wGUAVXtnZyn9vnfEyMB73I8/TmKRTddHRQpt/2zEA==
-----END PUBLIC KEY-----
";
    const ED25519: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEATA/hce4/h7jajg5FUV+nV4FRiSd1sErwprjxVnNP0zI=
-----END PUBLIC KEY-----";

    #[test]
    fn key_of_supported_algorithm_is_read() {
        for (pem, algorithm, length) in [
            (P256.to_owned(), KeyAlgorithm::EcdsaP256, 65),
            (ED25519.to_owned(), KeyAlgorithm::Ed25519, 32),
            (
                format!("# A comment\r\n{}\r\n", P256.replace('\n', "\r\n")),
                KeyAlgorithm::EcdsaP256,
                65,
            ),
        ] {
            let key = PublicKey::parse(&pem).unwrap();
            assert_eq!((key.algorithm(), key.bytes().len()), (algorithm, length));
            assert!(key.der().ends_with(key.bytes()));
        }
        assert_eq!(PublicKey::parse(P256).unwrap().bytes()[0], 4);
    }

    #[test]
    fn other_text_is_refused_with_its_reason() {
        // The same point on another curve, and a truncated key.
        let other_curve = P256.replace("KoZIzj0DAQcD", "KoZIzj0DAQgD");
        let short = ED25519.replace("/hce4/h7", "");
        let rsa = "-----BEGIN PUBLIC KEY-----\nMCQwDQYJKoZIhvcNAQEBBQADEwAwEAIJAL/2DRKGOb3hAgMBAAE=\n-----END PUBLIC KEY-----";
        let private =
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----";
        for (text, expected) in [
            (String::new(), PublicKeyError::NoKey),
            ("cosign.pub".to_owned(), PublicKeyError::NoKey),
            (
                P256.replace("PUBLIC KEY", "CERTIFICATE"),
                PublicKeyError::NoKey,
            ),
            (P256.replace("-----END", "----END"), PublicKeyError::NoKey),
            (format!("{P256}{ED25519}"), PublicKeyError::Several),
            (private.to_owned(), PublicKeyError::Private),
            (rsa.to_owned(), PublicKeyError::Rsa),
            (other_curve, PublicKeyError::OtherAlgorithm),
            (short, PublicKeyError::OtherAlgorithm),
            ("x".repeat(5_000), PublicKeyError::TooLong),
        ] {
            assert_eq!(PublicKey::parse(&text), Err(expected), "{text}");
        }
    }
}
