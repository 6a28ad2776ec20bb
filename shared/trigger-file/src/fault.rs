//! What is wrong with a file, and where.

use std::fmt;

/// The most faults that are shown one by one; the rest are counted.
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

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileError {
    /// Where.
    pub place: Place,
    /// What, with the remedy.
    pub problem: String,
}

impl FileError {
    /// Something that is wrong at a place.
    pub fn new(place: Place, problem: impl Into<String>) -> Self {
        Self {
            place,
            problem: problem.into(),
        }
    }
}

/// Everything that is wrong with a file, by place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FileErrors {
    /// What the file is called.
    pub file: String,
    /// The faults, each once, at least one.
    pub faults: Vec<FileError>,
}

impl FileErrors {
    /// Puts faults into the order of their places.
    pub fn new(file: impl Into<String>, mut faults: Vec<FileError>) -> Self {
        faults.sort_unstable();
        faults.dedup();
        Self {
            file: file.into(),
            faults,
        }
    }
}

/// A line for each: `triggers.yaml:3:5: unknown field ...`, as compilers and editors know it.
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
