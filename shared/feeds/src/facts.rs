//! Digests and publishing dates of tags.

use std::collections::HashMap;

use domain::time::{Span, Timestamp};

/// The earliest plausible date, 1980-01-03T00:00:00Z: reproducible builds use fixed dates in the first days of
/// 1970 or 1980.
const EARLIEST: Timestamp = Timestamp::from_millis(315_705_600_000);

/// The tolerated clock skew of a registry.
const SKEW: Span = Span::from_minutes(5);

/// Digests and dates, by tag.
#[derive(Debug, Default)]
pub(crate) struct Facts(HashMap<String, Fact>);

/// Digest and date of one tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fact {
    /// The digest of the manifest or index that the tag points at.
    pub(crate) digest: Option<String>,
    /// When the tag was pushed.
    pub(crate) published: Option<Timestamp>,
}

impl Facts {
    /// Adds digest and date of a tag. A malformed digest and an implausible date are ignored.
    pub(crate) fn insert(
        &mut self,
        tag: String,
        digest: Option<String>,
        published: Option<Timestamp>,
    ) {
        let fact = Fact {
            digest: digest.filter(|digest| is_digest(digest)),
            published: published.filter(|at| is_plausible(*at, now())),
        };
        self.0.insert(tag, fact);
    }

    /// Digest and date of a tag.
    pub(crate) fn of(&self, tag: &str) -> Fact {
        self.0.get(tag).cloned().unwrap_or_default()
    }

    /// Adds other facts, which replace the existing ones where they are present.
    pub(crate) fn extend(&mut self, others: Self) {
        for (tag, fact) in others.0 {
            let known = self.0.entry(tag).or_default();
            known.digest = fact.digest.or(known.digest.take());
            known.published = fact.published.or(known.published);
        }
    }
}

/// Whether a text is a digest with a registered algorithm.
pub(crate) fn is_digest(text: &str) -> bool {
    let Some((algorithm, digits)) = text.split_once(':') else {
        return false;
    };
    let length = match algorithm {
        "sha256" | "blake3" => 64,
        "sha512" => 128,
        _ => return false,
    };
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    digits.len() == length && digits.bytes().all(is_digit)
}

/// Parses an instant in the form of RFC 3339.
pub(crate) fn rfc3339(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

/// An instant in milliseconds since 1970; `None` beyond 2^53, where a number is not exact.
pub(crate) fn from_unix_millis(millis: f64) -> Option<Timestamp> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range is checked, and fractions of a millisecond do not count"
    )]
    (millis.abs() <= EXACT).then(|| Timestamp::from_millis(millis as i64))
}

pub(crate) fn is_plausible(at: Timestamp, now: Timestamp) -> bool {
    at >= EARLIEST && at <= now + SKEW
}

/// The time of the machine's clock.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::{Facts, Timestamp, is_digest, is_plausible, rfc3339};

    #[test]
    fn implausible_date_is_ignored() {
        let now = rfc3339("2026-02-03T04:05:06Z").unwrap();
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", false),
            ("1980-01-01T00:00:01Z", false),
            ("1980-01-02T00:00:00Z", false),
            ("1980-01-03T00:00:00Z", true),
            ("2026-02-03T04:05:06.123456789Z", true),
            ("2026-02-03T05:05:06+01:00", true),
            ("2026-02-03T04:10:06Z", true),
            ("2026-02-03T04:10:07Z", false),
            ("0001-01-01T00:00:00Z", false),
            ("9999-01-01T00:00:00Z", false),
        ] {
            assert_eq!(
                is_plausible(rfc3339(text).unwrap(), now),
                expected,
                "{text}"
            );
        }
        for text in ["", "yesterday", "2026-02-03", "1700000000"] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn digest_with_registered_algorithm_and_length_is_recognised() {
        let (half, whole) = ("0f".repeat(32), "0f".repeat(64));
        for (text, expected) in [
            (format!("sha256:{half}"), true),
            (format!("sha512:{whole}"), true),
            (format!("blake3:{half}"), true),
            (format!("sha256:{}", half.to_uppercase()), false),
            (format!("sha256:{}", &half[1..]), false),
            (format!("md5:{half}"), false),
            (half, false),
            (String::new(), false),
        ] {
            assert_eq!(is_digest(&text), expected, "{text}");
        }
    }

    #[test]
    fn extend_keeps_facts_that_others_lack() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let at = Timestamp::from_millis(1_600_000_000_000);
        let (mut facts, mut others) = (Facts::default(), Facts::default());
        facts.insert(
            "a".to_owned(),
            Some(digest.clone()),
            Some(Timestamp::default()),
        );
        others.insert("a".to_owned(), Some("nonsense".to_owned()), Some(at));
        others.insert("b".to_owned(), None, None);
        facts.extend(others);
        assert_eq!(facts.of("a").digest, Some(digest));
        assert_eq!(facts.of("a").published, Some(at));
        assert_eq!(
            (facts.of("b").published, facts.of("c").digest),
            (None, None)
        );
        assert_eq!(facts.0.len(), 2);
    }
}
