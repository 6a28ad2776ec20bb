//! Why a signature does not count.

use crate::ManifestDigest;

/// The maximum length of a text from a signature in a reason, in characters.
const SHOWN: usize = 80;

/// Why a signature does not count, as a predicate: "it is of another image".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefusal {
    #[error("has {bytes} bytes, more than the limit of {most}")]
    TooLarge { bytes: usize, most: usize },
    #[error("is one of more than {most} signatures, which is the limit")]
    TooMany { most: usize },
    /// The data does not have the form of its media type.
    #[error("has no valid {what}")]
    Malformed { what: &'static str },
    #[error("has the unknown critical field `{field}`")]
    UnknownCriticalField { field: String },
    /// The media type of a bundle, or the type of a payload or statement.
    #[error("has the type `{found}`, which is not supported")]
    OtherType { found: String },
    /// A statement about the image that is not its signature, such as a bill of materials.
    #[error("is an attestation of the type `{predicate}` and no signature of the image")]
    Attestation { predicate: String },
    /// A valid signature, copied to this image.
    #[error("is of another image, {signed}")]
    OtherImage { signed: String },
    #[error("matches no key of the trigger: it was made with another key, or changed")]
    NoKeyMatches,
    #[error("was made with a key that the trigger does not have")]
    OtherKey,
    #[error("was made with a certificate (keyless), and the trigger requires a key")]
    Keyless,
    /// A bundle that signs the bytes of the manifest, which the caller did not pass.
    #[error("signs the manifest itself, which was not read")]
    NoManifest,
}

impl SignatureRefusal {
    pub(crate) fn other_type(found: &str) -> Self {
        let found = shown(found);
        Self::OtherType { found }
    }

    /// An error unless the signed digest is the one that was asked for.
    pub(crate) fn unless_same(signed: &str, image: &ManifestDigest) -> Result<(), Self> {
        if signed == image.as_str() {
            return Ok(());
        }
        let signed = shown(signed);
        Err(Self::OtherImage { signed })
    }

    pub(crate) fn unless_at_most(bytes: usize, most: usize) -> Result<(), Self> {
        if bytes <= most {
            return Ok(());
        }
        Err(Self::TooLarge { bytes, most })
    }
}

/// The beginning of a text from a signature, without control characters.
pub(crate) fn shown(text: &str) -> String {
    let text = text.chars().filter(|one| !one.is_control());
    text.take(SHOWN).collect()
}
