//! `feedctl export`: prints the applied trigger file.

use domain::definition::Definitions;
use engine::ports::TriggerFiles;
use engine::watchlist::LookupError;
use operator::export::native_definitions;
use store::Store;

use crate::args::{Export, Server};
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;

/// Prints the file as YAML, or as JSON with `-f json`; with `--native`, includes Octopus's own triggers.
pub(super) async fn export(
    server: &Server,
    options: &Export,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    // A user who moves triggers from Octopus into a file may have no state yet.
    let state = match options.native {
        true => reach.known_state()?,
        false => Some(reach.existing_state()?),
    };
    let applied = match state {
        Some(state) => Store::new(state).trigger_file().await?,
        None => None,
    };
    let mut definitions = applied.map_or_else(Definitions::default, |file| file.definitions);
    if options.native {
        let octopus = reach.octopus()?;
        let steps = output.steps("reading Octopus's own triggers");
        let natives = native_definitions(&octopus, &reach.spaces(), &definitions, &steps).await;
        let natives = natives.map_err(|error| match error {
            LookupError::Unusable(problem) | LookupError::Unreadable(problem) => {
                anyhow::anyhow!(problem.message)
            }
            LookupError::Octopus(error) => error.into(),
        })?;
        definitions.triggers.extend(natives);
    }
    let file = match output.is_json() {
        true => trigger_file::write_json(&definitions)?,
        false => trigger_file::write(&definitions)?,
    };
    output.text(file.trim_end())?;
    Ok(Exit::Done)
}
