//! The stored results of reading metadata, and when each is read again.

use sha2::{Digest, Sha256};

use super::VersionMetadata;
use crate::ids::PackageKey;
use crate::time::{Span, Timestamp};

/// How long metadata is valid. The content of a digest never changes; a tag without a known digest may have been moved.
const VALID_BY_DIGEST: Span = Span::from_hours(30 * 24);
const VALID_BY_TAG: Span = Span::from_hours(24);

/// When an image without a valid signature or a finished scan is read again: pipelines sign minutes after the push. It costs
/// three requests.
const VALID_UNSIGNED: Span = Span::from_minutes(2);

/// When an unfinished scan may be read again because of an event. A scan of an index has up to 16 events.
pub const SCAN_AGAIN: Span = Span::from_seconds(5);

/// How long an unfinished scan may be waited for after the end of its validity. Each trigger is evaluated once an hour, and then
/// reads the scan of the version that it selects.
const SCAN_SELECTED: Span = Span::from_minutes(65);

/// How long a valid signature counts for a tag without a known digest, which may be moved to an unsigned image.
const VALID_SIGNED_TAG: Span = Span::from_minutes(10);

/// How long a finished scan counts: continuous scanning adds findings at any time.
const VALID_SCAN: Span = Span::from_minutes(10);

/// The fingerprint of scans.
const SCAN: &str = "scan";

/// A content of a version: the metadata of a followed tag belongs to one of its digests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MetadataOf {
    pub version: String,
    /// The digest, if the snapshot has it.
    pub digest: Option<String>,
    /// The public keys in PEM; one of them must have signed it. Empty: signatures are not read.
    pub keys: Vec<String>,
    /// A record that ECR has of the image. If there is one, only this is read, so that it can be read again alone.
    pub record: Option<EcrRecord>,
}

/// A record that ECR has of an image, beside its content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EcrRecord {
    /// The findings of its scan.
    Scan,
    /// The status of its signature by a signing profile of AWS Signer.
    Signing {
        /// The ARN of the profile.
        profile: String,
    },
}

/// A version whose metadata a decision needs and the snapshot does not have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnreadMetadata {
    pub package: PackageKey,
    pub content: MetadataOf,
}

/// The stored result of reading metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadMetadata {
    /// The digest of the content that was read, if the snapshot has it.
    pub of: Option<String>,
    /// The fingerprint of the requested keys or record. `None`: neither was read.
    pub keys: Option<String>,
    /// The metadata, or why it could not be read.
    pub result: Result<VersionMetadata, String>,
    /// It is read again after this time.
    pub valid_until: Timestamp,
}

impl MetadataOf {
    /// The scan of a version.
    pub fn scan(version: &str, digest: Option<String>) -> Self {
        Self {
            version: version.to_owned(),
            digest,
            keys: Vec::new(),
            record: Some(EcrRecord::Scan),
        }
    }

    /// A short name of the requested keys or record. `None`: there are none.
    pub fn keys_fingerprint(&self) -> Option<String> {
        let mut hash = Sha256::new();
        match &self.record {
            None => {}
            Some(EcrRecord::Scan) => return Some(SCAN.to_owned()),
            Some(EcrRecord::Signing { profile }) => hash.update(profile),
        }
        for key in &self.keys {
            hash.update(key.trim());
            hash.update([0]);
        }
        let digest = hash.finalize();
        let is_some = self.record.is_some() || !self.keys.is_empty();
        is_some.then(|| base16ct::lower::encode_string(&digest[..8]))
    }
}

