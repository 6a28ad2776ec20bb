//! What is known of tags besides that they exist.

use std::collections::HashMap;

use domain::time::{Span, Timestamp};

/// Builds that give every image the same date take one of the first days of 1970 or 1980; nothing was
/// published before 1980-01-03T00:00:00Z.
const EARLIEST: Timestamp = Timestamp::from_millis(315_705_600_000);

/// How far a registry's clock may run ahead of ours.
const SKEW: Span = Span::from_minutes(5);

/// What is known, by tag.
#[derive(Debug, Default)]
pub(crate) struct Facts(HashMap<String, Fact>);

/// What is known of one tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fact {
    /// The digest of the manifest or index that the tag points at.
    pub(crate) digest: Option<String>,
    /// When it was pushed there.
    pub(crate) published: Option<Timestamp>,
}

impl Facts {
    /// Notes what a provider says of a tag. What cannot be a digest or a date is not known.
    pub(crate) fn note(
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

    /// What is known of a tag.
    pub(crate) fn of(&self, tag: &str) -> Fact {
        self.0.get(tag).cloned().unwrap_or_default()
    }

    /// Adds what others know. What they do not know stays.
    pub(crate) fn extend(&mut self, others: Self) {
        for (tag, fact) in others.0 {
            let known = self.0.entry(tag).or_default();
            known.digest = fact.digest.or(known.digest.take());
            known.published = fact.published.or(known.published);
        }
    }
}

/// Whether a text is a digest of one of the registered algorithms.
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

/// An instant in the form of RFC 3339.
pub(super) fn rfc3339(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

fn is_plausible(at: Timestamp, now: Timestamp) -> bool {
    at >= EARLIEST && at <= now + SKEW
}

fn now() -> Timestamp {
    Timestamp::from_millis(jiff::Timestamp::now().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::{Facts, Timestamp, is_digest, is_plausible, rfc3339};

    #[test]
    fn dates_that_cannot_be_are_not_known() {
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
    fn digests_are_told_from_what_looks_like_them() {
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
    fn what_is_known_is_added_up() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let at = Timestamp::from_millis(1_600_000_000_000);
        let (mut facts, mut others) = (Facts::default(), Facts::default());
        facts.note(
            "a".to_owned(),
            Some(digest.clone()),
            Some(Timestamp::default()),
        );
        others.note("a".to_owned(), Some("nonsense".to_owned()), Some(at));
        others.note("b".to_owned(), None, None);
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
