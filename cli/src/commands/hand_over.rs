//! `feedctl triggers adopt` and `return`: changes whether feedctl or Octopus runs a trigger of Octopus's.

use anyhow::bail;
use domain::ids::SpaceId;
use domain::trigger::MARK;
use engine::ports::{NativeTrigger as Native, OctopusReader};
use octopus::{DisabledTrigger, FixedKey, OctopusClient, OwnershipChange};

use crate::args::{Adopt, NativeTrigger, Server};
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;

/// Adopts a trigger: disables it in Octopus and marks it.
pub(super) async fn adopt(
    server: &Server,
    options: &Adopt,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let octopus = reach.octopus()?;
    let (space, native) = find(&octopus, &reach.spaces(), &options.trigger).await?;
    let switched_off = if options.include_disabled {
        DisabledTrigger::Adopt
    } else {
        DisabledTrigger::Refuse
    };
    let done = octopus
        .adopt_trigger(&space, &native.id, switched_off)
        .await?;
    let result = match (done.toggled, done.marked) {
        (true, true) => format!("disabled in Octopus and marked {MARK}"),
        (true, false) => "disabled in Octopus; it was already marked".to_owned(),
        (false, true) => format!("marked {MARK}; it was already disabled"),
        (false, false) => "unchanged: it is already adopted".to_owned(),
    };
    show(output, &native, &done, &result)
}

/// Returns a trigger to Octopus: removes the mark and enables it.
pub(super) async fn return_trigger(
    server: &Server,
    options: &NativeTrigger,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let octopus = reach.octopus()?;
    let (space, native) = find(&octopus, &reach.spaces(), options).await?;
    let done = octopus.return_trigger(&space, &native.id).await?;
    let result = match (done.toggled, done.marked) {
        (true, _) => "mark removed and enabled in Octopus",
        (false, true) => "mark removed; it was already enabled",
        (false, false) => "unchanged: Octopus already runs it",
    };
    show(output, &native, &done, result)
}

fn show(
    output: &Output,
    native: &Native,
    done: &OwnershipChange,
    result: &str,
) -> anyhow::Result<Exit> {
    output.hand_over(native.id.as_str(), &done.name, done.is_change(), result)?;
    Ok(Exit::Done)
}

/// The trigger of the watched spaces that the options select.
async fn find(
    octopus: &OctopusClient<FixedKey>,
    spaces: &[String],
    wanted: &NativeTrigger,
) -> anyhow::Result<(SpaceId, Native)> {
    let mut found = Vec::new();
    let mut known = Vec::new();
    for space in octopus.spaces(spaces).await? {
        let project = match &wanted.project {
            Some(name) => match octopus.find_project(&space.id, name).await {
                Ok(project) => Some(project.id),
                Err(error) if error.kind == engine::ports::OctopusErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            },
            None => None,
        };
        for native in octopus.feed_triggers(&space.id).await? {
            known.push(format!("{} ({})", native.name, native.id));
            let is_wanted = native.id.as_str() == wanted.trigger
                || native.name.to_lowercase() == wanted.trigger.to_lowercase();
            if is_wanted && project.as_ref().is_none_or(|id| *id == native.project) {
                found.push((space.id.clone(), native));
            }
        }
    }
    let name = &wanted.trigger;
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some(_), false) => bail!(
            "cannot choose between several triggers named `{name}`; use the id, or name the project with --project"
        ),
        (None, _) => bail!(
            "cannot find external feed trigger `{name}`; the triggers are: {}",
            known.join(", ")
        ),
    }
}
