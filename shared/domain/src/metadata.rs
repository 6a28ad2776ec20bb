//! The metadata of a version: the labels and annotations of an image or chart, and its platforms.
//!
//! Metadata is read from the registry only for versions that a decision needs it of, and is stored with the package's
//! snapshot. Every user who pushes an image can set its labels, so their number and length are limited.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::ids::PackageKey;
use crate::scan::Findings;
use crate::time::{Span, Timestamp};

/// The namespace of the labels that the OCI image specification defines.
pub const STANDARD_LABELS: &str = "org.opencontainers.image.";

/// The label of the commit that an image was built from.
pub const REVISION: &str = "org.opencontainers.image.revision";

/// The maximum number of labels. Images of common builds have fewer than 30.
const MAX_LABELS: usize = 64;

/// The longest value of a label, in bytes. Longer ones, such as whole documents, are left out.
const MAX_VALUE_BYTES: usize = 1_024;

/// The bytes of all labels of a version, because they are stored with the snapshot.
const MAX_BYTES: usize = 8 * 1_024;

/// The maximum number of platforms of an index.
const MAX_PLATFORMS: usize = 64;

/// How long metadata is valid. The content of a digest never changes; a tag without a known digest may have been moved.
const VALID_BY_DIGEST: Span = Span::from_hours(30 * 24);
const VALID_BY_TAG: Span = Span::from_hours(24);

/// When an image without a valid signature or a finished scan is read again: pipelines sign minutes after the push. It costs
/// three requests.
const VALID_UNSIGNED: Span = Span::from_minutes(2);

/// When an unfinished scan may be read again because of an event. A scan of an index has up to 16 events.
pub const SCAN_AGAIN: Span = Span::from_seconds(5);

/// How long after its last read an unfinished scan may be waited for. Each trigger is evaluated once an hour, and reads the scan
/// of the version that it selects.
const SCAN_SELECTED: Span = Span::from_minutes(65);

/// How long a valid signature counts for a tag without a known digest, which may be moved to an unsigned image.
const VALID_SIGNED_TAG: Span = Span::from_minutes(10);

/// How long a finished scan counts: continuous scanning adds findings at any time.
const VALID_SCAN: Span = Span::from_minutes(10);

/// The fingerprint of scans.
const SCAN: &str = "scan";

/// The longest reason why no signature is valid or no scan is finished, in characters.
const MAX_REASON: usize = 500;

/// The metadata of a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionMetadata {
    labels: BTreeMap<String, String>,
    platforms: Vec<String>,
    digest: Option<String>,
    signature: Option<Result<(), String>>,
    scan: Option<Result<Findings, String>>,
}

impl VersionMetadata {
    /// Metadata with as many labels as the limits permit, those of the OCI specification first. If several labels
    /// have the same name, the first one counts. Control characters become spaces. `digest` is that of the manifest or
    /// index.
    pub fn new(
        labels: impl IntoIterator<Item = (String, String)>,
        platforms: impl IntoIterator<Item = String>,
        digest: Option<String>,
    ) -> Self {
        let mut unique = BTreeMap::new();
        for (name, value) in labels {
            unique.entry(name).or_insert(value);
        }
        let (standard, others): (Vec<_>, Vec<_>) = unique
            .into_iter()
            .partition(|(name, _)| name.starts_with(STANDARD_LABELS));
        let mut bytes = 0;
        let fits = |(name, value): &(String, String)| {
            let size = name.len() + value.len();
            let fits = value.len() <= MAX_VALUE_BYTES && bytes + size <= MAX_BYTES;
            bytes += if fits { size } else { 0 };
            fits
        };
        let labels = standard.into_iter().chain(others).filter(fits);
        let labels = labels.map(|(name, value)| (in_one_line(&name), in_one_line(&value)));
        let mut platforms: Vec<_> = platforms.into_iter().map(|one| in_one_line(&one)).collect();
        platforms.sort_unstable();
        platforms.dedup();
        platforms.truncate(MAX_PLATFORMS);
        Self {
            labels: labels.take(MAX_LABELS).collect(),
            platforms,
            digest,
            signature: None,
            scan: None,
        }
    }

    /// The same metadata with the result of verifying the signatures: valid, or why none is.
    #[must_use]
    pub fn with_signature(self, signature: Result<(), String>) -> Self {
        Self {
            signature: Some(signature.map_err(|why| shown(&why))),
            ..self
        }
    }

    /// The same metadata with the findings of the scan, or why no scan is finished.
    #[must_use]
    pub fn with_scan(self, scan: Result<Findings, String>) -> Self {
        Self {
            scan: Some(scan.map_err(|why| shown(&why))),
            ..self
        }
    }

    /// The findings of the scan, or why no scan is finished. `None`: it was not requested.
    pub fn scan(&self) -> Option<&Result<Findings, String>> {
        self.scan.as_ref()
    }

    /// Whether one of the requested keys signed the image, or why no signature is valid. `None`: no keys were requested.
    pub fn signature(&self) -> Option<&Result<(), String>> {
        self.signature.as_ref()
    }

