//! Which charts of an index are kept, and which of their versions with labels.

use std::collections::{BTreeMap, BTreeSet};

/// The maximum number of labels of an entry that are read. The limits of the stored labels are lower.
pub(super) const MAX_LABELS: usize = 256;

/// The longest value of a label that is read, in bytes. Longer ones are not stored.
pub(super) const MAX_LABEL_BYTES: usize = 4 << 10;

/// The charts that are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Selected {
    pub(super) charts: BTreeSet<String>,
    /// The versions, by chart, whose labels are kept.
    pub(super) described: BTreeMap<String, BTreeSet<String>>,
}

impl Selected {
    /// The versions of a chart whose labels are kept.
    pub(super) fn described(&self, chart: &str) -> BTreeSet<String> {
        self.described.get(chart).cloned().unwrap_or_default()
    }
}

impl From<BTreeSet<String>> for Selected {
    fn from(charts: BTreeSet<String>) -> Self {
        Self {
            charts,
            described: BTreeMap::new(),
        }
    }
}
