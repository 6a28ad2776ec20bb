//! Which tags of a container registry are versions.

/// The longest tag of the OCI distribution specification.
const LONGEST_TAG: usize = 128;

/// Whether a text is a tag (`[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`) of a version, and not of a signature,
/// attestation, bill of materials or list of referrers, whose tags are derived from a digest.
pub fn is_version_tag(tag: &str) -> bool {
    let mut bytes = tag.bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= LONGEST_TAG
        && bytes.next().is_some_and(is_word)
        && bytes.all(|byte| is_word(byte) || byte == b'.' || byte == b'-')
        && !is_derived_from_digest(tag)
}

/// An algorithm and the first 64 hexadecimal digits, with an ending or without.
fn is_derived_from_digest(tag: &str) -> bool {
    let Some((algorithm, rest)) = tag.split_once('-') else {
        return false;
    };
    let (digits, ending) = rest.split_once('.').unwrap_or((rest, ""));
    ["sha256", "sha512"].contains(&algorithm)
        && digits.len() == 64
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        && ["", "sig", "att", "sbom"].contains(&ending)
}

#[cfg(test)]
mod tests {
    use super::is_version_tag;

    #[test]
    fn version_tags_exclude_invalid_tags_and_signatures() {
        let digits = "0123456789abcdef".repeat(4);
        for tag in [
            "1.0.0",
            "v1",
            "latest",
            "_x",
            "1.0.0_b1",
            "A-b.c",
            &"1".repeat(128),
            "sha256-abc",
            &format!("abc-{digits}"),
        ] {
            assert!(is_version_tag(tag), "{tag}");
        }
        for tag in [
            "",
            ".hidden",
            "-x",
            "a+b",
            "a/b",
            "a:b",
            "ü",
            "a b",
            &"1".repeat(129),
            &format!("sha256:{digits}"),
            &format!("sha256-{digits}"),
            &format!("sha256-{digits}.sig"),
            &format!("sha256-{digits}.att"),
            &format!("sha256-{digits}.sbom"),
            &format!("sha512-{digits}"),
        ] {
            assert!(!is_version_tag(tag), "{tag}");
        }
    }
}