    /// The metadata without the labels whose name or value is not clean, such as a repeated secret.
    #[must_use]
    pub fn filtered(mut self, is_clean: impl Fn(&String) -> bool) -> Self {
        self.labels
            .retain(|name, value| is_clean(name) && is_clean(value));
        self.platforms.retain(&is_clean);
        if let Some(Err(why)) = &mut self.signature
            && !is_clean(why)
        {
            *why = "no signature is valid, for a reason that repeats a secret".to_owned();
        }
        if let Some(Err(why)) = &mut self.scan
            && !is_clean(why)
        {
            *why = "no scan is finished, for a reason that repeats a secret".to_owned();
        }
        self
    }

    /// The label with this name, or else the one of the OCI specification with this last part: `revision` is
    /// `org.opencontainers.image.revision`.
    pub fn label(&self, name: &str) -> Option<&str> {
        let standard = || self.labels.get(&format!("{STANDARD_LABELS}{name}"));
        let value = self.labels.get(name).or_else(standard)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// All labels by their names: those of the image's configuration, and the annotations of its manifest and index.
    pub fn labels(&self) -> &BTreeMap<String, String> {
        &self.labels
    }

    /// The platforms of an index, or that of a single image, such as `linux/arm64`. Empty for charts.
    pub fn platforms(&self) -> &[String] {
        &self.platforms
    }

    /// The digest of the manifest or index, such as `sha256:...`.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }
}

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

impl ReadMetadata {
    /// The result of a read at `now`. `retry_after`: when a failed read is repeated.
    pub fn new(
        of: Option<String>,
        result: Result<VersionMetadata, String>,
        now: Timestamp,
        retry_after: Span,
    ) -> Self {
        let is_unfinished = |read: &VersionMetadata| {
            matches!(read.signature, Some(Err(_))) || matches!(read.scan, Some(Err(_)))
        };
        let valid = match (&result, &of) {
            (Ok(read), _) if is_unfinished(read) => VALID_UNSIGNED,
            (Ok(read), _) if read.scan.is_some() => VALID_SCAN,
            (Ok(_), Some(_)) => VALID_BY_DIGEST,
            (Ok(read), None) if read.signature.is_some() => VALID_SIGNED_TAG,
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
        matches!(&self.result, Ok(read) if matches!(read.scan, Some(Err(_))))
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

fn shown(why: &str) -> String {
    in_one_line(why).chars().take(MAX_REASON).collect()
}

fn in_one_line(text: &str) -> String {
    let in_line = |char: char| match char {
        '\u{2028}' | '\u{2029}' => ' ',
        char if char.is_control() => ' ',
        char => char,
    };
    text.chars().map(in_line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(labels: &[(&str, &str)]) -> VersionMetadata {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        VersionMetadata::new(labels.iter().map(owned), [], None)
    }

    #[test]
    fn label_is_found_by_its_whole_name_or_its_last_part() {
        let read = metadata(&[
            ("org.opencontainers.image.revision", " 4f2a9c1 "),
            ("org.opencontainers.image.revision", "of the index"),
            ("org.opencontainers.image.url", ""),
            ("team", "a\nb"),
        ]);
        for (name, expected) in [
            ("revision", Some("4f2a9c1")),
            ("org.opencontainers.image.revision", Some("4f2a9c1")),
            ("team", Some("a b")),
            ("url", None),
            ("source", None),
        ] {
            assert_eq!(read.label(name), expected, "{name}");
        }
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
            let read = metadata(&[]);
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
        let unfinished = metadata(&[]).with_scan(Err("in progress".to_owned()));
        let finished = metadata(&[]).with_scan(Ok(Findings::default()));
        let unsigned = metadata(&[]).with_signature(Err("no signature".to_owned()));
        for (read, seconds) in [(unfinished, 5), (finished, 10 * 60), (unsigned, 2 * 60)] {
            let stored = ReadMetadata::new(None, Ok(read.clone()), now, Span::from_minutes(5));
            let due = now + Span::from_seconds(seconds);
            assert!(stored.is_read_again_at(due), "{read:?}");
            let before = due - Span::from_millis(1);
            assert!(!stored.is_read_again_at(before), "{read:?}");
        }
    }

    #[test]
    fn labels_are_limited_and_standard_labels_come_first() {
        let long = "x".repeat(MAX_VALUE_BYTES);
        let longer = format!("{long}x");
        let names: Vec<_> = (0..20).map(|number| format!("a{number:02}")).collect();
        let mut labels: Vec<_> = names
            .iter()
            .map(|name| (name.as_str(), long.as_str()))
            .collect();
        labels.push(("b", &longer));
        labels.push(("org.opencontainers.image.revision", "4f2a9c1"));
        let read = metadata(&labels);
        assert_eq!(read.label("revision"), Some("4f2a9c1"));
        assert_eq!(read.label("b"), None);
        assert_eq!(read.labels().len(), 8);
        let many: Vec<_> = (0..100).map(|number| format!("{number:03}")).collect();
        let many: Vec<_> = many.iter().map(|name| (name.as_str(), "x")).collect();
        assert_eq!(metadata(&many).labels().len(), MAX_LABELS);
    }
}
