//! A file of triggers as a command reads it: taken apart, and its names held against Octopus.

use std::fs::File;
use std::io::{Read, stdin};
use std::path::Path;

use anyhow::{Context, bail};
use engine::ports::OctopusError;
use engine::with_causes;
use octopus::{FixedKey, OctopusClient};
use trigger_file::{FileError, FileErrors, MAX_FILE_BYTES, TriggerFile, read};

use crate::args::{Server, Source};
use crate::exit::Exit;
use crate::names::faults_of_names;
use crate::output::Output;
use crate::reach::Reach;

/// `feedctl validate`: everything that is wrong with the file. Octopus is asked if it is named and
/// answers; that it does not is said, and is no fault of the file.
pub(super) async fn validate(
    server: &Server,
    source: &Source,
    output: &Output,
) -> anyhow::Result<Exit> {
    let file = match load(&source.file)? {
        Ok(file) => file,
        Err(faults) => return wrong(&faults, output),
    };
    if !source.offline {
        let reach = Reach::of(server).await?;
        if reach.url().is_ok() {
            match unknown_names(&reach.octopus()?, &reach, &file, output).await {
                Ok(faults) if faults.is_empty() => {}
                Ok(faults) => return wrong(&file.errors(faults), output),
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

/// The file, in order and with names that Octopus knows; or nothing, if it was shown what is wrong.
pub(super) async fn checked(
    reach: &Reach,
    source: &Source,
    output: &Output,
) -> anyhow::Result<Option<TriggerFile>> {
    let file = match load(&source.file)? {
        Ok(file) => file,
        Err(faults) => {
            output.complain(&faults);
            return Ok(None);
        }
    };
    if source.offline {
        return Ok(Some(file));
    }
    let remedy = "use --offline to go without looking up projects, channels and packages";
    let octopus = reach.octopus().context(remedy)?;
    let faults = unknown_names(&octopus, reach, &file, output)
        .await
        .context(remedy)?;
    if faults.is_empty() {
        return Ok(Some(file));
    }
    output.complain(&file.errors(faults));
    Ok(None)
}

/// What Octopus does not know of the file.
async fn unknown_names(
    octopus: &OctopusClient<FixedKey>,
    reach: &Reach,
    file: &TriggerFile,
    output: &Output,
) -> Result<Vec<FileError>, OctopusError> {
    let steps = output.steps("looking up what the file names");
    faults_of_names(octopus, &reach.spaces(), file, &steps).await
}

fn wrong(faults: &FileErrors, output: &Output) -> anyhow::Result<Exit> {
    output.faults(Some(faults))?;
    Ok(Exit::Failed)
}

/// Takes a file, or standard input, apart.
pub(super) fn load(path: &Path) -> anyhow::Result<Result<TriggerFile, FileErrors>> {
    let name = path.display().to_string();
    if name == "-" {
        let text = text_of(stdin().lock()).context("standard input cannot be read")?;
        return Ok(read("standard input", &text));
    }
    let open = || text_of(File::open(path)?);
    let text = open().with_context(|| format!("{name} cannot be read"))?;
    Ok(read(&name, &text))
}

/// At most one byte more than a file may have: then it is refused for its size.
fn text_of(source: impl Read) -> anyhow::Result<String> {
    let most = u64::try_from(MAX_FILE_BYTES)?.saturating_add(1);
    let mut bytes = Vec::new();
    source.take(most).read_to_end(&mut bytes)?;
    // A letter may have been cut in two there.
    if bytes.len() > MAX_FILE_BYTES {
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => bail!(
            "it is not UTF-8 from byte {} on",
            error.utf8_error().valid_up_to()
        ),
    }
}
