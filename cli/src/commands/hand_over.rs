//! `feedctl triggers adopt` and `return`: who runs one of Octopus's own triggers.

use anyhow::bail;
use domain::ids::SpaceId;
use domain::trigger::MARK;
use engine::ports::{NativeTrigger as Native, OctopusReader};
use octopus::{DisabledTrigger, FixedKey, OctopusClient, OwnershipChange};

use crate::args::{Adopt, NativeTrigger, Server};
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;

/// Takes a trigger over.
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
    let said = match (done.toggled, done.marked) {
        (true, true) => format!("switched off in Octopus and marked {MARK}"),
        (true, false) => "switched off in Octopus; the mark was there".to_owned(),
        (false, true) => format!("marked {MARK}; it was off"),
        (false, false) => "nothing was changed: it was adopted before".to_owned(),
    };
    show(output, &native, &done, &said)
}

/// Gives a trigger back.
pub(super) async fn give_back(
    server: &Server,
    options: &NativeTrigger,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let octopus = reach.octopus()?;
    let (space, native) = find(&octopus, &reach.spaces(), options).await?;
    let done = octopus.return_trigger(&space, &native.id).await?;
    let said = match (done.toggled, done.marked) {
        (true, _) => "the mark was taken away, and it was switched on in Octopus",
        (false, true) => "the mark was taken away; it was on",
        (false, false) => "nothing was changed: Octopus runs it",
    };
    show(output, &native, &done, said)
}

fn show(
    output: &Output,
    native: &Native,
    done: &OwnershipChange,
    said: &str,
) -> anyhow::Result<Exit> {
    output.hand_over(native.id.as_str(), &done.name, done.is_change(), said)?;
    Ok(Exit::Done)
}

/// The one trigger of the watched spaces that is meant.
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
            "several triggers are called `{name}`; name one by its id, or its project with --project"
        ),
        (None, _) => bail!(
            "there is no external feed trigger `{name}`; there are: {}",
            known.join(", ")
        ),
    }
}
