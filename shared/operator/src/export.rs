//! Converts native triggers into definitions of a trigger file, with the options that the file already has
//! for them.

use std::collections::BTreeSet;

use domain::definition::{Definition, Definitions, NativeOptions, SourceDefinition};
use domain::options::{Options, VersionPolicy};
use domain::problem::Problem;
use domain::process::Action;
use domain::trigger::{MARK, SourceRef};
use engine::ports::{NativeTrigger, OctopusReader, Space};
use engine::watchlist::{
    ChannelName, LookupError, OptionsEntries, ProjectName, Resolver, action_name,
};

use crate::ports::Progress;

/// Converts every native trigger of the watched spaces. `applied` has their options and the names that are
/// taken. Each trigger is one step of the progress.
///
/// # Errors
/// When Octopus cannot be read, or a trigger's project or channel cannot.
pub async fn native_definitions<O: OctopusReader>(
    octopus: &O,
    spaces: &[String],
    applied: &Definitions,
    progress: &dyn Progress,
) -> Result<Vec<Definition>, LookupError> {
    let spaces = octopus.spaces(spaces).await?;
    let mut entries = OptionsEntries::new(&applied.native, &spaces);
    let taken = applied.triggers.iter();
    let mut taken: BTreeSet<_> = taken.map(|one| one.name.to_lowercase()).collect();
    let mut definitions = Vec::new();
    for space in &spaces {
        let natives = octopus.feed_triggers(&space.id).await?;
        progress.ahead(natives.len());
        let mut resolver = Resolver::new(octopus, &space.id);
        if !natives.is_empty() {
            entries.find_projects(&mut resolver).await?;
        }
        for native in natives {
            let unread = native.unreadable.clone().map(Problem::from);
            if let Some(problem) = unread.or_else(|| entries.unread(&space.id, &native)) {
                return Err(LookupError::Unreadable(problem));
            }
            let entry = entries.find(&space.id, &native);
            let definition = convert(&mut resolver, space, native, entry, &taken).await?;
            taken.insert(definition.name.to_lowercase());
            definitions.push(definition);
            progress.step();
        }
    }
    Ok(definitions)
}

async fn convert<O: OctopusReader>(
    resolver: &mut Resolver<'_, O>,
    space: &Space,
    native: NativeTrigger,
    entry: Option<&NativeOptions>,
    taken: &BTreeSet<String>,
) -> Result<Definition, LookupError> {
    let project = resolver.project(&ProjectName::Id(native.project)).await?;
    let name = native.channel.clone().map(ChannelName::Id);
    let channel = resolver
        .channel(&project, &name.unwrap_or(ChannelName::Default))
        .await?;
    let actions = match entry {
        Some(_) => match resolver.process(&project, &channel).await {
            Ok(process) => process.process.actions.clone(),
            Err(LookupError::Unusable(_)) => Vec::new(),
            Err(error) => return Err(error),
        },
        None => Vec::new(),
    };
    let sources = native.sources.iter();
    Ok(Definition {
        name: free_name(&native.name, &project.name, taken),
        description: native.description.replace(MARK, "").trim().to_owned(),
        space: Some(space.name.clone()),
        project: project.name,
        channel: native.channel.map(|_| channel.name),
        is_disabled: native.is_disabled && !native.description.contains(MARK),
        sources: sources
            .map(|reference| source(reference, entry, &actions))
            .collect(),
        options: entry.map_or_else(Options::default, |one| one.options.clone()),
    })
}

fn source(
    reference: &SourceRef,
    entry: Option<&NativeOptions>,
    actions: &[Action],
) -> SourceDefinition {
    let written = entry.and_then(|one| one.source(reference, action_name(reference, actions)));
    SourceDefinition {
        action: reference.action_slug.clone(),
        package_reference: reference.package_reference.clone(),
        policy: written.map_or_else(VersionPolicy::default, |one| one.policy.clone()),
    }
}

/// A name that no trigger of the file has: names are unique in a file, but only in a project of Octopus.
fn free_name(name: &str, project: &str, taken: &BTreeSet<String>) -> String {
    let names = [name.to_owned(), format!("{name} ({project})")].into_iter();
    let numbered = (2..).map(|number| format!("{name} ({project}, {number})"));
    let mut free = names
        .chain(numbered)
        .filter(|name| !taken.contains(&name.to_lowercase()));
    free.next().unwrap_or_default()
}
