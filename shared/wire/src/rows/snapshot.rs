//! The body of a snapshot: all versions. It may be compressed.

use std::collections::BTreeMap;

use domain::metadata::{ReadMetadata, VersionMetadata};
use domain::scan::{Findings, Severity};
use domain::snapshot::{Seen, Snapshot};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Serialize, Serializer};

use super::{inflate, read, write_compressed};
use crate::WireError;
use crate::time::Time;

const KIND: &str = "the snapshot body";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersionData<S> {
    version: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<Time>,
    first_seen: Time,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pushed_again: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<Box<[MetadataData]>>,
}

/// Metadata, or the error of reading it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetadataData {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    platforms: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Absent if neither signatures nor a record of ECR were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keys: Option<String>,
    /// Whether a signature is valid. Absent if signatures were not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_signed: Option<bool>,
    /// Why no signature is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unsigned: Option<String>,
    /// The number of findings by ECR's names of severities. Absent if no scan is finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    findings: Option<BTreeMap<String, u32>>,
    /// Why no scan is finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unscanned: Option<String>,
    valid_until: Time,
}

impl From<&ReadMetadata> for MetadataData {
    fn from(read: &ReadMetadata) -> Self {
        let metadata = read.result.as_ref().ok();
        let signature = metadata.and_then(VersionMetadata::signature);
        let scan = metadata.and_then(VersionMetadata::scan);
        Self {
            of: read.of.clone(),
            labels: metadata.map(|one| one.labels().clone()).unwrap_or_default(),
            platforms: metadata
                .map(|one| one.platforms().to_vec())
                .unwrap_or_default(),
            digest: metadata.and_then(|one| one.digest().map(str::to_owned)),
            error: read.result.as_ref().err().cloned(),
            keys: read.keys.clone(),
            is_signed: signature.map(Result::is_ok),
            unsigned: signature.and_then(|one| one.as_ref().err().cloned()),
            findings: scan.and_then(|one| Some(counts(one.as_ref().ok()?))),
            unscanned: scan.and_then(|one| one.as_ref().err().cloned()),
            valid_until: Time(read.valid_until),
        }
    }
}

impl From<MetadataData> for ReadMetadata {
    fn from(data: MetadataData) -> Self {
        let signature = data.is_signed.map(|is_signed| match is_signed {
            true => Ok(()),
            false => Err(data.unsigned.unwrap_or_default()),
        });
        let scan = match (data.findings, data.unscanned) {
            (Some(counts), _) => Some(Ok(findings(&counts))),
            (None, Some(why)) => Some(Err(why)),
            (None, None) => None,
        };
        let with_signature = |metadata: VersionMetadata| match signature {
            Some(signature) => metadata.with_signature(signature),
            None => metadata,
        };
        let with_scan = |metadata: VersionMetadata| match scan {
            Some(scan) => metadata.with_scan(scan),
            None => metadata,
        };
        Self {
            of: data.of,
            keys: data.keys,
            result: match data.error {
                None => Ok(with_scan(with_signature(VersionMetadata::new(
                    data.labels,
                    data.platforms,
                    data.digest,
                )))),
                Some(error) => Err(error),
            },
            valid_until: data.valid_until.0,
        }
    }
}

fn counts(findings: &Findings) -> BTreeMap<String, u32> {
    let counts = findings.counts();
    let named = counts.map(|(severity, count)| (severity.name().to_owned(), count));
    named.collect()
}

/// The findings. A severity that this version does not know counts as the worst one.
fn findings(counts: &BTreeMap<String, u32>) -> Findings {
    let parsed = |name: &str| Severity::parse(name).unwrap_or(Severity::Critical);
    let counts = counts.iter();
    counts.map(|(name, count)| (parsed(name), *count)).collect()
}

/// Serializes the versions one by one, so that a long list is in memory once.
struct Versions<'a>(&'a Snapshot);

impl Serialize for Versions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for (version, seen) in self.0.versions() {
            list.serialize_element(&VersionData {
                version,
                digest: seen.digest.as_deref(),
                published: seen.published.map(Time),
                first_seen: Time(seen.first_seen),
                pushed_again: seen.pushed_again.map(Time),
                metadata: self.0.metadata().get(version).map(|read| {
                    let read = read.iter();
                    read.map(MetadataData::from).collect()
                }),
            })?;
        }
        list.end()
    }
}

/// Encodes the body. Equal snapshots give equal bytes.
///
/// # Errors
/// [`WireError::Unwritable`] for a time that RFC 3339 cannot express.
pub fn encode(snapshot: &Snapshot) -> Result<Vec<u8>, WireError> {
    write_compressed(KIND, Versions(snapshot))
}

/// Decodes the body.
///
/// # Errors
/// Those of every row, and [`WireError::Compression`].
pub fn decode(bytes: &[u8]) -> Result<Snapshot, WireError> {
    let text = inflate(KIND, bytes)?;
    let versions: Vec<VersionData<String>> = read(KIND, &text)?;
    let mut metadata = BTreeMap::new();
    let snapshot = Snapshot::from_versions(versions.into_iter().map(|data| {
        if let Some(read) = data.metadata {
            let read = read.into_iter().map(ReadMetadata::from);
            metadata.insert(data.version.clone(), read.collect());
        }
        let seen = Seen {
            digest: data.digest,
            published: data.published.map(|time| time.0),
            first_seen: data.first_seen.0,
            pushed_again: data.pushed_again.map(|time| time.0),
        };
        (data.version, seen)
    }));
    Ok(snapshot.with_metadata(metadata))
}
