//! Reads a trigger file: parses it and looks up its names in Octopus.

use std::fs::File;
use std::io::{Read, stdin};
use std::path::Path;

use anyhow::{Context, bail};
use engine::ports::OctopusError;
use engine::with_causes;
use octopus::{FixedKey, OctopusClient};
use operator::names::check_names;
use trigger_file::{FileError, FileErrors, MAX_FILE_BYTES, TriggerFile, read};

use crate::args::{FileSource, Server};
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;

/// `feedctl validate`: prints all faults of the file. Names are looked up if an Octopus Server is configured and
/// answers; otherwise a note reports that they were not looked up.
pub(super) async fn validate(
    server: &Server,
    source: &FileSource,
    output: &Output,
) -> anyhow::Result<Exit> {
    let file = match load(&source.file)? {
        LoadedFile::Valid(file) => file,
        LoadedFile::Faulty(faults) => return invalid(&faults, output),
    };
    print_warnings(&file, output);
    if !source.offline {
        let reach = Reach::of(server).await?;
        if reach.url().is_ok() {
            match unknown_names(&reach.octopus()?, &reach, &file, output).await {
                Ok(faults) if faults.is_empty() => {}
                Ok(faults) => return invalid(&file.errors(faults), output),
                Err(error) => output.note(&format!(
                    "projects, channels and packages were not looked up: {}",
                    with_causes(&error)
                )),
            }
        }
    }
    output.faults(None)?;
    Ok(Exit::Done)
}

/// The file with names that exist in Octopus; `None` after printing its faults.
pub(super) async fn checked(
    reach: &Reach,
    source: &FileSource,
    output: &Output,
) -> anyhow::Result<Option<TriggerFile>> {
    let file = match load(&source.file)? {
        LoadedFile::Valid(file) => file,
        LoadedFile::Faulty(faults) => {
            output.file_faults(&faults);
            return Ok(None);
        }
    };
    print_warnings(&file, output);
    if source.offline {
        return Ok(Some(file));
    }
    let remedy = "cannot look up projects, channels and packages; use --offline to skip that";
    let octopus = reach.octopus().context(remedy)?;
    let faults = unknown_names(&octopus, reach, &file, output)
        .await
        .context(remedy)?;
    if faults.is_empty() {
        return Ok(Some(file));
    }
    output.file_faults(&file.errors(faults));
    Ok(None)
}

/// The names in the file that do not exist in Octopus.
async fn unknown_names(
    octopus: &OctopusClient<FixedKey>,
    reach: &Reach,
    file: &TriggerFile,
    output: &Output,
) -> Result<Vec<FileError>, OctopusError> {
    let steps = output.steps("looking up projects, channels and packages");
    let unknown = check_names(octopus, &reach.spaces(), &file.definitions, &steps).await?;
    let faults = unknown.into_iter();
    Ok(faults
        .map(|fault| file.error_at(&fault.path, fault.problem))
        .collect())
}

fn print_warnings(file: &TriggerFile, output: &Output) {
    for warning in file.warnings() {
        output.note(&warning);
    }
}

fn invalid(faults: &FileErrors, output: &Output) -> anyhow::Result<Exit> {
    output.faults(Some(faults))?;
    Ok(Exit::Failed)
}

/// A trigger file that was read.
pub(super) enum LoadedFile {
    Valid(TriggerFile),
    Faulty(FileErrors),
}

impl LoadedFile {
    fn parse(name: &str, text: &str) -> Self {
        read(name, text).map_or_else(Self::Faulty, Self::Valid)
    }
}

/// Parses a file or standard input.
pub(super) fn load(path: &Path) -> anyhow::Result<LoadedFile> {
    let name = path.display().to_string();
    if name == "-" {
        let text = text_of(stdin().lock()).context("cannot read standard input")?;
        return Ok(LoadedFile::parse("standard input", &text));
    }
    let open = || text_of(File::open(path)?);
    let text = open().with_context(|| format!("cannot read {name}"))?;
    Ok(LoadedFile::parse(&name, &text))
}

/// At most one byte more than the maximum size, so that a larger file is refused.
fn text_of(source: impl Read) -> anyhow::Result<String> {
    let limit = u64::try_from(MAX_FILE_BYTES)?.saturating_add(1);
    let mut bytes = Vec::new();
    source.take(limit).read_to_end(&mut bytes)?;
    // The cut may have split a character.
    if bytes.len() > MAX_FILE_BYTES {
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => bail!(
            "it is not UTF-8 from byte {} onwards",
            error.utf8_error().valid_up_to()
        ),
    }
}
