//! A trigger that was added, or would be.

use std::io;

use operator::add::{Home, NewTrigger};
use serde::Serialize;
use serde_json::json;

use super::paint::Tone;
use super::{Output, say};
use crate::args::OutputFormat;

/// A trigger that was added.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AddedRow {
    /// Its id; nothing if it was only planned.
    pub trigger_id: Option<String>,
    /// Its name.
    pub trigger_name: String,
    /// `Octopus` or `file`.
    pub origin: &'static str,
    /// Who runs it.
    pub run_by: &'static str,
    /// The file that it was written to.
    pub file: Option<String>,
    /// What it watches, with what the feed has and the rules say.
    pub sources: Vec<AddedSource>,
    /// What it does, in words.
    pub summary: Vec<String>,
}

/// A source of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AddedSource {
    /// The package reference.
    pub source: String,
    /// The package.
    pub package: String,
    /// The feed.
    pub feed: String,
    /// The newest version of the feed.
    pub newest: Option<String>,
    /// The newest that the channel's rules permit.
    pub permitted: Option<String>,
    /// Both in words.
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
    /// It was only planned.
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

    /// It was created in Octopus.
    pub fn created(new: &NewTrigger, id: &str) -> Self {
        Self {
            trigger_id: Some(id.to_owned()),
            ..Self::planned(new)
        }
    }

    /// It was written to a file.
    pub fn written(new: &NewTrigger, id: &str, file: &str) -> Self {
        Self {
            file: Some(file.to_owned()),
            ..Self::created(new, id)
        }
    }

    fn done(&self) -> String {
        match (&self.trigger_id, &self.file) {
            (_, Some(file)) => {
                format!("written to {file}; `feedctl apply {file}` puts it to work")
            }
            (Some(id), None) => format!("created in Octopus as {id}"),
            (None, None) => "not added: this was a dry run".to_owned(),
        }
    }
}

impl Output {
    /// What was added. People who were told in a dialogue what it does are not told again.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn added(&self, row: &AddedRow, is_told: bool) -> io::Result<()> {
        let id = row.trigger_id.as_deref().unwrap_or_default();
        match self.format {
            OutputFormat::Json => say(format_args!("{:#}", json!(row))),
            OutputFormat::Basic => say(format_args!(
                "{id}\t{}\t{}\t{}",
                row.trigger_name, row.origin, row.run_by
            )),
            OutputFormat::Table => {
                say(format_args!("{}: {}", row.trigger_name, row.done()))?;
                if is_told {
                    return Ok(());
                }
                for source in &row.sources {
                    let verdict = self.paint.text(source.tone(), &source.verdict);
                    let AddedSource {
                        source, package, ..
                    } = source;
                    say(format_args!("  {source} = {package}: {verdict}"))?;
                }
                row.summary
                    .iter()
                    .try_for_each(|line| say(format_args!("  {line}")))
            }
        }
    }
}
