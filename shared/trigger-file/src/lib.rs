//! `triggers.yaml`: what people ask for, as text.
//!
//! [`read`] takes a text apart and gives [`Definitions`], or everything that is wrong with it, each
//! thing with its line and column. [`write`] puts definitions into the same form, always the same way
//! and without what is the default; [`write_json`] does so in JSON, which is YAML too. [`insert`] adds one
//! and leaves the rest as it is. [`schema`] describes the form to editors. [`Difference`] says what changes
//! when one set of definitions takes the place of another.
//!
//! [`fields`] is the one table of what there is; the reader refuses by it and the schema is made of it.
//! Nothing here knows Octopus: whether a project of that name exists is for others to say, who get the
//! places for it from [`TriggerFile::fault`].

mod conflicts;
mod difference;
mod duration;
mod fault;
mod fields;
mod form;
mod insert;
mod read;
mod schema;
mod shape;
mod tree;

pub use difference::{Change, ChangeKind, Difference, Edit};
use domain::definition::Definitions;
pub use duration::parse as duration;
pub use fault::{FileError, FileErrors, Place};
pub use form::{WriteError, write, write_json};
pub use insert::{InsertError, insert};
pub use schema::schema;
pub use tree::MAX_FILE_BYTES;

use tree::Node;

/// A file that was read.
#[derive(Clone, Debug)]
pub struct TriggerFile {
    /// What it asks for.
    pub definitions: Definitions,
    name: String,
    tree: Node,
}

/// Reads a file. `name` is what it is called in what is said of it.
///
/// # Errors
/// Everything that is wrong with it; where it is no YAML at all, the first such place.
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
    /// Something that is wrong with what stands at a path of field names and positions, such as
    /// `triggers.0.packages.1.packageReference`; at what comes nearest, if nothing stands there.
    pub fn error_at(&self, path: &str, problem: impl Into<String>) -> FileError {
        FileError::new(self.tree.place_of(path), problem)
    }

    /// Faults that were found in the file.
    pub fn errors(&self, faults: Vec<FileError>) -> FileErrors {
        FileErrors::new(&self.name, faults)
    }
}
