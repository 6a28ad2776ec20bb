//! What is kept of an index: the wanted charts, and of each its versions.

use std::collections::{BTreeMap, HashMap};

use domain::snapshot::Listed;
use domain::time::Timestamp;

use super::index::IndexError;

/// How much memory the versions of a chart may take, in bytes: nearly a hundred thousand with their digests.
/// The largest public charts have a few thousand.
const MOST_BYTES: usize = 32 << 20;

/// What a version takes besides its texts, as was measured: in the list, and in the map by which it is found,
/// with what both have in reserve.
const ENTRY_BYTES: usize = 256;

/// What an index says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    /// The wanted charts that it has.
    pub(super) charts: BTreeMap<String, Chart>,
    /// The path below which the server is reached, where it is a ChartMuseum; empty for the root.
    pub(super) museum: Option<String>,
}

/// The versions of a chart, each once, as Helm would see them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chart {
    pub(super) versions: Vec<Listed>,
    /// Entries whose version is missing or none that Helm can read; Helm drops them too.
    pub(super) invalid: usize,
    /// Entries that repeat a version with another digest; the first one counts.
    pub(super) contradictory: usize,
    /// What the versions take, counted on although no more are kept than [`MOST_BYTES`] hold.
    bytes: usize,
}

impl Chart {
    /// Whether all of its versions were kept.
    pub(super) fn fits(&self) -> Result<(), IndexError> {
        match self.bytes {
            0..=MOST_BYTES => Ok(()),
            _ => Err(IndexError::Overfull { limit: MOST_BYTES }),
        }
    }
}

/// What is read of one version of a chart.
#[derive(Default)]
pub(super) struct Entry {
    pub(super) version: Option<String>,
    pub(super) created: Option<String>,
    pub(super) digest: Option<String>,
    pub(super) removed: bool,
}

/// A chart that is being read.
#[derive(Default)]
pub(super) struct Versions {
    chart: Chart,
    /// Where each version stands.
    places: HashMap<String, usize>,
}

impl Versions {
    /// Of the same version twice the first counts, as where Helm sorts them. What was removed is passed
    /// over.
    pub(super) fn keep(&mut self, entry: Entry) {
        if entry.removed {
            return;
        }
        let Some(version) = entry.version.filter(|version| is_version(version)) else {
            self.chart.invalid += 1;
            return;
        };
        let digest = entry.digest.and_then(digest);
        let known = self.places.get(&version);
        if let Some(first) = known.and_then(|place| self.chart.versions.get(*place)) {
            self.chart.contradictory += usize::from(first.digest != digest);
            return;
        }
        // The text is kept twice.
        let texts = version.len() * 2 + digest.as_ref().map_or(0, String::len);
        self.chart.bytes += texts + ENTRY_BYTES;
        if self.chart.fits().is_err() {
            return;
        }
        self.places
            .insert(version.clone(), self.chart.versions.len());
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

/// Whether Helm can read it: SemVer with an optional `v`, of which the last numbers may be absent.
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
    numbers.split('.').count() <= 3
        && numbers.split('.').all(is_number)
        && are_labels(pre_release)
        && are_labels(build)
}

fn timestamp(text: &str) -> Option<Timestamp> {
    let instant: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_millis(instant.as_millisecond()))
}

/// A digest with its algorithm: Helm writes SHA-256 without.
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
    use super::{ENTRY_BYTES, Entry, MOST_BYTES, Versions, is_version};

    #[test]
    fn a_chart_has_as_many_versions_as_can_be_held() {
        let holding = |versions: usize| {
            let mut chart = Versions::default();
            for number in 0..versions {
                chart.keep(Entry {
                    version: Some(format!("1.{number:06}")),
                    ..Entry::default()
                });
            }
            chart.into_chart()
        };
        let most = MOST_BYTES / (ENTRY_BYTES + 2 * "1.000000".len());
        assert!(holding(most).fits().is_ok());
        let overfull = holding(most + 100);
        assert!(overfull.fits().is_err());
        assert_eq!(overfull.versions.len(), most);
    }

    #[test]
    fn versions_are_what_helm_can_read() {
        for version in [
            "1",
            "v1.2",
            "1.2.3",
            "01.2.3",
            "1.2.3-rc.1+b-1.2",
            "1.0+x",
            "1-a",
        ] {
            assert!(is_version(version), "{version}");
        }
        for version in [
            "", "v", "vv1", "1.", "1.2.3.4", "1.2.x", "latest", "1.2.3-", "1 ", "1+a_b",
        ] {
            assert!(!is_version(version), "{version}");
        }
    }
}
