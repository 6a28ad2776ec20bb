//! `feedctl versions`: versions ordered and judged as Octopus orders and judges those of a feed.
//!
//! Versions come on standard input, one a line. Standard output holds the answer; what is no version is
//! named on standard error with the reason, and is no failure. Where a rule gives no verdict on a version,
//! that is one: only the server could say, and it is not asked.

use std::cmp::Reverse;
use std::io::{BufRead, Read, Write};

use anyhow::Context;
use domain::rule::{CompiledRule, Refusal, RuleVerdict, VersionRule};
use domain::version::{Version, VersionFormat};
use serde_json::json;

use crate::args::{Match, OutputFormat, Sort, Versions};
use crate::exit::Exit;

/// The longest line that is read: a version has at most 1,024 bytes.
const LONGEST_LINE: u64 = 64 * 1024;

/// A line of the input.
struct Entry {
    text: String,
    version: Result<Version, String>,
}

/// Sorts or matches what `input` holds.
///
/// # Errors
/// When the input cannot be read or the output not be written.
pub fn versions(
    command: &Versions,
    format: OutputFormat,
    input: impl BufRead,
    output: &mut impl Write,
    complaints: &mut impl Write,
) -> anyhow::Result<Exit> {
    let exit = match command {
        Versions::Sort(options) => sort(options, format, input, output, complaints),
        Versions::Match(options) => select(options, format, input, output, complaints),
    }?;
    output.flush()?;
    Ok(exit)
}

fn sort(
    options: &Sort,
    format: OutputFormat,
    input: impl BufRead,
    output: &mut impl Write,
    complaints: &mut impl Write,
) -> anyhow::Result<Exit> {
    let entries = newest_first(read(options.feed_type.version_format(), input)?);
    complain(&entries, complaints)?;
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
    options: &Match,
    format: OutputFormat,
    input: impl BufRead,
    output: &mut impl Write,
    complaints: &mut impl Write,
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
            writeln!(complaints, "error: {error}")?;
            return Ok(Exit::Usage);
        }
    };
    let entries = newest_first(read(version_format, input)?);
    if !options.explain {
        complain(&entries, complaints)?;
    }
    let mut exit = Exit::Done;
    let mut shown = Vec::new();
    for entry in &entries {
        let judged = judge(&rule, entry);
        if let Some(Refused::Undecided(reason)) = &judged {
            writeln!(complaints, "{}: {reason}", entry.text)?;
            exit = Exit::Failed;
        }
        if options.explain || judged.is_none() {
            let reason = judged.map(|(Refused::For(reason) | Refused::Undecided(reason))| reason);
            shown.push((entry.text.as_str(), reason));
        }
    }
    show(&shown, options.explain, format, output)?;
    Ok(exit)
}

/// Why an entry is not shown as permitted.
enum Refused {
    /// A release may not use it.
    For(String),
    /// The rule gives no verdict.
    Undecided(String),
}

fn judge(rule: &CompiledRule, entry: &Entry) -> Option<Refused> {
    let version = match &entry.version {
        Ok(version) => version,
        Err(reason) => return Some(Refused::For(reason.clone())),
    };
    match rule.verdict(version) {
        RuleVerdict::Permitted => None,
        RuleVerdict::Refused(refusal) => Some(match refusal {
            Refusal::PatternTooSlow { .. } => Refused::Undecided(refusal.to_string()),
            _ => Refused::For(refusal.to_string()),
        }),
    }
}

fn show(
    shown: &[(&str, Option<String>)],
    explain: bool,
    format: OutputFormat,
    output: &mut impl Write,
) -> anyhow::Result<()> {
    if format == OutputFormat::Json {
        let values: Vec<_> = shown
            .iter()
            .map(|(version, refused)| {
                json!({ "Version": version, "Permitted": refused.is_none(), "Refused": refused })
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

/// Reads lines until the end; blank ones are passed over.
fn read(format: VersionFormat, mut input: impl BufRead) -> anyhow::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut line = Vec::new();
    for number in 1_usize.. {
        line.clear();
        let read = input
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line);
        if read.with_context(|| format!("line {number} of the input could not be read"))? == 0 {
            break;
        }
        anyhow::ensure!(
            line.len() < usize::try_from(LONGEST_LINE)?,
            "line {number} of the input is longer than {LONGEST_LINE} bytes"
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

/// Newest first, equal ones in their order; what is no version comes last.
fn newest_first(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|one, other| {
        Reverse(one.version.as_ref().ok()).cmp(&Reverse(other.version.as_ref().ok()))
    });
    entries
}

fn complain(entries: &[Entry], complaints: &mut impl Write) -> anyhow::Result<()> {
    for entry in entries {
        if let Err(reason) = &entry.version {
            writeln!(complaints, "{}: {reason}", entry.text)?;
        }
    }
    Ok(())
}
