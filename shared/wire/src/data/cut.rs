//! Keeping messages and rows under their limit. What is cut is never cut silently: each list stands
//! beside the count of what there was, and a clipped text ends in an ellipsis.

use crate::WireError;

/// The longest text for people that a message carries, in characters.
const MAX_TEXT: usize = 2_000;

/// How much of the long lists is kept.
#[derive(Clone, Copy)]
pub(crate) struct Cut {
    /// Candidates of each finding.
    pub(crate) candidates: usize,
    /// Versions in each list of an announcement.
    pub(crate) versions: usize,
    /// Findings of an evaluation.
    pub(crate) findings: usize,
    /// Packages of a failed check.
    pub(crate) packages: usize,
}

impl Cut {
    /// Nothing is cut.
    pub(crate) const NOTHING: Self = Self::to(usize::MAX, usize::MAX, usize::MAX, usize::MAX);

    /// From all to next to nothing.
    const STEPS: [Self; 5] = [
        Self::NOTHING,
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

    /// The largest form that takes at most `limit` bytes.
    pub(crate) fn until_it_fits<T: AsRef<[u8]>>(
        what: &str,
        limit: usize,
        write: impl Fn(Self) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        let mut bytes = 0;
        for cut in Self::STEPS {
            let written = write(cut)?;
            bytes = written.as_ref().len();
            if bytes <= limit {
                return Ok(written);
            }
        }
        Err(WireError::TooLarge {
            what: what.to_owned(),
            bytes,
            limit,
        })
    }
}

/// The text, or its beginning with an ellipsis.
pub(crate) fn clip(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The first `most` of the list.
pub(crate) fn clip_list(list: &[String], most: usize) -> Vec<String> {
    list.iter().take(most).cloned().collect()
}
