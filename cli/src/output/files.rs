//! Files of triggers: what is wrong with them, what they change; and what became of a native trigger.

use std::io;

use serde_json::{Value, json};
use trigger_file::{Change, ChangeKind, Difference, Edit, FileErrors};

use super::paint::Tone;
use super::{Output, say};
use crate::args::OutputFormat;
use crate::exit::Exit;

/// What stands for a field that says nothing.
const DEFAULT: &str = "(default)";

impl Output {
    /// Text, whatever the format.
    pub fn text(&self, text: &str) -> io::Result<()> {
        say(text)
    }

    /// Something that the person should know and that is no part of the answer.
    pub fn note(&self, text: &str) {
        eprintln!("note: {text}");
    }

    /// Says why the command line cannot be used.
    pub fn misused(&self, why: &str) -> Exit {
        eprintln!("error: {why}");
        Exit::Usage
    }

    /// What is wrong with a file; nothing, if it is in order. A line for each place, which compilers'
    /// users and editors know how to read.
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
            return say(format_args!("{:#}", json!({ "Faults": all })));
        }
        match faults {
            Some(faults) => say(faults),
            None => say("the file is in order"),
        }
    }

    /// What is wrong with a file that something else was to be done with.
    pub fn complain(&self, faults: &FileErrors) {
        eprintln!("{faults}");
    }

    /// What a file changes, and whether it was applied; nothing for that, if nobody asked for it.
    pub fn difference(&self, difference: &Difference, applied: Option<bool>) -> io::Result<()> {
        let changes = &difference.changes;
        if self.format == OutputFormat::Json {
            let changes: Vec<_> = changes.iter().map(change_json).collect();
            let mut shown = json!({ "Changes": changes });
            if let Some(applied) = applied {
                shown["Applied"] = json!(applied);
            }
            return say(format_args!("{shown:#}"));
        }
        for change in changes {
            let line = format!("{} {}", sign(change.kind), change.subject);
            say(self.paint.text(tone(change.kind), &line))?;
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
            _ if difference.is_empty() => say("nothing changes"),
            None => say(counts),
            Some(true) => say(format_args!("applied: {counts}")),
            Some(false) => say(format_args!("not applied: {counts}")),
        }
    }

    /// What became of a native trigger.
    pub fn hand_over(&self, id: &str, name: &str, is_change: bool, said: &str) -> io::Result<()> {
        match self.format {
            OutputFormat::Json => say(format_args!(
                "{:#}",
                json!({ "TriggerId": id, "TriggerName": name, "Changed": is_change, "Done": said })
            )),
            OutputFormat::Basic => say(format_args!("{id}\t{name}\t{said}")),
            OutputFormat::Table => say(format_args!("{name} ({id}): {said}")),
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
        ChangeKind::Added => say(format_args!("    {field}: {}", text(after))),
        ChangeKind::Changed | ChangeKind::Removed => say(format_args!(
            "    {field}: {} -> {}",
            text(before),
            text(after)
        )),
    }
}

/// Text of several lines, such as a template of notes, in one.
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
