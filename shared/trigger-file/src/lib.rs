//! `triggers.yaml`: trigger definitions as text.
//!
//! [`read`] parses a text into [`Definitions`], or returns all of its errors, each with its line and column.
//! [`write`] writes definitions in the same format, in one canonical form and without defaults; [`write_json`]
//! writes JSON, which is valid YAML. [`insert`] adds one definition and preserves the rest of the text.
//! [`schema`] is the JSON Schema for editors. [`Difference`] lists the changes between two sets of definitions.
//!
//! [`fields`] is the one table of all fields, used by the reader and by the schema. This crate does not know
//! Octopus: its callers check whether a name exists, and report errors at the place that
//! [`TriggerFile::error_at`] returns.

mod conflicts;
mod difference;
mod duration;
mod fault;
mod fields;
mod form;
mod insert;
mod node_text;
mod part;
mod read;
mod schema;
mod shape;
mod tree;
mod warnings;

pub use difference::{Change, ChangeKind, Difference, Edit};
use domain::definition::Definitions;
pub use duration::parse as duration;
pub use fault::{FileError, FileErrors, Place};
pub use form::{WriteError, write, write_json};
pub use insert::{InsertError, insert};
pub use part::{read_requirements, read_window, write_requirements, write_window};
pub use schema::schema;
pub use tree::MAX_FILE_BYTES;

use tree::Node;

/// A parsed file.
#[derive(Clone, Debug)]
pub struct TriggerFile {
    pub definitions: Definitions,
    name: String,
    tree: Node,
}

/// Reads a file. Errors contain `name`.
///
/// # Errors
/// All errors of the file; if it is not valid YAML, the first syntax error.
pub fn read(name: &str, text: &str) -> Result<TriggerFile, FileErrors> {
    let (tree, mut faults) = tree::parse(text).map_err(|faults| FileErrors::new(name, faults))?;
    let definitions = read::definitions(&tree, &mut faults);
    if !faults.is_empty() {
        return Err(FileErrors::new(name, faults));
    }
    Ok(TriggerFile {
        definitions,
        name: name.to_owned(),
        tree,
    })
}

impl TriggerFile {
    /// An error at a path of field names and positions, such as `triggers.0.packages.1.packageReference`; at the
    /// nearest existing parent if the path does not exist.
    pub fn error_at(&self, path: &str, problem: impl Into<String>) -> FileError {
        FileError::new(self.tree.place_of(path), problem)
    }

    /// A line for each setting that is valid, but probably not intended.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = warnings::of(&self.tree);
        warnings.sort_unstable();
        let line = |FileError { place, problem }: &FileError| {
            format!("{}:{place}: warning: {problem}", self.name)
        };
        warnings.iter().map(line).collect()
    }

    /// Errors that callers found in the file.
    pub fn errors(&self, faults: Vec<FileError>) -> FileErrors {
        FileErrors::new(&self.name, faults)
    }
}
