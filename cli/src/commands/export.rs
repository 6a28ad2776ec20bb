//! `feedctl export`: prints the applied trigger file.

use std::collections::BTreeSet;

use domain::definition::{Definition, Definitions, NativeRef, SourceDefinition};
use domain::options::{Options, VersionPolicy};
use domain::trigger::MARK;
use engine::ports::{NativeTrigger, OctopusReader, Space, TriggerFiles};
use operator::ports::Progress;
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
        for space in octopus.spaces(&reach.spaces()).await? {
            let natives = octopus.feed_triggers(&space.id).await?;
            steps.ahead(natives.len());
            for native in natives {
                let moved = as_definition(&octopus, &space, native, &definitions).await?;
                definitions.triggers.push(moved);
                steps.step();
            }
        }
    }
    let file = match output.is_json() {
        true => trigger_file::write_json(&definitions)?,
        false => trigger_file::write(&definitions)?,
    };
    output.text(file.trim_end())?;
    Ok(Exit::Done)
}

/// A native trigger as a trigger of the file, with the options that the file has for it.
async fn as_definition<O: OctopusReader>(
    octopus: &O,
    space: &Space,
    native: NativeTrigger,
    definitions: &Definitions,
) -> anyhow::Result<Definition> {
    let project = octopus.project(&space.id, &native.project).await?;
    let channel = match &native.channel {
        Some(id) => Some(octopus.channel(&project, Some(id)).await?.name),
        None => None,
    };
    let chosen = definitions.native.iter().find(|one| match &one.trigger {
        NativeRef::Id(id) => *id == native.id,
        NativeRef::Named {
            project: own, name, ..
        } => {
            *name == native.name
                && [project.name.as_str(), project.id.as_str()].contains(&own.as_str())
        }
    });
    let selection = |source: &SourceDefinition| {
        let said = chosen?.sources.iter();
        let mut said = said.filter(|one| {
            let action = source.action.as_str();
            one.names(Some(action), action, &source.package_reference)
        });
        said.next().map(|one| one.selection.clone())
    };
    let sources = native.sources.iter().map(|source| {
        let mut source = SourceDefinition {
            action: source.action_slug.clone(),
            package_reference: source.package_reference.clone(),
            selection: VersionPolicy::default(),
        };
        source.selection = selection(&source).unwrap_or_default();
        source
    });
    Ok(Definition {
        name: free_name(&native.name, &project.name, definitions),
        description: native.description.replace(MARK, "").trim().to_owned(),
        space: Some(space.name.clone()),
        project: project.name,
        channel,
        is_disabled: native.is_disabled && !native.description.contains(MARK),
        sources: sources.collect(),
        options: chosen.map_or_else(Options::default, |one| one.options.clone()),
    })
}

/// Names are unique in a space of the file, and in a project of Octopus.
fn free_name(name: &str, project: &str, definitions: &Definitions) -> String {
    let taken = definitions.triggers.iter();
    let taken: BTreeSet<_> = taken.map(|one| one.name.to_lowercase()).collect();
    let names = [name.to_owned(), format!("{name} ({project})")].into_iter();
    let numbered = (2..).map(|number| format!("{name} ({project}, {number})"));
    let mut free = names
        .chain(numbered)
        .filter(|name| !taken.contains(&name.to_lowercase()));
    free.next().unwrap_or_default()
}
