//! `feedctl versions`: sorts and filters versions by Octopus's rules.
//!
//! Versions are read from standard input, one a line. Standard output contains the result; lines that are not
//! versions are reported on standard error with the reason, and are no failure. A rule that cannot decide
//! about a version is a failure: only the server can decide, and it is not contacted.

use std::cmp::Reverse;
use std::io::{BufRead, Read, Write};

use anyhow::Context;
use domain::coded::Coded;
use domain::decide::{RefusalCode, VersionRefusal};
use domain::rule::{CompiledRule, Refusal, RuleVerdict, VersionRule};
use domain::version::{Version, VersionFormat};
use serde_json::json;

use crate::args::{MatchOptions, OutputFormat, Sort, Versions};
use crate::exit::Exit;
use crate::output::coded_json;

/// The maximum length of a line in bytes; a version has at most 1,024.
const MAX_LINE: u64 = 64 * 1024;

/// A line of the input.
struct Entry {
    text: String,
    version: Result<Version, String>,
}

/// Sorts or filters the versions of `input`.
///
/// # Errors
/// When the input cannot be read or the output cannot be written.
pub fn versions(
    command: &Versions,
    format: OutputFormat,
    input: impl BufRead,
    output: &mut impl Write,
    errors: &mut impl Write,
) -> anyhow::Result<Exit> {
    let exit = match command {
        Versions::Sort(options) => sort(options, format, input, output, errors),
        Versions::Match(options) => select(options, format, input, output, errors),
    }?;
    output.flush()?;
    Ok(exit)
}

fn sort(
    options: &Sort,
    format: OutputFormat,
    input: impl BufRead,
    output: &mut impl Write,
    errors: &mut impl Write,
) -> anyhow::Result<Exit> {
    let entries = newest_first(read(options.feed_type.version_format(), input)?);
    report_invalid(&entries, errors)?;
    let sorted = entries.iter().filter(|entry| entry.version.is_ok());
    if format == OutputFormat::Json {
        let sorted: Vec<_> = sorted.map(|entry| entry.text.as_str()).collect();
        serde_json::to_writer_pretty(&mut *output, &sorted).map_err(std::io::Error::from)?;
        writeln!(output)?;
    } else {
        for entry in sorted {
            writeln!(output, "{}", entry.text)?;
        }
    }
    Ok(Exit::Done)
}

fn select(
    options: &MatchOptions,
    format: OutputFormat,
    input: impl BufRead,
    output: &mut impl Write,
    errors: &mut impl Write,
) -> anyhow::Result<Exit> {
    let version_format = options.feed_type.version_format();
    let rule = VersionRule {
        range: options.version_range.clone(),
        pre_release_tag: options.pre_release_tag.clone(),
        version_tag_regex: options.version_tag_regex.clone(),
        ..VersionRule::default()
    };
    let rule = match rule.compile(version_format) {
        Ok(rule) => rule,
        Err(error) => {
            writeln!(errors, "error: {error}")?;
            return Ok(Exit::Usage);
        }
    };
    let entries = newest_first(read(version_format, input)?);
    if !options.explain {
        report_invalid(&entries, errors)?;
    }
    let mut exit = Exit::Done;
    let mut shown = Vec::new();
    for entry in &entries {
        let refused = judge(&rule, entry);
        if let Some(Refused::Undecided(reason)) = &refused {
            writeln!(errors, "{}: {reason}", entry.text)?;
            exit = Exit::Failed;
        }
        if options.explain || refused.is_none() {
            let reason = refused.map(|(Refused::For(reason) | Refused::Undecided(reason))| reason);
            shown.push((entry.text.as_str(), reason));
        }
    }
    show(&shown, options.explain, format, output)?;
    Ok(exit)
}

/// The reason why an entry is not permitted.
enum Refused {
    /// The rule refuses it.
    For(VersionRefusal),
    /// The rule cannot decide.
    Undecided(VersionRefusal),
}

fn judge(rule: &CompiledRule, entry: &Entry) -> Option<Refused> {
    let version = match &entry.version {
        Ok(version) => version,
        Err(reason) => {
            let refusal = Coded::new(RefusalCode::NotAVersion, reason.as_str());
            return Some(Refused::For(refusal.text("error", reason)));
        }
    };
    match rule.verdict(version) {
        RuleVerdict::Permitted => None,
        RuleVerdict::Refused(refusal) => {
            let coded = Coded {
                details: refusal.details(),
                message: refusal.to_string(),
            };
            Some(match refusal {
                Refusal::PatternTooSlow { .. } => Refused::Undecided(coded),
                _ => Refused::For(coded),
            })
        }
    }
}

fn show(
    shown: &[(&str, Option<VersionRefusal>)],
    explain: bool,
    format: OutputFormat,
    output: &mut impl Write,
) -> anyhow::Result<()> {
    if format == OutputFormat::Json {
        let values: Vec<_> = shown
            .iter()
            .map(|(version, refused)| {
                let refusal = refused.clone().map(coded_json);
                json!({ "Version": version, "Permitted": refused.is_none(), "Refused": refusal })
            })
            .collect();
        serde_json::to_writer_pretty(&mut *output, &values).map_err(std::io::Error::from)?;
        writeln!(output)?;
        return Ok(());
    }
    for (version, refused) in shown {
        match refused {
            Some(reason) => writeln!(output, "{version}\t{reason}")?,
            None if explain => writeln!(output, "{version}\tpermitted")?,
            None => writeln!(output, "{version}")?,
        }
    }
    Ok(())
}

/// Reads all lines, skipping blank ones.
fn read(format: VersionFormat, mut input: impl BufRead) -> anyhow::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut line = Vec::new();
    for number in 1_usize.. {
        line.clear();
        let read = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        if read.with_context(|| format!("cannot read line {number} of the input"))? == 0 {
            break;
        }
        anyhow::ensure!(
            line.len() < usize::try_from(MAX_LINE)?,
            "cannot read line {number} of the input: it is longer than {MAX_LINE} bytes"
        );
        let is_text = std::str::from_utf8(&line).is_ok();
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        if text.trim().is_empty() {
            continue;
        }
        let version = if is_text {
            Version::parse(format, text).map_err(|error| error.to_string())
        } else {
            Err(format!("line {number} is not text in UTF-8"))
        };
        entries.push(Entry {
            text: text.to_owned(),
            version,
        });
    }
    Ok(entries)
}

/// Newest first; equal versions in the order of the input, lines that are not versions last.
fn newest_first(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|one, other| {
        Reverse(one.version.as_ref().ok()).cmp(&Reverse(other.version.as_ref().ok()))
    });
    entries
}

fn report_invalid(entries: &[Entry], errors: &mut impl Write) -> anyhow::Result<()> {
    for entry in entries {
        if let Err(reason) = &entry.version {
            writeln!(errors, "{}: {reason}", entry.text)?;
        }
    }
    Ok(())
}
