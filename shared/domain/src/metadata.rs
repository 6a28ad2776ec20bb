//! The metadata of a version: the labels and annotations of an image or chart, and its platforms.
//!
//! Metadata is read from the registry only for versions that a decision needs it of, and is stored with the package's
//! snapshot. Every user who pushes an image can set its labels, so their number and length are limited.

mod stored;

use std::collections::BTreeMap;

pub use stored::{EcrRecord, MetadataOf, ReadMetadata, SCAN_AGAIN, UnreadMetadata};

use crate::scan::Findings;

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
