//! Digests of manifests.

use std::fmt;

use sha2::{Digest, Sha256};

/// The SHA-256 digest of a manifest, as `sha256:` and 64 hex digits in lower case. Images with other digests cannot be
/// verified: cosign's tags have this one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ManifestDigest(String);

impl ManifestDigest {
    /// `None` for other texts.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("sha256:")?;
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (hex.len() == 64 && hex.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let hex = base16ct::lower::encode_string(&Sha256::digest(bytes));
        Self(format!("sha256:{hex}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hex digits.
    pub fn hex(&self) -> &str {
        self.0.trim_start_matches("sha256:")
    }

    /// The tag of the manifest with the signatures of cosign 1 and 2.
    pub fn signature_tag(&self) -> String {
        format!("sha256-{}.sig", self.hex())
    }

    /// The tag of the index of referrers, where the registry has no referrers API.
    pub fn referrers_tag(&self) -> String {
        format!("sha256-{}", self.hex())
    }
}

impl fmt::Display for ManifestDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ManifestDigest;

    #[test]
    fn digest_has_one_form_and_two_tags() {
        let digest = ManifestDigest::of(b"");
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(digest.as_str(), format!("sha256:{hex}"));
        assert_eq!(digest.signature_tag(), format!("sha256-{hex}.sig"));
        assert_eq!(digest.referrers_tag(), format!("sha256-{hex}"));
        assert_eq!(ManifestDigest::parse(digest.as_str()), Some(digest));
        for text in [
            String::new(),
            hex.to_owned(),
            format!("sha512:{hex}{hex}"),
            format!("sha256:{}", hex.to_uppercase()),
            format!("sha256:{hex}0"),
            format!("sha256:sha256:{}", &hex[..57]),
        ] {
            assert_eq!(ManifestDigest::parse(&text), None, "{text}");
        }
    }
}
