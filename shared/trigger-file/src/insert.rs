//! One more trigger in a file, of which everything else stays as it is: comments, order and style.
//!
//! The trigger is put below the last one, as lines. What comes of it is read again: where it does not read
//! as the same triggers with one more, the file is refused and left to its owner.

use domain::definition::{Definition, Definitions};

use crate::fault::FileErrors;
use crate::form::{WriteError, write};
use crate::tree::{Content, Node};
use crate::{TriggerFile, read};

/// Spaces before the dash of a trigger, as [`write`] has it.
const OWN_INDENT: usize = 2;

/// A file that takes no trigger.
#[derive(Debug, thiserror::Error)]
pub enum InsertError {
    /// It is in no order.
    #[error(transparent)]
    FileErrors(#[from] FileErrors),
    /// A trigger of the same name is there.
    #[error("{file} has a trigger `{name}` already; give the new one another name")]
    Taken {
        /// The file.
        file: String,
        /// The name.
        name: String,
    },
    /// It is written in a way that no line can be added to.
    #[error(
        "{0} is not a list of triggers with a dash before each, so nothing can be put below the last one; write it as `feedctl export` does"
    )]
    Form(String),
    /// The trigger has no written form.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// The text of a file with one more trigger. An empty text becomes a file with that one.
///
/// # Errors
/// When the text is no file of triggers, has that trigger, or is not written line by line.
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

/// The text with the lines of the trigger at their place, if there is one.
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

/// How many spaces stand before the dash of an item.
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
