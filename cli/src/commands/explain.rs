//! `feedctl explain` and `simulate`: what a trigger would do now, and would have done. Nothing is kept.

use anyhow::bail;
use domain::definition::{Definition, Definitions};
use domain::trigger::Trigger;
use engine::ports::Clock;
use host::SystemClock;
use operator::explain::Explain as Engine;
use store::Store;

use super::current::current;
use super::source::load;
use crate::args::{Explain, Server, Simulate};
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;

/// Shows what the trigger would do now.
pub(super) async fn explain(
    server: &Server,
    options: &Explain,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let octopus = reach.octopus()?;
    let store = Store::new(reach.existing_state()?);
    let list = current(&reach, &octopus, Some(&store)).await?.fresh.list;
    let trigger = find(&list.triggers, &options.trigger)?;
    if let Some(problem) = &trigger.problem {
        bail!("{} cannot be evaluated: {problem}", trigger.name);
    }
    let engine = Engine {
        store: &store,
        octopus: &octopus,
        clock: &SystemClock,
    };
    let mut decided = engine.now(trigger).await?.decided;
    if let Some(wanted) = &options.source {
        let known: Vec<_> = trigger
            .sources
            .iter()
            .map(|one| one.reference.to_string())
            .collect();
        let is_wanted = |reference: &str| reference.eq_ignore_ascii_case(wanted);
        if !known.iter().any(|one| is_wanted(one)) {
            bail!(
                "the trigger has no source `{wanted}`; there are: {}",
                known.join(", ")
            );
        }
        decided
            .findings
            .retain(|one| is_wanted(&one.reference.to_string()));
    }
    output.decided(trigger, &decided)?;
    Ok(Exit::Done)
}

/// Shows what the trigger would have done, beside what was done.
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
        bail!("{} cannot be evaluated: {problem}", trigger.name);
    }
    let since = SystemClock.now() - options.since;
    if let Some(path) = &options.options {
        let file = match load(path)? {
            Ok(file) => file,
            Err(faults) => {
                output.complain(&faults);
                return Ok(Exit::Failed);
            }
        };
        let chosen = meant(&file.definitions, &trigger.name)?;
        choose(&mut trigger, chosen);
    }
    // As though it had been watched from the beginning.
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

/// The one trigger of this name or id.
pub(super) fn find<'a>(triggers: &'a [Trigger], wanted: &str) -> anyhow::Result<&'a Trigger> {
    let is_wanted = |one: &&Trigger| {
        one.id.as_str() == wanted || one.name.to_lowercase() == wanted.to_lowercase()
    };
    let found: Vec<_> = triggers.iter().filter(is_wanted).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let known: Vec<_> = triggers.iter().map(|one| one.name.as_str()).collect();
            bail!(
                "no trigger `{wanted}` is run here; there are: {}",
                known.join(", ")
            )
        }
        several => {
            let ids: Vec<_> = several.iter().map(|one| one.id.as_str()).collect();
            bail!(
                "several triggers are called `{wanted}`; name one by its id: {}",
                ids.join(", ")
            )
        }
    }
}

/// The trigger of the file that is meant: the one of this name, or the only one.
fn meant<'a>(definitions: &'a Definitions, name: &str) -> anyhow::Result<&'a Definition> {
    let triggers = &definitions.triggers;
    let same = |one: &&Definition| one.name.to_lowercase() == name.to_lowercase();
    match (triggers.iter().find(same), triggers.as_slice()) {
        (Some(one), _) | (None, [one]) => Ok(one),
        _ => bail!("the file has no trigger `{name}`, and not exactly one other"),
    }
}

/// Gives the trigger the file's options, and each source what the first of the file's that names it says.
fn choose(trigger: &mut Trigger, definition: &Definition) {
    trigger.options = definition.options.clone();
    for source in &mut trigger.sources {
        let slug = source.reference.action_slug.as_str();
        let name = source.resolution.as_ref();
        let name = name.map_or(slug, |resolved| resolved.action_name.as_str());
        let reference = &source.reference.package_reference;
        let mut said = definition.sources.iter();
        let said = said.find(|one| one.names(Some(slug), name, reference));
        source.selection = said.map(|one| one.selection.clone()).unwrap_or_default();
    }
}
