//! The parts of an index that are kept: the watched charts and their versions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::metadata::VersionMetadata;
use domain::snapshot::Listed;
use domain::time::Timestamp;

use super::error::IndexError;
use super::labels::{self, Labels};

/// The maximum memory for the versions of a chart, in bytes: nearly a hundred thousand versions with digests. The
/// largest public charts have a few thousand.
const MAX_BYTES: usize = 32 << 20;

/// The measured memory of a version in addition to its texts, in bytes: in the list and in the map, including
/// their spare capacity.
const ENTRY_BYTES: usize = 256;

/// The content of an index.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// The watched charts that the index has.
    pub(super) charts: BTreeMap<String, Chart>,
    /// The path below which a ChartMuseum is reached, empty for the root; `None` for another server.
    pub(super) chart_museum: Option<String>,
}

/// The versions of a chart, each once, as Octopus reads them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chart {
    pub(super) versions: Vec<Listed>,
    /// The number of entries with a missing or invalid version, which Octopus ignores too.
    pub(super) invalid: usize,
    /// The number of entries that repeat a version with another digest. The first entry is used.
    pub(super) contradictory: usize,
    /// The labels of the versions whose labels are kept.
    pub(super) described: BTreeMap<String, VersionMetadata>,
    /// The memory for all versions, including those that are not kept because they exceed [`MAX_BYTES`].
    bytes: usize,
}

impl Chart {
    /// An error if not all versions were kept.
    pub(super) fn fits(&self) -> Result<(), IndexError> {
        match self.bytes {
            0..=MAX_BYTES => Ok(()),
            _ => Err(IndexError::Overfull { limit: MAX_BYTES }),
        }
    }
}

/// The parts of an entry that are read.
#[derive(Clone, Default)]
pub(super) struct Entry {
    pub(super) version: Option<String>,
    pub(super) created: Option<String>,
    pub(super) digest: Option<String>,
    pub(super) removed: bool,
    /// Read only if labels of a version of the chart are kept.
    pub(super) labels: Labels,
}

/// The versions of a chart while it is read.
#[derive(Default)]
pub(super) struct Versions {
    chart: Chart,
    /// The index of each version in the list.
    positions: HashMap<String, usize>,
    /// The versions whose labels are kept.
    described: BTreeSet<String>,
}

impl Versions {
    /// The versions of a chart, with the labels of some of them.
    pub(super) fn with_labels_of(described: BTreeSet<String>) -> Self {
        Self {
            described,
            ..Self::default()
        }
    }

    /// Whether labels of a version are kept.
    pub(super) fn has_labels(&self) -> bool {
        !self.described.is_empty()
    }

    /// Adds an entry. The first entry of a version is used, as in Helm; removed entries are ignored.
    pub(super) fn add(&mut self, entry: Entry) {
        if entry.removed {
            return;
        }
        let Some(version) = entry.version.filter(|version| is_version(version)) else {
            self.chart.invalid += 1;
            return;
        };
        let digest = entry.digest.and_then(digest);
        let known = self.positions.get(&version);
        if let Some(first) = known.and_then(|position| self.chart.versions.get(*position)) {
            self.chart.contradictory += usize::from(first.digest != digest);
            return;
        }
        // The text is stored in the list and in the map.
        let texts = version.len() * 2 + digest.as_ref().map_or(0, String::len);
        self.chart.bytes += texts + ENTRY_BYTES;
        if self.chart.fits().is_err() {
            return;
        }
        self.positions
            .insert(version.clone(), self.chart.versions.len());
        if self.described.contains(&version) {
            let (created, digest) = (entry.created.clone(), digest.clone());
            let metadata = labels::metadata(entry.labels, &version, created, digest);
            self.chart.described.insert(version.clone(), metadata);
        }
        self.chart.versions.push(Listed {
            version,
            digest,
            published: entry.created.as_deref().and_then(timestamp),
        });
    }

    pub(super) fn into_chart(self) -> Chart {
        self.chart
    }
}

/// Whether Octopus can parse a version: SemVer with an optional `v`, whose last numbers may be missing, or with a
/// fourth number, which Helm refuses.
fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (text, build) = match text.split_once('+') {
        Some((text, build)) => (text, Some(build)),
        None => (text, None),
    };
    let (numbers, pre_release) = match text.split_once('-') {
        Some((numbers, pre_release)) => (numbers, Some(pre_release)),
        None => (text, None),
    };
    let is_label = |label: &str| {
        let is_of_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && label.bytes().all(is_of_label)
    };
    let is_number =
        |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let are_labels = |labels: Option<&str>| labels.is_none_or(|all| all.split('.').all(is_label));
    numbers.split('.').count() <= 4
        && numbers.split('.').all(is_number)
        && are_labels(pre_release)
        && are_labels(build)
}

fn timestamp(text: &str) -> Option<Timestamp> {
    let instant: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

/// A digest with its algorithm, which Helm omits for SHA-256.
fn digest(text: String) -> Option<String> {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.split_once(':') {
        None if text.len() == 64 && is_hex(&text) => Some(format!("sha256:{text}")),
        Some(("sha256" | "sha512", digits)) if is_hex(digits) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{ENTRY_BYTES, Entry, MAX_BYTES, Versions, is_version};

    #[test]
    fn versions_above_memory_limit_are_an_error() {
        let chart_with = |versions: usize| {
            let mut chart = Versions::default();
            for number in 0..versions {
                chart.add(Entry {
                    version: Some(format!("1.{number:06}")),
                    ..Entry::default()
                });
            }
            chart.into_chart()
        };
        let most = MAX_BYTES / (ENTRY_BYTES + 2 * "1.000000".len());
        assert!(chart_with(most).fits().is_ok());
        let overfull = chart_with(most + 100);
        assert!(overfull.fits().is_err());
        assert_eq!(overfull.versions.len(), most);
    }

    #[test]
    fn version_is_valid_if_octopus_can_parse_it() {
        for version in [
            "1",
            "v1.2",
            "1.2.3",
            "01.2.3",
            "1.2.3-rc.1+b-1.2",
            "1.0+x",
            "1-a",
            "1.2.3.4",
            "1.2.3.4-rc.1",
        ] {
            assert!(is_version(version), "{version}");
        }
        for version in [
            "",
            "v",
            "vv1",
            "1.",
            "1.2.3.4.5",
            "1.2.x",
            "latest",
            "1.2.3-",
            "1 ",
            "1+a_b",
        ] {
            assert!(!is_version(version), "{version}");
        }
    }
}
