//! `feedctl explain` and `simulate`: the decision that a trigger would make now, and those that it would have
//! made in the past. Nothing is stored.

use anyhow::bail;
use domain::definition::{Definition, Definitions};
use domain::trigger::Trigger;
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
        let definition = definition_for(&file.definitions, &trigger.name)?;
        use_options(&mut trigger, definition);
    }
    // The simulation starts before the trigger was first read.
    trigger.since = trigger.since.min(since);
    let engine = Engine {
        store: &store,
        octopus: &octopus,
        clock: &SystemClock,
    };
    let comparison = engine.since(&trigger, since).await?;
    output.simulation(&comparison, since)?;
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

/// The definition in the file with this name, or the only one.
fn definition_for<'a>(definitions: &'a Definitions, name: &str) -> anyhow::Result<&'a Definition> {
    let triggers = &definitions.triggers;
    let same = |one: &&Definition| one.name.to_lowercase() == name.to_lowercase();
    match (triggers.iter().find(same), triggers.as_slice()) {
        (Some(one), _) | (None, [one]) => Ok(one),
        _ => bail!("cannot find trigger `{name}` in the file, which has not exactly one trigger"),
    }
}

/// Replaces the trigger's options by the definition's, and the selection of each source by that of the first
/// matching package in the definition.
fn use_options(trigger: &mut Trigger, definition: &Definition) {
    trigger.options = definition.options.clone();
    for source in &mut trigger.sources {
        let slug = source.reference.action_slug.as_str();
        let name = source.resolution.as_ref();
        let name = name.map_or(slug, |resolved| resolved.action_name.as_str());
        let reference = &source.reference.package_reference;
        let mut packages = definition.sources.iter();
        let package = packages.find(|one| one.names(Some(slug), name, reference));
        source.policy = package.map(|one| one.policy.clone()).unwrap_or_default();
    }
}
