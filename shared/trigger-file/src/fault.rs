//! The errors of a file, with their places.

use std::fmt;

/// The most errors that are displayed; the rest are counted.
const SHOWN: usize = 50;

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, counted from 1.
    pub line: usize,
    /// The character of the line, counted from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileError {
    pub place: Place,
    /// The problem, with its remedy.
    pub problem: String,
}

impl FileError {
    pub fn new(place: Place, problem: impl Into<String>) -> Self {
        Self {
            place,
            problem: problem.into(),
        }
    }
}

/// All errors of a file, ordered by place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FileErrors {
    /// The name of the file.
    pub file: String,
    /// The errors, without duplicates; at least one.
    pub faults: Vec<FileError>,
}

impl FileErrors {
    /// Sorts the errors by place.
    pub fn new(file: impl Into<String>, mut faults: Vec<FileError>) -> Self {
        faults.sort_unstable();
        faults.dedup();
        Self {
            file: file.into(),
            faults,
        }
    }
}

/// One line per error: `triggers.yaml:3:5: unknown field ...`, the format of compilers.
impl fmt::Display for FileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().take(SHOWN).enumerate() {
            let line_end = if index == 0 { "" } else { "\n" };
            let FileError { place, problem } = fault;
            write!(f, "{line_end}{}:{place}: {problem}", self.file)?;
        }
        match self.faults.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n{}: and {more} more", self.file),
        }
    }
}
