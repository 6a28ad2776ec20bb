//! `feedctl explain` and `simulate`: the decision that a trigger would make now, and those that it would have
//! made in the past. Nothing is stored.

use anyhow::bail;
use domain::definition::{Definition, Definitions, NativeOptions, NativeRef, SourceDefinition};
use domain::options::Options;
use domain::process::same_name;
use domain::trigger::{Trigger, TriggerOrigin};
use engine::ports::Clock;
use host::SystemClock;
use operator::explain::Explain as Engine;
use store::Store;

use super::current::current;
use super::source::{LoadedFile, load};
use crate::args::{ExplainOptions, Server, Simulate};
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;
use crate::read_failures::ReadFailures;
use crate::select::{Label, select};

/// Prints the decision that the trigger would make now.
pub(super) async fn explain(
    server: &Server,
    options: &ExplainOptions,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let octopus = reach.octopus()?;
    let store = Store::new(reach.existing_state()?);
    let list = current(&reach, &octopus, Some(&store)).await?.fresh.list;
    let trigger = find(&list.triggers, &options.trigger)?;
    if let Some(problem) = &trigger.problem {
        bail!("cannot evaluate `{}`: {problem}", trigger.name);
    }
    let engine = Engine {
        store: &store,
        octopus: &octopus,
        clock: &SystemClock,
    };
    let mut decided = engine.now(trigger).await?.decided;
    if let Some(named) = &options.source {
        let known: Vec<_> = trigger
            .sources
            .iter()
            .map(|one| one.reference.to_string())
            .collect();
        let is_named = |reference: &str| reference.eq_ignore_ascii_case(named);
        if !known.iter().any(|one| is_named(one)) {
            bail!(
                "cannot find source `{named}` in the trigger; its sources are: {}",
                known.join(", ")
            );
        }
        decided
            .findings
            .retain(|one| is_named(&one.reference.to_string()));
    }
    let failures = ReadFailures::read(Some(&store), &list, SystemClock.now()).await?;
    output.decided(trigger, &decided, &failures.of(trigger.packages()))?;
    Ok(Exit::Done)
}

/// Prints the releases that the trigger would have created, and those that exist.
pub(super) async fn simulate(
    server: &Server,
    options: &Simulate,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let octopus = reach.octopus()?;
    let store = Store::new(reach.existing_state()?);
    let list = current(&reach, &octopus, Some(&store)).await?.fresh.list;
    let mut trigger = find(&list.triggers, &options.trigger)?.clone();
    if let Some(problem) = &trigger.problem {
        bail!("cannot evaluate `{}`: {problem}", trigger.name);
    }
    let since = SystemClock.now() - options.since;
    if let Some(path) = &options.options {
        let file = match load(path)? {
            LoadedFile::Valid(file) => file,
            LoadedFile::Faulty(faults) => {
                output.file_faults(&faults);
                return Ok(Exit::Failed);
            }
        };
        let chosen = options_for(&file.definitions, &trigger)?;
        use_options(&mut trigger, chosen);
    }
    // The simulation starts before the trigger was first read.
    trigger.since = trigger.since.min(since);
    let engine = Engine {
        store: &store,
        octopus: &octopus,
        clock: &SystemClock,
    };
    let comparison = engine.since(&trigger, since).await?;
    output.simulation(&comparison)?;
    Ok(Exit::Done)
}

/// The trigger with this name or id.
pub(super) fn find<'a>(triggers: &'a [Trigger], typed: &str) -> anyhow::Result<&'a Trigger> {
    let label = |one: &'a Trigger| Label {
        id: one.id.as_str(),
        name: &one.name,
        place: &one.project_name,
    };
    select(triggers, label, "trigger", typed)
}

/// The options and sources of an entry of a trigger file.
type Entry<'a> = (&'a Options, &'a [SourceDefinition]);

/// The file's options for the trigger: those of the entry that names it, or of the only entry.
fn options_for<'a>(definitions: &'a Definitions, trigger: &Trigger) -> anyhow::Result<Entry<'a>> {
    let triggers = definitions.triggers.iter();
    let native = definitions.native.iter();
    let is_own = |one: &&NativeOptions| match &one.trigger {
        NativeRef::Id(id) => *id == trigger.id,
        NativeRef::Named { project, name, .. } => {
            let projects = [trigger.project.as_str(), &trigger.project_name];
            same_name(name, &trigger.name) && projects.iter().any(|own| same_name(own, project))
        }
    };
    let of_native = |one: &'a NativeOptions| (&one.options, one.sources.as_slice());
    let of_file = |one: &'a Definition| (&one.options, one.sources.as_slice());
    let named = match trigger.origin {
        TriggerOrigin::Octopus => native.clone().find(is_own).map(of_native),
        TriggerOrigin::File => None,
    };
    let same = |one: &&Definition| same_name(&one.name, &trigger.name);
    let named = named.or_else(|| triggers.clone().find(same).map(of_file));
    let mut all = triggers.map(of_file).chain(native.map(of_native));
    match (named, all.next(), all.next()) {
        (Some(entry), ..) | (None, Some(entry), None) => Ok(entry),
        _ => bail!(
            "cannot find trigger `{}` in the file, which has not exactly one entry",
            trigger.name
        ),
    }
}

/// Replaces the trigger's options, and the selection of each source by that of the first entry that names it.
fn use_options(trigger: &mut Trigger, (options, definitions): Entry<'_>) {
    trigger.options = options.clone();
    for source in &mut trigger.sources {
        let slug = source.reference.action_slug.as_str();
        let name = source.resolution.as_ref();
        let name = name.map_or(slug, |resolved| resolved.action_name.as_str());
        let reference = &source.reference.package_reference;
        let mut definitions = definitions.iter();
        let named = definitions.find(|one| one.names(Some(slug), name, reference));
        source.policy = named.map(|one| one.policy.clone()).unwrap_or_default();
    }
}
