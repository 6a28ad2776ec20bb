//! Errors and changes of trigger files, notes and usage errors, and adopted or returned triggers.

use std::io;
use std::path::Path;

use serde_json::{Value, json};
use trigger_file::{Change, ChangeKind, Difference, Edit, FileErrors};

use super::grid::Grid;
use super::paint::Tone;
use super::{Output, print, print_error, print_unwrapped};
use crate::args::OutputFormat;
use crate::exit::Exit;
use crate::settings::{self, Settings};

/// The text for a field without a value.
const DEFAULT: &str = "(default)";

impl Output {
    /// Text, in every format.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn text(&self, text: &str) -> io::Result<()> {
        print_unwrapped(text)
    }

    /// A note to the user that is not part of the result.
    pub fn note(&self, text: &str) {
        print_error(format_args!("note: {text}"));
    }

    /// Reports an invalid command line.
    pub fn usage_error(&self, why: &str) -> Exit {
        print_error(format_args!("error: {why}"));
        Exit::Usage
    }

    /// The settings of the configuration file; the API key is not shown.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub(crate) fn settings(&self, settings: &Settings, path: &Path) -> io::Result<()> {
        let shown = |name: &String, value: &String| match name.as_str() {
            "api-key" => "(set)".to_owned(),
            _ => value.clone(),
        };
        let values = settings.0.iter();
        let values = values.map(|(name, value)| (name.clone(), shown(name, value)));
        match self.format {
            OutputFormat::Json => {
                let values: serde_json::Map<_, _> = values
                    .map(|(name, value)| (name, Value::String(value)))
                    .collect();
                let path = path.display().to_string();
                print(format_args!(
                    "{:#}",
                    json!({ "Path": path, "Settings": values })
                ))
            }
            OutputFormat::Basic => {
                let mut values = values;
                values.try_for_each(|(name, value)| print(format_args!("{name}\t{value}")))
            }
            OutputFormat::Table => {
                print(format_args!("Configuration: {}", path.display()))?;
                if settings.0.is_empty() {
                    let known = settings::KEYS.join(", ");
                    return print(format_args!(
                        "No settings. `feedctl config set NAME VALUE` adds one; the names are: {known}, state."
                    ));
                }
                let mut grid = Grid::new(self.paint, ["Setting", "Value"]);
                for (name, value) in values {
                    grid.row([name.into(), value.into()]);
                }
                print(grid)
            }
        }
    }

    /// The result of backing up or restoring a state file.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn copied(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (from.display().to_string(), to.display().to_string());
        match self.format {
            OutputFormat::Json => print(json!({ "From": from, "To": to })),
            OutputFormat::Basic => print(format_args!("{from}\t{to}")),
            OutputFormat::Table => print(format_args!("Copied {from} to {to}.")),
        }
    }

    /// The faults of a file, one a line in the format of compilers; `None` for a valid file.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn faults(&self, faults: Option<&FileErrors>) -> io::Result<()> {
        if self.format == OutputFormat::Json {
            let all = faults.into_iter().flat_map(|faults| {
                let of_file = |fault| (&faults.file, fault);
                faults.faults.iter().map(of_file)
            });
            let all: Vec<Value> = all
                .map(|(file, fault)| {
                    json!({
                        "File": file,
                        "Line": fault.place.line,
                        "Column": fault.place.column,
                        "Problem": fault.problem,
                    })
                })
                .collect();
            return print(format_args!("{:#}", json!({ "Errors": all })));
        }
        match faults {
            Some(faults) => print(faults),
            None => print("The file is valid."),
        }
    }

    /// The faults of a file that a command cannot use, on standard error.
    pub fn file_faults(&self, faults: &FileErrors) {
        print_error(faults);
    }

    /// The changes of a file; `applied` is `None` for `diff`.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn difference(&self, difference: &Difference, applied: Option<bool>) -> io::Result<()> {
        let changes = &difference.changes;
        if self.format == OutputFormat::Json {
            let changes: Vec<_> = changes.iter().map(change_json).collect();
            let mut shown = json!({ "Changes": changes });
            if let Some(applied) = applied {
                shown["Applied"] = json!(applied);
            }
            return print(format_args!("{shown:#}"));
        }
        for change in changes {
            let line = format!("{} {}", sign(change.kind), change.subject);
            print(self.paint.text(tone(change.kind), &line))?;
            let mut edits = change.edits.iter();
            edits.try_for_each(|edit| show_edit(change.kind, edit))?;
        }
        let count = |kind| changes.iter().filter(|change| change.kind == kind).count();
        let counts = format!(
            "{} added, {} changed, {} removed",
            count(ChangeKind::Added),
            count(ChangeKind::Changed),
            count(ChangeKind::Removed)
        );
        match applied {
            _ if difference.is_empty() => print("No changes."),
            None => print(counts),
            Some(true) => print(format_args!("Applied: {counts}")),
            Some(false) => print(format_args!("Not applied: {counts}")),
        }
    }

    /// The result of adopting or returning a trigger.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn adoption(&self, id: &str, name: &str, is_change: bool, result: &str) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => print(format_args!(
                "{:#}",
                json!({ "TriggerId": id, "TriggerName": name, "Changed": is_change, "Result": result })
            )),
            OutputFormat::Basic => print(format_args!("{id}\t{name}\t{result}")),
            OutputFormat::Table => print(format_args!("{name} ({id}): {result}")),
        }
    }
}

fn sign(kind: ChangeKind) -> char {
    match kind {
        ChangeKind::Added => '+',
        ChangeKind::Removed => '-',
        ChangeKind::Changed => '~',
    }
}

fn tone(kind: ChangeKind) -> Tone {
    match kind {
        ChangeKind::Added => Tone::Good,
        ChangeKind::Removed => Tone::Bad,
        ChangeKind::Changed => Tone::Warning,
    }
}

fn show_edit(kind: ChangeKind, edit: &Edit) -> io::Result<()> {
    let Edit {
        field,
        before,
        after,
    } = edit;
    let text = |side: &Option<String>| side.as_deref().map_or(DEFAULT.to_owned(), one_line);
    match kind {
        ChangeKind::Added => print(format_args!("    {field}: {}", text(after))),
        ChangeKind::Changed | ChangeKind::Removed => print(format_args!(
            "    {field}: {} -> {}",
            text(before),
            text(after)
        )),
    }
}

/// Quotes text with several lines, such as a release-notes template, in one line.
fn one_line(text: &str) -> String {
    if text.contains('\n') {
        format!("{text:?}")
    } else {
        text.to_owned()
    }
}

fn change_json(change: &Change) -> Value {
    let kind = match change.kind {
        ChangeKind::Added => "Added",
        ChangeKind::Removed => "Removed",
        ChangeKind::Changed => "Changed",
    };
    let edits = change
        .edits
        .iter()
        .map(|edit| json!({ "Field": edit.field, "Before": edit.before, "After": edit.after }));
    json!({ "Subject": change.subject, "Kind": kind, "Fields": edits.collect::<Vec<_>>() })
}
