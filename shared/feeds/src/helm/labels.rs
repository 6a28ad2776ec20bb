//! The labels of a chart's version: the annotations of its entry in the index, and its other fields as standard labels.

use domain::metadata::{STANDARD_LABELS, VersionMetadata};

use super::selected::{MAX_LABEL_BYTES, MAX_LABELS};

/// The label with the version of the application that a chart installs.
const APP_VERSION: &str = "appVersion";

/// The fields of an entry that are read for its labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Labels {
    annotations: Vec<(String, String)>,
    pub(super) app_version: Option<String>,
    pub(super) home: Option<String>,
    /// The first of `sources`.
    pub(super) source: Option<String>,
}

impl Labels {
    /// Adds an annotation, unless it is too long or there are too many.
    pub(super) fn annotate(&mut self, name: String, value: Option<String>) {
        let Some(value) = value else { return };
        if self.annotations.len() < MAX_LABELS && name.len() + value.len() <= MAX_LABEL_BYTES {
            self.annotations.push((name, value));
        }
    }
}

/// The labels of a version. An annotation counts before the field that means the same.
pub(super) fn metadata(
    labels: Labels,
    version: &str,
    created: Option<String>,
    digest: Option<String>,
) -> VersionMetadata {
    let Labels {
        annotations,
        app_version,
        home,
        source,
    } = labels;
    let fields = [
        (APP_VERSION.to_owned(), app_version),
        (standard("version"), Some(version.to_owned())),
        (standard("source"), source),
        (standard("url"), home),
        (standard("created"), created),
    ];
    let fields = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    VersionMetadata::new(annotations.into_iter().chain(fields), [], digest)
}

fn standard(name: &str) -> String {
    format!("{STANDARD_LABELS}{name}")
}
