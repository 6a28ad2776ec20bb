//! Adds a trigger to a file and preserves the rest: comments, order and style.
//!
//! The lines of the trigger are inserted below the last one, and the result is read again. If it does not
//! contain the same triggers and the new one, the file is refused and not changed.

use domain::definition::{Definition, Definitions};

use crate::fault::FileErrors;
use crate::form::{WriteError, write};
use crate::tree::{Content, Node};
use crate::{TriggerFile, read};

/// Spaces before the dash of a trigger, as [`write`] has it.
const OWN_INDENT: usize = 2;

/// A file to which no trigger can be added.
#[derive(Debug, thiserror::Error)]
pub enum InsertError {
    /// The file has errors.
    #[error(transparent)]
    FileErrors(#[from] FileErrors),
    /// The file has a trigger of this name.
    #[error(
        "cannot add the trigger `{name}`: {file} already has one of this name; choose another name"
    )]
    Taken {
        /// The file.
        file: String,
        /// The name.
        name: String,
    },
    /// The file has a layout to which no lines can be added.
    #[error(
        "cannot add a trigger to {0}: it is not a list with a dash before each trigger; write it as `feedctl export` does"
    )]
    Form(String),
    /// The trigger cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// The text of a file with one more trigger. An empty text becomes a file with that one.
///
/// # Errors
/// When the file has errors, has a trigger of this name, or has a layout to which no lines can be added.
pub fn insert(name: &str, text: &str, new: &Definition) -> Result<String, InsertError> {
    let alone = write(&Definitions {
        triggers: vec![new.clone()],
        native: Vec::new(),
    })?;
    if text.trim().is_empty() {
        return Ok(alone);
    }
    let before = read(name, text)?;
    if before
        .definitions
        .triggers
        .iter()
        .any(|one| one.id() == new.id() && one.space == new.space)
    {
        return Err(InsertError::Taken {
            file: name.to_owned(),
            name: new.name.clone(),
        });
    }
    let after = put(&before, text, &alone).ok_or_else(|| InsertError::Form(name.to_owned()))?;
    let mut expected = before.definitions;
    expected.triggers.push(new.clone());
    match read(name, &after) {
        Ok(file) if file.definitions == expected => Ok(after),
        _ => Err(InsertError::Form(name.to_owned())),
    }
}

/// The text with the lines of the trigger inserted; `None` if the layout does not permit it.
fn put(file: &TriggerFile, text: &str, alone: &str) -> Option<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let Content::Map(entries) = &file.tree.content else {
        return None;
    };
    let Some(index) = entries.iter().position(|(key, _)| key.name == "triggers") else {
        lines.extend(alone.lines());
        return Some(joined(&lines));
    };
    let (key, list) = &entries[index];
    let items = list.items();
    let Some(first) = items.first() else {
        let line = key.place.line.checked_sub(1)?;
        let own = lines.get(line)?.trim_end();
        return (own == "triggers: []").then(|| {
            lines.splice(line..=line, alone.lines());
            joined(&lines)
        });
    };
    let dash = dash_before(first, &lines)?;
    let next = entries.get(index + 1).map(|(key, _)| key.place.line - 1);
    let mut end = next.unwrap_or(lines.len());
    let belongs = |line: &str| {
        let words = line.trim_start();
        let indent = line.len() - words.len();
        !words.is_empty() && (!words.starts_with('#') || indent > dash)
    };
    while end > 0 && !belongs(lines[end - 1]) {
        end -= 1;
    }
    let shift = " ".repeat(dash);
    let new: Vec<String> = alone
        .lines()
        .skip(1)
        .map(|line| format!("{shift}{}", line.get(OWN_INDENT..).unwrap_or_default()))
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.splice(end..end, new.iter().map(String::as_str));
    Some(joined(&lines))
}

/// The number of spaces before the dash of an item.
fn dash_before(item: &Node, lines: &[&str]) -> Option<usize> {
    let line = lines.get(item.place.line.checked_sub(1)?)?;
    let before: String = line.chars().take(item.place.column - 1).collect();
    let dash = before.find('-')?;
    let is_dash = before.trim() == "-";
    is_dash.then_some(dash)
}

fn joined(lines: &[&str]) -> String {
    let mut text = lines.join("\n");
    text.push('\n');
    text
}
