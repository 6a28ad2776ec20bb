//! Truncates messages and rows to their size limit. Truncation is visible: each list has a field with its total
//! number beside it, and a truncated text ends in an ellipsis.

use crate::WireError;

/// The limit for reasons and other prose, in characters.
const MAX_TEXT: usize = 2_000;

/// The maximum lengths of the long lists.
#[derive(Clone, Copy)]
pub(crate) struct Truncation {
    /// Candidates of each finding.
    pub(crate) candidates: usize,
    /// Versions in each list of an announcement.
    pub(crate) versions: usize,
    /// Findings of an evaluation.
    pub(crate) findings: usize,
    /// Packages of a failed check.
    pub(crate) packages: usize,
}

impl Truncation {
    /// No limits.
    pub(crate) const NONE: Self = Self::to(usize::MAX, usize::MAX, usize::MAX, usize::MAX);

    /// From no limits to almost empty lists.
    const STEPS: [Self; 5] = [
        Self::NONE,
        Self::to(8, 30, usize::MAX, 100),
        Self::to(0, 10, usize::MAX, 30),
        Self::to(0, 1, 50, 10),
        Self::to(0, 0, 1, 1),
    ];

    const fn to(candidates: usize, versions: usize, findings: usize, packages: usize) -> Self {
        Self {
            candidates,
            versions,
            findings,
            packages,
        }
    }

    /// Encodes with the first truncation whose result has at most `limit` bytes.
    pub(crate) fn fit<T: AsRef<[u8]>>(
        kind: &str,
        limit: usize,
        write: impl Fn(Self) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        let mut bytes = 0;
        for truncation in Self::STEPS {
            let written = write(truncation)?;
            bytes = written.as_ref().len();
            if bytes <= limit {
                return Ok(written);
            }
        }
        Err(WireError::TooLarge {
            kind: kind.to_owned(),
            bytes,
            limit,
        })
    }
}

/// The text, or its first [`MAX_TEXT`] characters and an ellipsis.
pub(crate) fn clip(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

pub(crate) fn clip_list(list: &[String], limit: usize) -> Vec<String> {
    list.iter().take(limit).cloned().collect()
}
