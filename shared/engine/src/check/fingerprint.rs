//! The fingerprint of a listing, by which an equal one is recognised without reading the stored snapshot.

use domain::snapshot::Listed;
use domain::time::Timestamp;
use sha2::{Digest, Sha256};

/// Bytes per call of the hash function: fewer calls are faster.
const HASHED_TOGETHER: usize = 4 << 10;

/// The fingerprint: 32 hex digits, independent of the listing's order.
pub(super) fn fingerprint(versions: &[Listed]) -> String {
    let mut sorted: Vec<_> = versions.iter().collect();
    // Most listings are sorted.
    if !versions.is_sorted_by(|one, other| one.version <= other.version) {
        sorted.sort_unstable_by(|one, other| one.version.cmp(&other.version));
    }
    let (mut hash, mut content) = (Sha256::new(), Vec::with_capacity(HASHED_TOGETHER));
    for listed in sorted {
        for text in [Some(listed.version.as_str()), listed.digest.as_deref()] {
            let text = text.unwrap_or_default();
            content.extend_from_slice(&text.len().to_be_bytes());
            content.extend_from_slice(text.as_bytes());
        }
        let published = listed.published.map_or(i64::MIN, Timestamp::as_millis);
        content.extend_from_slice(&published.to_be_bytes());
        if content.len() >= HASHED_TOGETHER {
            hash.update(&content);
            content.clear();
        }
    }
    hash.update(&content);
    base16ct::lower::encode_string(&hash.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::{Listed, Timestamp, fingerprint};

    fn listed(version: &str) -> Listed {
        Listed {
            version: version.to_owned(),
            digest: None,
            published: None,
        }
    }

    /// Versions for several calls of the hash function.
    fn many() -> Vec<Listed> {
        (0..1_000)
            .map(|number| listed(&format!("1.0.{number:04}")))
            .collect()
    }

    #[test]
    fn fingerprint_ignores_the_order() {
        let sorted = many();
        let expected = fingerprint(&sorted);
        assert_eq!(expected.len(), 32);
        let reversed: Vec<_> = sorted.iter().rev().cloned().collect();
        assert_eq!(fingerprint(&reversed), expected);
        for by in [1, 2, 999] {
            let mut rotated = sorted.clone();
            rotated.rotate_left(by);
            assert_eq!(fingerprint(&rotated), expected, "{by}");
        }
    }

    #[test]
    fn fingerprint_differs_for_every_field() {
        let versions = many();
        let expected = fingerprint(&versions);
        for index in [0, 500, 999] {
            let another = |change: fn(&mut Listed)| {
                let mut other = versions.clone();
                change(&mut other[index]);
                fingerprint(&other)
            };
            let others = [
                another(|one| one.version.push('0')),
                another(|one| one.digest = Some("sha256:a".to_owned())),
                another(|one| one.published = Some(Timestamp::default())),
                fingerprint(&[&versions[..index], &versions[index + 1..]].concat()),
            ];
            assert!(!others.contains(&expected), "{index}: {others:?}");
        }
    }

    #[test]
    fn fingerprint_separates_versions_from_digests() {
        let mut one = [listed("1"), listed("2")];
        let mut other = one.clone();
        one[0].digest = Some("a".to_owned());
        other[1].digest = Some("a".to_owned());
        let texts = [listed("1a"), listed("2")];
        assert_ne!(fingerprint(&one), fingerprint(&other));
        assert_ne!(fingerprint(&one), fingerprint(&texts));
    }
}