impl ReadMetadata {
    /// The result of a read at `now`. `retry_after`: when a failed read is repeated.
    pub fn new(
        of: Option<String>,
        result: Result<VersionMetadata, String>,
        now: Timestamp,
        retry_after: Span,
    ) -> Self {
        let is_unfinished = |read: &VersionMetadata| {
            matches!(read.signature(), Some(Err(_))) || matches!(read.scan(), Some(Err(_)))
        };
        let valid = match (&result, &of) {
            (Ok(read), _) if is_unfinished(read) => VALID_UNSIGNED,
            (Ok(read), _) if read.scan().is_some() => VALID_SCAN,
            (Ok(_), Some(_)) => VALID_BY_DIGEST,
            (Ok(read), None) if read.signature().is_some() => VALID_SIGNED_TAG,
            (Ok(_), None) => VALID_BY_TAG,
            (Err(_), _) => retry_after,
        };
        Self {
            of,
            keys: None,
            result,
            valid_until: now + valid,
        }
    }

    /// Whether it is an unfinished scan of a version that a trigger selects.
    pub fn is_awaited_scan_at(&self, now: Timestamp) -> bool {
        self.is_unfinished_scan() && now < self.valid_until + SCAN_SELECTED
    }

    fn is_unfinished_scan(&self) -> bool {
        matches!(&self.result, Ok(read) if matches!(read.scan(), Some(Err(_))))
    }

    /// Whether a request reads it again: it is not valid, or it is an unfinished scan that was read [`SCAN_AGAIN`] ago.
    pub fn is_read_again_at(&self, now: Timestamp) -> bool {
        let may_be_finished = self.valid_until - VALID_UNSIGNED + SCAN_AGAIN <= now;
        !self.is_valid_at(now) || (self.is_unfinished_scan() && may_be_finished)
    }

    /// Whether it need not be read again. A time that a clock stored while it was ahead counts as past.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        now < self.valid_until && !self.valid_until.is_ahead_of(now + VALID_BY_DIGEST)
    }

    /// The same result, of a read with the keys of this content.
    #[must_use]
    pub fn with_keys_of(self, content: &MetadataOf) -> Self {
        Self {
            keys: content.keys_fingerprint(),
            ..self
        }
    }

    /// Whether it is the result of reading this content, with the same keys.
    pub fn is_of(&self, content: &MetadataOf) -> bool {
        self.of == content.digest && self.keys == content.keys_fingerprint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Findings;

    fn metadata() -> VersionMetadata {
        VersionMetadata::default()
    }

    #[test]
    fn signature_is_read_again_sooner_if_it_may_change() {
        let now = Timestamp::from_millis(0);
        let digest = || Some("sha256:aa".to_owned());
        let unsigned = || Err("no signature".to_owned());
        for (of, signature, minutes) in [
            (digest(), None, 30 * 24 * 60),
            (None, None, 24 * 60),
            (digest(), Some(Ok(())), 30 * 24 * 60),
            (None, Some(Ok(())), 10),
            (digest(), Some(unsigned()), 2),
            (None, Some(unsigned()), 2),
        ] {
            let read = metadata();
            let read = match signature.clone() {
                Some(signature) => read.with_signature(signature),
                None => read,
            };
            let read = ReadMetadata::new(of, Ok(read), now, Span::from_minutes(5));
            let expected = now + Span::from_minutes(minutes);
            assert_eq!(read.valid_until, expected, "{signature:?}");
        }
    }

    #[test]
    fn unfinished_scan_is_read_again_after_seconds() {
        let now = Timestamp::from_millis(0);
        let unfinished = metadata().with_scan(Err("in progress".to_owned()));
        let finished = metadata().with_scan(Ok(Findings::default()));
        let unsigned = metadata().with_signature(Err("no signature".to_owned()));
        for (read, seconds) in [(unfinished, 5), (finished, 10 * 60), (unsigned, 2 * 60)] {
            let stored = ReadMetadata::new(None, Ok(read.clone()), now, Span::from_minutes(5));
            let due = now + Span::from_seconds(seconds);
            assert!(stored.is_read_again_at(due), "{read:?}");
            let before = due - Span::from_millis(1);
            assert!(!stored.is_read_again_at(before), "{read:?}");
        }
    }
}
