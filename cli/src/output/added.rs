//! The trigger that `triggers add` adds or plans.

use std::io;

use operator::add::{Home, NewTrigger};
use serde::Serialize;
use serde_json::json;

use super::paint::Tone;
use super::{Output, print};
use crate::args::OutputFormat;

/// A trigger that was added or planned.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AddedRow {
    /// `null` if the trigger was only planned.
    pub trigger_id: Option<String>,
    pub trigger_name: String,
    /// `Octopus` or `file`.
    pub origin: &'static str,
    /// `feedctl` or `Octopus`.
    pub run_by: &'static str,
    /// The trigger file that it was written to.
    pub file: Option<String>,
    /// The watched package references, with the newest and the permitted version.
    pub sources: Vec<AddedSource>,
    /// Sentences that describe the trigger.
    pub summary: Vec<String>,
}

/// A watched package reference.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AddedSource {
    pub source: String,
    pub package: String,
    pub feed: String,
    /// The newest version in the feed.
    pub newest: Option<String>,
    /// The newest version that the channel's rules permit.
    pub permitted: Option<String>,
    /// A sentence about both versions.
    pub verdict: String,
}

impl AddedSource {
    fn tone(&self) -> Tone {
        match self.permitted {
            Some(_) => Tone::Good,
            None => Tone::Bad,
        }
    }
}

impl AddedRow {
    /// A planned trigger.
    pub fn planned(new: &NewTrigger) -> Self {
        let (origin, run_by) = match new.home {
            Home::Adopted => ("Octopus", "feedctl"),
            Home::Octopus => ("Octopus", "Octopus"),
            Home::File => ("file", "feedctl"),
        };
        let sources = new.sources.iter().map(|source| AddedSource {
            source: source.reference.to_string(),
            package: source.package.clone(),
            feed: source.feed.clone(),
            newest: source.newest.as_ref().map(|newest| newest.version.clone()),
            permitted: source.permitted.clone(),
            verdict: source.verdict(),
        });
        Self {
            trigger_id: None,
            trigger_name: new.name.clone(),
            origin,
            run_by,
            file: None,
            sources: sources.collect(),
            summary: new.in_words(),
        }
    }

    /// A trigger that was created in Octopus.
    pub fn created(new: &NewTrigger, id: &str) -> Self {
        Self {
            trigger_id: Some(id.to_owned()),
            ..Self::planned(new)
        }
    }

    /// A trigger that was written to a file.
    pub fn written(new: &NewTrigger, id: &str, file: &str) -> Self {
        Self {
            file: Some(file.to_owned()),
            ..Self::created(new, id)
        }
    }

    fn result(&self) -> String {
        match (&self.trigger_id, &self.file) {
            (_, Some(file)) => {
                format!("written to {file}; run `feedctl apply {file}` to apply it")
            }
            (Some(id), None) => format!("created in Octopus as {id}"),
            (None, None) => "not added: this was a dry run".to_owned(),
        }
    }
}

impl Output {
    /// The added trigger; without its details if the user confirmed them in the dialog.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn added(&self, row: &AddedRow, was_confirmed: bool) -> io::Result<()> {
        let id = row.trigger_id.as_deref().unwrap_or_default();
        match self.format {
            OutputFormat::Json => print(format_args!("{:#}", json!(row))),
            OutputFormat::Basic => print(format_args!(
                "{id}\t{}\t{}\t{}",
                row.trigger_name, row.origin, row.run_by
            )),
            OutputFormat::Table => {
                print(format_args!("{}: {}", row.trigger_name, row.result()))?;
                if was_confirmed {
                    return Ok(());
                }
                for source in &row.sources {
                    let verdict = self.paint.text(source.tone(), &source.verdict);
                    let AddedSource {
                        source, package, ..
                    } = source;
                    print(format_args!("  {source} = {package}: {verdict}"))?;
                }
                row.summary
                    .iter()
                    .try_for_each(|line| print(format_args!("  {line}")))
            }
        }
    }
}
